"""Checks of statuses and headers, so that no value can end a line early."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.datastructures.structures import iter_multi_items

HeadersLike = Mapping[str, Any] | Iterable[tuple[str, Any]]

# RFC 9110, sections 5.6.2 (token), 8.3.1 (media type), 15 (status code), 5.5 (field value).
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NAME = re.compile(_TOKEN)
_MEDIA_TYPE = re.compile(rf"\s*{_TOKEN}/{_TOKEN}\s*(;.*)?", re.DOTALL)
_STATUS_CODE = re.compile(r"[1-9][0-9]{2}")
_NOT_HEADERS = "headers must be a mapping or (name, value) pairs"
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

# The functions return the exact text of a subclass of str, because the methods of the
# subclass, for instance an Enum's, might return another.


def check_header(name: object, value: object) -> tuple[str, str]:
    """One header field, as text that is safe to send; otherwise a ValueError."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError(f"{name!r} is not a valid header name")
    if value is None:
        raise ValueError(f"header {name} must have a value, not None")
    text = str.__str__(value if isinstance(value, str) else str(value))
    if not _FIELD_VALUE.fullmatch(text):
        raise ValueError(
            f"the value of header {name} must be Latin-1 text without line breaks "
            "and other control characters"
        )
    return str.__str__(name), text


def check_media_type(value: object) -> str:
    """A media type, with or without parameters, as it is sent; otherwise a ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"a mimetype must be a str, not {type(value).__name__}")
    return _check_media_type(str.__str__(value))


@lru_cache(maxsize=256)
def _check_media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise ValueError(f"{value!r} is not a media type such as 'application/json'")
    return check_header("Content-Type", value)[1]


def check_status(status: object) -> int | str:
    """A status code, or the code and text of a status line; otherwise a ValueError."""
    if isinstance(status, str):
        code = status.strip().partition(" ")[0]
        if _STATUS_CODE.fullmatch(code) and _FIELD_VALUE.fullmatch(status):
            return str.__str__(status)
    elif isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 999:
        return status
    raise ValueError(
        "status must be an int from 100 to 999, an http.HTTPStatus or text such as "
        f"'201 Created', not {status!r}"
    )


def checked_headers(headers: HeadersLike | None) -> Headers:
    """A checked copy of the headers of a call; a ValueError for a bad name or value."""
    checked = Headers()
    if isinstance(headers, Mapping):
        # Werkzeug 3.0 knows dicts only.
        headers = iter_multi_items(headers if isinstance(headers, dict) else dict(headers))  # pyright: ignore[reportUnknownArgumentType]  # of Any
    elif not isinstance(headers, Iterable | None):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        raise ValueError(_NOT_HEADERS)
    for pair in () if headers is None else headers:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:  # pyright: ignore[reportUnnecessaryIsInstance, reportUnnecessaryComparison]  # a caller may not check types
            raise ValueError(_NOT_HEADERS)
        checked.add(*check_header(*pair))
    return checked
