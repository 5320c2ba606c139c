"""What the servers serve: the same views in a plain WSGI app and, below /flask, in a Flask app.

What happens on the server's side is written to files in the folder that ``RECORDS`` names.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import flask
from werkzeug.exceptions import NotFound, abort
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from jsonify_ext import (
    JSONResponse,
    JSONSettings,
    ServerSentEvent,
    json_view,
    jsonify,
    problem,
    stream_json,
)
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app

ETAGS = JSONSettings(etag=True)
#: More than what servers and sockets buffer.
ENDLESS = 1_000_000
PADDING = "x" * 1000


def record(name: str, line: str) -> None:
    """Add a line to what is known of a request."""
    with (Path(os.environ["RECORDS"]) / name).open("a") as file:
        file.write(line + "\n")


def seen(name: str) -> bool:
    """Wait until a client has made a file."""
    path = Path(os.environ["RECORDS"]) / name
    for _ in range(1000):
        if path.exists():
            return True
        time.sleep(0.01)
    return False


class Source:
    """Rows that record when they are closed."""

    def __init__(self, name: str, rows: Iterator[Any]) -> None:
        self.name = name
        self.rows = rows

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self.rows)

    def close(self) -> None:
        record(self.name, "closed")


def cookies(name: str) -> Response:
    response = jsonify(1)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", httponly=True)
    return response


def crash(name: str) -> Response:
    raise RuntimeError("secret of crash")


def rows(count: int) -> Iterator[Any]:
    return ({"id": number, "name": f"é {number}"} for number in range(count))


def stream(kind: Any) -> Callable[[str], Response]:
    return lambda name: stream_json(rows(10_000), kind)


def generator(name: str) -> Iterator[Any]:
    yield from rows(3)


#: Seconds between two items of a slow source.
PAUSE = 0.25


def now() -> dict[str, float]:
    """An item with the time at which the source gives it; clients have the same clock."""
    return {"time": time.monotonic()}


def timed(*parts: tuple[int, float]) -> Callable[[str], Response]:
    """Numbers of items, and the seconds before each."""

    def each() -> Iterator[Any]:
        for count, pause in parts:
            for _ in range(count):
                if pause:
                    time.sleep(pause)
                yield now()

    return lambda name: stream_json(each(), "jsonl")


def million(name: str) -> Response:
    """A million rows; records by how many KiB they raise the peak of the process's memory."""

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def each() -> Iterator[Any]:
        yield from rows(10_000)
        before = peak()
        yield from rows(1_000_000)
        record(name, str(peak() - before))

    return stream_json(each(), "jsonl")


def events(name: str) -> Response:
    """Waits before the first event until the client has the headers, and then for each event."""

    def each() -> Iterator[Any]:
        if not seen(f"{name}-0"):
            raise RuntimeError("the client did not get the headers")
        for number in range(1, 4):
            yield ServerSentEvent({"number": number}, event="count", id=str(number))
            if not seen(f"{name}-{number}"):
                raise RuntimeError("the client did not get the event")

    return stream_json(Source(name, each()), "sse")


def endless(kind: Any) -> Callable[[str], Response]:
    """So much that it cannot end before its client does, with the server's process id."""

    def each() -> Iterator[Any]:
        for number in range(ENDLESS):
            yield {"number": number, "pid": os.getpid(), "padding": PADDING}

    return lambda name: stream_json(Source(name, each()), kind)


def trickle(name: str) -> Response:
    """An item now and then, for a client that goes away while there is little to send."""

    def each() -> Iterator[Any]:
        for number in range(600):
            yield {"number": number, "pid": os.getpid()}
            time.sleep(0.05)

    return stream_json(Source(name, each()), "sse")


def failing(after: int, kind: Any, chunk_size: int) -> Callable[[str], Response]:
    def each() -> Iterator[Any]:
        yield from rows(after)
        raise RuntimeError("secret of a source")

    return lambda name: stream_json(Source(name, each()), kind, chunk_size=chunk_size)


def close_raises(name: str) -> Response:
    class Unclosable(Source):
        def close(self) -> None:
            super().close()
            raise RuntimeError("secret of close")

    return stream_json(Unclosable(name, rows(3)))


def background(name: str) -> Response:
    """Its first callable waits until the client has the whole response, and then fails."""

    def first() -> None:
        record(name, "first" if seen(f"{name}-seen") else "before the body was sent")
        raise RuntimeError("secret of a background callable")

    return JSONResponse({"sent": True}, background=[first, lambda: record(name, "second")])


