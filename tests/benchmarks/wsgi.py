"""The part of a WSGI server that a response needs, and no more."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from importlib import import_module
from typing import Any
from wsgiref.util import setup_testing_defaults

__all__ = ["Application", "drive", "environ", "floor", "serve", "start_response"]

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ(path: str = "/") -> dict[str, Any]:
    """The environ of a GET request."""
    made: dict[str, Any] = {"PATH_INFO": path, "REQUEST_METHOD": "GET"}
    setup_testing_defaults(made)
    return made


def start_response(
    status: str, headers: list[tuple[str, str]], exc_info: object = None
) -> Callable[[bytes], object]:
    """Take status and headers as a server does, and do nothing with them."""
    return bool


ENVIRON = environ()


def serve(app: Application, given: dict[str, Any] = ENVIRON) -> bytes:
    """Call an app, join the body, and close it."""
    sent = app(given, start_response)
    body = b"".join(sent)
    close = getattr(sent, "close", None)
    if close is not None:
        close()
    return body


def floor(value: Any) -> Application:
    """The least a WSGI app can do to send a value, written by hand."""
    dumps = import_module("orjson").dumps

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body: bytes = dumps(value)
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    return app


def drive(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that never waits, without the cost of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the coroutine waits for something")
