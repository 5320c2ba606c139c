"""docs/flask.rst lists every difference from stock Flask, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.json.provider import DefaultJSONProvider
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from jsonify_ext import JSONEncodeError, JSONResponse, jsonify
from jsonify_ext.optional import orjson

from .flask_apps import get, outcome, pair, sent
from .flask_differences import CONFIGURATIONS, CORPUS, DIFFERENT, flask_values, has_twins, in_lists

ROOT = Path(__file__).parents[1]
_, _, LIST = (ROOT / "docs" / "flask.rst").read_text("utf-8").partition(".. _flask-differences:")
NUMBERS = [int(number) for number in re.findall(r"^(\d+)\. +\*\*", LIST, re.M)]

Pair = tuple[Any, Any]


def differences(value: Any, configuration: dict[str, Any]) -> dict[str, Pair]:
    """What stock Flask sends and this package sends otherwise, by the place."""
    stock, installed = pair(**configuration)
    with stock.app_context():
        expected = outcome(lambda: flask.jsonify(value))
        text = outcome(lambda: stock.json.dumps(value))
        found = {"jsonify_ext.jsonify": (expected, outcome(lambda: jsonify(value)))}
    with installed.app_context():
        found["jsonify_ext.jsonify, installed"] = expected, outcome(lambda: jsonify(value))
        found["flask.jsonify"] = expected, outcome(lambda: flask.jsonify(value))
        if isinstance(value, (dict, list)):
            found["a view"] = expected, outcome(lambda: installed.make_response(value))
        found["app.json.dumps"] = text, outcome(lambda: installed.json.dumps(value))
    # More values may be sent: Flask can't sort keys that Python can't compare.
    return {
        place: each
        for place, each in found.items()
        if not isinstance(each[0], type) and each[0] != each[1]
    }


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=str)
def test_no_value_of_the_corpus_differs(configuration):
    for value in CORPUS:
        assert differences(value, configuration) == {}


CASES = [
    pytest.param(*case, id=f"{number}-{index}")
    for number, cases in DIFFERENT.items()
    for index, case in enumerate(cases)
]


@pytest.mark.parametrize(("value", "text"), CASES)
def test_values_on_the_list_differ_as_it_says(value, text):
    places: set[str] = set()
    for configuration in CONFIGURATIONS:
        places |= differences(value, configuration).keys()
    assert {"jsonify_ext.jsonify", "jsonify_ext.jsonify, installed", "flask.jsonify"} <= places
    for app in pair():
        if text is not None:
            assert sent(app, value) == text
        else:
            with pytest.raises(JSONEncodeError):
                sent(app, value)


def explained(value: Any) -> bool:
    """Whether an item of the list is about a value or a part of it."""
    if has_twins(value) or any(value is each for cases in DIFFERENT.values() for each, _ in cases):
        return True
    if isinstance(value, dict):
        return any(map(explained, [*value, *value.values()]))
    return isinstance(value, (list, tuple)) and any(map(explained, value))


listed = [value for number, cases in DIFFERENT.items() if number != 5 for value, _ in cases]
odd_values = st.recursive(
    flask_values | st.sampled_from(listed),
    lambda items: st.lists(items) | st.dictionaries(st.sampled_from(["a", "b", 1]), items),
    max_leaves=8,
)
configurations = st.fixed_dictionaries(
    dict.fromkeys(["sort_keys", "ensure_ascii", "compact", "debug"], st.booleans())
)


@settings(max_examples=1000)
@given(flask_values | odd_values, configurations)
def test_no_value_differs_that_is_not_on_the_list(value, configuration):
    if differences(value, configuration):
        assert explained(value)


def no_arguments() -> Iterator[Pair]:
    stock, installed = pair()
    with stock.app_context():
        expected = flask.jsonify().data
        assert jsonify().data == b"{}\n"
        yield expected, jsonify().data
    with installed.app_context():
        yield expected, flask.jsonify().data


DEEP = in_lists(100_000)


def exceptions() -> Iterator[Pair]:
    stock, installed = pair()
    circle: list[Any] = []
    circle.append(circle)
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    for value, error in (circle, ValueError), (early, OverflowError), (DEEP, RecursionError):
        with stock.app_context():
            expected = outcome(lambda value=value: flask.jsonify(value))
        assert issubclass(expected, error)
        for app in (stock, installed):
            yield expected, outcome(lambda app=app, value=value: sent(app, value))


def older_keys() -> Iterator[Pair]:
    for key, value in {
        "JSON_SORT_KEYS": False,
        "JSON_AS_ASCII": False,
        "JSONIFY_PRETTYPRINT_REGULAR": True,
        "JSONIFY_MIMETYPE": "application/x",
    }.items():
        stock, installed = pair(config={key: value})
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


def provider_response() -> Iterator[Pair]:
    stock, installed = pair(provider=OwnResponse)
    with stock.app_context():
        yield flask.jsonify(1).headers.get("X-Own"), jsonify(1).headers.get("X-Own")
    with installed.app_context():
        assert flask.jsonify(1).headers["X-Own"] == jsonify(1).headers["X-Own"] == "1"


def response_class() -> Iterator[Pair]:
    for app in pair():
        with app.app_context():
            assert isinstance(jsonify(1), JSONResponse)
            assert isinstance(jsonify(1), app.response_class)
            yield app.response_class, type(jsonify(1))
    with app.app_context():
        yield app.response_class, type(flask.jsonify(1))


def request_bodies() -> Iterator[Pair]:
    def read(app: flask.Flask, body: bytes) -> Any:
        with app.test_request_context(data=body, content_type="application/json"):
            return outcome(lambda: repr(flask.request.get_json()))

    stock, installed = pair()
    for body in b"NaN", b"[-Infinity]", b"1e999", rb'"\ud800"', b'"\xed\xa0\x80"', b"[" * 100_000:
        assert read(installed, body) is BadRequest
        yield read(stock, body), BadRequest
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


def returned_records() -> Iterator[Pair]:
    for record in (CallableRecord, IteratorRecord):
        stock, installed = (get(app).data for app in pair(view=record))
        assert installed == b'{"id":1}\n'
        yield stock, installed


def provider_class() -> Iterator[Pair]:
    stock, installed = pair()
    assert isinstance(installed.json, type(stock.json))
    yield type(stock.json), type(installed.json)


#: What differs apart from values: pairs of what stock Flask does, and this package.
OTHERS = {
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
    assert {sent(app, user) for app in pair()} == {'{"id":1}'}


def test_readme_names_the_number_of_differences():
    word = {14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen"}[len(NUMBERS)]
    assert f"{word} differences" in (ROOT / "README.rst").read_text("utf-8")
