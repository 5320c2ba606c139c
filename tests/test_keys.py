"""The keys of objects."""

from __future__ import annotations

from collections import UserDict
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode, use_settings

from .test_types import Level, Text, TextColour, Whole, sqlite_row


class Named(Enum):
    TEXT = "text"
    NUMBER = 7


KEYS: list[tuple[Any, str]] = [
    ("é", "é"),
    ("", ""),
    (Text("x"), "x"),
    (1, "1"),
    (-(2**70), str(-(2**70))),
    (Whole(5), "5"),
    (1.5, "1.5"),
    (1e-07, "1e-07"),
    (float("nan"), "NaN"),
    (float("inf"), "Infinity"),
    (float("-inf"), "-Infinity"),
    (True, "true"),
    (False, "false"),
    (None, "null"),
    (Named.TEXT, "text"),
    (Named.NUMBER, "7"),
    (TextColour.RED, "red"),
    (Level.HIGH, "3"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Decimal("1.10"), "1.10"),
    (date(2024, 2, 29), "2024-02-29"),
    (datetime(2024, 2, 29, 1, tzinfo=timezone.utc), "2024-02-29T01:00:00+00:00"),
]


@pytest.mark.parametrize(("key", "text"), KEYS, ids=lambda value: repr(value)[:30])
def test_keys_become_strings(place, key, text):
    with use_settings(dates="iso"):
        assert encode({key: [{key: 1}]}).decode() == '{"%s":[{"%s":1}]}' % (text, text)
        assert encode(UserDict({key: 1})).decode() == '{"%s":1}' % text


def test_keys_of_mixed_types(place):
    assert encode({1: 2, "a": 3, None: 4}) == b'{"1":2,"a":3,"null":4}'


def test_dates_are_keys_by_the_setting(place):
    with use_settings(dates="http"):
        assert encode({date(2024, 2, 29): 1}) == b'{"Thu, 29 Feb 2024 00:00:00 GMT":1}'


@pytest.mark.parametrize("key", [(1, 2), b"a", frozenset(), object(), int, 1j])
def test_other_keys_are_an_error_at_the_object(place, key):
    with pytest.raises(JSONEncodeError, match="key of type") as caught:
        encode({"a": [{key: 1}]})
    assert caught.value.path == "$.a[0]"
    assert caught.value.type_name == "dict"


def test_an_error_names_the_class_of_a_key_whatever_that_says(place):
    class Meta(type):
        __name__ = property(lambda cls: "secret")

    class Odd(metaclass=Meta):
        pass

    with pytest.raises(JSONEncodeError, match="key of type Odd;"):
        encode({Odd(): 1})
    with pytest.raises(JSONEncodeError, match="the encoder for Odd raised"):
        encode(Odd(), JSONSettings(encoders={Odd: int}))


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1: 0, "1": 0}, '$["1"]'),
        ({"a": {"true": 0, True: 0}}, "$.a.true"),
        ({"null": 0, None: 0}, "$.null"),
        ({"1.5": 0, Decimal("1.5"): 0}, '$["1.5"]'),
        ({Text("a"): 0, Named.TEXT: 0, "text": 0}, "$.text"),
        (sqlite_row("SELECT 1 AS id, 2 AS id"), "$.id"),
    ],
)
@pytest.mark.parametrize("sort_keys", [False, True])
def test_keys_that_collide_are_an_error_at_the_key(place, value, path, sort_keys):
    with use_settings(sort_keys=sort_keys), pytest.raises(JSONEncodeError, match="lost") as caught:
        encode(value)
    assert caught.value.path == path


def test_nan_as_a_key_is_an_error_where_nan_is(place):
    with use_settings(nan="error"), pytest.raises(JSONEncodeError, match="NaN") as caught:
        encode({"a": {float("nan"): 1}})
    assert caught.value.path == "$.a"


def test_a_lone_surrogate_in_a_key_is_an_error_at_the_object(place):
    for key in ("\ud800", Text("a\udfff")):
        with pytest.raises(JSONEncodeError, match="surrogate") as caught:
            encode([{"a": {key: 1}}])
        assert caught.value.path == "$[0].a"


def test_keys_are_sorted_by_code_points_of_their_final_string():
    settings = JSONSettings(sort_keys=True)
    value = {"b": 1, 10: 2, 9: 3, "é": 4, "😀": 5, "\uffff": 6, "B": {"z": 1, "y": 2}}
    text = '{"10":2,"9":3,"B":{"y":2,"z":1},"b":1,"é":4,"\uffff":6,"😀":5}'
    assert encode(value, settings).decode() == text
    strings = {str(key): item for key, item in value.items()}
    assert encode(strings, settings).decode() == text
