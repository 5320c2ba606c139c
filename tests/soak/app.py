"""The requests of the load, and the app that responds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request

from jsonify_ext import JSONSettings, json_view, jsonify, problem, stream_json
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app

USERS = [
    {
        "id": UUID(int=number),
        "name": f"Zoë {number}",
        "balance": Decimal(number) / 4,
        "created": datetime(2024, 1, 1, 12, number % 60, tzinfo=timezone.utc),
        "address": {"street": "Île", "tags": ["a", "b", None, number / 3]},
    }
    for number in range(100)
]
ETAGS = JSONSettings(etag=True)


VIEWS: dict[str, Callable[..., Any]] = {
    "/hello": lambda read_json: jsonify(message="Hello, World!"),
    "/users": lambda read_json: {"users": USERS},
    "/problem": lambda read_json: (
        problem(422, "No colour.", colour="blué"),
        {"Retry-After": "7"},
    ),
    "/error": lambda read_json: {"users": [{"avatar": object()}]},
    "/stream": lambda read_json: stream_json(
        ({"id": n, "name": "é"} for n in range(200)), "jsonl"
    ),
    "/etag": lambda read_json: jsonify(USERS[:3], settings=ETAGS),
    "/echo": lambda read_json: (read_json(), 201),
}


def plain_app() -> Any:
    @json_app
    def app(request: Request) -> Any:
        if request.path not in VIEWS:
            raise NotFound("There is no such view.")
        view: Any = json_view(VIEWS[request.path])
        return view(request.get_json)

    return JSONMiddleware(app, problems=True, headers={"X-Content-Type-Options": "nosniff"})


def flask_app() -> flask.Flask:
    app = flask.Flask("soak")
    Jsonify(app, problems=True, dates="iso")

    def add(path: str, view: Callable[..., Any]) -> None:
        decorated: Any = json_view(view)

        def serve() -> Any:
            return decorated(flask.request.get_json)

        app.add_url_rule(path, path, serve, methods=["GET", "POST"])

    for path, view in VIEWS.items():
        add(path, view)
    return app


app = DispatcherMiddleware(plain_app(), {"/flask": flask_app()})


class RequestSpec(NamedTuple):
    """One kind of request.

    :param weight: how often it is made, compared with the others.
    :param raw: what is sent.
    :param logs: how many tracebacks the server logs for it.
    """

    weight: int
    raw: bytes
    logs: int


def _spec(
    weight: int, method: str, path: str, body: str = "", header: str = "", logs: int = 0
) -> RequestSpec:
    headers = ["Host: soak", header] if header else ["Host: soak"]
    if body:
        headers += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    lines = [f"{method} {path} HTTP/1.1", *headers, "", body]
    return RequestSpec(weight, "\r\n".join(lines).encode(), logs)


REQUESTS = [
    spec
    for mount in ("", "/flask")
    for spec in (
        _spec(20, "GET", f"{mount}/hello"),
        _spec(10, "GET", f"{mount}/users"),
        _spec(5, "GET", f"{mount}/problem"),
        _spec(1, "GET", f"{mount}/error", logs=1),
        _spec(5, "GET", f"{mount}/nowhere"),
        _spec(5, "GET", f"{mount}/stream"),
        _spec(10, "GET", f"{mount}/etag", header="If-None-Match: *"),
        _spec(5, "GET", f"{mount}/etag"),
        _spec(10, "HEAD", f"{mount}/users"),
        _spec(10, "POST", f"{mount}/echo", '{"text":"é","numbers":[1,2.5,12345678901234567890]}'),
        _spec(5, "POST", f"{mount}/echo", '{"number":NaN}'),
    )
]


def mixed(seed: int) -> Iterator[RequestSpec]:
    """Requests of all kinds without end, in the same order for the same seed."""
    choose = random.Random(seed).choices
    weights = [spec.weight for spec in REQUESTS]
    while True:
        yield from choose(REQUESTS, weights, k=1000)
