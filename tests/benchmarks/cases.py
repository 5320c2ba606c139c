"""A kind of value in a stock Flask app, and in one with the extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import flask

from .measure import Call
from .wsgi import environ


@dataclass(frozen=True)
class Case:
    """A value, and what the two apps need to encode it.

    :param value: the value, the same for every response.
    :param fresh: makes a new value for each response instead.
    :param body: a request body to read instead.
    :param default: ``app.json.default`` of the stock app.
    :param view: what a view of the stock app does with the value first.
    :param settings: the keywords of ``Jsonify``.
    :param provider: attributes that both apps set on ``app.json``.
    """

    value: Any = None
    fresh: Callable[[], Any] | None = None
    body: bytes | None = None
    default: Callable[[Any], Any] | None = None
    view: Callable[[Any], Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    provider: Mapping[str, Any] = field(default_factory=dict)


def stock(case: Case) -> Call:
    """Enter a stock Flask app, and return a call that handles the value."""
    app = _app(case)
    if case.default is not None:
        app.json.default = case.default  # type: ignore[attr-defined]  # Flask types the base class
    view, value = case.view, case.value
    if view is not None:
        return lambda: flask.jsonify(view(value))
    return _call(app, case, flask.jsonify)


def ours(case: Case, jsonify: Callable[[Any], Any] = flask.jsonify) -> Call:
    """Enter a Flask app with the extension, and return a call that handles the value."""
    from jsonify_ext.flask import Jsonify

    app = _app(case)
    Jsonify(app, **case.settings)
    return _call(app, case, jsonify)


def _app(case: Case) -> flask.Flask:
    app = flask.Flask("benchmark")
    for name, value in case.provider.items():
        setattr(app.json, name, value)
    app.app_context().push()
    return app


def _call(app: flask.Flask, case: Case, jsonify: Callable[[Any], Any]) -> Call:
    value, fresh = case.value, case.fresh
    if case.body is not None:
        return _reader(app, case.body)
    if fresh is not None:
        return lambda: jsonify(fresh())
    return lambda: jsonify(value)


def _reader(app: flask.Flask, body: bytes) -> Call:
    given = environ() | {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json"}
    given["CONTENT_LENGTH"] = str(len(body))
    request = app.request_class
    # A request that its environ refers to would live until the next garbage collection.
    return lambda: request(
        given | {"wsgi.input": BytesIO(body)}, populate_request=False
    ).get_json()
