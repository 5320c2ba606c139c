"""What a view returns, as a response."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypedDict, overload

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .context import SettingsLike
from .http import HeadersLike, check_status, checked_headers
from .options import BackgroundLike, check_background
from .problems import problem_from
from .response import JSONResponse, Status, with_background
from .settings import JSONSettings, validate_changes
from .streaming import Format, check_stream, stream_json

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["json_view"]

_HEADERS: tuple[type[Any], ...] = (Headers, dict, list, tuple, type(None))

P = ParamSpec("P")


class _Options(TypedDict, total=False):
    status: Status | None
    headers: HeadersLike | None
    chunk_size: int | None
    background: BackgroundLike | None
    settings: SettingsLike | None


class _Decorator(Protocol):
    @overload
    def __call__(  # pyright: ignore[reportOverlappingOverload]  # of Any
        self, view: Callable[P, Awaitable[Any]], /
    ) -> Callable[P, Coroutine[Any, Any, Response]]: ...
    @overload
    def __call__(self, view: Callable[P, Any], /) -> Callable[P, Response]: ...


@overload
def json_view(  # pyright: ignore[reportOverlappingOverload]  # of Any
    view: Callable[P, Awaitable[Any]], /
) -> Callable[P, Coroutine[Any, Any, Response]]: ...
@overload
def json_view(view: Callable[P, Any], /) -> Callable[P, Response]: ...
@overload
def json_view(
    *, stream: Format, **options: Unpack[_Options]
) -> Callable[[Callable[P, Any]], Callable[P, Response]]: ...
@overload
def json_view(*, stream: None = None, **options: Unpack[_Options]) -> _Decorator: ...
def json_view(
    view: Callable[..., Any] | None = None,
    /,
    *,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    stream: Format | None = None,
    chunk_size: int | None = None,
    background: BackgroundLike | None = None,
    settings: SettingsLike | None = None,
) -> Any:
    """Make what a view returns a JSON response.

    A view returns a value, ``(value, status)``, ``(value, headers)`` or
    ``(value, status, headers)``. A response passes through, and an ``HTTPException`` becomes
    a problem. The items of a generator function, asynchronous or not, are streamed. An
    ``async def`` stays one, except with ``stream``: WSGI reads streams synchronously, so each
    call has its own event loop.

    :param status: the status, unless the view returns one.
    :param headers: headers of the responses to values. Those that the view returns override
        them.
    :param stream: stream the iterable that the view returns, in this format of
        :func:`stream_json`. Generator functions are streamed as ``"json"`` by default.
    :param chunk_size: about how many bytes to send at once, as for :func:`stream_json`.
    :param background: a callable without arguments, or a list of them, to run when the
        response has been sent.
    :param settings: complete settings for the responses, or a mapping of changes to the
        settings that otherwise apply.
    :return: the view, which returns a Werkzeug response.
    :raises TypeError: for a bad ``background``, an unknown setting, or a ``chunk_size``
        without a stream; from the view, for a tuple of another length or order, or a value
        that can't be streamed.
    :raises ValueError: for a bad status, header, format, ``chunk_size`` or setting.

    >>> @json_view(status=201)
    ... def create(name):
    ...     return {"name": name}, {"Location": f"/{name}"}
    >>> response = create("ada")
    >>> response.status_code, response.headers["Location"], response.data
    (201, '/ada', b'{"name":"ada"}\\n')
    """
    if view is not None and not callable(view):
        raise TypeError(f"json_view takes a function and keywords such as status=, not {view!r}")
    check_stream("json" if stream is None else stream, chunk_size)
    if settings is not None and not isinstance(settings, JSONSettings):
        settings = validate_changes(settings)
    options: dict[str, Any] = {
        "status": None if status is None else check_status(status),
        "headers": checked_headers(headers),
        "stream": stream,
        "chunk_size": chunk_size,
        "background": check_background(background),
        "settings": settings,
    }
    if view is None:
        return partial(json_view, **options)

    is_async_generator = inspect.isasyncgenfunction(view)
    if stream is None and (is_async_generator or inspect.isgeneratorfunction(view)):
        options["stream"] = stream = "json"
    if stream is None and chunk_size is not None:
        raise TypeError("chunk_size is for streams: add stream=, or decorate a generator function")
    if stream is not None and (is_async_generator or inspect.iscoroutinefunction(view)):
        from .async_items import synchronous  # importing asyncio takes a while

        view = synchronous(view)
    respond: Callable[[Any], Response] = partial(as_response, **options)

    if inspect.iscoroutinefunction(view):

        @wraps(view)
        async def awaited(*args: Any, **kwargs: Any) -> Response:
            return respond(await view(*args, **kwargs))

        return awaited

    @wraps(view)
    def called(*args: Any, **kwargs: Any) -> Response:
        return respond(view(*args, **kwargs))

    return called


def as_response(
    returned: Any,
    *,
    status: Status | None = None,
    headers: Headers | None = None,
    stream: Format | None = None,
    chunk_size: int | None = None,
    background: list[Callable[[], object]] | None = None,
    settings: SettingsLike | None = None,
) -> Response:
    """The response for what a view returned, with checked options as of :func:`json_view`."""
    value, own_status, own_headers = _unpack(returned)
    if isinstance(value, HTTPException):
        value = problem_from(value)
    if isinstance(value, Response):
        if own_status is not None:
            value.status = check_status(own_status)
        if own_headers:
            value.headers.update(checked_headers(own_headers))
        return with_background(value, background) if background else value
    if headers and own_headers:
        merged = Headers(headers)
        merged.update(checked_headers(own_headers))  # of pairs, update() keeps the last only
        own_headers = merged
    status = status if own_status is None else own_status
    options: Any = {"headers": own_headers or headers, "settings": settings}
    options["background"] = background
    if stream is None:
        return JSONResponse(value, status, **options)
    options |= {"status": 200 if status is None else status, "chunk_size": chunk_size}
    return stream_json(value, stream, **options)


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
        case (value, status, headers) if isinstance(headers, _HEADERS):
            return value, status, headers
        case (_, _, _):
            order = "the order is value, status, headers"
        case _:
            order = f"not a tuple of {len(returned)}; to send a tuple as an array, make it a list"
    raise TypeError(
        "a view returns a value, (value, status), (value, headers) or "
        f"(value, status, headers); {order}"
    )
