"""What the servers serve: the same views in a plain WSGI app and, below /flask, in a Flask app.

What happens on the server's side is written to files in the folder that ``RECORDS`` names, by
the ``name`` that a request has.
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

from ...benchmarks import payloads

#: A view takes Werkzeug's request or Flask's.
View = Callable[[Any], Any]
#: More than what servers and sockets buffer.
ENDLESS = 1_000_000
PADDING = "x" * 1000
#: Text with every character at which some reader of lines breaks.
ODD = "a\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029é\\"
ROWS = payloads.typed_rows(100)
ITEMS = [{"id": number, ODD: [ODD]} for number in range(1000)]


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


def name_of(request: Any) -> str:
    return str(request.args.get("name", ""))


class Source:
    """Rows that record when they are closed."""

    def __init__(self, request: Any, rows: Iterator[Any], error: str = "") -> None:
        self.name, self.rows, self.error = name_of(request), rows, error

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self.rows)

    def close(self) -> None:
        record(self.name, "closed")
        if self.error:
            raise RuntimeError(self.error)


def rows(count: int) -> Iterator[Any]:
    return ({"id": number, "name": f"é {number}"} for number in range(count))


def cookies(request: Any) -> Response:
    response = jsonify(1)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2", httponly=True)
    return response


def crash(request: Any) -> Response:
    raise RuntimeError("secret of crash")


#: Seconds between two items of a slow source.
PAUSE = 0.25


def now() -> dict[str, float]:
    """An item with the time at which the source gives it; clients have the same clock."""
    return {"time": time.monotonic()}


def timed(*parts: tuple[int, float]) -> View:
    """Numbers of items, and the seconds before each."""

    def each() -> Iterator[Any]:
        for count, pause in parts:
            for _ in range(count):
                if pause:
                    time.sleep(pause)
                yield now()

    return lambda request: stream_json(each(), "jsonl")


def million(request: Any) -> Response:
    """A million rows; records by how many KiB they raise the peak of the process's memory."""
    name = name_of(request)

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def each() -> Iterator[Any]:
        yield from rows(10_000)
        before = peak()
        yield from rows(1_000_000)
        record(name, str(peak() - before))

    return stream_json(each(), "jsonl")


def events(request: Any) -> Response:
    """Waits until the client has the headers, and after each event until it has that."""
    name = name_of(request)

    def each() -> Iterator[Any]:
        for number in range(4):
            if number:
                yield ServerSentEvent({"number": number}, event="count", id=str(number))
            if not seen(f"{name}-{number}"):
                raise RuntimeError("the client did not get it")

    return stream_json(Source(request, each()), "sse")


def breaks(request: Any) -> Response:
    """Breaks after two events; a client comes back with the id of the second."""
    events = [
        ServerSentEvent(comment="keep-alive"),
        ServerSentEvent(ODD, id="1", retry=10),
        ServerSentEvent(text="<p>\nb\r\n</p>", event="html", id="2", comment="not data"),
        ServerSentEvent(text="[DONE]", event="end", id="3"),
    ]
    last = int(request.headers.get("Last-Event-ID", 0))
    return stream_json(events[last + 1 :] if last else events[:3], "sse")


def endless(kind: Any, pause: float = 0, padding: str = PADDING) -> View:
    """So much that it cannot end before its client does, with the server's process id.

    With a pause, the client goes away while there is little to send.
    """

    def each() -> Iterator[Any]:
        for number in range(ENDLESS):
            yield {"number": number, "pid": os.getpid(), "padding": padding}
            time.sleep(pause)

    return lambda request: stream_json(Source(request, each()), kind)


def failing(after: int, kind: Any, chunk_size: int) -> View:
    def each() -> Iterator[Any]:
        yield from rows(after)
        raise RuntimeError("secret of a source")

    return lambda request: stream_json(Source(request, each()), kind, chunk_size=chunk_size)


def background(request: Any) -> Response:
    """Its first callable waits until the client has the whole response, and then fails."""
    name = name_of(request)

    def first() -> None:
        record(name, "first" if seen(f"{name}-seen") else "before the body was sent")
        raise RuntimeError("secret of a background callable")

    return JSONResponse({"sent": True}, background=[first, lambda: record(name, "second")])


def background_of_rows(count: int) -> View:
    def view(request: Any) -> Response:
        name, source = name_of(request), Source(request, rows(count))
        return stream_json(source, background=lambda: record(name, "background"))

    return view


