"""What a soak asks for, and the app that answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

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


def hello(read_json: Any) -> Any:
    return jsonify(message="Hello, World!")


def users(read_json: Any) -> Any:
    return {"users": USERS}


def a_problem(read_json: Any) -> Any:
    return problem(422, "No such colour.", colour="blué"), {"Retry-After": "7"}


def error(read_json: Any) -> Any:
    return {"users": [{"avatar": object()}]}


def stream(read_json: Any) -> Response:
    return stream_json(({"id": number, "name": "é"} for number in range(200)), "jsonl")


def etag(read_json: Any) -> Response:
    return jsonify(USERS[:3], settings=ETAGS)


def echo(read_json: Any) -> Any:
    return read_json(), 201


VIEWS: dict[str, Callable[..., Any]] = {
    "/hello": hello,
    "/users": users,
    "/problem": a_problem,
    "/error": error,
    "/stream": stream,
    "/etag": etag,
    "/echo": echo,
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


class Ask(NamedTuple):
    """One kind of request.

    :param weight: how often it is made, next to the others.
    :param logs: how many tracebacks the server logs for it.
    """

    weight: int
    method: str
    path: str
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    logs: int = 0


_JSON = {"Content-Type": "application/json"}
_BODY = '{"text":"é","numbers":[1,2.5,12345678901234567890]}'.encode()
_PLAIN = [
    Ask(20, "GET", "/hello"),
    Ask(10, "GET", "/users"),
    Ask(5, "GET", "/problem"),
    Ask(1, "GET", "/error", logs=1),
    Ask(5, "GET", "/nowhere"),
    Ask(5, "GET", "/stream"),
    Ask(10, "GET", "/etag", {"If-None-Match": "*"}),
    Ask(5, "GET", "/etag"),
    Ask(10, "HEAD", "/users"),
    Ask(
        10, "POST", "/echo", _JSON, '{"text":"é","numbers":[1,2.5,12345678901234567890]}'.encode()
    ),
    Ask(5, "POST", "/echo", _JSON, b'{"number":NaN}'),
]
ASKS = [
    ask._replace(path=f"{mount}{ask.path}?ask={index}")
    for mount in ("", "/flask")
    for index, ask in enumerate(_PLAIN, len(_PLAIN) * bool(mount))
]


def mixed(seed: int) -> Iterator[Ask]:
    """Requests of all kinds without end, in the same order for the same seed."""
    choose = random.Random(seed).choices
    weights = [ask.weight for ask in ASKS]
    while True:
        yield from choose(ASKS, weights, k=1000)
