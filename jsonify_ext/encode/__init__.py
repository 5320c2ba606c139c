"""Value to bytes."""

from __future__ import annotations

from typing import Any

from ..context import SettingsLike, current_settings
from .raw import RawJSON

__all__ = ["RawJSON", "encode"]


def encode(value: Any, settings: SettingsLike | None = None) -> bytes:
    """The JSON of a value: always valid RFC 8259 JSON in UTF-8.

    :param value: anything that has a JSON form.
    :param settings: complete settings, or a mapping of changes to the settings that
        otherwise apply; by default these.
    :return: the JSON, without a newline at its end.
    :raises JSONEncodeError: when a part of the value has no JSON form; its ``path`` is
        the place.
    :raises TypeError: for ``settings`` of another type, or an unknown setting.
    :raises ValueError: for a bad setting.

    >>> encode({1: float("nan"), "a": {"x"}})
    b'{"1":null,"a":["x"]}'
    """
    return current_settings(settings).encoder.encode(value)
