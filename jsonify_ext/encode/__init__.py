"""Value to bytes."""

from __future__ import annotations

from typing import Any

from ..in_force import settings_in_force
from ..settings import JSONSettings, check_settings
from .plan import plan_for
from .raw import RawJSON

__all__ = ["RawJSON", "encode"]


def encode(value: Any, settings: JSONSettings | None = None) -> bytes:
    """The JSON of a value: always valid RFC 8259 JSON in UTF-8.

    :param value: anything that has a JSON form.
    :param settings: how to encode; by default what is in force for the current call.
    :return: the JSON, without a newline at its end.
    :raises JSONEncodeError: when a part of the value has no JSON form; its ``path``
        says which.
    :raises TypeError: for ``settings`` of another type.

    >>> encode({1: float("nan"), "a": {"x"}})
    b'{"1":null,"a":["x"]}'
    """
    if settings is None:
        settings = settings_in_force()
    return plan_for(check_settings(settings)).encode(value)