@json_view(stream="jsonl")
async def async_slow() -> Any:
    async def each() -> AsyncIterator[Any]:
        for _ in range(6):
            await asyncio.sleep(PAUSE)
            yield now()

    return each()


@json_view(stream="jsonl")
async def async_endless() -> AsyncIterator[Any]:
    name = name_of(flask.request)
    try:
        for number in range(ENDLESS):
            await asyncio.sleep(0)
            yield {"number": number, "padding": PADDING}
    finally:
        await asyncio.sleep(0)
        record(name, "closed")


FORMATS = ("json", "jsonl", "ndjson", "json-seq", "sse")
#: Views that send the same whenever they are asked, and need no certain client.
ORDINARY: dict[str, View] = {
    "/value": lambda request: jsonify({"text": "é ✓", "n": [1, 2.5, None]}, headers={"X-A": "1"}),
    "/view": lambda request: ({"made": True}, 201, {"Location": "/made"}),
    "/rows": lambda request: ROWS,
    "/echo": lambda request: (request.get_json(), 201),
    "/cookies": cookies,
    "/large": lambda request: jsonify(["é" * 1000] * 1000),
    "/empty": lambda request: jsonify(None, status=204),
    "/etag": lambda request: jsonify({"id": 7}, settings=JSONSettings(etag=True)),
    "/error": lambda request: problem(422, "No such colour.", colour="blué"),
    "/missing": lambda request: abort(problem(404, "no such user")),
    "/not-allowed": lambda request: abort(405, valid_methods=["PUT", "PATCH"]),
    "/crash": crash,
    "/unsendable": lambda request: {"users": [{"avatar": object()}]},
    **{f"/{kind}": lambda request, kind=kind: stream_json(iter(ITEMS), kind) for kind in FORMATS},
    "/envelope": lambda request: stream_json(
        rows(3), envelope={"total": 3}, headers={"X-Total": "3"}
    ),
    "/nothing": lambda request: stream_json(rows(0)),
    "/early": failing(0, "jsonl", 65536),
}
VIEWS: dict[str, View] = {
    **ORDINARY,
    "/events": events,
    "/breaks": breaks,
    "/timed-slow": timed((6, PAUSE)),
    "/timed-bursts": timed(*[(1, PAUSE), (50, 0.0)] * 4),
    "/timed-turns": timed((2000, 0.0), (6, PAUSE), (2000, 0.0), (6, PAUSE)),
    "/million": million,
    "/endless": endless("json"),
    "/trickle": endless("sse", 0.05, ""),
    **{f"/cut-{kind}": failing(5, kind, 0) for kind in ("json", "jsonl", "sse")},
    "/cut-later": failing(20_000, "jsonl", 65536),
    "/close-raises": lambda request: stream_json(Source(request, rows(3), "secret of close")),
    "/background": background,
    "/background-of-rows": background_of_rows(3),
    "/endless-background": background_of_rows(ENDLESS),
}


def plain_app() -> Any:
    """The views in a WSGI app without a framework."""

    @json_app
    def app(request: Request) -> Any:
        if request.path not in VIEWS:
            raise NotFound("There is no such view.")
        return json_view(VIEWS[request.path])(request)

    def fails(environ: Any, start_response: Any) -> Iterator[bytes]:
        raise RuntimeError("secret of a lazy app")
        yield b""

    def either(environ: Any, start_response: Any) -> Iterable[bytes]:
        serve = fails if environ["PATH_INFO"] == "/lazy-crash" else app
        return serve(environ, start_response)

    return JSONMiddleware(either, problems=True, headers={"X-Content-Type-Options": "nosniff"})


def flask_app() -> flask.Flask:
    """The same views in a Flask app."""
    app = flask.Flask("served")
    Jsonify(app, problems=True, ensure_ascii=False, sort_keys=False, dates="iso")
    options: Any = {"methods": ["GET", "HEAD", "POST"], "provide_automatic_options": False}
    for path, view in VIEWS.items():
        serve = json_view(view)
        app.add_url_rule(path, path, lambda serve=serve: serve(flask.request), **options)
    app.add_url_rule("/async-slow", "async-slow", async_slow)
    app.add_url_rule("/async-endless", "async-endless", async_endless)
    return app


app = DispatcherMiddleware(plain_app(), {"/flask": flask_app()})
