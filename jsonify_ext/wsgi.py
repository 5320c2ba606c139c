"""Whole WSGI apps: one of a function, and settings around any."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, cast

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from . import decode
from .problems import problem, problem_from
from .settings import JSONSettings, Scope
from .views import to_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["JSONMiddleware", "JSONRequest", "json_app"]

_logger = logging.getLogger("jsonify_ext")


class JSONRequest(Request):
    """A Werkzeug request whose ``get_json()`` is strict: NaN and the like are a 400."""

    json_module = decode


def json_app(function: Callable[[Request], Any]) -> WSGIApplication:
    """Make a WSGI application of a function from a request to a value.

    :param function: gets a :class:`JSONRequest`; what it returns is read as
        :func:`jsonify_ext.views.to_response` says. A Werkzeug ``HTTPException`` that it
        raises becomes a problem response (RFC 9457).

    >>> from werkzeug.test import Client
    >>> @json_app
    ... def app(request):
    ...     return {"path": request.path}
    >>> Client(app).get("/users").data
    b'{"path":"/users"}\\n'
    """

    @wraps(function)
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            response = to_response(function(JSONRequest(environ)))
        except HTTPException as exception:
            response = problem_from(exception)
        return response(environ, start_response)

    return application


class JSONMiddleware:
    """Puts settings in force for every call of an app, and while its body is read.

    :param app: any WSGI application.
    :param settings: complete settings to start from.
    :param problems: answer exceptions that come out of the app with problem responses
        (RFC 9457): an ``HTTPException`` with its own status, any other with a 500 that
        says nothing of it, after logging it.
    :param changes: fields of :class:`jsonify_ext.JSONSettings`; what they do not name
        stays as it is otherwise in force.
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
        self._scope = Scope(settings, changes)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Call the app (PEP 3333)."""
        with self._scope.entered():
            body = self._call(environ, start_response)
        return body if type(body) is list else _Scoped(body, self._scope)

    def _call(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.problems:
            return self.app(environ, start_response)
        try:
            return self.app(environ, start_response)
        except Exception as exception:
            if isinstance(exception, HTTPException):
                response = problem_from(exception)
            else:
                _logger.exception("unhandled exception at %s", environ.get("PATH_INFO", ""))
                response = problem(500)
            # The app may have called start_response already; PEP 3333, "Error handling".
            again = partial(_start_again, start_response, sys.exc_info())
            return response(environ, cast("StartResponse", again))


def _start_again(
    start_response: StartResponse, error: Any, status: str, headers: list[tuple[str, str]]
) -> Callable[[bytes], object]:
    return start_response(status, headers, error)


class _Scoped:
    """A body that is read and closed with settings in force."""

    def __init__(self, body: Iterable[bytes], scope: Scope) -> None:
        self._body = body
        self._items = iter(body)
        self._scope = scope

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._scope.entered():
            return next(self._items)

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            with self._scope.entered():
                close()
