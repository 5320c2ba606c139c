"""docs/flask.rst lists every difference from stock Flask, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from jsonify_ext import JSONEncodeError, JSONResponse, encode, jsonify, use_settings
from jsonify_ext.optional import orjson

from .flask_apps import app_with, get, outcome, pair, sent
from .flask_differences import (
    CONFIGURATIONS,
    CORPUS,
    DIFFERENT,
    KEYS,
    flask_values,
    has_twins,
    in_lists,
    mixed,
)
from .samples import Alone, CountingDown, Said
from .test_flask_providers import Decorating

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


# Keys that are no strings


@pytest.mark.parametrize("compact", [True, False])
@pytest.mark.parametrize("value", KEYS, ids=repr)
def test_keys_in_what_a_hook_returns_are_written_alike(value, compact):
    app = app_with(compact=compact)
    for around in (lambda it: [it]), (lambda it: {1: it}), (lambda it: {"a": {2: [it]}}):
        with app.app_context():
            try:
                expected = flask.jsonify(around(value)).data
            except TypeError:  # Flask can't sort what Python can't compare
                continue
            assert jsonify(around(Said(value))).data == expected


@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: {"a": {"b": "\ud800"}}}, '$["1"].a.b'),
        ({"x": [{1: {"a": "\ud800"}}]}, '$.x[0]["1"].a'),
        ({1: "\ud800"}, '$["1"]'),
        ({1: ["x", "\ud800"]}, '$["1"][1]'),
        ({1: {2: {3: ["\ud800"]}}}, '$["1"]["2"]["3"][0]'),
        ({"a": {1: [{"b": [0, {2: {"c": "\ud800"}}]}]}}, '$.a["1"][0].b[1]["2"].c'),
        ({10: "\ud800", 9: 1}, '$["10"]'),
        ({1: {"a": object()}}, '$["1"].a'),
        ({"x": [{1: {"a": [0, object()]}}]}, '$.x[0]["1"].a[1]'),
        ({1: {"a": {"\ud800": 1}}}, '$["1"].a'),
    ],
)
def test_paths_lead_through_integer_keys(value, path, pretty):
    plain, installed = pair(compact=not pretty)
    for app, ways in (plain, [jsonify, encode]), (installed, [jsonify, encode, flask.jsonify]):
        with app.app_context():
            for encoding in ways:
                with pytest.raises(JSONEncodeError) as caught:
                    encoding(value)
                assert caught.value.path == path


class Backwards(Said):
    """Sorts in reverse."""

    def __lt__(self, other: Any) -> bool:
        return self.value > other.value


@pytest.mark.parametrize("names", [("_a", "_b"), ("_a", "b"), ("", "_"), ("a", "")])
def test_members_whose_names_begin_with_an_underscore_are_sent(names):
    for app in pair():
        text = sent(app, {1: {Backwards(name): name for name in names}})
        assert json.loads(text) == {"1": {name: name for name in names}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({1: None, 2: 3}, '{"2":3}'),
        ({1: None}, "{}"),
        ({10: 1, 9: {8: None, 7: {6: None}}}, '{"9":{"7":{}},"10":1}'),
        ({1: [None, {2: None}], 3: {"a": None}}, '{"1":[null,{}],"3":{}}'),
        ([{1: None, 2: 3}, {3: float("nan"), 4: 5}], '[{"2":3},{"4":5}]'),
        ({1: Said(None), 2: Said({3: None})}, '{"2":{}}'),
    ],
)
def test_members_under_integer_keys_are_omitted(value, text):
    app = app_with({"omit_none": True})
    assert sent(app, value) == text
    with use_settings(omit_none=False):
        assert sent(app, {1: None, 2: 3}) == '{"1":null,"2":3}'


# Differences apart from values


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
    content = {"b": "é", "a": 1}
    for key, value in {
        "JSON_SORT_KEYS": False,
        "JSON_AS_ASCII": False,
        "JSONIFY_PRETTYPRINT_REGULAR": True,
        "JSONIFY_MIMETYPE": "application/x",
    }.items():
        stock, installed = pair(config={key: value})
        with stock.app_context():
            ours = outcome(lambda: jsonify(content))
            yield outcome(lambda: flask.jsonify(content)), ours
        with installed.app_context():
            assert outcome(lambda: flask.jsonify(content)) == ours


def provider_response() -> Iterator[Pair]:
    stock, installed = pair(provider=Decorating)
    with stock.app_context():
        yield flask.jsonify(1).status, jsonify(1).status
    with installed.app_context():
        assert flask.jsonify(1).status == jsonify(1).status == stock.json.response(1).status


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


class Application:
    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"called"]


def returned_records() -> Iterator[Pair]:
    for record in mixed(Application, Alone, 1), CountingDown(1):
        stock, installed = (get(app).data for app in pair(view=lambda record=record: record))
        assert installed == b'{"a":1}\n'
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
