"""What may be the key of an object, and what string it becomes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID

from ..errors import type_name
from .dates import http_date, iso_date
from .raw import Unencodable

__all__ = ["key_text"]


def key_text(key: Any, *, http_dates: bool, strict_nan: bool) -> str:
    """The string that a key becomes, spelled as ``json.dumps`` spells it.

    :param http_dates: write dates as HTTP dates.
    :param strict_nan: refuse NaN and infinities.
    :raises Unencodable: for a key of any other type.
    """
    if isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return str.__str__(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return int.__repr__(key)
    if isinstance(key, float):
        return _float(key, strict_nan)
    if isinstance(key, (UUID, Decimal)):
        return str(key)
    if isinstance(key, date):
        return http_date(key) if http_dates else iso_date(key)
    name = type_name(type(cast("object", key)))
    raise Unencodable(
        f"has a key of type {name}; keys may be str, int, float, bool, None, Enum, UUID, "
        "Decimal, date and datetime"
    )


def _float(key: float, strict_nan: bool) -> str:
    text = float.__repr__(key)
    # These three are strings here, so they are valid JSON; the spelling is json.dumps's.
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    if text in names and strict_nan:
        raise Unencodable(f"has the key {names[text]}, which JSON lacks (nan='error')")
    return names.get(text, text)
