"""What a view returns, as a response."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from .response import JSONResponse

__all__ = ["to_response"]


def to_response(returned: Any) -> Response:
    """The response to what a view returned.

    A tuple is read as Flask reads it: ``(value, status)``, ``(value, headers)`` or
    ``(value, status, headers)``. A response passes through, with the status and the
    headers of the tuple; any other value is encoded. A namedtuple is a value.

    :raises TypeError: for a tuple of another length.

    >>> to_response(({"id": 7}, 201)).status
    '201 CREATED'
    """
    value, status, headers = _unpack(returned)
    if not isinstance(value, Response):
        return JSONResponse(value, status, headers)
    if status is not None:
        value.status = status
    if headers:
        value.headers.update(headers)
    return value


def _unpack(returned: Any) -> tuple[Any, Any, Any]:
    """The value, the status and the headers that a view returned."""
    if type(returned) is not tuple:
        return returned, None, None
    match returned:
        case (value, Headers() | dict() | list() | tuple() as headers):
            return value, None, headers
        case (value, status):
            return value, status, None
        case (value, status, headers):
            return value, status, headers
    raise TypeError(
        "a view returns a value, (value, status), (value, headers) or (value, status, headers), "
        f"not a tuple of {len(returned)}; to send a tuple as an array, make it a list"
    )
