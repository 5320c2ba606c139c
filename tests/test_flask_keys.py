"""In Flask, objects with keys that are no strings: hooks, paths, and omitted members."""

from __future__ import annotations

import json
from typing import Any

import flask
import pytest

from jsonify_ext import JSONEncodeError, encode, jsonify, use_settings

from .flask_apps import app_with, pair, sent
from .flask_differences import KEYS
from .samples import Said


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
        ({1: {"a": object()}}, '$["1"].a'),
        ({"x": [{1: {"a": [0, object()]}}]}, '$.x[0]["1"].a[1]'),
        ({1: {"a": {"\ud800": 1}}}, '$["1"].a'),
    ],
    ids=str,
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


@pytest.mark.parametrize("names", [("_a", "_b"), ("_a", "b"), ("", "_")])
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
