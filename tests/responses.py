"""What a server gets of a response."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from wsgiref.validate import validator

from werkzeug.test import EnvironBuilder, run_wsgi_app

METHODS = ["GET", "HEAD", "POST"]


@lru_cache
def environ_of(method: str, **headers: str) -> dict[str, Any]:
    return EnvironBuilder(method=method, headers=headers).get_environ()


def outcome(function: Callable[[], Any]) -> Any:
    """The result of a function, or the class of its exception."""
    try:
        return function()
    except Exception as error:
        return type(error)


def sent(response: Any, method: str = "GET", check: bool = False, **headers: str) -> Any:
    """Body, status line and headers, as a server gets them; with or without its checks."""
    well_formed = (
        check
        and response.status_code >= 200
        and response.status_code not in (204, 304)
        and not response.direct_passthrough
        and "Content-Type" in response.headers
    )
    app = validator(response) if well_formed else response
    environ = dict(environ_of(method, **headers))
    body, status, sent_headers = run_wsgi_app(app, environ, buffered=True)
    return b"".join(body), status, [*sent_headers]
