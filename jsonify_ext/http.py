"""What may stand in a status line or a header: nothing that could end it early."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import Headers

__all__ = ["HeadersLike", "check_header", "check_media_type", "check_status", "checked_headers"]

HeadersLike = Mapping[str, Any] | Iterable[tuple[str, Any]]

# RFC 9110, section 5.6.2 (token) and 5.5 (field values), section 8.3.1 (media type).
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_STATUS_CODE = re.compile(r"[1-9][0-9]{2}")
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def check_header(name: object, value: object) -> tuple[str, str]:
    """One header field, as text that is safe to send.

    :raises ValueError: for a name that is no token, or a value with a line break or
        another control character (RFC 9110, section 5).
    """
    if not (isinstance(name, str) and _TOKEN.fullmatch(name)):
        raise ValueError(f"{name!r} is not a valid header name")
    text = _exact(value) if isinstance(value, str) else str(value)
    if not _FIELD_VALUE.fullmatch(text):
        raise ValueError(
            f"the value of header {name} must be Latin-1 text without line breaks "
            "and other control characters"
        )
    return _exact(name), text


def check_media_type(value: object) -> str:
    """A media type with or without parameters, as it will be sent.

    :raises ValueError: for anything that cannot be a ``Content-Type`` (RFC 9110,
        section 8.3), line breaks above all.
    """
    if not isinstance(value, str):
        raise ValueError(f"a mimetype must be a str, not {type(value).__name__}")
    return _check_media_type(_exact(value))


@lru_cache(maxsize=256)
def _check_media_type(value: str) -> str:
    kind, slash, subtype = value.partition(";")[0].strip().partition("/")
    if not (slash and _TOKEN.fullmatch(kind) and _TOKEN.fullmatch(subtype)):
        raise ValueError(f"{value!r} is not a media type such as 'application/json'")
    return check_header("Content-Type", value)[1]


def check_status(status: object) -> int | str:
    """A status code, or a status line's code and text (RFC 9110, section 15).

    :raises ValueError: for a code that is not three digits, and for text without one
        or with control characters.
    """
    if isinstance(status, str):
        code = status.strip().partition(" ")[0]
        if _STATUS_CODE.fullmatch(code) and _FIELD_VALUE.fullmatch(status):
            return _exact(status)
    elif isinstance(status, int) and not isinstance(status, bool) and 100 <= status <= 999:
        return status
    raise ValueError(
        "status must be an int from 100 to 999, an http.HTTPStatus or text such as "
        f"'201 Created', not {status!r}"
    )


def _exact(text: str) -> str:
    """The text itself: a server might ask a subclass, an Enum for instance, for another."""
    return text if type(text) is str else str.__str__(text)


def checked_headers(headers: HeadersLike | None) -> Headers:
    """A copy of the headers that a call gave.

    :raises ValueError: for a bad name or value.
    """
    checked = Headers()
    for name, value in Headers(headers):
        checked.add(*check_header(name, value))
    return checked
