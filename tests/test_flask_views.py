"""What views of a Flask app with the extension may return."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections import namedtuple
from datetime import date
from decimal import Decimal
from enum import Enum

import attrs
import flask
import msgspec
import numpy as np
import pydantic
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.local import LocalProxy

from jsonify_ext import RawJSON
from jsonify_ext.flask import Jsonify


@dataclasses.dataclass
class User:
    name: str


@dataclasses.dataclass
class CallableUser(User):
    def __call__(self):
        raise AssertionError("a dataclass is a value")


@dataclasses.dataclass
class IteratorUser(User):
    def __next__(self):
        raise AssertionError("a dataclass is a value")

    def __iter__(self):
        return self


@attrs.define
class AttrsUser:
    name: str

    def __call__(self):
        raise AssertionError("an attrs class is a value")


class Model(pydantic.BaseModel):
    name: str


class Struct(msgspec.Struct):
    name: str


class Colour(Enum):
    RED = "red"


class OwnMethod:
    def __json__(self):
        return {"name": "Ada"}


def row():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    return connection.execute("SELECT 'Ada' AS name").fetchone()


def app_returning(make, **options) -> flask.Flask:
    app = flask.Flask("tests")
    Jsonify(app, **options)
    app.add_url_rule("/", "view", make)
    return app


ADA = b'{"name":"Ada"}\n'


@pytest.mark.parametrize(
    ("make", "body"),
    [
        (lambda: User("Ada"), ADA),
        (lambda: CallableUser("Ada"), ADA),
        (lambda: IteratorUser("Ada"), ADA),
        (lambda: AttrsUser("Ada"), ADA),
        (lambda: Model(name="Ada"), ADA),
        (lambda: Struct("Ada"), ADA),
        (lambda: OwnMethod(), ADA),
        (row, ADA),
        (lambda: LocalProxy(lambda: User("Ada")), ADA),
        (lambda: LocalProxy(lambda: {"name": "Ada"}), ADA),
        (lambda: [User("Ada")], b'[{"name":"Ada"}]\n'),
        (lambda: RawJSON(b"[1]"), b"[1]\n"),
        (lambda: 5, b"5\n"),
        (lambda: 1.5, b"1.5\n"),
        (lambda: Decimal("1.50"), b'"1.50"\n'),
        (lambda: date(2024, 1, 2), b'"2024-01-02"\n'),
        (lambda: {3}, b"[3]\n"),
        (lambda: range(2), b"[0,1]\n"),
        (lambda: {"a": 1}.keys(), b'["a"]\n'),
        (lambda: np.array([1, 2]), b"[1,2]\n"),
        (lambda: np.int64(7), b"7\n"),
        (lambda: Colour.RED, b'"red"\n'),
        (lambda: memoryview(b"text"), b'"text"\n'),
    ],
)
def test_any_value_is_sent_as_json(make, body):
    client = app_returning(make, dates="iso").test_client()
    answer = client.get("/")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/json", body)

    app = app_returning(lambda: (make(), 201, {"X-A": "1"}))
    app.add_url_rule("/status", "status", lambda: (make(), "202 Accepted"))
    app.add_url_rule("/headers", "headers", lambda: (make(), [("X-A", "2")]))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["X-A"]) == (201, "1")
    assert app.test_client().get("/status").status == "202 Accepted"
    assert app.test_client().get("/headers").headers["X-A"] == "2"


Pair = namedtuple("Pair", "body status")


@pytest.mark.parametrize(
    "make",
    [
        lambda: "text",
        lambda: b"bytes",
        lambda: bytearray(b"bytes"),
        lambda: flask.Response("own", 202),
        lambda: flask.redirect("/there"),
        lambda: (each for each in ("a", "b")),
        lambda: iter(["a", "b"]),
        lambda: map(str, [1, 2]),
        lambda: flask.Response("wsgi"),
        lambda: NotFound("no such user"),
        lambda: Pair("body", 202),
        lambda: ("body", 202, {"X-A": "1"}),
        lambda: {"a": 1},
        lambda: [1],
        lambda: ({"a": 1}, 201),
        lambda: lambda environ, start_response: flask.Response("wsgi")(environ, start_response),
    ],
)
def test_what_flask_gives_a_meaning_keeps_it(make):
    stock = flask.Flask("tests")
    stock.add_url_rule("/", "view", make)
    expected = stock.test_client().get("/")
    answer = app_returning(make).test_client().get("/")
    assert (answer.status, [*answer.headers], answer.data) == (
        *(expected.status, [*expected.headers]),
        expected.data,
    )


@pytest.mark.parametrize(
    "value", [None, True, False, (), ("a",), ("a", 200, {}, 1), (None, 200), (True, 200)]
)
def test_what_is_an_error_in_flask_stays_one(value):
    app = app_returning(lambda: value)
    app.testing = True
    with pytest.raises((TypeError, ValueError)):
        app.test_client().get("/")


def test_a_value_that_cannot_be_encoded_is_a_500_that_names_the_place(caplog):
    app = app_returning(lambda: User(object()))
    assert app.test_client().get("/").status_code == 500
    assert "$.name: object cannot be encoded" in caplog.text


def test_make_response_and_async_views_take_any_value():
    app = app_returning(lambda: "")

    @app.get("/async")
    async def asynchronous():
        return User("Ada"), 201

    answer = app.test_client().get("/async")
    assert (answer.status_code, answer.data) == (201, ADA)
    with app.test_request_context():
        assert flask.make_response(User("Ada"), 202).data == ADA


def test_an_app_class_with_its_own_make_response_is_called():
    class App(flask.Flask):
        def make_response(self, rv):
            response = super().make_response(rv)
            response.headers["X-Own"] = "1"
            return response

    app = App("tests")
    Jsonify(app)
    app.add_url_rule("/", "view", lambda: User("Ada"))
    answer = app.test_client().get("/")
    assert (answer.data, answer.headers["X-Own"]) == (ADA, "1")
