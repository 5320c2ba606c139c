"""Pieces of work, each done by this package and by its peers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import flask

from . import kinds, payloads
from .kinds import KINDS
from .measure import Call, Task
from .peers import OURS, PEERS
from .wsgi import environ, serve, start_response

__all__ = ["ROWS", "SHARED", "WORKS", "Missing", "Tasks", "make"]

#: The contestants of a piece of work, by name.
Tasks = dict[str, Task]
#: The modules that are not installed, by the peer that needs them.
Missing = dict[str, str]
Makers = dict[str, Callable[[], Call]]


def _everyone(value: Any) -> Makers:
    return {name: partial(peer, value) for name, peer in PEERS.items()}


def _of_kind(name: str) -> Makers:
    """Responses with one kind of value, in a Flask app with and without the extension."""
    from jsonify_ext import jsonify

    make = KINDS[name]
    return {
        OURS: lambda: _served(kinds.ours(make(), jsonify)),
        "flask.jsonify": lambda: _served(kinds.stock(make())),
    }


def _served(call: Callable[[], Any]) -> Call:
    return lambda: serve(call())


def _reads(name: str) -> Makers:
    make = KINDS[name]
    return {OURS: lambda: kinds.ours(make()), "flask.jsonify": lambda: kinds.stock(make())}


def _flask_request(view: Callable[[Any], Any], value: Any, *, provider: Any = None) -> Call:
    app = flask.Flask("benchmark")
    if provider is not None:
        provider(app)
    app.add_url_rule("/", view_func=lambda: view(value), endpoint="view")
    given = environ()
    return lambda: serve(app, given.copy())


def _requests(value: Any) -> Makers:
    """Whole requests to Flask apps: routing, contexts, the view, the response."""
    from jsonify_ext import jsonify
    from jsonify_ext.flask import Jsonify

    def orjson_in_the_view() -> Call:
        dumps = import_module("orjson").dumps
        make = flask.Response
        return _flask_request(lambda each: make(dumps(each), mimetype="application/json"), value)

    def flask_orjson() -> Call:
        make = import_module("flask_orjson").OrjsonProvider

        def install(app: flask.Flask) -> None:
            app.json = make(app)

        return _flask_request(flask.jsonify, value, provider=install)

    def returned(value: Any) -> Any:
        return value

    return {
        OURS: partial(_flask_request, jsonify, value),
        "flask.jsonify": partial(_flask_request, flask.jsonify, value),
        "flask.jsonify, Jsonify": partial(_flask_request, flask.jsonify, value, provider=Jsonify),
        "returned dict": partial(_flask_request, returned, value),
        "returned dict, Jsonify": partial(_flask_request, returned, value, provider=Jsonify),
        "flask-orjson": flask_orjson,
        "orjson in the view": orjson_in_the_view,
    }


ROWS = 1_000_000


def consume(body: Any) -> None:
    """Iterate over a body as a server does."""
    for _ in body:
        pass


def _stream(rows: list[Any], kind: Any) -> Call:
    from jsonify_ext import stream_json

    given = environ()
    return lambda: consume(stream_json(rows, kind)(given, start_response))


def _stream_as_array() -> Makers:
    rows = list(payloads.rows(ROWS))

    def whole() -> Call:
        dumps = import_module("orjson").dumps
        return lambda: dumps(rows)

    return {OURS: partial(_stream, rows, "json"), "orjson.dumps": whole}


def _stream_as_lines() -> Makers:
    rows = list(payloads.rows(ROWS))

    def lines() -> Iterator[bytes]:
        for row in rows:
            yield (json.dumps(row) + "\n").encode()

    return {
        OURS: partial(_stream, rows, "jsonl"),
        "json.dumps": lambda: lambda: consume(lines()),
    }


#: The kinds of the survey that also have a target.
_WITH_TARGET = (
    *("typed rows, HTTP dates", "typed rows, ISO dates", "dataclasses"),
    *("encoder in each of 100 users", "__json__ in each of 100 users"),
    *("app's default in each of 100 users", "generator of users", "sets in 100 users"),
    *("pydantic models", "pydantic models, sorted"),
)

_MAKERS: dict[str, Callable[[], Makers]] = {
    "hello": lambda: _everyone(payloads.HELLO),
    "hello, Flask request": lambda: _requests(payloads.HELLO),
    "100 users, Flask request": lambda: _requests(payloads.users(100)),
    "100 users": lambda: _everyone(payloads.users(100)),
    "100 users, sorted": lambda: _of_kind("100 users"),
    "5,000 users": lambda: _everyone(payloads.users(5000)),
    **{name: partial(_of_kind, name) for name in _WITH_TARGET},
    "typed rows, ISO dates": lambda: {
        **_of_kind("typed rows, HTTP dates"),
        OURS: _of_kind("typed rows, ISO dates")[OURS],
    },
    "read: 100 users": lambda: _reads("read: 100 users"),
    "stream, json": _stream_as_array,
    "stream, jsonl": _stream_as_lines,
}

#: The names of all pieces of work.
WORKS = tuple(_MAKERS)
#: The ones that every peer can do.
SHARED = ("hello", "100 users", "5,000 users")


def make(work: str, names: Iterable[str] | None = None) -> tuple[Tasks, Missing]:
    """Return the contestants of a piece of work, and what is not installed for the others.

    :param names: which to make; by default all.
    """
    tasks: Tasks = {}
    missing: Missing = {}
    for name, maker in _MAKERS[work]().items():
        if names is not None and name not in names:
            continue
        try:
            tasks[name] = Task.made_by(maker)
        except ModuleNotFoundError as error:
            missing[name] = error.name or str(error)
    return tasks, missing
