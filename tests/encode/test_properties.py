"""Properties that hold for all values, looked for with random ones."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict, UserList, deque
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode

from .. import samples as s
from ..samples import Image
from ..strategies import library_values
from .test_settings_matrix import FORMS, oracle

texts = st.text(max_size=8) | st.text('\\xXuU0\x7f\x1e\xe9\u0448\U0001f600"', max_size=8)
plain_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)


def plain_containers(items: Any) -> Any:
    return st.lists(items, max_size=4) | st.dictionaries(texts, items, max_size=4)


plain = st.recursive(plain_leaves, plain_containers, max_leaves=30)
forms = st.sampled_from(FORMS)
others = st.fixed_dictionaries(
    {
        "dates": st.sampled_from(["iso", "utc", "http"]),
        "nan": st.sampled_from(["null", "error"]),
        "default": st.sampled_from([None, str]),
        "encoders": st.sampled_from([{}, {Image: str}, {object: str}, {Decimal: float}]),
    }
)


@settings(max_examples=60)
@given(plain, others)
@example({"\x7f": "\x7f"}, {})
@example([1e16, 1e-5, 5e-324, 2**53, 2**64], {})
def test_plain_values_read_back_the_same(value, other):
    for form in {}, {"pretty": True, "ensure_ascii": True}, {"sort_keys": True}:
        assert json.loads(encode(value, JSONSettings(**form, **other))) == value


@settings(max_examples=100)
@given(texts | st.text())
@example(r"\U0001f600 \xe9 é 😀")
@example("é" * 300 + "\x7f\\u00e9")
def test_escapes_are_those_of_the_standard_library(text):
    body = encode({text: [text, s.Html()]}, JSONSettings(ensure_ascii=True))
    expected = json.dumps({text: [text, "<b>1</b>"]}, separators=(",", ":"))
    assert body.decode() == expected.replace("\x7f", "\\u007f")


known = st.sampled_from(
    [
        s.Image("image"),
        s.Html(),
        s.Said(None),
        s.Said({"b": [1, s.Html()], "a": None}),
        s.Simple(),
        s.Colour.TABLE,
        s.Level.HIGH,
        s.TextColour.RED,
        s.Base(Decimal(1)),
        s.Slotted(s.Image("in slots")),
        s.Attrs({1: 2}),
        s.Model(userId=2**60, at=s.SEVEN),
        s.Loose(avatar=s.Image("in a model")),
        s.Account(),
        s.Struct(1, inner=s.Image("in a struct")),
        s.Tagged(2**60),
        s.AttrDict(items=1, keys=None),
        RawJSON('{"b":null,"a":[1.10,"é",9007199254740993]}'),
        float("nan"),
        b"bytes",
        s.Text("é"),
        s.Whole(2**60),
        s.Real(0.5),
    ]
)
made_of_library_values = st.one_of(*library_values)
keys = (
    texts
    | st.sampled_from([s.Colour.RED, s.Level.HIGH, s.Image("key"), None, True, 2**60])
    | st.integers(10, 12)
    | st.uuids()
    | st.dates()
)
leaves = plain_leaves | known | made_of_library_values
hashable = st.none() | st.integers() | texts | st.uuids() | st.decimals(allow_nan=False)


def containers(items: Any) -> Any:
    lists = st.lists(items, max_size=4)
    tables = st.dictionaries(texts, items, max_size=4)
    return (
        lists
        | lists.map(tuple)
        | lists.map(deque)
        | lists.map(UserList)
        | lists.map(lambda items: s.Items(*items))
        | tables
        | tables.map(OrderedDict)
        | tables.map(UserDict)
        | st.dictionaries(keys, items, max_size=3)
        | st.sets(hashable, max_size=1)
        | items.map(s.Alone)
        | items.map(s.Said)
        | st.builds(s.Slotted, items, items)
        | st.builds(s.Point, items, items)
        | st.builds(s.Attrs, items)
    )


values = st.recursive(leaves, containers, max_leaves=20)
IMAGES = {
    "encoders": {Image: lambda image: [Decimal(1), image.name] if image.name != "key" else "k"}
}


def outcome(value: Any, **fields: Any) -> Any:
    """The bytes, or the path and type of the error."""
    try:
        return encode(value, JSONSettings(**IMAGES, **fields))
    except JSONEncodeError as error:
        return error.path, error.type_name


BESIDE = [
    (2**70, str(2**70)),
    (s.Html(), '"<b>1</b>"'),
    (s.Said([s.Said(1)]), "[1]"),
    ({1: 2}, '{"1":2}'),
    ({1}, "[1]"),
    (s.Loose(), '{"theAvatar":null}'),
    (s.Colour.RED, '"red"'),
    (1, "1"),
]


@settings(max_examples=150)
@given(
    values,
    st.sampled_from(BESIDE),
    st.sampled_from([{}, {"sort_keys": True}, {"ensure_ascii": True}]),
)
def test_the_bytes_of_a_value_do_not_depend_on_others(value, beside, fields):
    other, text = beside
    alone = outcome([value], **fields)
    together = outcome([value, other], **fields)
    first = outcome({"v": value, "w": other}, **fields)
    if isinstance(alone, tuple):
        assert together == alone
        assert first == (alone[0].replace("$[0]", "$.v", 1), alone[1])
    else:
        assert together == alone[:-1] + b"," + text.encode() + b"]"
        assert first == b'{"v":%s,"w":%s}' % (alone[1:-1], text.encode())


@settings(max_examples=150)
@given(values, forms, st.sampled_from(["iso", "utc", "http"]))
@example({"a": {"a": None, "é": None}, "A": 2**53}, FORMS[-1], "iso")
def test_values_with_hooks_do_what_the_oracle_does(value, form, dates):
    plainly = outcome(value, dates=dates)
    if isinstance(plainly, tuple):
        if not form["omit_none"]:
            assert outcome(value, dates=dates, **form) == plainly
        return
    expected = oracle(value, {**form, "dates": dates, **IMAGES})
    assert outcome(value, dates=dates, **form).decode() == expected


@settings(max_examples=100)
@given(values)
def test_what_is_sent_is_json(value):
    body = outcome(value)
    if isinstance(body, bytes):
        json.loads(body.decode("utf-8"), parse_constant=pytest.fail)
    else:
        path, name = body
        assert path.startswith("$")
        assert name
