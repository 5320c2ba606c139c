"""WSGI apps: an app from a function, and settings for any app."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, cast, overload

from werkzeug.exceptions import HTTPException
from werkzeug.utils import cached_property
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import ClosingIterator, LimitedStream

from . import decode
from .context import BodyContext, SettingsScope
from .errors import logger
from .problems import ErrorMap, answer_to, check_errors, problem, problem_from
from .settings import JSONSettings, SettingsChanges
from .views import as_response, json_view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Unpack

__all__ = ["JSONMiddleware", "JSONRequest", "json_app"]


class JSONRequest(Request):
    """A Werkzeug request whose ``get_json()`` is strict: NaN and the like are a 400."""

    json_module = decode

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body. Werkzeug would cut a chunked one at the limit."""
        limit = self.max_content_length
        chunked = self.content_length is None and self.environ.get("wsgi.input_terminated")
        if limit is None or not chunked:
            return super().stream
        return cast("IO[bytes]", _LimitedBody(self.environ["wsgi.input"], limit + 1, is_max=True))


class _LimitedBody(LimitedStream):
    """A body of which one byte more than the limit is read, to raise a 413."""

    def readinto(self, b: Any) -> int | None:
        size = super().readinto(b)
        if self.is_exhausted:
            self.on_exhausted()
        return size


