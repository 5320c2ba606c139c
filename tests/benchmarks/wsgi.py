"""The part of a WSGI server that a response needs, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ() -> dict[str, Any]:
    """The environ of a GET request."""
    made: dict[str, Any] = {"PATH_INFO": "/", "REQUEST_METHOD": "GET"}
    setup_testing_defaults(made)
    return made


def start_response(
    status: str, headers: list[tuple[str, str]], exc_info: object = None
) -> Callable[[bytes], object]:
    """Take status and headers as a server does, and do nothing with them."""
    return bool


_ENVIRON = environ()


def serve(app: Application, given: dict[str, Any] = _ENVIRON) -> bytes:
    """Call an app, join the body, and close it."""
    sent = app(given, start_response)
    body = b"".join(sent)
    close = getattr(sent, "close", None)
    if close is not None:
        close()
    return body
