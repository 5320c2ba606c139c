"""What a view returns, as a response."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, overload

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from .http import HeadersLike, check_status, checked_headers
from .response import JSONResponse, Status
from .streaming import Format, stream_json

__all__ = ["json_view"]

_HEADERS: tuple[type[Any], ...] = (Headers, dict, list, tuple)

View = TypeVar("View", bound=Callable[..., Any])


@overload
def json_view(view: View, /) -> View: ...
@overload
def json_view(
    *, status: Status | None = None, headers: HeadersLike | None = None, stream: Format = "json"
) -> Callable[[View], View]: ...
def json_view(
    view: Callable[..., Any] | None = None,
    /,
    *,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    stream: Format = "json",
) -> Any:
    """Make what a view returns a JSON response.

    A view returns a value, ``(value, status)``, ``(value, headers)`` or
    ``(value, status, headers)``, as in Flask; a response passes through. A generator
    function is streamed. An ``async def`` stays one.

    :param status: the status, where the view does not return one.
    :param headers: headers of every response, where the view does not return them.
    :param stream: the format in which a generator function streams.
    :raises TypeError: for a tuple of another length, or an asynchronous generator.

    >>> @json_view(status=201)
    ... def create(name):
    ...     return {"name": name}, {"Location": f"/{name}"}
    >>> response = create("ada")
    >>> response.status_code, response.headers["Location"], response.data
    (201, '/ada', b'{"name":"ada"}\\n')
    """
    if view is None:
        return partial(json_view, status=status, headers=headers, stream=stream)
    if inspect.isasyncgenfunction(view):
        raise TypeError(f"{view.__name__}() is an asynchronous generator, which WSGI cannot send")

    if inspect.isgeneratorfunction(view):

        @wraps(view)
        def streaming(*args: Any, **kwargs: Any) -> Response:
            code = 200 if status is None else status
            return stream_json(view(*args, **kwargs), stream, status=code, headers=headers)

        return streaming

    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def awaited(*args: Any, **kwargs: Any) -> Response:
            return _response(await view(*args, **kwargs), status, headers)

        return awaited

    @wraps(view)
    def called(*args: Any, **kwargs: Any) -> Response:
        return _response(view(*args, **kwargs), status, headers)

    return called


def _response(
    returned: Any, default_status: Status | None, default_headers: HeadersLike | None
) -> Response:
    value, status, headers = _unpack(returned)
    if isinstance(value, Response):
        if status is not None:
            value.status = check_status(status)
        if headers:
            value.headers.update(checked_headers(headers))
        return value
    if default_headers and headers:
        merged = Headers(default_headers)
        merged.update(headers)
        headers = merged
    status = default_status if status is None else status
    return JSONResponse(value, status, headers or default_headers)


def _unpack(returned: Any) -> tuple[Any, Any, Any]:
    """The value, the status and the headers that a view returned; a namedtuple is a value."""
    kind = type(returned)  # pyright: ignore[reportUnknownVariableType]  # of Any
    if kind is not tuple:
        return returned, None, None
    match returned:
        case (value, headers) if isinstance(headers, _HEADERS):
            return value, None, headers
        case (value, status):
            return value, status, None
        case (value, status, headers):
            return value, status, headers
        case _:
            raise TypeError(
                "a view returns a value, (value, status), (value, headers) or "
                f"(value, status, headers), not a tuple of {len(returned)}; "
                "to send a tuple as an array, make it a list"
            )


def as_response(returned: Any) -> Response:
    """The response for what a view returned."""
    return _response(returned, None, None)
