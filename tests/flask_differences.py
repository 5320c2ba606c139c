"""Values to compare with stock Flask: those that it sends alike, and those that differ."""

from __future__ import annotations

import enum
import math
import types
import weakref
from collections import OrderedDict, UserDict, UserString
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import attrs
import msgspec
import pydantic
import pydantic.dataclasses
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy import orm
from werkzeug.datastructures import MultiDict

from jsonify_ext.optional import orjson

from .samples import Base, DataMapping, Html, Level, Point, Slotted, Text, TextColour, nested


class Spoken:
    """Stock Flask doesn't call this method of types that it encodes."""

    def __json__(self) -> Any:
        raise AssertionError("not called")

    for_json = __json__


class Labelled(int, enum.Enum):
    def __new__(cls, number: int, label: str):
        made = int.__new__(cls, number)
        made._value_ = label
        return made

    def __repr__(self):
        return self.name

    THREE = 3, "three"


class OwnValue(str, enum.Enum):
    A = "a"

    @property
    def value(self):
        return "own"


Price = enum.Enum("Price", {"LOW": "1.10"}, type=Decimal)
HtmlEnum = enum.Enum("HtmlEnum", {"A": 1}, type=Html)


class HtmlClass(type):
    def __html__(cls):
        return "class"


class HtmlStruct(msgspec.Struct):
    a: int

    def __html__(self):
        return "struct"


class PydanticRecord:
    day: date


class Mapped(orm.MappedAsDataclass, orm.DeclarativeBase):
    pass


class MappedRecord(Mapped):
    __tablename__ = "record"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)


def mixed(mixin: type, base: type, *args: Any, **kwargs: Any) -> Any:
    """An instance of a class made of both."""
    return type("Mixed", (mixin, base), {})(*args, **kwargs)


def in_lists(levels: int) -> Any:
    return nested(levels - 1, lambda value: [value], [])


HTML = Html()
HTML_MODULE: Any = types.ModuleType("html")
HTML_MODULE.__html__ = lambda: "module"

#: Keys of several types, at any depth.
KEYS: list[Any] = [
    {10: "a", 9: "b", -1: "c"},
    {1.5: 1, 1e16: 2, 2: 3, True: 4},
    {None: 1},
    {"ab": 1, "é": 2, "a": 3, "B": 4, "😀": 5, "\uffff": 6},
    {TextColour.RED: Level.HIGH},
    {1: {2: {3: [{4: 5}]}}},
    {"a": [{1: {2: None}}]},
    [{1: []}, {2: {}}, {3: ()}],
    {10: {"b": {9: 1, 10: 2}, "a": [[{10: [], 9: {}}]]}, 9: "\n"},
    {1: {"a": {2: {"b": {3: "x"}}}}},
    {1: [{"b": 1, "a": {2: {"d": 1, "c": [3]}}}]},
    {True: {False: {1.5: 2}}},
    {"a": {"b": {"c": {1: {"d": {2: [{3: {"e": {}}}]}}}}}},
    [[[{1: [[{2: [[]]}]]}]]],
    [{1: 2}, 2**70],
]
#: What stock Flask sends, and this package in the same way.
CORPUS: list[Any] = [
    *({}, [], None, True, 0, -1.5, "", "x" * 10_000),
    "é日本😀\x7f\x00\u2028</script>&'\"\\/",
    {"b": 1, "a": [1, {"d": None, "c": ()}]},
    [0.1, 1e16, 1e22, 123456.789, 5.0, -0.0, 1e-4, 1.7e308],
    [2**63, 2**64, -(2**70), 10**100],
    [date(2024, 2, 29), datetime(2024, 2, 29, 1, 2, 3, 4)],
    [datetime(2024, 1, 1, tzinfo=timezone.utc)],
    [Decimal("1.10"), Decimal("1E+3"), UUID(int=5)],
    {"u": Slotted(date(2024, 1, 1), [Base(1), mixed(Spoken, Base, 2)]), "t": Point(1, 2)},
    MappedRecord(id=1),
    [Html(), mixed(Spoken, Html), Markup("<b>")],
    [weakref.proxy(HTML), HTML_MODULE, HtmlClass("Own", (), {}), mixed(Html, Exception)],
    [type("Own", (), {"__html__": classmethod(lambda cls: "class")})],
    [types.SimpleNamespace(__html__=lambda: "x")],
    [Level.HIGH, TextColour.RED, Text("x")],
    [mixed(Html, UserDict, a=1), DataMapping(7)],
    [OrderedDict(b=1, a=2), mixed(Spoken, dict, b=1, a=2), MultiDict([("a", "1"), ("a", "2")])],
    [[[[[[[[[[{"a": [[[{}]]]}]]]]]]]]]],
    *KEYS,
]
#: Attributes of an app and of its provider.
CONFIGURATIONS: list[dict[str, Any]] = [
    {},
    {"sort_keys": False},
    {"ensure_ascii": False},
    {"debug": True},
    {"debug": True, "compact": True},
    {"compact": False},
    {"compact": False, "sort_keys": False, "ensure_ascii": False},
    {"mimetype": "application/vnd.api+json"},
    {"mimetype": "json"},
    {"mimetype": "text/json"},
]

