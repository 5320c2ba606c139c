"""Both engines and the careful walk agree, over every type, setting and nesting."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import re
from collections import OrderedDict, UserDict, deque
from datetime import timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON
from jsonify_ext.decode import loads
from jsonify_ext.encode.engines import JSONEngine, OrjsonEngine
from jsonify_ext.encode.plan import Plan, plan_for
from jsonify_ext.encode.text import escape_non_ascii, write_text
from jsonify_ext.encoders import base64_text, decimal_number

from .test_errors import Image
from .test_types import (
    Attrs,
    Base,
    Colour,
    Flags,
    Html,
    Level,
    Listed,
    Mapped,
    Model,
    Point,
    Real,
    Simple,
    Slotted,
    Speaking,
    SpeakingDict,
    Struct,
    Tagged,
    Text,
    TextColour,
    Whole,
    sqlalchemy_rows,
    sqlite_row,
)

WITH_ORJSON = not os.environ.get("HIDE_ORJSON")


@dataclasses.dataclass
class Lazily:
    """Stands for an iterator, which could be used by one engine only."""

    items: list[Any]


zones = st.one_of(
    st.none(),
    st.just(timezone.utc),
    st.sampled_from([ZoneInfo("Europe/Amsterdam"), ZoneInfo("Africa/Monrovia")]),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)
library_values = (
    st.decimals(),
    st.uuids(),
    st.datetimes(timezones=zones),
    st.times(timezones=zones),
    st.dates(),
    st.timedeltas(),
)
texts = st.one_of(st.text(max_size=8), st.text("\ud800\udfffaé", max_size=3))
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    texts,
    texts.map(Text),
    st.integers().map(Whole),
    st.floats().map(Real),
    *library_values,
    st.fractions().filter(lambda value: value < 10**9),
    st.binary(max_size=4),
    st.binary(max_size=4).map(bytearray),
    st.ip_addresses(),
    st.sampled_from(
        [
            *Colour,
            *TextColour,
            *Level,
            *Flags,
            PurePosixPath("a/é"),
            ipaddress.ip_network("10.0.0.0/8"),
            Fraction(1, 3),
            re.compile("a"),
            Html(),
            Speaking(),
            Simple(),
            Image(),
            sqlite_row(),
            *sqlalchemy_rows(),
            Base(1),
            Attrs(1),
            Struct(1, at=None),
            Tagged([1]),
            Model(userId=1, at="2024-02-29T07:08:09Z"),
            RawJSON(b'{"b": [1.10, "\\u00e9"], "a": 12345678901234567890}'),
            RawJSON("[1e5, NaN]"),
            decimal_number(Decimal("1.10")),
            np.float32(0.1),
            np.float64("nan"),
            np.arange(4).reshape(2, 2).T,
            np.array(["a", "é"]),
            np.array([0.1, float("inf")], "f4"),
            np.array("2024-02-29T07:08:09.5", "M8[ms]"),
            {"plain": [1, {"deep": ()}]}.items(),
            range(3),
        ]
    ),
)
keys = st.one_of(
    texts,
    texts.map(Text),
    st.integers(-3, 3),
    st.floats(),
    st.booleans(),
    st.none(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=zones),
    st.decimals(allow_nan=False),
    st.sampled_from([*Colour, *Level, (1, 2), b"a"]),
)
hashable = st.one_of(
    st.none(), st.integers(), st.text(max_size=3), st.uuids(), st.decimals(allow_nan=False)
)


def containers(items: Any) -> Any:
    lists = st.lists(items, max_size=4)
    plain = st.dictionaries(st.text(max_size=4), items, max_size=4)
    return st.one_of(
        lists,
        lists.map(tuple),
        lists.map(Listed),
        lists.map(deque),
        lists.map(Lazily),
        plain,
        plain.map(OrderedDict),
        plain.map(SpeakingDict),
        plain.map(lambda table: Mapped(table)),
        plain.map(lambda table: table.values()),
        st.dictionaries(keys, items, max_size=3),
        st.sets(hashable, max_size=4),
        st.frozensets(st.frozensets(hashable, max_size=2), max_size=2),
        st.builds(Slotted, items, items),
        st.builds(Point, items, items),
        st.builds(Attrs, items),
    )


values = st.recursive(leaves, containers, max_leaves=20)


def default(value: Any) -> Any:
    if isinstance(value, (Image, Fraction)):
        return {"default": type(value).__name__}
    raise TypeError


all_settings = st.builds(
    JSONSettings,
    sort_keys=st.booleans(),
    pretty=st.booleans(),
    ensure_ascii=st.booleans(),
    dates=st.sampled_from(["iso", "http"]),
    nan=st.sampled_from(["null", "error"]),
    default=st.sampled_from([None, default]),
    encoders=st.sampled_from(
        [
            {},
            {Decimal: decimal_number},
            {bytes: base64_text, bytearray: base64_text},
            {Image: lambda image: [Decimal(1), Colour.RED]},
            {type(Colour.RED): lambda colour: colour.name, Text: str.upper},
            {Base: lambda base: {"base": base.id}, Point: lambda point: {"x": point.x}},
        ]
    ),
)


def thaw(value: Any) -> Any:
    """The value again, with iterators that nobody has used."""
    if type(value) is Lazily:
        return iter([thaw(item) for item in value.items])
    if type(value) in (list, tuple, Listed, deque):
        return type(value)([thaw(item) for item in value])
    if type(value) in (dict, OrderedDict, SpeakingDict):
        return type(value)((key, thaw(item)) for key, item in value.items())
    if type(value) is Mapped:
        return Mapped({key: thaw(item) for key, item in value.items()})
    if type(value) in (Slotted, Attrs):
        parts = [thaw(getattr(value, name)) for name in value.__slots__ if name in "a b _b"]
        return type(value)(*parts)
    return value


def plan_with(engine: str, settings: JSONSettings) -> Plan:
    plan = Plan(settings)
    if engine == "json":
        plan.use(JSONEngine(settings))
    return plan


def outcome(function: Any) -> Any:
    try:
        return function()
    except JSONEncodeError as error:
        return error.path, error.type_name


def parsed(text: bytes) -> Any:
    """The value of JSON, numbers as they are spelled but for their zeros, keys in order."""
    return json.loads(
        text,
        parse_float=lambda number: Decimal(number).normalize(),
        parse_constant=pytest.fail,
        object_pairs_hook=lambda pairs: ("object", pairs),
    )


@settings(max_examples=1500)
@given(values, all_settings)
@example({"a": timezone.utc}, JSONSettings())
@example([Decimal(1), {1: 2}], JSONSettings(pretty=True))
@example([2**64, decimal_number(Decimal("1e400"))], JSONSettings(sort_keys=True))
@example([2**64, RawJSON(b"[1]")], JSONSettings())
def test_engines_and_walk_agree(value, chosen):
    first = outcome(lambda: plan_with("best", chosen).encode(thaw(value)))
    second = outcome(lambda: plan_with("json", chosen).encode(thaw(value)))
    walked = outcome(
        lambda: write_text(plan_with("json", chosen).walk(thaw(value)), pretty=chosen.pretty)
    )
    if isinstance(first, tuple):
        assert first == second == walked
        return
    assert parsed(first) == parsed(second) == parsed(walked)
    if chosen.ensure_ascii:
        assert first.isascii()
        assert second.isascii()
    if chosen.pretty and b"RawJSON" not in repr(value).encode():
        assert first.count(b"\n") == second.count(b"\n") == walked.count(b"\n")
    if b"e400" not in first.lower():
        loads(first)


@settings(max_examples=300)
@given(values, all_settings)
def test_bodies_are_the_encoding_and_a_newline(value, chosen):
    plan = Plan(chosen)
    body = outcome(lambda: plan.body(thaw(value)))
    text = outcome(lambda: plan.encode(thaw(value)))
    assert body == (text if isinstance(text, tuple) else text + b"\n")


@settings(max_examples=500)
@given(st.text() | st.text('\\xXuU0\x7f\xe9\u0448\U0001f600"', max_size=12))
def test_escapes_are_those_of_the_standard_library(text):
    try:
        body = json.dumps(text, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    assert escape_non_ascii(body) == json.dumps(text).encode()


def test_text_that_looks_like_an_escape_stays_text():
    for text in (
        r"\xe9 é",
        r"\U0001f600 é",
        r"\u00e9 é",
        r"\U0001f600 \xe9 é 😀",
        r"\U0001f600 😀",
    ):
        assert escape_non_ascii(json.dumps(text, ensure_ascii=False).encode()) == (
            json.dumps(text).encode()
        )


trees = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda items: st.lists(items) | st.dictionaries(st.text(), items),
)


@settings(max_examples=300)
@given(trees, st.booleans())
def test_text_is_written_as_the_standard_library_writes_it(tree, pretty):
    options: Any = {"indent": 2} if pretty else {"separators": (",", ":")}
    text = json.dumps(tree, ensure_ascii=False, **options)
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert write_text(tree, pretty=pretty).decode() == text


def test_orjson_is_the_engine_where_it_is_installed():
    kind = OrjsonEngine if WITH_ORJSON else JSONEngine
    assert type(plan_for(JSONSettings()).engine) is kind


def test_json_has_no_first_try():
    assert plan_with("json", JSONSettings()).try_text([1]) is None


def test_many_types_do_not_pile_up():
    plan = Plan(JSONSettings())
    for number in range(5000):
        kind = type(f"Row{number}", (UserDict,), {})
        assert plan.encode(kind(a=1)) == b'{"a":1}'
    assert len(plan.rules) <= 2000