def background_of_a_stream(name: str) -> Response:
    """A view may hand Werkzeug any iterable; what runs afterwards comes after its close()."""
    response = JSONResponse(background=lambda: record(name, "background"))
    response.response = (b"%d\n" % number for number in range(3))
    response.call_on_close(lambda: record(name, "closed"))
    del response.headers["Content-Length"]
    return response


@json_view(stream="jsonl")
async def async_slow() -> Any:
    async def each() -> AsyncIterator[Any]:
        for _ in range(6):
            await asyncio.sleep(PAUSE)
            yield now()

    return each()


@json_view(stream="jsonl")
async def async_endless() -> AsyncIterator[Any]:
    name = flask.request.args["name"]
    try:
        for number in range(ENDLESS):
            await asyncio.sleep(0)
            yield {"number": number, "padding": PADDING}
    finally:
        await asyncio.sleep(0)
        record(name, "closed")


def stream_background(make: Callable[[], Iterator[Any]]) -> Callable[[str], Response]:
    def view(name: str) -> Response:
        source = Source(name, make())
        return stream_json(source, background=lambda: record(name, "background"))

    return view


FORMATS = ("json", "jsonl", "ndjson", "json-seq", "sse")
TEXT = {"text": "é ✓", "numbers": [1, 2.5, None]}
VIEWS: dict[str, Callable[[str], Any]] = {
    "/value": lambda name: jsonify(TEXT, headers={"X-Value": "1"}),
    "/view": lambda name: ({"made": name != ""}, 201, {"Location": "/made"}),
    "/cookies": cookies,
    "/large": lambda name: jsonify(["é" * 1000] * 1000),
    "/empty": lambda name: jsonify(None, status=204),
    "/etag": lambda name: jsonify({"id": 7}, settings=ETAGS),
    "/error": lambda name: problem(422, "No such colour.", colour="blué"),
    "/missing": lambda name: abort(problem(404, "no such user")),
    "/not-allowed": lambda name: abort(405, valid_methods=["PUT", "PATCH"]),
    "/crash": crash,
    **{f"/{kind}": stream(kind) for kind in FORMATS},
    "/envelope": lambda name: stream_json(
        rows(3), envelope={"total": 3}, headers={"X-Total": "3"}
    ),
    "/nothing": lambda name: stream_json(rows(0)),
    "/generator": generator,
    "/events": events,
    "/timed-slow": timed((6, PAUSE)),
    "/timed-bursts": timed(*[(1, PAUSE), (50, 0.0)] * 4),
    "/timed-turns": timed((2000, 0.0), (6, PAUSE), (2000, 0.0), (6, PAUSE)),
    "/million": million,
    "/endless-json": endless("json"),
    "/endless-jsonl": endless("jsonl"),
    "/trickle": trickle,
    **{f"/cut-{kind}": failing(5, kind, 0) for kind in FORMATS if kind != "ndjson"},
    "/cut-later": failing(20_000, "jsonl", 65536),
    "/early": failing(0, "jsonl", 65536),
    "/close-raises": close_raises,
    "/background": background,
    "/background-of-stream-json": stream_background(lambda: rows(3)),
    "/endless-background": stream_background(lambda: rows(ENDLESS)),
    "/background-of-a-stream": background_of_a_stream,
}


def plain_app() -> Any:
    """The views in a WSGI app without a framework."""

    @json_app
    def app(request: Request) -> Any:
        if request.path not in VIEWS:
            raise NotFound("There is no such view.")
        return json_view(VIEWS[request.path])(request.args.get("name", ""))

    def fails(environ: Any, start_response: Any) -> Iterator[bytes]:
        raise RuntimeError("secret of a lazy app")
        yield b""

    def either(environ: Any, start_response: Any) -> Iterable[bytes]:
        serve = fails if environ["PATH_INFO"] == "/lazy-crash" else app
        return serve(environ, start_response)

    return JSONMiddleware(either, problems=True)


def flask_app() -> flask.Flask:
    """The same views in a Flask app."""
    app = flask.Flask("served")
    Jsonify(app, problems=True, ensure_ascii=False, sort_keys=False)

    def add(path: str, function: Callable[[str], Any]) -> None:
        @json_view
        def serve() -> Any:
            return function(flask.request.args.get("name", ""))

        methods = ["GET", "HEAD", "POST"]
        app.add_url_rule(path, path, serve, methods=methods, provide_automatic_options=False)

    for path, function in VIEWS.items():
        add(path, function)
    app.add_url_rule("/async-slow", "async-slow", async_slow)
    app.add_url_rule("/async-endless", "async-endless", async_endless)
    return app


app = DispatcherMiddleware(plain_app(), {"/flask": flask_app()})
