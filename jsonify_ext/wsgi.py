"""WSGI apps: an app from a function, and settings for any app."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import decode
from .context import BodyContext, SettingsScope
from .problems import problem, problem_from
from .settings import JSONSettings
from .views import json_view

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["JSONMiddleware", "JSONRequest", "json_app"]

_logger = logging.getLogger("jsonify_ext")


class JSONRequest(Request):
    """A Werkzeug request whose ``get_json()`` is strict: NaN and the like are a 400."""

    json_module = decode


def json_app(function: Callable[[Request], Any]) -> WSGIApplication:
    """Make a WSGI application from a function that takes a request and returns a value.

    :param function: gets a :class:`JSONRequest` and returns what a view of
        :func:`jsonify_ext.json_view` may return; it may be an ``async def``. A Werkzeug
        ``HTTPException`` that it raises becomes a problem response (RFC 9457).

    >>> from werkzeug.test import Client
    >>> @json_app
    ... def app(request):
    ...     return {"path": request.path}
    >>> Client(app).get("/users").data
    b'{"path":"/users"}\\n'
    """
    view = json_view(function)
    if inspect.iscoroutinefunction(view):
        view = _awaiting(view)

    @wraps(function)
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response: Response = view(JSONRequest(environ))
        except HTTPException as exception:
            response = problem_from(exception)
        return response(environ, start_response)

    return application


def _awaiting(view: Callable[..., Any]) -> Callable[..., Any]:
    import asyncio

    def run(request: Request) -> Any:
        return asyncio.run(view(request))

    return run


class JSONMiddleware:
    """Applies settings to every call of an app, and while its body is read.

    :param app: any WSGI application.
    :param settings: complete settings to start from.
    :param problems: answer exceptions that the app raises with problem responses
        (RFC 9457): an ``HTTPException`` with its own status, any other, which is logged,
        with a 500 that doesn't describe it.
    :param changes: fields of :class:`jsonify_ext.JSONSettings`; the others keep the value
        that otherwise applies.
    :raises ValueError: for a bad value of a field.
    :raises TypeError: for an unknown field, or ``settings`` of another type.

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
        **changes: Any,
    ) -> None:
        self.app = app
        self.problems = problems
        self._scope = SettingsScope(settings, changes)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the app (PEP 3333)."""
        with self._scope.activate():
            if self.problems:
                return self._call_or_problem(environ, start_response)
            return _scoped(self.app(environ, start_response))

    def _call_or_problem(
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
            body = _scoped(self.app(environ, start))
            if isinstance(body, _ScopedBody):
                body.begin()
            return body
        except HTTPException as exception:
            return problem_from(exception)(environ, restart)
        except Exception:
            # With %r, because a path with line breaks would forge lines of the log.
            _logger.exception("unhandled exception at %r", environ.get("PATH_INFO", ""))
            return problem(500)(environ, restart)


def _scoped(body: Iterable[bytes]) -> Iterable[bytes]:
    if type(body) is list:
        return body  # pyright: ignore[reportUnknownVariableType]
    return _ScopedBody(body)


class _ScopedBody:
    """A body that is read and closed with the settings of the call."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._items = iter(body)
        self._scope = BodyContext()

    def begin(self) -> None:
        """Read until there is something to send: no server sends the status before."""
        try:
            for chunk in self._items:
                if chunk:
                    self._items = chain([chunk], self._items)
                    break
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._scope.activate():
            return next(self._items)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            with self._scope.activate():
                close()
