"""The keys of objects: the rules of values, and what becomes of keys that collide."""

from __future__ import annotations

import ipaddress
from collections import UserDict, UserString
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy
import pydantic
import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import JSONSettings, encode, use_settings
from jsonify_ext.encoders import epoch_millis

from .. import samples as s
from ..conftest import flask_app
from ..samples import UTC, error_of

KEYS: list[tuple[Any, str]] = [
    *(("é", "é"), ("", ""), (s.Text("x"), "x"), (UserString("a"), "a"), (b"a", "a")),
    *((1, "1"), (-(2**70), str(-(2**70))), (s.Whole(5), "5"), (True, "true"), (None, "null")),
    *((1.5, "1.5"), (1e-07, "1e-07"), (1e16, "1e+16"), (s.Real(1.5), "1.5")),
    *((float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")),
    *((s.Named.TEXT, "text"), (s.Named.NUMBER, "7"), (s.Colour.AMOUNT, "1.5")),
    *((s.TextColour.RED, "red"), (s.Level.HIGH, "3"), (s.Ratio.HALF, "0.5"), (s.Bits.B, "2")),
    *((UUID(int=1), str(UUID(int=1))), (Decimal("1.10"), "1.10"), (Fraction(1, 3), "1/3")),
    *((PurePosixPath("a/é"), "a/é"), (ipaddress.ip_address("::1"), "::1")),
    *((date(2024, 2, 29), "2024-02-29"), (time(1, 2), "01:02:00"), (timedelta(days=1), "P1D")),
    (datetime(2024, 2, 29, 1, tzinfo=UTC), "2024-02-29T01:00:00+00:00"),
    *((numpy.uint64(2**64 - 1), str(2**64 - 1)), (numpy.float32(0.1), "0.1")),
    *((numpy.bool_(True), "true"), (numpy.str_("a"), "a")),
    *((numpy.datetime64("2024-02-29"), "2024-02-29"), (numpy.datetime64("NaT", "s"), "null")),
    *((pydantic.HttpUrl("http://a.b"), "http://a.b/"), (pydantic.SecretStr("x"), "**********")),
    *((s.Html(), "<b>1</b>"), (s.Said(1), "1"), (s.Said(s.Said(Decimal("1.10"))), "1.10")),
    (LocalProxy(lambda: UUID(int=1)), str(UUID(int=1))),
]


@pytest.mark.parametrize(
    ("key", "text"), KEYS, ids=[f"{type(key).__name__} {t}" for key, t in KEYS]
)
def test_keys_become_strings(place, key, text):
    with use_settings(dates="iso"):
        assert encode({key: 1, "other": 2}).decode() == '{"%s":1,"other":2}' % text
        assert encode({key: [{key: 1}]}).decode() == '{"%s":[{"%s":1}]}' % (text, text)
        assert encode(UserDict({key: 1})).decode() == '{"%s":1}' % text
        assert encode([s.Said({key: 2**70})]).decode() == '[{"%s":%d}]' % (text, 2**70)
        assert encode(s.Slotted({key: 1})).decode() == '{"a":{"%s":1},"b":null}' % text


def test_an_encoder_serves_keys_and_values():
    encoders = {
        s.Colour: lambda member: member.name,
        datetime: epoch_millis,
        s.Text: str.upper,
        UUID: lambda value: value.int,
        s.Image: lambda image: None,
    }
    moment = datetime(1970, 1, 2)
    value = {s.Colour.RED: s.Colour.RED, moment: moment, s.Text("a"): s.Text("a"), UUID(int=5): 1}
    text = '{"RED":"RED","86400000":86400000,"A":"A","5":1,"null":null}'
    assert encode(value | {s.Image(): s.Image()}, JSONSettings(encoders=encoders)).decode() == text


def test_default_serves_keys_as_the_last_resort():
    settings = JSONSettings(default=lambda value: f"default {value.name}")
    value = {s.Image("a"): 1, UUID(int=1): s.Image("b")}
    text = '{"default a":1,"00000000-0000-0000-0000-000000000001":"default b"}'
    assert encode(value, settings).decode() == text


OTHER_KEYS = [
    *((1, 2), frozenset(), 1j, s.Image(), int, s.Colour.RGB, s.Slotted(1)),
    *(s.Said([1]), s.Said({})),
]


@pytest.mark.parametrize("key", OTHER_KEYS, ids=lambda key: type(key).__name__)
def test_other_keys_are_errors_at_the_object(key):
    for sort_keys in False, True:
        error = error_of({"a": [{"b": 1, key: 1}]}, sort_keys=sort_keys)
        assert error.path == "$.a[0]"
        assert "key" in str(error)


def test_an_error_about_a_key_has_the_real_name_of_its_class():
    class Meta(type):
        __name__ = property(lambda cls: "secret")

    class Odd(metaclass=Meta):
        pass

    error = error_of({Odd(): 1})
    assert "Odd" in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: 0, "1": 0}, '$["1"]'),
        ({"a": {"true": 0, True: 0}}, "$.a.true"),
        ({"null": 0, None: 0}, "$.null"),
        ({"1.5": 0, Decimal("1.5"): 0}, '$["1.5"]'),
        ([{s.Text("a"): 0, s.Named.TEXT: 0, "text": 0}], "$[0].text"),
        ({s.Html(): 0, "<b>1</b>": 0}, '$["<b>1</b>"]'),
        ({numpy.int64(1): 0, "1": 0}, '$["1"]'),
        ({s.Said("a"): 0, "a": s.Said(0)}, "$.a"),
        ({s.Said("a"): 0, s.Said("a"): 0}, "$.a"),
        (s.Pairs((1, 0), ("1", 0)), '$["1"]'),
        ({"r": s.Said({1: 0, "1": 0})}, '$.r["1"]'),
        (s.sqlite_row("SELECT 1 AS id, 2 AS id"), "$.id"),
        ([s.sqlite_row("SELECT 1 AS a, 2 AS a")], "$[0].a"),
        (s.sqlalchemy_rows("SELECT 1 AS id, 2 AS id"), "$[0].id"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_keys_that_collide_are_errors_at_the_key(value, path, fields):
    error = error_of(value, **fields)
    assert error.path == path
    assert "key" in str(error)
    assert error_of([2**70, value], **fields).path == path.replace("$", "$[1]", 1)


def test_keys_that_only_an_encoder_makes_the_same_collide():
    same = {s.Colour: lambda member: "same"}
    error = error_of({"a": {s.Colour.RED: 1, s.Colour.AMOUNT: 2}}, encoders=same)
    assert error.path == "$.a.same"


def test_nan_as_a_key_is_an_error_where_nan_is():
    for key in float("nan"), float("-inf"), numpy.float64("nan"):
        error = error_of({"a": {key: 1}}, nan="error")
        assert error.path == "$.a"
        assert "key" in str(error)


def test_lone_surrogates_in_keys_are_errors_at_the_object():
    for key in "\ud800", s.Text("a\udfff"), s.Said("\ud800"):
        for value in {key: 1}, {key: 1, 2: 3}, s.Mapped({key: 1}):
            error = error_of([{"a": value}])
            assert error.path == "$[0].a"
            assert "surrogate" in str(error)


def test_keys_too_long_to_print_are_errors_at_the_object():
    assert error_of({"a": {10**5000: 1}}).path == "$.a"


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


def test_a_flask_app_sorts_keys_that_python_can_compare_as_flask_does():
    app = flask_app()
    app.json.sort_keys = True
    numbers = {10: 1, 9: {2.5: 1, -3: 2}}
    with app.app_context():
        assert encode(numbers) == b'{"9":{"-3":2,"2.5":1},"10":1}'
        assert encode([{10: s.Said({10: 0, 9: 1}), 9: 1}]) == b'[{"9":1,"10":{"9":1,"10":0}}]'
        assert encode({10: 1, 9: 2, "a": {"b": 1, "B": 2}}) == (
            b'{"10":1,"9":2,"a":{"B":2,"b":1}}'
        )


def test_keys_whose_comparison_fails_are_sorted_as_text():
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        assert encode({"a": {1: 1, Decimal("NaN"): 2}}) == b'{"a":{"1":1,"null":2}}'


def test_members_are_omitted_under_keys_of_any_type():
    for value, text in [
        ({1: None, 2: 3}, '{"2":3}'),
        ({None: 1, "a": None}, '{"null":1}'),
        ({s.Colour.RED: float("nan"), UUID(int=1): None}, "{}"),
        ({date(2024, 2, 29): s.Said(None), time(1): [None]}, '{"01:00:00":[null]}'),
    ]:
        assert encode([value], JSONSettings(omit_none=True)).decode() == f"[{text}]"
