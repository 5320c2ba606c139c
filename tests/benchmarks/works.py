"""Pieces of work, each done by this package and by its peers, and the speed targets."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import partial
from importlib import import_module
from statistics import median
from typing import Any, NamedTuple

import flask

from . import cases, payloads
from .kinds import KINDS
from .measure import Call, Rounds, Task, ratio
from .peers import FLOOR, OURS, PEERS
from .wsgi import environ, serve, start_response

#: The contestants of a piece of work, by name.
Makers = dict[str, Callable[[], Call]]
ROWS = 1_000_000
#: The part of a limit that a measure may miss it by and still meet it.
NOISE = 0.1


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


def _served(call: Call) -> Call:
    return lambda: serve(call())


def _iso_dates() -> Makers:
    """Stock Flask sends HTTP dates instead, which it makes fastest."""
    return _kind("typed rows, HTTP dates") | {OURS: _kind("typed rows, ISO dates")[OURS]}


def _reading() -> Makers:
    case = KINDS["read: 100 users"]()
    return {OURS: lambda: cases.ours(case), "flask.jsonify": lambda: cases.stock(case)}


def _requests(value: Any) -> Makers:
    """Whole requests to Flask apps: routing, contexts, the view, the response."""
    from jsonify_ext import jsonify
    from jsonify_ext.flask import Jsonify

    def maker(
        view: Callable[[Any], Any], install: Callable[[flask.Flask], object] | None = None
    ) -> Callable[[], Call]:
        def make() -> Call:
            app = flask.Flask("benchmark")
            if install is not None:
                install(app)
            app.add_url_rule("/", view_func=lambda: view(value), endpoint="view")
            given = environ()
            return lambda: serve(app, given.copy())

        return make

    def orjson_in_the_view() -> Call:
        dumps, response = import_module("orjson").dumps, flask.Response
        return maker(lambda each: response(dumps(each), mimetype="application/json"))()

    def install_flask_orjson(app: flask.Flask) -> None:
        app.json = import_module("flask_orjson").OrjsonProvider(app)

    def returned(value: Any) -> Any:
        return value

    return {
        OURS: maker(jsonify),
        "flask.jsonify": maker(flask.jsonify),
        "flask.jsonify, Jsonify": maker(flask.jsonify, Jsonify),
        "returned dict": maker(returned),
        "returned dict, Jsonify": maker(returned, Jsonify),
        "flask-orjson": maker(flask.jsonify, install_flask_orjson),
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


#: Functions that make the contestants, by the name of the work. All other works are kinds.
WORKS: dict[str, Callable[[], Makers]] = {
    "hello": lambda: _all_peers(payloads.HELLO),
    "hello, Flask request": lambda: _requests(payloads.HELLO),
    "100 users, Flask request": lambda: _requests(payloads.users(100)),
    "100 users": lambda: _all_peers(payloads.users(100)),
    "100 users, sorted": partial(_kind, "100 users"),
    "5,000 users": lambda: _all_peers(payloads.users(5000)),
    "typed rows, ISO dates": _iso_dates,
    "read: 100 users": _reading,
    "stream, json": lambda: _stream(
        "json", "orjson.dumps", lambda rows: import_module("orjson").dumps(rows)
    ),
    "stream, jsonl": lambda: _stream(
        "jsonl",
        "json.dumps",
        lambda rows: consume((json.dumps(row) + "\n").encode() for row in rows),
    ),
}


def contestants(work: str) -> Makers:
    """Functions that make the contestants of a piece of work, by name."""
    return WORKS.get(work, partial(_kind, work))()


def make_tasks(work: str, names: Collection[str | None] | None = None) -> dict[str, Task]:
    """The contestants of a piece of work whose packages are installed.

    :param names: which to make; by default all.
    """
    tasks: dict[str, Task] = {}
    for name, maker in contestants(work).items():
        if names is None or name in names:
            try:
                tasks[name] = Task.made_by(maker)
            except ModuleNotFoundError as error:
                print(f"{name} is left out: {error.name} is not installed")
    return tasks


class Target(NamedTuple):
    """One target.

    :param work: the piece of work.
    :param against: the peer to compare with; None: the measure itself counts.
    :param limit: how many times as fast as the peer ours must be (``>=``), or how many times
        the peer's time it may take (``<=``).
    :param ours: the contestant that uses this package.
    """

    work: str
    against: str | None
    limit: str
    ours: str = OURS

    @property
    def name(self) -> str:
        """What ``--only`` searches."""
        return ", ".join(dict.fromkeys(filter(None, [self.work, self.ours, self.against])))

    def result(self, rounds: Rounds) -> tuple[str, ...]:
        """A row of the table, whose first column is the verdict."""
        sign, limit = self.limit.split()
        measured, verdict = "", "NOT MEASURED"
        if rounds.keys() >= {self.ours, self.against or self.ours}:
            if self.against is None:
                found = median(rounds[self.ours])
            elif sign == "<=":
                found = ratio(rounds, self.ours, to=self.against)
            else:
                found = ratio(rounds, self.against, to=self.ours)
            miss = found / float(limit) if sign == "<=" else float(limit) / found
            verdict = "met" if miss <= 1 else "within noise" if miss <= 1 + NOISE else "MISSED"
            measured = f"{found:.2f}"
        return verdict, self.work, self.ours, self.against or "MiB", measured, self.limit


TARGETS = (
    Target("hello, Flask request", "flask.jsonify", ">= 1.6"),
    Target("hello, Flask request", "flask.jsonify", ">= 1.5", ours="flask.jsonify, Jsonify"),
    Target("hello, Flask request", "returned dict", ">= 1.5", ours="returned dict, Jsonify"),
    Target("hello", FLOOR, "<= 5"),
    Target("hello", "Werkzeug, json", ">= 5"),
    Target("hello", "Starlette", ">= 2"),
    Target("hello", "Sanic", ">= 1.5"),
    Target("100 users, sorted", "flask.jsonify", ">= 6.5"),
    Target("100 users", FLOOR, "<= 1.1"),
    Target("5,000 users", FLOOR, "<= 1.05"),
    Target("typed rows, HTTP dates", "flask.jsonify", ">= 4"),
    Target("typed rows, ISO dates", "flask.jsonify", ">= 5"),
    Target("dataclasses", "flask.jsonify", ">= 8"),
    Target("encoder in each of 100 users", "flask.jsonify", ">= 1.5"),
    Target("__json__ in each of 100 users", "flask.jsonify", ">= 1.5"),
    Target("app's default in each of 100 users", "flask.jsonify", ">= 1.5"),
    Target("generator of users", "flask.jsonify", ">= 1.5"),
    Target("sets in 100 users", "flask.jsonify", ">= 1.5"),
    Target("read: 100 users", "flask.jsonify", ">= 1.5"),
    Target("pydantic models", "flask.jsonify", ">= 3.5"),
    Target("pydantic models, sorted", "flask.jsonify", ">= 2"),
    Target("stream, json", "orjson.dumps", ">= 0.75"),
    Target("stream, jsonl", "json.dumps", ">= 8"),
    Target("memory, json", None, "<= 8"),
    Target("memory, jsonl", None, "<= 8"),
    Target("import", "werkzeug.wrappers", "<= 1.2"),
)
SERVER_TARGETS = (
    Target("servers", "FastAPI, uvicorn", ">= 1", ours="Flask, jsonify_ext, granian"),
    Target("servers", "FastAPI, uvicorn", ">= 5", ours="WSGI, jsonify_ext, granian"),
)
