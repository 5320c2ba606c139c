"""Pieces of work, each done by this package and by its peers."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from importlib import import_module
from typing import Any

import flask

from . import cases, payloads
from .kinds import KINDS
from .measure import Call, Task
from .peers import OURS, PEERS
from .wsgi import environ, serve, start_response

__all__ = ["SHARED", "WORKS", "make_tasks"]

#: The contestants of a piece of work, by name.
Makers = dict[str, Callable[[], Call]]
ROWS = 1_000_000


def _all_peers(value: Any) -> Makers:
    return {name: partial(peer, value) for name, peer in PEERS.items()}


def _kind(name: str) -> Makers:
    """Responses with one kind of value, in a Flask app with and without the extension."""
    from jsonify_ext import jsonify

    case = KINDS[name]()
    return {
        OURS: lambda: _served(cases.ours(case, jsonify)),
        "flask.jsonify": lambda: _served(cases.stock(case)),
    }


def _served(call: Callable[[], Any]) -> Call:
    return lambda: serve(call())


def _iso_dates() -> Makers:
    """Stock Flask sends HTTP dates instead, which it makes fastest."""
    return _kind("typed rows, HTTP dates") | {OURS: _kind("typed rows, ISO dates")[OURS]}


def _reading() -> Makers:
    case = KINDS["read: 100 users"]()
    return {OURS: lambda: cases.ours(case), "flask.jsonify": lambda: cases.stock(case)}


def _flask_request(
    view: Callable[[Any], Any], value: Any, install: Callable[[flask.Flask], object] | None = None
) -> Call:
    app = flask.Flask("benchmark")
    if install is not None:
        install(app)
    app.add_url_rule("/", view_func=lambda: view(value), endpoint="view")
    given = environ()
    return lambda: serve(app, given.copy())


def _requests(value: Any) -> Makers:
    """Whole requests to Flask apps: routing, contexts, the view, the response."""
    from jsonify_ext import jsonify
    from jsonify_ext.flask import Jsonify

    def orjson_in_the_view() -> Call:
        dumps, make = import_module("orjson").dumps, flask.Response
        return _flask_request(lambda each: make(dumps(each), mimetype="application/json"), value)

    def flask_orjson() -> Call:
        make = import_module("flask_orjson").OrjsonProvider
        return _flask_request(flask.jsonify, value, lambda app: setattr(app, "json", make(app)))

    def returned(value: Any) -> Any:
        return value

    return {
        OURS: partial(_flask_request, jsonify, value),
        "flask.jsonify": partial(_flask_request, flask.jsonify, value),
        "flask.jsonify, Jsonify": partial(_flask_request, flask.jsonify, value, Jsonify),
        "returned dict": partial(_flask_request, returned, value),
        "returned dict, Jsonify": partial(_flask_request, returned, value, Jsonify),
        "flask-orjson": flask_orjson,
        "orjson in the view": orjson_in_the_view,
    }


def consume(body: Any) -> object:
    """Iterate over a body as a server does."""
    for _ in body:
        pass
    return None


def _stream(kind: Any, peer: str, peer_call: Callable[[list[Any]], object]) -> Makers:
    """A stream of rows, and a peer's way to send them."""
    from jsonify_ext import stream_json

    rows = list(payloads.rows(ROWS))
    given = environ()
    return {
        OURS: lambda: lambda: consume(stream_json(rows, kind)(given, start_response)),
        peer: lambda: lambda: peer_call(rows),
    }


def _lines_by_json(rows: list[Any]) -> object:
    return consume((json.dumps(row) + "\n").encode() for row in rows)


def _whole_by_orjson(rows: list[Any]) -> object:
    return import_module("orjson").dumps(rows)


#: Functions that make the contestants, by the name of the work.
WORKS: dict[str, Callable[[], Makers]] = {
    "hello": lambda: _all_peers(payloads.HELLO),
    "hello, Flask request": lambda: _requests(payloads.HELLO),
    "100 users, Flask request": lambda: _requests(payloads.users(100)),
    "100 users": lambda: _all_peers(payloads.users(100)),
    "100 users, sorted": partial(_kind, "100 users"),
    "5,000 users": lambda: _all_peers(payloads.users(5000)),
    **{
        name: partial(_kind, name)
        for name in (
            *("typed rows, HTTP dates", "dataclasses", "encoder in each of 100 users"),
            *("__json__ in each of 100 users", "app's default in each of 100 users"),
            *("generator of users", "sets in 100 users", "pydantic models"),
            "pydantic models, sorted",
        )
    },
    "typed rows, ISO dates": _iso_dates,
    "read: 100 users": _reading,
    "stream, json": lambda: _stream("json", "orjson.dumps", _whole_by_orjson),
    "stream, jsonl": lambda: _stream("jsonl", "json.dumps", _lines_by_json),
}
#: The ones that every peer can do.
SHARED = ("hello", "100 users", "5,000 users")


def make_tasks(work: str, names: Collection[str] | None = None) -> dict[str, Task]:
    """The contestants of a piece of work whose packages are installed.

    :param names: which to make; by default all.
    """
    tasks: dict[str, Task] = {}
    for name, maker in WORKS[work]().items():
        if names is None or name in names:
            try:
                tasks[name] = Task.made_by(maker)
            except ModuleNotFoundError as error:
                print(f"{name} is left out: {error.name} is not installed")
    return tasks
