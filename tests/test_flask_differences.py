"""docs/flask.rst lists every difference from stock Flask, and nothing else."""

from __future__ import annotations

import dataclasses
import math
import re
import warnings
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.json.provider import DefaultJSONProvider
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from jsonify_ext import JSONEncodeError, JSONResponse, jsonify
from jsonify_ext.flask import Jsonify
from jsonify_ext.optional import orjson

from .flask_differences import DIFFERENT, TWINS, nested
from .test_flask import CONFIGURATIONS, CORPUS, flask_values

ROOT = Path(__file__).parents[1]
ITEM = re.compile(r"^(\d+)\. +\*\*", re.M)
_, _, LIST = (ROOT / "docs" / "flask.rst").read_text("utf-8").partition(".. _flask-differences:")
NUMBERS = [int(number) for number in ITEM.findall(LIST)]

Outcome = Any


def outcome(make: Callable[[], Any]) -> Outcome:
    """The status, headers and bytes of a response, or the class of an exception."""
    try:
        response = make()
    except Exception as error:
        return type(error)
    return response.status_code, [*response.headers], response.get_data()


def outcomes(value: Any, configuration: str) -> Iterator[tuple[str, Outcome, Outcome]]:
    """What stock Flask makes of a value, and what this package makes of it in its place."""
    stock, one_import, installed = (flask.Flask("tests") for _ in range(3))
    for app in (stock, one_import, installed):
        CONFIGURATIONS[configuration](app)
    Jsonify(installed)
    with stock.app_context():
        expected = outcome(lambda: flask.jsonify(value))
        text = outcome_of_dumps(stock, value)
    with one_import.app_context():
        yield "jsonify_ext.jsonify", expected, outcome(lambda: jsonify(value))
    with installed.app_context():
        yield "flask.jsonify", expected, outcome(lambda: flask.jsonify(value))
        if isinstance(value, (dict, list)):
            yield "a view", expected, outcome(lambda: installed.make_response(value))
        yield "app.json.dumps", text, outcome_of_dumps(installed, value)


def outcome_of_dumps(app: flask.Flask, value: Any) -> Outcome:
    try:
        return app.json.dumps(value)
    except Exception as error:
        return type(error)


def differences(value: Any, configuration: str) -> list[tuple[str, Outcome, Outcome]]:
    """Where stock Flask accepts a value, and this package does something else."""
    return [
        (place, expected, ours)
        for place, expected, ours in outcomes(value, configuration)
        if not isinstance(expected, type) and expected != ours
    ]


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_no_value_of_the_corpus_differs(configuration):
    for value in CORPUS:
        assert differences(value, configuration) == []


CASES = [
    pytest.param(value, id=f"{number}-{index}")
    for number, values in DIFFERENT.items()
    for index, value in enumerate(values)
]


@pytest.mark.parametrize("value", CASES)
def test_what_is_on_the_list_differs(value):
    """So the list has nothing that doesn't differ."""
    places = {
        place
        for configuration in CONFIGURATIONS
        for place, _, _ in differences(value, configuration)
    }
    assert {"jsonify_ext.jsonify", "flask.jsonify"} <= places


def explained(value: Any) -> bool:
    """Whether an item of the list is about a value or a part of it."""
    if any(value is each for values in DIFFERENT.values() for each in values):
        return True
    if isinstance(value, (list, tuple)):
        return any(map(explained, value))
    if isinstance(value, dict):
        names = [text_of_key(key) for key in value]
        twins = len(set(names)) < len(names)
        return twins or any(map(explained, [*value, *value.values()]))
    return False


def text_of_key(key: Any) -> str:
    if key is None or isinstance(key, bool):
        return str(key).lower().replace("none", "null")
    return str(key)


leaves = [value for values in DIFFERENT.values() for value in values if value not in TWINS]
odd_values = st.recursive(
    flask_values | st.sampled_from(leaves),
    lambda items: st.lists(items) | st.dictionaries(st.sampled_from(["a", "b", 1]), items),
    max_leaves=8,
)


@hypothesis_settings(max_examples=300)
@given(odd_values, st.sampled_from(sorted(CONFIGURATIONS)))
def test_no_value_differs_that_is_not_on_the_list(value, configuration):
    if differences(value, configuration):
        assert explained(value)


def apps() -> tuple[flask.Flask, flask.Flask]:
    """A stock app, and one with the extension."""
    stock, installed = flask.Flask("tests"), flask.Flask("tests")
    Jsonify(installed)
    return stock, installed


