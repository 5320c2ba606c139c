"""In Flask, objects with keys that are no strings: the order, the indentation, and the paths."""

from __future__ import annotations

import json
from typing import Any

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonify_ext import JSONEncodeError, encode, jsonify, use_settings
from jsonify_ext.flask import Jsonify

from .samples import Said
from .test_flask import has_twins


def apps(**attributes: Any) -> list[flask.Flask]:
    """The same app without and with the extension."""
    made = [flask.Flask("tests"), flask.Flask("tests")]
    for app in made:
        for name, value in attributes.items():
            setattr(app.json, name, value)
    Jsonify(made[1])
    return made


NESTED: list[Any] = [
    {1: {2: {3: [{4: 5}]}}},
    {"a": [{1: {2: None}}]},
    [{1: []}, {2: {}}, {3: ()}],
    {10: {"b": {9: 1, 10: 2}, "a": [[{10: [], 9: {}}]]}, 9: "\n"},
    {1: {"a": {2: {"b": {3: "x"}}}}},
    {1: [{"b": 1, "a": {2: {"d": 1, "c": [3]}}}]},
    {True: {False: {1.5: 2}}},
    {"a": {"b": {"c": {1: {"d": {2: [{3: {"e": {}}}]}}}}}},
    [[[{1: [[{2: [[]]}]]}]]],
]


@pytest.mark.parametrize("attributes", [{"compact": False}, {}, {"sort_keys": False}], ids=str)
@pytest.mark.parametrize("value", NESTED, ids=repr)
def test_integer_keys_at_any_depth_are_written_as_stock_flask_writes_them(value, attributes):
    for changes in attributes, {**attributes, "compact": False, "ensure_ascii": False}:
        for app in apps(**changes):
            with app.app_context():
                stock = flask.json.provider.DefaultJSONProvider(app)
                for name, each in changes.items():
                    setattr(stock, name, each)
                expected = stock.response(value).data
                assert flask.jsonify(value).data == jsonify(value).data == expected


@pytest.mark.parametrize("value", NESTED, ids=repr)
def test_integer_keys_in_what_a_hook_returns_are_indented_alike(value):
    for compact in True, False:
        app = flask.Flask("tests")
        app.json.compact = compact
        with app.app_context():
            for around in (lambda it: [it]), (lambda it: {1: it}), (lambda it: {"a": {2: [it]}}):
                assert jsonify(around(Said(value))).data == flask.jsonify(around(value)).data


keys = st.integers() | st.booleans() | st.floats(1e-3, 1e9) | st.none() | st.text(max_size=2)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "é", "\n", "}\n]", 0.5]),
    lambda items: (
        st.lists(items, max_size=4)
        | st.lists(items, max_size=3).map(tuple)
        | st.dictionaries(st.integers(-20, 20), items, max_size=4)
        | st.dictionaries(st.sampled_from("abc"), items, max_size=3)
        | st.dictionaries(keys, items, max_size=3)
    ),
    max_leaves=25,
)


@settings(max_examples=600)
@given(trees, st.booleans(), st.booleans(), st.booleans())
def test_keys_of_any_type_are_written_as_stock_flask_writes_them(value, compact, sort, beside):
    for app in apps(compact=compact, sort_keys=sort):
        with app.app_context():
            stock = flask.json.provider.DefaultJSONProvider(app)
            stock.compact, stock.sort_keys = compact, sort
            whole = [value, 2**70] if beside else value
            try:
                expected = stock.response(whole).data
            except TypeError:  # Flask can't sort what Python can't compare
                return
            if has_twins(whole):
                return
            assert jsonify(whole).data == flask.jsonify(whole).data == expected


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
        ({1: {"a": object()}}, '$["1"].a'),
        ({"x": [{1: {"a": [0, object()]}}]}, '$.x[0]["1"].a[1]'),
        ({1: {"a": {"\ud800": 1}}}, '$["1"].a'),
    ],
    ids=str,
)
def test_paths_lead_through_integer_keys(value, path, pretty):
    plain, installed = apps(compact=not pretty)
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


def test_members_whose_names_begin_with_an_underscore_are_sent():
    for app in apps():
        with app.app_context():
            for names in ("_a", "_b"), ("_a", "b"), ("", "_"):
                value = {Backwards(name): name for name in names}
                assert json.loads(jsonify({1: value}).data) == {
                    "1": {name: name for name in names}
                }


def test_members_under_integer_keys_are_omitted():
    app = flask.Flask("tests")
    Jsonify(app, omit_none=True)
    for value, text in [
        ({1: None, 2: 3}, '{"2":3}'),
        ({1: None}, "{}"),
        ({10: 1, 9: {8: None, 7: {6: None}}}, '{"9":{"7":{}},"10":1}'),
        ({1: [None, {2: None}], 3: {"a": None}}, '{"1":[null,{}],"3":{}}'),
        ([{1: None, 2: 3}, {3: float("nan"), 4: 5}], '[{"2":3},{"4":5}]'),
        ({1: Said(None), 2: Said({3: None})}, '{"2":{}}'),
    ]:
        with app.app_context():
            assert flask.jsonify(value).get_data(as_text=True) == text + "\n"
            assert jsonify(value).get_data(as_text=True) == text + "\n"
            with use_settings(omit_none=False):
                assert b"null" in jsonify({1: None, 2: 3}).data