unicode_text = st.text(st.characters(exclude_categories=["Cs"]))
any_key = st.integers() | st.booleans() | st.floats(1e-3, 1e9) | st.none() | unicode_text
#: Any value that stock Flask sends.
flask_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    # But for tiny floats, whose exponents orjson spells with one digit.
    | st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda number: number == 0 or not 1e-9 <= abs(number) < 1e-4
    )
    | unicode_text
    | st.sampled_from(["\n", "}\n]", 2**70, HTML])
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([None, timezone.utc]))
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids(),
    lambda items: (
        st.lists(items, max_size=4)
        | st.lists(items, max_size=3).map(tuple)
        | st.dictionaries(st.sampled_from("abc"), items, max_size=3)
        | st.dictionaries(st.integers(-20, 20), items, max_size=4)
        | st.dictionaries(any_key, items, max_size=3)
    ),
    max_leaves=20,
)


def has_twins(value: Any) -> bool:
    """Whether two keys become the same string, of which Flask sends both."""
    if isinstance(value, dict):
        names = [str(key).lower().replace("none", "null") for key in value]
        return len(set(names)) < len(names) or any(map(has_twins, value.values()))
    return isinstance(value, (list, tuple)) and any(map(has_twins, value))


#: Values that differ, and what is sent, or None for an error: by the number of the item on
#: the list in docs/flask.rst.
DIFFERENT: dict[int, list[tuple[Any, str | None]]] = {
    2: [
        *((math.nan, "null"), ([math.inf], "[null]"), ({"a": -math.inf}, '{"a":null}')),
        *((Decimal("NaN"), "null"), (Decimal("-Infinity"), "null")),
    ],
    3: [(1e-07, "1e-7"), (1e-05, "0.00001"), (9.9e-05, "0.000099"), ([1.5e-09], "[1.5e-9]")],
    4: [("\ud800", None), ({"a": ["x\udfff"]}, None), ({"\ud800": 1}, None)],
    5: [(each, None) for each in ({1: "a", "1": 2}, {True: 1, "true": 2}, {None: 1, "null": 2})],
    6: [(in_lists(255), None), ({"a": in_lists(300)}, None)],
    7: [
        *((Labelled.THREE, '"three"'), ({Labelled.THREE: 1}, '{"three":1}')),
        *((OwnValue.A, '"own"'), ({OwnValue.A: 1}, '{"own":1}')),
        *((Price.LOW, '"1.10"'), (HtmlEnum.A, "1")),
    ],
    8: [
        (
            pydantic.dataclasses.dataclass(PydanticRecord)(date(2024, 1, 2)),
            '{"day":"2024-01-02"}',
        ),
    ],
    9: [
        *((mixed(Html, bytes, b"x"), '"x"'), (mixed(Html, bytearray, b"x"), '"x"')),
        *((mixed(Html, time, 1), '"01:00:00"'), (mixed(Html, timedelta, 1), '"P1D"')),
        *((mixed(Html, PurePosixPath, "a"), '"a"'), (mixed(Html, Fraction, 1, 2), '"1/2"')),
        *((mixed(Html, IPv4Address, "127.0.0.1"), '"127.0.0.1"'), (HtmlStruct(1), '{"a":1}')),
        *((mixed(Html, UserString, "x"), '"x"'), (mixed(Html, pydantic.BaseModel), "{}")),
        (attrs.make_class("Own", ["a"], bases=(Html,))(1), '{"a":1}'),
    ],
}
#: Without orjson, floats are written as stock Flask writes them.
if orjson is None:
    del DIFFERENT[3]
