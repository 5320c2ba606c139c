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
from .streaming import Format, check_stream, stream_json

__all__ = ["json_view"]

_HEADERS: tuple[type[Any], ...] = (Headers, dict, list, tuple)

View = TypeVar("View", bound=Callable[..., Any])


@overload
def json_view(view: View, /) -> View: ...
@overload
def json_view(
    *,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    stream: Format | None = None,
    chunk_size: int | None = None,
) -> Callable[[View], View]: ...
def json_view(
    view: Callable[..., Any] | None = None,
    /,
    *,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    stream: Format | None = None,
    chunk_size: int | None = None,
) -> Any:
    """Make what a view returns a JSON response.

    A view returns a value, ``(value, status)``, ``(value, headers)`` or
    ``(value, status, headers)``, as in Flask; a response passes through. The items of a
    generator function, asynchronous or not, are streamed. An ``async def`` stays one, except
    with ``stream``: WSGI reads streams synchronously, so each call has its own event loop.

    :param status: the status, where the view does not return one.
    :param headers: headers of every response, where the view does not return them.
    :param stream: stream the iterable that the view returns, in this format of
        :func:`stream_json`. Generator functions are streamed as ``"json"`` by default.
    :param chunk_size: about how many bytes to send at once, as for :func:`stream_json`.
    :return: the view, which returns a Werkzeug response.
    :raises TypeError: for a ``chunk_size`` without a stream; from the view, for a tuple of
        another length, or a value that can't be streamed.
    :raises ValueError: for an unknown format, or a bad ``chunk_size``.

    >>> @json_view(status=201)
    ... def create(name):
    ...     return {"name": name}, {"Location": f"/{name}"}
    >>> response = create("ada")
    >>> response.status_code, response.headers["Location"], response.data
    (201, '/ada', b'{"name":"ada"}\\n')
    """
    check_stream("json" if stream is None else stream, chunk_size)
    if view is None:
        options = {"stream": stream, "chunk_size": chunk_size}
        return partial(json_view, status=status, headers=headers, **options)

    is_async_generator = inspect.isasyncgenfunction(view)
    if stream is None and (is_async_generator or inspect.isgeneratorfunction(view)):
        stream = "json"
    if stream is None and chunk_size is not None:
        raise TypeError("chunk_size is for streams: add stream=, or decorate a generator function")
    if stream is not None and (is_async_generator or inspect.iscoroutinefunction(view)):
        from .async_items import synchronous  # importing asyncio takes a while

        view = synchronous(view)
    respond = partial(_response, status, headers, stream, chunk_size)

    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def awaited(*args: Any, **kwargs: Any) -> Response:
            return respond(await view(*args, **kwargs))

        return awaited

    @wraps(view)
    def called(*args: Any, **kwargs: Any) -> Response:
        return respond(view(*args, **kwargs))

    return called


def _response(
    default_status: Status | None,
    default_headers: HeadersLike | None,
    stream: Format | None,
    chunk_size: int | None,
    returned: Any,
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
    headers = headers or default_headers
    if stream is None:
        return JSONResponse(value, status, headers)
    status = 200 if status is None else status
    return stream_json(value, stream, status=status, headers=headers, chunk_size=chunk_size)


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