@overload
def json_app(function: Callable[[JSONRequest], Any], /) -> WSGIApplication: ...
@overload
def json_app(
    *, max_content_length: int | None = None, errors: ErrorMap | None = None
) -> Callable[[Callable[[JSONRequest], Any]], WSGIApplication]: ...
def json_app(
    function: Callable[[JSONRequest], Any] | None = None,
    /,
    *,
    max_content_length: int | None = None,
    errors: ErrorMap | None = None,
) -> Any:
    """Make a WSGI application from a function that takes a request and returns a value.

    A Werkzeug ``HTTPException`` that the function raises becomes a problem response
    (RFC 9457).

    :param function: gets a :class:`JSONRequest` and returns what a view of
        :func:`jsonify_ext.json_view` may return. It may be an ``async def``.
    :param max_content_length: the maximum size of a request body in bytes. A larger one is
        a 413.
    :param errors: ``{exception class: status or function}``, as for
        :class:`jsonify_ext.flask.Jsonify`: the responses to other exceptions.
    :raises TypeError: for anything but a function, or ``errors`` that aren't a mapping of
        exception classes.
    :raises ValueError: for a bad status in ``errors``, or a bad ``max_content_length``.

    >>> from werkzeug.test import Client
    >>> class NoSuchUser(Exception):
    ...     pass
    >>> @json_app(errors={NoSuchUser: 404})
    ... def app(request):
    ...     return {"path": request.path}
    >>> Client(app).get("/users").data
    b'{"path":"/users"}\\n'
    """
    if max_content_length is not None and (
        type(max_content_length) is not int or max_content_length < 0
    ):
        raise ValueError(
            f"max_content_length must be a number of bytes, not {max_content_length!r}"
        )
    checked_errors = check_errors(errors)

    def decorate(function: Callable[[JSONRequest], Any]) -> WSGIApplication:
        if not callable(function):
            raise TypeError(
                f"json_app takes a function and keywords such as errors=, not {function!r}"
            )
        view: Callable[..., Any] = json_view(function)
        if inspect.iscoroutinefunction(view):
            from .async_items import synchronous  # importing asyncio takes a while

            view = synchronous(view)

        @wraps(function)
        def application(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            request = JSONRequest(environ)
            request.max_content_length = max_content_length
            try:
                response: Response = view(request)
            except Exception as exception:
                response = _response_to(exception, checked_errors, environ, problems=True)
            return response(environ, start_response)

        return application

    return decorate if function is None else decorate(function)


class JSONMiddleware:
    """Apply settings to every call of an app, and while its body is read.

    :param app: any WSGI application.
    :param settings: complete settings to start from.
    :param problems: turn exceptions that the app raises into problem responses (RFC 9457).
        An ``HTTPException`` keeps its status. Any other exception is logged, and becomes a
        500 without details.
    :param errors: ``{exception class: status or function}``, as for
        :class:`jsonify_ext.flask.Jsonify`: the responses to exceptions that the app raises.
    :param changes: fields of :class:`jsonify_ext.JSONSettings`; the others keep the value
        that otherwise applies.
    :raises ValueError: for a bad value of a field or of ``problems``, or a bad status in
        ``errors``.
    :raises TypeError: for an unknown field, ``settings`` of another type, or ``errors``
        that aren't a mapping of exception classes.

    >>> from werkzeug.test import Client
    >>> from jsonify_ext import jsonify
    >>> def app(environ, start_response):
    ...     return jsonify({"b": 1, "a": 2})(environ, start_response)
    >>> Client(JSONMiddleware(app, sort_keys=True)).get("/").data
    b'{"a":2,"b":1}\\n'
    """

    def __init__(
        self,
        app: WSGIApplication,
        settings: JSONSettings | None = None,
        *,
        problems: bool = False,
        errors: ErrorMap | None = None,
        **changes: Unpack[SettingsChanges],
    ) -> None:
        if not callable(app):
            raise TypeError(f"JSONMiddleware takes a WSGI application, not {app!r}")
        if problems not in (True, False):  # pyright: ignore[reportUnnecessaryContains]  # a caller may not check types
            raise ValueError(
                f"problems must be True or False, not {problems!r}; Jsonify(app) takes a path too"
            )
        self.app = app
        self.problems = problems
        self.errors: ErrorMap = check_errors(errors)
        self._scope = SettingsScope(settings, changes, "problems", "errors")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the app (PEP 3333)."""
        with self._scope.activate():
            if self.problems or self.errors:
                return self._call_or_answer(environ, start_response)
            body = self.app(environ, start_response)
            return body if type(body) is list else _scoped(body)  # pyright: ignore[reportUnknownVariableType]  # of Any

    def _call_or_answer(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        started = False

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            nonlocal started
            started = True
            return start_response(status, headers, *exc_info)

        def restart(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            # PEP 3333, "Error Handling": a second call has to pass the exception.
            return start_response(status, headers, *([sys.exc_info()] if started else []))

        try:
            body = self.app(environ, start)
            return body if type(body) is list else _scoped(body, begin=True)  # pyright: ignore[reportUnknownVariableType]  # of Any
        except Exception as exception:
            try:
                response = _response_to(exception, self.errors, environ, problems=self.problems)
            except Exception:
                if not self.problems:
                    raise
                # With %r, because a path with line breaks would forge lines of the log.
                logger.exception("unhandled exception at %r", environ.get("PATH_INFO", ""))
                response = problem(500)
            return response(environ, restart)


def _response_to(
    exception: Exception, errors: ErrorMap, environ: WSGIEnvironment, *, problems: bool
) -> Response:
    """The response to an exception, which is raised if it has none.

    :param problems: whether an ``HTTPException`` becomes a problem.
    """
    if any(cls in errors for cls in type(exception).__mro__):
        return as_response(answer_to(exception, errors))
    if problems and isinstance(exception, HTTPException):
        return problem_from(exception, environ)
    raise exception


def _scoped(body: Iterable[bytes], *, begin: bool = False) -> Iterable[bytes]:
    """A body that is read and closed with the settings of the call.

    :param begin: read until there is something to send: no server sends the status before.
    """
    items, context = iter(body), BodyContext()

    def read() -> bytes:
        with context:
            return next(items)

    def close() -> None:
        with context:
            close: Any = getattr(body, "close", None)
            if close is not None:
                close()

    parts: Iterator[bytes] = iter(read, object())
    if begin:
        try:
            first = next(filter(None, parts), None)
        except BaseException:
            close()
            raise
        parts = chain([first] if first else [], parts)
    return ClosingIterator(parts, close)