def no_arguments() -> Iterator[tuple[Any, Any]]:
    stock, installed = apps()
    with stock.app_context():
        expected = flask.jsonify().data
        yield expected, jsonify().data
    with installed.app_context():
        yield expected, flask.jsonify().data


def exceptions() -> Iterator[tuple[Any, Any]]:
    stock, installed = apps()
    circle: list[Any] = []
    circle.append(circle)
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    for value, error in [(circle, ValueError), (early, OverflowError)]:
        with stock.app_context():
            expected = outcome(lambda: flask.jsonify(value))  # noqa: B023
            assert issubclass(expected, error)
            yield expected, outcome(lambda: jsonify(value))  # noqa: B023
        with installed.app_context():
            ours = outcome(lambda: flask.jsonify(value))  # noqa: B023
            assert ours is JSONEncodeError
            yield expected, ours


def older_keys() -> Iterator[tuple[Any, Any]]:
    for key, value in {
        "JSON_SORT_KEYS": False,
        "JSON_AS_ASCII": False,
        "JSONIFY_PRETTYPRINT_REGULAR": True,
        "JSONIFY_MIMETYPE": "application/x",
    }.items():
        stock, installed = flask.Flask("tests"), flask.Flask("tests")
        stock.config[key] = installed.config[key] = value
        Jsonify(installed)
        with stock.app_context():
            expected = outcome(lambda: flask.jsonify({"b": "é", "a": 1}))
            ours = outcome(lambda: jsonify({"b": "é", "a": 1}))
        with installed.app_context():
            assert outcome(lambda: flask.jsonify({"b": "é", "a": 1})) == ours
        yield expected, ours


class OwnResponse(DefaultJSONProvider):
    def response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().response(*args, **kwargs)
        response.headers["X-Own"] = "1"
        return response


def provider_response() -> Iterator[tuple[Any, Any]]:
    stock, installed = flask.Flask("tests"), flask.Flask("tests")
    stock.json, installed.json = OwnResponse(stock), OwnResponse(installed)
    Jsonify(installed)
    with stock.app_context():
        yield flask.jsonify(1).headers.get("X-Own"), jsonify(1).headers.get("X-Own")
    with installed.app_context():
        assert flask.jsonify(1).headers["X-Own"] == jsonify(1).headers["X-Own"] == "1"


def response_class() -> Iterator[tuple[Any, Any]]:
    stock, installed = apps()
    with stock.app_context():
        response = jsonify(1)
        assert isinstance(response, JSONResponse)
        assert isinstance(response, stock.response_class)
        yield type(flask.jsonify(1)), type(response)
    with installed.app_context():
        yield stock.response_class, type(flask.jsonify(1))


def request_bodies() -> Iterator[tuple[Any, Any]]:
    def read(app: flask.Flask, body: bytes) -> Any:
        with app.test_request_context(data=body, content_type="application/json"):
            try:
                return repr(flask.request.get_json())
            except (BadRequest, RecursionError) as error:
                return type(error)

    stock, installed = apps()
    bodies = [b"NaN", b"[-Infinity]", b"1e999", rb'"\ud800"', b'"\xed\xa0\x80"', b"[" * 100_000]
    for body in bodies:
        expected, ours = read(stock, body), read(installed, body)
        assert expected is not BadRequest
        assert ours is BadRequest
        yield expected, ours
    others = [b"", b"{", b'"\xff"', b"1" * 5000, b"\xef\xbb\xbf1", "1".encode("utf-16")]
    others += [b'{"a": 1, "a": [2, 1e-7, "\\ud83d\\ude00"]}', b"01", b"\0", b"123456789" * 9]
    for body in others:
        assert read(stock, body) == read(installed, body), body


@dataclasses.dataclass
class CallableRecord:
    id: int = 1

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"called"]


@dataclasses.dataclass
class IteratorRecord:
    id: int = 1

    def __iter__(self) -> Any:
        return iter(["item"])

    def __next__(self) -> Any:
        raise StopIteration


#: What views return. Stock Flask accepts some of them.
RETURNED: dict[str, Callable[[], Any]] = {
    "text": lambda: "text",
    "bytes": lambda: b"bytes",
    "bytearray": lambda: bytearray(b"bytes"),
    "dict": lambda: {"b": 1, "a": [date(2024, 1, 1)]},
    "list": lambda: [1, "é"],
    "status": lambda: ({"a": 1}, 201),
    "headers": lambda: ({"a": 1}, {"X-A": "1"}),
    "both": lambda: ([1], 201, [("X-A", "1")]),
    "status line": lambda: ("text", "201 Made"),
    "response": lambda: flask.Response("text", 202),
    "callable": lambda: lambda environ, start: (start("200 OK", []), [b"x"])[1],
    "generator": lambda: (text for text in "abc"),
    "iterator": lambda: iter(["a", b"b"]),
    "redirect": lambda: flask.redirect("/x"),
    "none": lambda: None,
    "bool": lambda: True,
    "three": lambda: (1, 2, 3, 4),
    "one": lambda: (1,),
    "exception": lambda: BadRequest("bad"),
    "proxy": lambda: flask.session,
    "empty": lambda: ("", 204),
}


