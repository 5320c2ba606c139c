"""The keys of objects: the rules of values, and what becomes of keys that collide."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy
import pydantic
import pytest

from jsonify_ext import JSONSettings, RawJSON, encode, use_settings

from .. import samples as s
from ..conftest import flask_app
from ..samples import UTC
from ..values import VALUES
from .conftest import assert_refused, misplaced


class Id(pydantic.RootModel[int], frozen=True):
    pass


#: Keys whose text isn't that of the value.
KEYS: list[tuple[Any, str]] = [
    *((True, "true"), (False, "false"), (None, "null"), (numpy.bool_(True), "true")),
    *((1.5, "1.5"), (1e-07, "1e-07"), (1e16, "1e+16"), (s.Said(s.Said(1)), "1"), ("", "")),
    *((float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")),
    *((numpy.datetime64("NaT", "s"), "null"), (time(1, 2), "01:02:00")),
    *((RawJSON(b'"a"'), "a"), (Id(5), "5")),
    *((date(2024, 2, 29), "2024-02-29"), (numpy.datetime64("2024-02-29"), "2024-02-29")),
    (datetime(2024, 2, 29, 1, tzinfo=UTC), "2024-02-29T01:00:00+00:00"),
]
# The others are the text, or the digits, of the same value.
KEYS += [
    (value, str(json.loads(text)))
    for value, text in VALUES.values()
    if text[0] not in "[{n" and isinstance(value, Hashable)
]


@pytest.mark.parametrize(
    ("key", "text"), KEYS, ids=[f"{type(key).__name__} {t}" for key, t in KEYS]
)
def test_keys_become_strings(place, key, text):
    table = s.Pairs((key, {key: 2**70}))
    text = json.dumps(text, ensure_ascii=False)
    with use_settings(dates="iso"):
        assert misplaced({key: 1, "other": 2}, '{%s:1,"other":2}' % text) == {}
        assert misplaced(table, "{%s:{%s:%d}}" % (text, text, 2**70)) == {}


class Meta(type):
    __name__ = property(lambda cls: "secret")


#: A key, a word of the message, and settings.
OTHER_KEYS: list[tuple[Any, str, dict[str, Any]]] = [
    *((it, "has a key of type", {}) for it in [(1, 2), frozenset(), 1j, s.Image(), int]),
    *(
        (it, "has a key of type", {})
        for it in [s.Colour.RGB, s.Slotted(1), s.Said([1]), s.Said({})]
    ),
    (Meta("Odd", (), {})(), "type Odd", {}),
    *((it, "that has more digits", {}) for it in [10**5000, s.Said(10**5000)]),
    (RawJSON("{", trusted=True), "has a key of type RawJSON", {}),
    *(
        (it, "that contains a lone surrogate", {})
        for it in ["\ud800", s.Text("a\udfff"), s.Said("\ud800")]
    ),
    *(
        (it, "which has no JSON form", {"nan": "error"})
        for it in [float("nan"), float("-inf"), numpy.float64("nan"), Decimal("nan")]
    ),
]


@pytest.mark.parametrize(
    ("key", "word", "settings"), OTHER_KEYS, ids=[type(key).__name__ for key, *_ in OTHER_KEYS]
)
def test_other_keys_are_errors_at_the_object(key, word, settings):
    for value in {key: 1}, {"b": 1, key: 1, 2: 3}, s.Mapped({key: 1}):
        for sort_keys in False, True:
            assert_refused(value, word, sort_keys=sort_keys, **settings)


#: Objects two of whose keys become the same, and the path to them.
TWINS: list[tuple[Any, str]] = [
    *(({1: 0, "1": 0}, '$["1"]'), ({"true": 0, True: 0}, "$.true")),
    ({"null": 0, None: 0}, "$.null"),
    ({"1.5": 0, Decimal("1.5"): 0}, '$["1.5"]'),
    ([{s.Text("a"): 0, s.Colour.RED: 0, "red": 0}], "$[0].red"),
    ({s.Html(): 0, "<b>1</b>": 0}, '$["<b>1</b>"]'),
    ({numpy.int64(1): 0, "1": 0}, '$["1"]'),
    ({s.Said("a"): 0, "a": s.Said(0)}, "$.a"),
    ({s.Said("a"): 0, s.Said("a"): 0}, "$.a"),
    (s.Pairs((1, 0), ("1", 0)), '$["1"]'),
    ({"r": s.Said({1: 0, "1": 0})}, '$.r["1"]'),
    (s.sqlite_row("SELECT 1 AS id, 2 AS id"), "$.id"),
    (s.sqlalchemy_rows("SELECT 1 AS id, 2 AS id"), "$[0].id"),
    ({Fraction(1): 1, Fraction(2): 2}, "$.same"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "path"), TWINS, ids=[path for _, path in TWINS])
def test_keys_that_collide_are_errors_at_the_key(value, path, fields):
    same = {Fraction: lambda key: "same"}
    assert_refused(value, "two keys", path=path, encoders=same, **fields)


@pytest.mark.parametrize("kind", [dict, s.Mapped, s.AttrDict])
def test_keys_are_sorted_by_code_points_of_their_final_string(kind):
    settings = JSONSettings(sort_keys=True)
    value = {"b": 1, 10: 2, 9: 3, "é": 4, "😀": 5, "\uffff": 6, "B": kind({"z": 1, "y": 2})}
    text = '{"10":2,"9":3,"B":{"y":2,"z":1},"b":1,"é":4,"\uffff":6,"😀":5}'
    assert encode(kind(value), settings).decode() == text
    strings = {str(key): item for key, item in value.items()}
    assert encode(kind(strings), settings).decode() == text
    assert encode(kind({**value, "zz": s.Said(0), "za": 2**70}), settings).decode() == (
        text.replace('"é"', f'"za":{2**70},"zz":0,"é"')
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({10: 1, 9: {2.5: 1, -3: 2}}, '{"9":{"-3":2,"2.5":1},"10":1}'),
        ([{10: s.Said({10: 0, 9: 1}), 9: 1}], '[{"9":1,"10":{"9":1,"10":0}}]'),
        ({9: 2, 10: 1, "a": {"b": 1, "B": 2}}, '{"10":1,"9":2,"a":{"B":2,"b":1}}'),
        ({"a": {1: 1, Decimal("NaN"): 2}}, '{"a":{"1":1,"null":2}}'),  # comparing them fails
    ],
)
def test_a_flask_app_sorts_keys_that_python_can_compare_as_flask_does(value, text):
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        assert encode(value).decode() == text
