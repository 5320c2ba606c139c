"""What views of a Flask app with the extension may return."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import flask
import numpy as np
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.local import LocalProxy

from jsonify_ext import JSONEncodeError, RawJSON, encode
from jsonify_ext.flask import Jsonify

from .flask_apps import DAY, app_with, get, outcome, pair
from .flask_differences import mixed
from .samples import (
    Alone,
    AttrsOfDict,
    Base,
    Colour,
    CountingDown,
    Lazy,
    Numbers,
    Said,
    Struct,
    Tagged,
    made,
    sqlite_row,
)


class Callable:
    def __call__(self):
        raise AssertionError("records are values")


@pytest.mark.parametrize(
    "value",
    [
        *(Alone(DAY), CountingDown(1), Numbers([1]), Struct(1), [Alone(1)], Said({"a": 1})),
        *(mixed(Callable, Alone, 1), mixed(Callable, AttrsOfDict, 1)),
        *(mixed(Callable, Numbers, [1]), mixed(Callable, Tagged, 1)),
        *(LocalProxy(lambda: Alone(1)), LocalProxy(lambda: {"a": 1}), LocalProxy(lambda: [1])),
        *(5, 1.5, Decimal("1.50"), DAY, UUID(int=1), Colour.RED, memoryview(b"text")),
        *({3}, range(2), {"a": 1}.keys(), np.array([1, 2]), np.int64(7), RawJSON(b"[1]")),
        sqlite_row("SELECT 1 AS a"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_any_value_is_sent_as_json(value):
    app = app_with({"dates": "iso"}, lambda: value)
    app.add_url_rule("/all", "all", lambda: (value, 201, {"X-A": "1"}))
    app.add_url_rule("/status", "status", lambda: (value, "202 Accepted"))
    app.add_url_rule("/headers", "headers", lambda: (value, [("X-A", "2")]))
    for path, status, header in [
        ("/", "200 OK", None),
        ("/all", "201 CREATED", "1"),
        ("/status", "202 Accepted", None),
        ("/headers", "200 OK", "2"),
    ]:
        answer = get(app, path)
        assert (answer.status.lower(), answer.headers.get("X-A")) == (status.lower(), header)
        assert (answer.mimetype, answer.data) == ("application/json", encode(value) + b"\n")


Pair = namedtuple("Pair", "body status")


def application(environ, start_response):
    start_response("200 OK", [])
    return [b"x"]


class Application:
    def __call__(self, environ, start_response):
        return application(environ, start_response)


@pytest.mark.parametrize(
    "value",
    [
        *("text", b"bytes", bytearray(b"bytes"), {"b": 1, "a": [DAY]}, [1, "é"]),
        *(("body", 202, {"X-A": "1"}), ("text", "201 Made"), ("", 204), Pair("body", 202)),
        *(({"a": 1}, 201), ({"a": 1}, {"X-A": "1"}), ([1], 201, [("X-A", "1")])),
        *(
            NotFound("no such user"),
            application,
            lambda environ, start: application(environ, start),
        ),
        *(Lazy(lambda: flask.Response("own", 202)), Lazy(lambda: flask.redirect("/there"))),
        *(Lazy(lambda: (text for text in "ab")), Lazy(lambda: iter(["a", b"b"]))),
        Lazy(lambda: map(str, [1, 2])),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_flask_gives_a_meaning_keeps_it(value):
    apps = pair(view=lambda: made(value))
    stock, ours = (outcome(lambda app=app: get(app)) for app in apps)
    assert ours == stock


@pytest.mark.parametrize(
    "value",
    [None, True, False, (), ("a",), ("a", 200, {}, 1), (1, 2, 3, 4), (None, 200), (True, 200)],
)
def test_what_is_an_error_in_flask_stays_one(value):
    errors = []
    for app in pair(view=lambda: value):
        app.testing = True
        errors.append(outcome(lambda app=app: get(app)))
    assert errors[0] is errors[1] is TypeError


def test_a_proxy_of_flask_is_the_value_behind_it():
    assert get(app_with({}, lambda: flask.session)).data == b"{}\n"


def test_a_value_that_cannot_be_encoded_is_a_500_that_names_the_place(caplog):
    assert get(app_with({}, lambda: Alone(object()))).status_code == 500
    assert "$.a: object cannot be encoded" in caplog.text


def test_make_response_and_async_views_take_any_value():
    async def view():
        return Alone(1), 201

    app = app_with({}, view)
    answer = get(app)
    assert (answer.status_code, answer.data) == (201, b'{"a":1}\n')
    with app.test_request_context():
        assert flask.make_response(Alone(1), 202).data == b'{"a":1}\n'


@pytest.mark.parametrize("in_class", [True, False])
def test_an_apps_own_make_response_is_called(in_class):
    def make_response(self, rv, *, own="1"):
        response = flask.Flask.make_response(self, rv)
        response.headers["X-Own"] = own
        return response

    app = app_with(cls=type("App", (flask.Flask,), {"make_response": make_response}))
    if not in_class:
        app = app_with()
        app.make_response = partial(make_response, app)
    Jsonify(app)
    app.add_url_rule("/", "view", lambda: Alone(1))
    answer = get(app)
    assert (answer.data, answer.headers["X-Own"]) == (b'{"a":1}\n', "1")
    with app.app_context():
        for value in Alone(1), {"a": 1}:
            assert app.make_response(value, own="2").headers["X-Own"] == "2"
    app = app_with({})
    with pytest.raises(TypeError, match="own"):
        app.make_response({}, own="2")  # Flask's own method takes nothing else


def failing(calls: list[int]) -> Any:
    """A generator that counts how often it is read."""
    calls.append(1)
    yield 1
    raise RuntimeError


@dataclass
class Wrong:
    secret: str = "secret"


class Envelopes(flask.Flask):
    """An app that knows some types itself, and has a bug for one of them."""

    def make_response(self, rv: Any) -> Any:
        if isinstance(rv, Wrong):
            rv = rv.secret + 1 if rv.secret else None  # type: ignore[operator]
        if isinstance(rv, Alone):
            rv = {"alone": rv.a}
        return super().make_response(("", rv) if type(rv) is int else rv)


def test_what_an_apps_own_make_response_knows_comes_first():
    for app in pair(cls=Envelopes):
        assert app.make_response(204).status_code == 204
        assert app.make_response(Alone(1)).get_json() == {"alone": 1}
        assert app.make_response(LocalProxy(lambda: Alone(1))).get_json() == {"alone": 1}
    assert app.make_response(Base(7)).get_json()["id"] == 7
    calls = []
    for value in {"rows": failing(calls)}, Said(failing(calls)), [failing(calls)]:
        with pytest.raises(JSONEncodeError):
            app.make_response(value)
    assert len(calls) == 3
    for value in Wrong(), Wrong(""):
        with app.test_request_context(), pytest.raises(TypeError):
            app.make_response(value)  # and not all fields of the instance are sent
    stock = flask.Flask.make_response
    app = flask.Flask("tests")
    app.make_response = lambda rv: stock(app, "own" if type(rv) is int else rv)
    Jsonify(app)
    assert app.make_response(7).data == b"own"
    assert app.make_response(Base(7)).get_json()["id"] == 7