def returned_records() -> Iterator[tuple[Any, Any]]:
    stock, installed = apps()
    records = {"callable": CallableRecord, "iterator": IteratorRecord}
    views = RETURNED | {f"record {name}": make for name, make in records.items()}
    for app in (stock, installed):
        for name, make in views.items():
            app.add_url_rule(f"/{name}", name, make)
    for name in views:
        expected, ours = (
            outcome(lambda: app.test_client().get(f"/{name}"))  # noqa: B023
            for app in (stock, installed)
        )
        if name.startswith("record "):
            assert ours[2] == b'{"id":1}\n'
            yield expected, ours
        elif not isinstance(expected, type):
            assert expected == ours, name


def provider_class() -> Iterator[tuple[Any, Any]]:
    stock, installed = apps()
    assert isinstance(installed.json, type(stock.json))
    yield type(stock.json), type(installed.json)


@dataclasses.dataclass
class Record:
    value: Any


#: What differs apart from values.
OTHERS: dict[int, Callable[[], Iterator[tuple[Any, Any]]]] = {
    1: no_arguments,
    10: exceptions,
    11: older_keys,
    12: provider_response,
    13: response_class,
    14: request_bodies,
    15: returned_records,
    16: provider_class,
}


@pytest.mark.parametrize("number", OTHERS)
def test_other_items_of_the_list_differ(number):
    pairs = [*OTHERS[number]()]
    assert pairs
    for expected, ours in pairs:
        assert expected != ours


def test_each_item_of_the_list_has_a_test():
    assert [*range(1, len(NUMBERS) + 1)] == NUMBERS
    values = {*DIFFERENT} | ({3} if orjson is None else set())
    assert sorted(values | {*OTHERS}) == NUMBERS


def test_app_json_dumps_is_stock_in_dataclasses_too():
    stock, installed = apps()
    values = [math.nan, "\ud800", [math.inf], Decimal("NaN"), 1e-7, "é", nested(100)]
    for value in [*values, date(2024, 1, 1), Record(1)]:
        record = {"b": Record(value), "a": value}
        assert stock.json.dumps(record) == installed.json.dumps(record)


def test_sqlalchemy_dataclasses_are_dataclasses():
    orm = pytest.importorskip("sqlalchemy.orm")

    class Base(orm.MappedAsDataclass, orm.DeclarativeBase):
        pass

    namespace = {
        "__tablename__": "user",
        "__annotations__": {"id": orm.Mapped[int]},
        "__module__": __name__,
        "id": orm.mapped_column(primary_key=True),
    }
    user = type("User", (Base,), namespace)(id=1)
    for app in apps():
        with app.app_context():
            assert flask.jsonify(user).data == jsonify(user).data == b'{"id":1}\n'


def test_sessions_and_templates_are_stock():
    stock, installed = apps()
    for app in (stock, installed):
        app.secret_key = "test"
    values = [*CORPUS, math.nan, [math.inf], "\ud800", 1e-7, nested(300)]
    for value in values:
        assert stock.json.dumps(value) == installed.json.dumps(value)
        assert repr(stock.json.loads(stock.json.dumps(value))) == repr(
            installed.json.loads(stock.json.dumps(value))
        )


def test_readme_names_the_number_of_differences():
    words = ["twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"]
    numbers = {str(number): number for number in range(100)} | {
        word: number for number, word in enumerate(words, 12)
    }
    text = " ".join((ROOT / "README.rst").read_text("utf-8").split())
    named = re.findall(r"(\w+) (?:documented |listed )?differences", text)
    assert {numbers.get(word, len(NUMBERS)) for word in named} <= {len(NUMBERS)}


def test_a_replaced_provider_is_reported():
    app = flask.Flask("tests")
    Jsonify(app, dates="iso")
    app.json = DefaultJSONProvider(app)
    with app.app_context(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert jsonify(date(2024, 1, 1)).data == b'"2024-01-01"\n'
    assert "app.json was replaced after Jsonify(app)" in str(caught[0].message)
