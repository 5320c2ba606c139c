"""A value of each type that has a JSON form, and its JSON."""

from __future__ import annotations

import ipaddress
import re
import weakref
from array import array
from collections import ChainMap, Counter, OrderedDict, UserList, UserString, defaultdict, deque
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PureWindowsPath
from types import MappingProxyType
from typing import Any
from uuid import UUID

import markupsafe
import numpy as np
import pydantic
import pydantic_core
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.local import LocalProxy

from jsonify_ext import RawJSON

from . import samples as s
from .samples import Lazy

KEPT = [s.Text("kept")]  # because a WeakSet does not keep its items


class Hiding(s.Mapped):
    """A mapping with attributes that have the names of its methods."""

    def __init__(self, **items: Any) -> None:
        super().__init__(items)
        self.items = self.keys = self.values = self.get = None


def with_more(value: Any, **attributes: Any) -> Any:
    vars(value).update(attributes)
    return value


BASE = '{"id":1,"_private":"p","derived":7}'
ID = "00000000-0000-0000-0000-000000000001"
NAN, INF = float("nan"), float("inf")

VALUES: dict[str, tuple[Any, str]] = {
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
    "dict with its methods hidden": (
        s.AttrDict(keys=1, values=2, get=3, items=[4], __iter__=5, __len__=0),
        '{"keys":1,"values":2,"get":3,"items":[4],"__iter__":5,"__len__":0}',
    ),
    "dict with its own items()": (s.OwnItems(a=s.OwnItems(b=1)), '{"A":{"B":1}}'),
    "dict with its own __iter__()": (s.OwnIter(b=1, a=2), '{"b":1,"a":2}'),
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
    "array of floats": (array("d", [0.5, NAN]), "[0.5,null]"),
    "iterator": (Lazy(lambda: iter([1, 2])), "[1,2]"),
    "iterator of a class": (Lazy(lambda: s.Countdown(2)), "[1,0]"),
    "generator": (Lazy(lambda: (x for x in (1, Decimal(2)))), '[1,"2"]'),
    "generator of nothing": (Lazy(lambda: iter(())), "[]"),
    # Strings, numbers and constants.
    "str": ('é\x00"\\/\x7f\u2028😀', '"é\\u0000\\"\\\\/\x7f\u2028😀"'),
    "str subclass": (s.Text("x"), '"x"'),
    "Markup": (markupsafe.Markup("<b>"), '"<b>"'),
    "UserString": (UserString("é"), '"é"'),
    "constants": ([True, False, None], "[true,false,null]"),
    "int": (-7, "-7"),
    "int beyond 64 bits": (2**64, "18446744073709551616"),
    "int subclass": (s.Whole(7), "7"),
    "int subclass beyond 64 bits": (s.Whole(2**70), str(2**70)),
    "float": (0.1, "0.1"),
    "float subclass": (s.Real(1.5), "1.5"),
    "NaN and infinities": ([NAN, INF, -INF, s.Real("inf")], "[null,null,null,null]"),
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
    "secret integer of pydantic": (pydantic.Secret[int](7), '"**********"'),
    "address of pydantic": (pydantic.NameEmail("A", "a@b.c"), '"A <a@b.c>"'),
    "date": (type("Day", (date,), {})(2024, 2, 29), '"2024-02-29"'),
    "datetime": (type("Moment", (datetime,), {})(2024, 2, 29, 7), '"2024-02-29T07:00:00"'),
    "duration of nothing": (timedelta(), '"PT0S"'),
    "duration of days": (timedelta(days=3), '"P3D"'),
    "duration": (timedelta(days=1, hours=1, minutes=2, seconds=10), '"P1DT1H2M10S"'),
    "duration of microseconds": (timedelta(seconds=1, microseconds=20), '"PT1.00002S"'),
    "duration of half a second": (timedelta(microseconds=500_000), '"PT0.5S"'),
    "negative duration": (-timedelta(hours=1), '"-PT1H"'),
    "shortest duration": (timedelta.min, '"-P999999999D"'),
    "longest duration": (timedelta.max, '"P999999999DT23H59M59.999999S"'),
    "bytes": ("é".encode(), '"é"'),
    "bytearray": (bytearray(b"a"), '"a"'),
    "memoryview": (memoryview(b"a-b-")[::2], '"ab"'),
    # Enums.
    "Enum": (s.Colour.RED, '"red"'),
    "Enum of a tuple": (s.Colour.RGB, "[1,2]"),
    "Enum of a Decimal": (s.Colour.AMOUNT, '"1.5"'),
    "Enum of a dict": (s.Colour.TABLE, '{"b":["%s"]}' % ID),
    "str Enum": (s.TextColour.RED, '"red"'),
    "IntEnum": (s.Level.HIGH, "3"),
    "float Enum": (s.Ratio.HALF, "0.5"),
    "date Enum": ([s.Day.FIRST], '["2024-01-01"]'),
    "flags": ([s.Flags.A | s.Flags.B, s.Bits.A | s.Bits.B], "[3,3]"),
    # Declared fields.
    "dataclass": (with_more(s.Base(1), added_later=1, cached="not a field"), BASE),
    "dataclass in a dataclass": (
        s.Alone([s.Base(1), s.Alone(s.Base(1))]),
        '{"a":[%s,{"a":%s}]}' % (BASE, BASE),
    ),
    "dataclass that inherits": (s.Child(1), BASE[:-1] + ',"extra":1}'),
    "dataclass with slots": (s.Slotted(1, s.Slotted(2)), '{"a":1,"b":{"a":2,"b":null}}'),
    "dataclass without fields": (s.Nothing(), "{}"),
    "dataclass with a property as a field": (s.Behind(1), '{"a":7}'),
    "dataclass that reads a field in its own way": (s.Doubled(2), '{"a":4}'),
    "dataclass that is an iterator": (s.CountingDown(3), '{"a":3}'),
    "dataclass that is a Sequence": (s.DataSequence(3), '{"a":3}'),
    "dataclass that is a Mapping": (s.DataMapping(3), '{"a":3}'),
    "dataclass that is a dict": (s.DataDict(3), "{}"),
    "dataclass that is a list": (s.DataList(3), "[]"),
    "dataclass that is a str": (s.DataText("x"), '"x"'),
    "attrs": (s.Attrs(s.Attrs(1)), '{"a":{"a":1,"_b":"b"},"_b":"b"}'),
    "attrs without slots": (with_more(s.AttrsOfDict(1), added=3), '{"a":1,"b":2}'),
    # Others.
    "RawJSON": (RawJSON(b'{"a":1.10}'), '{"a":1.10}'),
    "__html__": (s.Html(), '"<b>1</b>"'),
    "__json__": (s.Said({"a": Decimal(1)}), '{"a":"1"}'),
    "for_json": (s.Simple(), '["simple"]'),
    "__json__ of a decorator": (s.Wrapped(), '{"request":5}'),
    "__json__ and for_json": (s.Both(), '"__json__"'),
    "proxy of a dict": (LocalProxy(lambda: {"a": 1}), '{"a":1}'),
    "proxy of a str": (LocalProxy(lambda: "ab"), '"ab"'),
    "proxy of a dataclass": (LocalProxy(lambda: s.Base(1)), BASE),
    "proxy of a proxy": (LocalProxy(lambda: LocalProxy(lambda: 1)), "1"),
    # numpy.
    "numpy int": (np.int16(-3), "-3"),
    "numpy uint64": (np.uint64(2**64 - 1), "18446744073709551615"),
    "numpy floats": ([np.float64(0.1), np.float32(0.1), np.float16(0.1)], "[0.1,0.1,0.1]"),
    "numpy NaN": ([np.float64("nan"), np.float32("inf"), np.float16("nan")], "[null,null,null]"),
    "numpy bool": ([np.bool_(True), np.bool_(False)], "[true,false]"),
    "numpy text": ([np.str_("é"), np.bytes_(b"a")], '["é","a"]'),
    "array": (np.array([[1, 2], [3, 4]]), "[[1,2],[3,4]]"),
    "array of float32": (np.array([[0.1], [0.5]], "f4"), "[[0.1],[0.5]]"),
    "array of float16": (np.array([0.1, 2.5], "f2"), "[0.1,2.5]"),
    "array of NaN": (np.array([0.5, np.nan, -np.inf]), "[0.5,null,null]"),
    "array of NaN in float32": (np.array([0.1, np.nan], "f4"), "[0.1,null]"),
    "array of strings of any length": (np.array(["a", "é"], np.dtypes.StringDType()), '["a","é"]'),
    "array that is not contiguous": (np.arange(6).reshape(2, 3).T[::2], "[[0,3],[2,5]]"),
    "array read from behind": (np.array([1, 2, 3])[::-1], "[3,2,1]"),
    "big-endian array": (np.array([1, 2], ">i4"), "[1,2]"),
    "big-endian array of float32": (np.array([0.1], ">f4"), "[0.1]"),
    "array that is read only": (np.broadcast_to(np.int64(1), (2,)), "[1,1]"),
    "empty array": (np.zeros((2, 0)), "[[],[]]"),
    "array without dimensions": (np.array(5), "5"),
    "array of objects": (np.array([Decimal(1), None, {"a": s.Html()}]),
                         '["1",null,{"a":"<b>1</b>"}]'),
    "array of an iterator": (Lazy(lambda: np.array([iter([1]), None])), "[[1],null]"),
    "masked array": (np.ma.array([1, 2], mask=[False, True]), "[1,null]"),
    "masked float32": (np.ma.array([0.1, 2.5], mask=[False, True], dtype="f4"), "[0.1,null]"),
    "masked dates": (np.ma.array(["2024-02-29", "2024-03-01"], mask=[True, False], dtype="M8[D]"),
                     '[null,"2024-03-01"]'),
    "masked item": (np.ma.masked, "null"),
    "numpy dates": ([np.datetime64("2024-02-29"), np.datetime64("2024-02-29T07:08")],
                    '["2024-02-29","2024-02-29T07:08:00"]'),
    "numpy date of nanoseconds": (np.datetime64("2024-02-29", "ns"), '"2024-02-29T00:00:00"'),
    "numpy duration": (np.timedelta64(90, "s"), '"PT1M30S"'),
    "numpy duration of nanoseconds": (np.timedelta64(90 * 10**9, "ns"), '"PT1M30S"'),
    "NaT": ([np.datetime64("NaT", "s"), np.timedelta64("NaT", "s")], "[null,null]"),
    "array of moments": (np.array([["2024-02-29T07:08", "NaT"]], "M8[s]"),
                         '[["2024-02-29T07:08:00",null]]'),
    "array of days": (np.array(["2024-02-29", "NaT"], "M8[D]"), '["2024-02-29",null]'),
    "array of durations": (np.array([1, "NaT"], "m8[D]"), '["P1D",null]'),
    "structured array": (np.array([(1, 0.5, "é")], [("a", "i4"), ("b", "f4"), ("c", "U2")]),
                         '[{"a":1,"b":0.5,"c":"é"}]'),
    "structured array of dates": (
        np.array([("2024-02-29", 0.1), ("NaT", np.nan)], [("day", "M8[D]"), ("n", "f4")]),
        '[{"day":"2024-02-29","n":0.1},{"day":null,"n":null}]',
    ),
    "structured array in a structure": (
        np.array([((1, True), [1, 2])], [("in", [("a", "i4"), ("b", "?")]), ("l", "i2", (2,))]),
        '[{"in":{"a":1,"b":true},"l":[1,2]}]',
    ),
    "structured item": (np.array([(1, "x")], [("a", "i4"), ("b", "U1")])[0], '{"a":1,"b":"x"}'),
    "item with an object": (np.array([(1, s.Html())], [("a", "i4"), ("b", object)])[0],
                            '{"a":1,"b":"<b>1</b>"}'),
    "record array": (np.rec.array([(1, 2.5)], names="a,b"), '[{"a":1,"b":2.5}]'),
}  # fmt: skip
ALONE = {name: value for name, (value, _) in VALUES.items()}
