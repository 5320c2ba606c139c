"""What is measured: pieces of work, each done by this package and by others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from io import BytesIO
from typing import Any

from . import payloads
from .measure import Call, Task
from .peers import OURS, PEERS, flask_jsonify
from .wsgi import environ, serve, start_response

__all__ = ["ROWS", "SHARED", "WORKS", "Missing", "Tasks", "make"]

#: Those who do a piece of work, by name.
Tasks = dict[str, Task]
#: The names of modules that are not installed, by the peers that need them.
Missing = dict[str, str]
Makers = dict[str, Callable[[], Call]]


def _everyone(value: Any) -> Makers:
    return {name: partial(peer, value) for name, peer in PEERS.items()}


def _in_flask(value: Any, **settings: Any) -> Call:
    """This package in the app context of a Flask app, with settings if there are any."""
    flask = import_module("flask")
    from jsonify_ext import jsonify
    from jsonify_ext.flask import Jsonify

    app = flask.Flask("benchmark")
    if settings:
        Jsonify(app, **settings)
    app.app_context().push()
    return lambda: serve(jsonify(value))


def _against_flask(ours: Any, flasks: Any = None) -> Makers:
    return {
        OURS: partial(_in_flask, ours),
        "flask.jsonify": partial(flask_jsonify, ours if flasks is None else flasks),
    }


def _flask_request(jsonify: Callable[[Any], Any]) -> Call:
    app = import_module("flask").Flask("benchmark")
    app.add_url_rule("/", view_func=lambda: jsonify(payloads.HELLO), endpoint="hello")
    given = environ()
    return lambda: serve(app, given.copy())


def _request() -> Makers:
    from jsonify_ext import jsonify

    return {
        OURS: partial(_flask_request, jsonify),
        "flask.jsonify": lambda: _flask_request(import_module("flask").jsonify),
    }


def _echo(value: Any, *, installed: bool) -> Call:
    """A whole Flask request that sends back what was posted."""
    flask = import_module("flask")
    from jsonify_ext.flask import Jsonify

    app = flask.Flask("benchmark")
    if installed:
        Jsonify(app)

    def view() -> Any:
        return flask.jsonify(flask.request.get_json())

    app.add_url_rule("/", view_func=view, methods=["POST"])
    body = json.dumps(value).encode()
    given = environ() | {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
    }
    return lambda: serve(app, given | {"wsgi.input": BytesIO(body)})


def _echoes(value: Any) -> Makers:
    return {
        OURS: partial(_echo, value, installed=True),
        "flask.jsonify": partial(_echo, value, installed=False),
    }


def _flask_with_iso_dates(value: Any) -> Call:
    from datetime import date

    flask = import_module("flask")
    provider = import_module("flask.json.provider").DefaultJSONProvider

    class Provider(provider):  # type: ignore[misc, valid-type]  # a module is imported late
        @staticmethod
        def default(value: Any) -> Any:
            return value.isoformat() if isinstance(value, date) else provider.default(value)

    app = flask.Flask("benchmark")
    app.json = Provider(app)
    return flask_jsonify(value, app)


def _iso_dates() -> Makers:
    return {
        OURS: partial(_in_flask, payloads.typed_rows(100), dates="iso"),
        "flask.jsonify": partial(_flask_with_iso_dates, payloads.typed_rows(100, enums=False)),
    }


def _models() -> Makers:
    def dump_json() -> Call:
        adapter = import_module("pydantic").TypeAdapter
        dump = adapter(list[payloads.customer_models()[2]]).dump_json  # type: ignore[misc]  # made late
        models = payloads.customers_of_pydantic(100)
        return lambda: dump(models)

    return {
        OURS: lambda: PEERS[OURS](payloads.customers_of_pydantic(100)),
        "dump_json": dump_json,
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


_MAKERS: dict[str, Callable[[], Makers]] = {
    "hello": lambda: _everyone(payloads.HELLO),
    "hello in Flask": lambda: _against_flask(payloads.HELLO),
    "hello, Flask request": _request,
    "100 users": lambda: _everyone(payloads.users(100)),
    "100 users, sorted": lambda: _against_flask(payloads.users(100)),
    "100 users, sorted, not ASCII": lambda: _against_flask(payloads.users(100, "København")),
    "100 users, posted and sent back": lambda: _echoes(payloads.users(100)),
    "5,000 users": lambda: _everyone(payloads.users(5000)),
    "typed rows, ISO dates": _iso_dates,
    "typed rows, HTTP dates": lambda: _against_flask(
        payloads.typed_rows(100), payloads.typed_rows(100, enums=False)
    ),
    "dataclasses": lambda: _against_flask(payloads.customers(100)),
    "pydantic models": _models,
    "stream, json": _stream_as_array,
    "stream, jsonl": _stream_as_lines,
}

#: The names of all pieces of work.
WORKS = tuple(_MAKERS)
#: Those that every peer can do.
SHARED = ("hello", "100 users", "5,000 users")


def make(work: str, names: Iterable[str] | None = None) -> tuple[Tasks, Missing]:
    """Those who can do a piece of work, and what is not installed for the others.

    :param names: whom to make; by default all.
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
