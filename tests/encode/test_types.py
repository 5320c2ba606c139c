"""What each Python type becomes, alone, in every kind of container, and beside other values."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
import weakref
from array import array
from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserList,
    UserString,
    defaultdict,
    deque,
)
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import markupsafe
import numpy
import pydantic
import pydantic_core
import pytest
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.local import LocalProxy

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, jsonify, use_settings

from .. import samples as s
from ..conftest import flask_app
from ..samples import UTC, Lazy, made

KEPT = [s.Text("kept")]  # because a WeakSet does not keep its items
LONG = str(2**70)


class Hiding(s.Mapped):
    """A mapping with attributes that have the names of its methods."""

    def __init__(self, **items: Any) -> None:
        super().__init__(items)
        self.items = self.keys = self.values = self.get = None


def with_extras() -> Any:
    base = s.Base(1)
    base.added_later = 1
    assert base.cached
    return base


def with_own(value: Any, **attributes: Any) -> Any:
    vars(value).update(attributes)
    return value


BASE = '{"id":1,"_private":"p","derived":7}'
ID = "00000000-0000-0000-0000-000000000001"

ROWS: dict[str, tuple[Any, str]] = {
    # Objects.
    "dict": ({"b": 1, "a": {}}, '{"b":1,"a":{}}'),
    "OrderedDict": (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
    "defaultdict": (defaultdict(list, a=[1]), '{"a":[1]}'),
    "Counter": (Counter("aab"), '{"a":2,"b":1}'),
    "MappingProxyType": (MappingProxyType({"a": 1}), '{"a":1}'),
    "UserDict": (s.Mapped(a=s.Mapped(b=1)), '{"a":{"b":1}}'),
    "ChainMap": (ChainMap({"a": 1}), '{"a":1}'),
    "Mapping": (s.Pairs(("a", 1), (1, s.Pairs())), '{"a":1,"1":{}}'),
    "MultiDict": (ImmutableMultiDict([("a", "1"), ("a", "2")]), '{"a":"1"}'),
    "dict with items as attributes": (s.AttrDict(items=[1]), '{"items":[1]}'),
    "dict with all methods hidden": (
        s.AttrDict(keys=1, values=2, get=3, __iter__=4, __len__=0),
        '{"keys":1,"values":2,"get":3,"__iter__":4,"__len__":0}',
    ),
    "Mapping with its methods hidden": (Lazy(lambda: Hiding(a=1)), '{"a":1}'),
    "sqlite3.Row": (Lazy(s.sqlite_row), '{"id":1,"name":"é","gap":null}'),
    "SQLAlchemy Row": (Lazy(s.sqlalchemy_rows), '[{"id":1,"name":"x"}]'),
    # Arrays.
    "list": ([1, [2, []]], "[1,[2,[]]]"),
    "list subclass": (s.Listed([1, s.Listed()]), "[1,[]]"),
    "tuple": ((1, (2,)), "[1,[2]]"),
    "namedtuple": (s.Point(1, s.Point(2, 3)), "[1,[2,3]]"),
    "UserList": (UserList([1, UserList()]), "[1,[]]"),
    "Sequence": (s.Items(1, s.Items("a")), '[1,["a"]]'),
    "set": ({5}, "[5]"),
    "frozenset": (frozenset([frozenset([5])]), "[[5]]"),
    "Set": (s.Members([3, 1, 2]), "[3,1,2]"),
    "WeakSet": (weakref.WeakSet(KEPT), '["kept"]'),
    "deque": (deque([1, 2], maxlen=9), "[1,2]"),
    "dict keys": ({"a": 1}.keys(), '["a"]'),
    "dict values": ({"a": 1}.values(), "[1]"),
    "dict items": ({"a": 1}.items(), '[["a",1]]'),
    "views of a Mapping": ([s.Pairs((1, 2)).keys(), s.Pairs((1, 2)).items()], "[[1],[[1,2]]]"),
    "range": (range(3), "[0,1,2]"),
    "array of ints": (array("i", [1, 2]), "[1,2]"),
    "array of floats": (array("d", [0.5, float("nan")]), "[0.5,null]"),
    "iterator": (Lazy(lambda: iter([1, 2])), "[1,2]"),
    "iterator of a class": (Lazy(lambda: s.Countdown(2)), "[1,0]"),
    "generator": (Lazy(lambda: (x for x in (1, Decimal(2)))), '[1,"2"]'),
    "generator of nothing": (Lazy(lambda: iter(())), "[]"),
    # Strings, numbers and constants.
    "str": ('é\x00"\\/\x7f\u2028😀', '"é\\u0000\\"\\\\/\x7f\u2028😀"'),
    "str subclass": (s.Text("x"), '"x"'),
    "Markup": (markupsafe.Markup("<b>"), '"<b>"'),
    "UserString": (UserString("é"), '"é"'),
    "True": (True, "true"),
    "False": (False, "false"),
    "None": (None, "null"),
    "int": (-7, "-7"),
    "int beyond 64 bits": (2**64, "18446744073709551616"),
    "int subclass": (s.Whole(7), "7"),
    "int subclass beyond 64 bits": (s.Whole(2**70), LONG),
    "float": (0.1, "0.1"),
    "float subclass": (s.Real(1.5), "1.5"),
    "NaN": (float("nan"), "null"),
    "infinity": ([float("inf"), -float("inf")], "[null,null]"),
    "Decimal": (Decimal("1.10"), '"1.10"'),
    "Decimal with an exponent": (Decimal("-1E+3"), '"-1E+3"'),
    "Decimal NaN": ([Decimal("nan"), Decimal("snan"), Decimal("-inf")], "[null,null,null]"),
    "UUID": (UUID(int=1), f'"{ID}"'),
    "Path": (Path("/a/é"), '"/a/é"'),
    "PureWindowsPath": (PureWindowsPath("C:/a"), '"C:\\\\a"'),
    "IPv4Address": (ipaddress.ip_address("127.0.0.1"), '"127.0.0.1"'),
    "IPv6Network": (ipaddress.ip_network("fe80::/10"), '"fe80::/10"'),
    "Fraction": (Fraction(1, 3), '"1/3"'),
    "Pattern": (re.compile(r"a\d"), '"a\\\\d"'),
    "URL of pydantic": (pydantic.HttpUrl("http://a.b"), '"http://a.b/"'),
    "URLs of pydantic_core": (
        [pydantic_core.Url("http://a.b"), pydantic_core.MultiHostUrl("redis://a,b")],
        '["http://a.b/","redis://a,b"]',
    ),
    "secret of pydantic": (pydantic.SecretStr("hunter2"), '"**********"'),
    "address of pydantic": (pydantic.NameEmail("A", "a@b.c"), '"A <a@b.c>"'),
    "timedelta": (timedelta(days=1, hours=2), '"P1DT2H"'),
    "bytes": ("é".encode(), '"é"'),
    "bytearray": (bytearray(b"a"), '"a"'),
    "memoryview": (memoryview(b"ab")[1:], '"b"'),
    # Enums.
    "Enum": (s.Colour.RED, '"red"'),
    "Enum of a tuple": (s.Colour.RGB, "[1,2]"),
    "Enum of a Decimal": (s.Colour.AMOUNT, '"1.5"'),
    "Enum of a dict": (s.Colour.TABLE, '{"b":["%s"]}' % ID),
    "str Enum": (s.TextColour.RED, '"red"'),
    "IntEnum": (s.Level.HIGH, "3"),
    "float Enum": (s.Ratio.HALF, "0.5"),
    "IntFlag": (s.Flags.A | s.Flags.B, "3"),
    "Flag": (s.Bits.A | s.Bits.B, "3"),
    # Declared fields.
    "dataclass": (Lazy(with_extras), BASE),
    "dataclass in a dataclass": (
        s.Nested(s.Base(1), [s.Base(1)]),
        '{"base":%s,"many":[%s]}' % (BASE, BASE),
    ),
    "dataclass that inherits": (s.Child(1), BASE[:-1] + ',"extra":1}'),
    "dataclass with slots": (s.Slotted(1, s.Slotted(2)), '{"a":1,"b":{"a":2,"b":null}}'),
    "dataclass without fields": (s.Nothing(), "{}"),
    "dataclass with a property as a field": (s.Behind(1), '{"a":7}'),
    "dataclass that is an iterator": (s.CountingDown(3), '{"a":3}'),
    "dataclass that is a Sequence": (s.DataSequence(3), '{"a":3}'),
    "dataclass that is a Mapping": (s.DataMapping(3), '{"a":3}'),
    "dataclass that is a dict": (s.DataDict(3), "{}"),
    "dataclass that is a list": (s.DataList(3), "[]"),
    "dataclass that is a str": (s.DataText("x"), '"x"'),
    "attrs": (s.Attrs(s.Attrs(1)), '{"a":{"a":1,"_b":"b"},"_b":"b"}'),
    "attrs without slots": (
        Lazy(lambda: with_own(s.AttrsOfDict(1), added=3)),
        '{"a":1,"b":2}',
    ),
    # Others.
    "RawJSON": (RawJSON(b'{"a": 1.10}'), '{"a": 1.10}'),
    "__html__": (s.Html(), '"<b>1</b>"'),
    "__json__": (s.Said({"a": Decimal(1)}), '{"a":"1"}'),
    "for_json": (s.Simple(), '["simple"]'),
    "__json__ and for_json": (s.Both(), '"__json__"'),
    "proxy of a dict": (LocalProxy(lambda: {"a": 1}), '{"a":1}'),
    "proxy of a str": (LocalProxy(lambda: "ab"), '"ab"'),
    "proxy of a dataclass": (LocalProxy(lambda: s.Base(1)), BASE),
    "proxy of a proxy": (LocalProxy(lambda: LocalProxy(lambda: 1)), "1"),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_type(place, row):
    value, text = ROWS[row]
    with use_settings(dates="iso"):
        assert encode(made(value)).decode() == text
        assert jsonify(made(value)).data.decode() == text + "\n"


WRAPS = {
    "list": (lambda item: [item], "[%s]"),
    "tuple": (lambda item: (item,), "[%s]"),
    "dict": (lambda item: {"k": item}, '{"k":%s}'),
    "integer key": (lambda item: {1: item}, '{"1":%s}'),
    "namedtuple": (lambda item: s.Point(item, 0), "[%s,0]"),
    "iterator": (lambda item: iter([item]), "[%s]"),
    "UserDict": (lambda item: s.Mapped(k=item), '{"k":%s}'),
    "Sequence": (lambda item: s.Items(item), "[%s]"),
    "dataclass": (lambda item: s.Alone(item), '{"a":%s}'),
    "dataclass with slots": (lambda item: s.Slotted(item), '{"a":%s,"b":null}'),
    "attrs": (lambda item: s.Attrs(item), '{"a":%s,"_b":"b"}'),
    "__json__": (lambda item: s.Said([item]), "[%s]"),
    "__json__ alone": (lambda item: s.Said(item), "%s"),
    "beside a long integer": (lambda item: [item, 2**70], f"[%s,{LONG}]"),
    "beside what needs Python": (lambda item: [Decimal(1), item, s.Html()], '["1",%s,"<b>1</b>"]'),
    "beside an object": (lambda item: {"a": s.Said(1), 2: item}, '{"a":1,"2":%s}'),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_type_in_every_container(row):
    value, text = ROWS[row]
    bodies = {}
    for name, (around, shape) in WRAPS.items():
        try:
            body = encode(around(made(value))).decode()
        except JSONEncodeError as error:
            body = str(error)
        if body != shape.replace("%s", text):
            bodies[name] = body
    assert bodies == {}  # those that differ


def test_an_enum_is_its_value_even_with_a_method():
    class Own(Enum):
        A = 1

        def __json__(self) -> str:
            return "not called"

    class Simple(Enum):
        A = (Decimal(1),)

        def for_json(self) -> str:
            return "not called"

    assert encode([Own.A, {"a": Simple.A}]) == b'[1,{"a":["1"]}]'
    encoders = {Own: lambda member: member.name}
    assert encode([Own.A, 2], JSONSettings(encoders=encoders)) == b'["A",2]'


def test_an_enum_that_overrides_value():
    class Own(Enum):
        A = 1

        @property
        def value(self) -> str:
            return "own"

    for value, text in (Own.A, '"own"'), ([Own.A, 2**70], f'["own",{LONG}]'):
        assert encode(value).decode() == text


@pytest.mark.parametrize(
    "base", [dict, list, UUID, s.Base, s.Mapped, Decimal, numpy.ndarray, s.Loose]
)
def test_the_method_of_a_class_comes_before_the_table(base):
    class Own(base):
        def __json__(self) -> list[str]:
            return ["own"]

    arguments = {UUID: ("0" * 32,), s.Base: (1,), numpy.ndarray: (2,)}.get(base, ())
    assert encode({"a": Own(*arguments)}) == b'{"a":["own"]}'
    assert encode(Own(*arguments)) == b'["own"]'


def test_a_flask_app_does_not_call_methods_of_types_that_flask_encodes():
    class Id(UUID):
        def __json__(self) -> str:
            return "called"

    class Table(dict):
        __json__ = Id.__json__

    class Row(s.Base):
        __json__ = Id.__json__

    class Safe(s.Html):
        __json__ = Id.__json__

    class Other(s.Pairs):
        __json__ = Id.__json__

    value = [Id(int=1), Table(a=1), Row(1), Safe(), Other()]
    assert encode(value) == b'["called","called","called","called","called"]'
    with flask_app().app_context():
        assert encode(value).decode() == f'["{ID}",{{"a":1}},{BASE},"<b>1</b>","called"]'


def test_methods_are_looked_up_on_the_class():
    html = s.Html()
    html.__json__ = lambda: "not called"
    assert encode([html]) == b'["<b>1</b>"]'

    class Anything(s.Html):
        def __getattr__(self, name: str) -> Any:
            return lambda: "not called"

    assert encode([Anything()]) == b'["<b>1</b>"]'


def test_json_methods_with_optional_arguments():
    class Pyramid:
        def __json__(self, request: Any = None) -> str:
            return "pyramid"

    assert encode([Pyramid()]) == b'["pyramid"]'


def test_subclasses_of_dates():
    class Moment(datetime):
        pass

    class Day(date):
        pass

    value = [Moment(2024, 2, 29, tzinfo=UTC), Day(2024, 2, 29)]
    assert encode(value) == b'["2024-02-29T00:00:00+00:00","2024-02-29"]'
    assert encode(s.Day.FIRST) == b'"2024-01-01"'


def test_unused_libraries_are_not_imported():
    code = """
import sys
from decimal import Decimal
from jsonify_ext import encode, jsonify
jsonify([Decimal(1), {1: object.__class__ and 2}, {1}])
names = "flask pydantic msgspec attrs attr numpy sqlalchemy pandas polars pyarrow".split()
print([name for name in names if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_types_made_in_functions_have_their_own_rules():
    for number in range(2100):  # more than are kept
        kind = type(f"Row{number}", (list,), {})
        assert encode(kind([1])) == b"[1]"
    assert encode(s.Mapped(a=1)) == b'{"a":1}'
