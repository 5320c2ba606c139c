"""What each Python type becomes: every row of the table, everywhere it is encoded."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import json
import re
import sqlite3
from collections import ChainMap, OrderedDict, UserDict, defaultdict, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum, IntFlag
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import msgspec
import numpy
import pydantic
import pytest
import sqlalchemy
from werkzeug.datastructures import ImmutableMultiDict

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, jsonify, use_settings

from .conftest import Send

Point = namedtuple("Point", "x y")


class Text(str):
    pass


class Whole(int):
    def __str__(self):
        return "not this"

    __repr__ = __str__


class Real(float):
    __repr__ = __str__ = Whole.__str__


class Mapped(UserDict):
    pass


class Listed(list):
    pass


class Colour(Enum):
    RED = "red"
    RGB = (1, 2)
    AMOUNT = Decimal("1.5")


class TextColour(str, Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Flags(IntFlag):
    A = 1
    B = 2


@dataclasses.dataclass
class Base:
    id: int
    _private: str = "p"
    derived: int = dataclasses.field(init=False, default=7)

    @functools.cached_property
    def cached(self):
        return "no field"

    @property
    def computed(self):
        return "no field"


@dataclasses.dataclass
class Nested:
    base: Base
    many: list


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    a: int
    b: Any = None


@attrs.define
class Attrs:
    a: int
    _b: str = "b"


@attrs.define
class AttrsNested:
    inner: Attrs


class Model(pydantic.BaseModel):
    user_id: int = pydantic.Field(alias="userId")
    at: datetime
    price: Decimal = Decimal("1.10")
    name: str = "é"


@dataclasses.dataclass
class Nothing:
    pass


@dataclasses.dataclass
class Alone:
    a: Any


class Struct(msgspec.Struct, rename="camel", omit_defaults=True):
    user_id: int
    at: datetime | None = None
    inner: Any = None


class Tagged(msgspec.Struct, tag="t", array_like=True):
    a: Any


class Html:
    def __html__(self):
        return "<b>1</b>"


def with_extras() -> Base:
    base = Base(1)
    base.added_later = 1
    assert base.cached
    return base


def sqlite_row(query: str = "SELECT 1 AS id, 'é' AS name, NULL AS gap") -> sqlite3.Row:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute(query).fetchone()
    connection.close()
    return row


def sqlalchemy_rows() -> Any:
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT 1 AS id, 'x' AS name")).all()
    engine.dispose()
    return rows


UTC = timezone.utc
SEVEN = datetime(2024, 2, 29, 7, 8, 9, tzinfo=UTC)

ROWS: dict[str, tuple[Any, str]] = {
    "dict": ({"b": 1, "a": {}}, '{"b":1,"a":{}}'),
    "OrderedDict": (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
    "defaultdict": (defaultdict(list, a=[1]), '{"a":[1]}'),
    "Mapping": (MappingProxyType({"a": 1}), '{"a":1}'),
    "UserDict": (Mapped(a=Mapped(b=1)), '{"a":{"b":1}}'),
    "ChainMap": (ChainMap({"a": 1}), '{"a":1}'),
    "MultiDict": (ImmutableMultiDict([("a", "1"), ("a", "2")]), '{"a":"1"}'),
    "sqlite3.Row": (sqlite_row, '{"id":1,"name":"é","gap":null}'),
    "SQLAlchemy Row": (sqlalchemy_rows, '[{"id":1,"name":"x"}]'),
    "list": ([1, [2, []]], "[1,[2,[]]]"),
    "list subclass": (Listed([1, Listed()]), "[1,[]]"),
    "tuple": ((1, (2,)), "[1,[2]]"),
    "namedtuple": (Point(1, Point(2, 3)), "[1,[2,3]]"),
    "set": ({5}, "[5]"),
    "frozenset": (frozenset([frozenset([5])]), "[[5]]"),
    "deque": (deque([1, 2], maxlen=9), "[1,2]"),
    "dict keys": ({"a": 1}.keys(), '["a"]'),
    "dict values": ({"a": 1}.values(), "[1]"),
    "dict items": ({"a": 1}.items(), '[["a",1]]'),
    "range": (range(3), "[0,1,2]"),
    "iterator": (lambda: iter([1, 2]), "[1,2]"),
    "generator": (lambda: (x for x in (1, Decimal(2))), '[1,"2"]'),
    "map": (lambda: map(str, [1]), '["1"]'),
    "str": ('é\x00"\\/\x7f\u2028😀', '"é\\u0000\\"\\\\/\x7f\u2028😀"'),
    "str subclass": (Text("x"), '"x"'),
    "True": (True, "true"),
    "False": (False, "false"),
    "None": (None, "null"),
    "int": (-7, "-7"),
    "int past 64 bits": (2**64, "18446744073709551616"),
    "int far past 64 bits": (-(10**50), "-1" + "0" * 50),
    "int subclass": (Whole(7), "7"),
    "float": (0.1, "0.1"),
    "float like an int": (1.0, "1.0"),
    "negative zero": (-0.0, "-0.0"),
    "float subclass": (Real(1.5), "1.5"),
    "Decimal": (Decimal("1.10"), '"1.10"'),
    "UUID": (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    "Path": (Path("/a/é"), '"/a/é"'),
    "PurePosixPath": (PurePosixPath("a/b"), '"a/b"'),
    "PureWindowsPath": (PureWindowsPath("C:/a"), '"C:\\\\a"'),
    "IPv4Address": (ipaddress.ip_address("127.0.0.1"), '"127.0.0.1"'),
    "IPv6Address": (ipaddress.ip_address("::1"), '"::1"'),
    "IPv4Network": (ipaddress.ip_network("10.0.0.0/8"), '"10.0.0.0/8"'),
    "IPv6Network": (ipaddress.ip_network("fe80::/10"), '"fe80::/10"'),
    "IPv4Interface": (ipaddress.ip_interface("10.0.0.1/8"), '"10.0.0.1/8"'),
    "Fraction": (Fraction(1, 3), '"1/3"'),
    "Pattern": (re.compile(r"a\d"), '"a\\\\d"'),
    "bytes Pattern": (re.compile(b"a"), '"a"'),
    "time": (time(1, 2, 3, 4), '"01:02:03.000004"'),
    "aware time": (time(1, 2, tzinfo=UTC), '"01:02:00+00:00"'),
    "timedelta": (timedelta(days=1, hours=2), '"P1DT2H"'),
    "Enum": (Colour.RED, '"red"'),
    "Enum of a tuple": (Colour.RGB, "[1,2]"),
    "Enum of a Decimal": (Colour.AMOUNT, '"1.5"'),
    "str Enum": (TextColour.RED, '"red"'),
    "IntEnum": (Level.HIGH, "3"),
    "IntFlag": (Flags.A | Flags.B, "3"),
    "bytes": ("é".encode(), '"é"'),
    "bytearray": (bytearray(b"a"), '"a"'),
    "memoryview": (memoryview(b"ab")[1:], '"b"'),
    "dataclass": (with_extras, '{"id":1,"_private":"p","derived":7}'),
    "dataclass in a dataclass": (
        lambda: Nested(Base(1), [Base(2)]),
        '{"base":{"id":1,"_private":"p","derived":7},"many":[{"id":2,"_private":"p","derived":7}]}',
    ),
    "dataclass with slots": (Slotted(1, Slotted(2)), '{"a":1,"b":{"a":2,"b":null}}'),
    "dataclass without fields": (Nothing(), "{}"),
    "dataclass with one field": (Alone(Alone(1)), '{"a":{"a":1}}'),
    "attrs": (AttrsNested(Attrs(1)), '{"inner":{"a":1,"_b":"b"}}'),
    "pydantic": (
        Model(userId=1, at=SEVEN),
        '{"userId":1,"at":"2024-02-29T07:08:09Z","price":"1.10","name":"é"}',
    ),
    "msgspec": (
        Struct(1, at=SEVEN, inner=Struct(2)),
        '{"userId":1,"at":"2024-02-29T07:08:09Z","inner":{"userId":2}}',
    ),
    "msgspec as an array": (Tagged(1), '["t",1]'),
    "msgspec as an array, of what it lacks": (Tagged(Fraction(1, 3)), '["t","1/3"]'),
    "numpy int": (numpy.int16(-3), "-3"),
    "numpy uint64": (numpy.uint64(2**64 - 1), "18446744073709551615"),
    "numpy float64": (numpy.float64(0.1), "0.1"),
    "numpy float32": (numpy.float32(0.1), "0.1"),
    "numpy float16": (numpy.float16(0.1), "0.1"),
    "numpy bool": (numpy.bool_(True), "true"),
    "numpy str": (numpy.str_("é"), '"é"'),
    "numpy array": (numpy.array([[1, 2], [3, 4]]), "[[1,2],[3,4]]"),
    "numpy array of float32": (numpy.array([[0.1], [0.5]], "f4"), "[[0.1],[0.5]]"),
    "numpy array of bools": (numpy.array([True, False]), "[true,false]"),
    "numpy array of strings": (numpy.array(["a", "é"]), '["a","é"]'),
    "numpy array, not contiguous": (numpy.arange(6).reshape(2, 3).T[::2], "[[0,3],[2,5]]"),
    "numpy array, big-endian": (numpy.array([1, 2], ">i4"), "[1,2]"),
    "numpy array, empty": (numpy.zeros((2, 0)), "[[],[]]"),
    "numpy array without dimensions": (numpy.array(5), "5"),
    "numpy array of objects": (numpy.array([Decimal(1), None]), '["1",null]'),
    "numpy array, masked": (numpy.ma.array([1, 2], mask=[False, True]), "[1,null]"),
    "numpy array of short floats, masked": (
        numpy.ma.array([0.5, 2.5], mask=[False, True], dtype="f4"),
        "[0.5,null]",
    ),
    "numpy datetime64": (numpy.array(["2024-02-29T07:08"], "M8[s]"), '["2024-02-29T07:08:00"]'),
    "numpy datetime64, nanoseconds": (
        numpy.array(["2024-02-29"], "M8[ns]"),
        '["2024-02-29T00:00:00"]',
    ),
    "numpy timedelta64, nanoseconds": (numpy.timedelta64(90 * 10**9, "ns"), '"PT1M30S"'),
    "RawJSON": (RawJSON(b'{"a": 1.10}'), '{"a": 1.10}'),
    "RawJSON of str": (RawJSON('["é"]'), '["é"]'),
    "__html__": (Html(), '"<b>1</b>"'),
}


def made(value: Any) -> Any:
    """The value of a row; functions make one that can be used once, or needs steps."""
    return value() if callable(value) and not isinstance(value, type) else value


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_table(send: Send, row):
    value, text = ROWS[row]

    def view():
        # In Flask, dates are HTTP dates; that is another test.
        with use_settings(dates="iso"):
            return jsonify(made(value))

    assert send(view).data.decode() == text + "\n"


@pytest.mark.parametrize("row", ROWS)
def test_each_row_inside_of_every_kind_of_container(place, row):
    value, text = ROWS[row]
    with use_settings(dates="iso"):
        for wrap, shape in [
            (lambda item: [item], "[%s]"),
            (lambda item: (item,), "[%s]"),
            (lambda item: {"k": item}, '{"k":%s}'),
            (lambda item: {1: item}, '{"1":%s}'),
            (lambda item: deque([item]), "[%s]"),
            (lambda item: Point(item, 0), "[%s,0]"),
            (lambda item: iter([item]), "[%s]"),
            (lambda item: Mapped(k=item), '{"k":%s}'),
            (lambda item: Slotted(item), '{"a":%s,"b":null}'),
            (lambda item: Attrs(item), '{"a":%s,"_b":"b"}'),
        ]:
            assert encode(wrap(made(value))).decode() == shape.replace("%s", text)


class Paris(tzinfo):
    """A zone of the user's own."""

    def utcoffset(self, when):
        return timedelta(hours=1)


AMSTERDAM = ZoneInfo("Europe/Amsterdam")

DATES = [
    (date(2024, 2, 29), "2024-02-29", "Thu, 29 Feb 2024 00:00:00 GMT"),
    (date(1, 1, 1), "0001-01-01", "Mon, 01 Jan 0001 00:00:00 GMT"),
    (datetime(2024, 2, 29, 7), "2024-02-29T07:00:00", "Thu, 29 Feb 2024 07:00:00 GMT"),
    (SEVEN, "2024-02-29T07:08:09+00:00", "Thu, 29 Feb 2024 07:08:09 GMT"),
    (
        datetime(2024, 2, 29, 7, 8, 9, 10),
        "2024-02-29T07:08:09.000010",
        "Thu, 29 Feb 2024 07:08:09 GMT",
    ),
    (
        datetime(2024, 7, 1, 12, tzinfo=AMSTERDAM),
        "2024-07-01T12:00:00+02:00",
        "Mon, 01 Jul 2024 10:00:00 GMT",
    ),
    (
        datetime(2024, 7, 1, 12, tzinfo=Paris()),
        "2024-07-01T12:00:00+01:00",
        "Mon, 01 Jul 2024 11:00:00 GMT",
    ),
    # Local mean time: RFC 3339 has whole minutes only.
    (
        datetime(1800, 1, 1, tzinfo=timezone(timedelta(minutes=17, seconds=30))),
        "1800-01-01T00:00:00+00:18",
        "Tue, 31 Dec 1799 23:42:30 GMT",
    ),
    (
        datetime(2024, 1, 1, tzinfo=timezone(-timedelta(hours=1, seconds=40))),
        "2024-01-01T00:00:00-01:01",
        "Mon, 01 Jan 2024 01:00:40 GMT",
    ),
    (
        datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=23, minutes=59, seconds=59))),
        "2024-01-01T00:00:00+23:59",
        "Sun, 31 Dec 2023 00:00:01 GMT",
    ),
    (
        datetime(1890, 1, 1, tzinfo=timezone(timedelta(hours=10, minutes=4, seconds=52))),
        "1890-01-01T00:00:00+10:05",
        "Tue, 31 Dec 1889 13:55:08 GMT",
    ),
    (
        time(7, tzinfo=timezone(timedelta(hours=10, minutes=4, seconds=52))),
        "07:00:00+10:05",
        "07:00:00+10:05",
    ),
    (time(7, tzinfo=UTC), "07:00:00+00:00", "07:00:00+00:00"),
    (time(7, 30), "07:30:00", "07:30:00"),
]


@pytest.mark.parametrize(("value", "iso", "http"), DATES, ids=str)
def test_dates_and_times_by_the_setting(send: Send, value, iso, http):
    for style, text in (("iso", iso), ("http", http)):

        def view(style=style):
            with use_settings(dates=style):
                return jsonify(value)

        assert send(view).get_json() == text


def test_dates_are_iso_by_default_and_as_flask_writes_them_in_flask(place):
    expected = b'"2024-02-29"' if place == "plain" else b'"Thu, 29 Feb 2024 00:00:00 GMT"'
    assert encode(date(2024, 2, 29)) == expected


@pytest.mark.parametrize("microsecond", [0, 1, 10, 9_999, 10_000, 99_999, 100_000, 999_999])
def test_times_have_all_digits_of_their_microseconds(place, microsecond):
    moment = time(1, 2, 3, microsecond)
    with use_settings(dates="iso"):
        for value in moment, datetime.combine(date(2024, 2, 29), moment):
            assert encode([value, 1]) == f'["{value.isoformat()}",1]'.encode()


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(days=3), "P3D"),
        (timedelta(minutes=90), "PT1H30M"),
        (timedelta(hours=1, minutes=2, seconds=10), "PT1H2M10S"),
        (timedelta(seconds=1, microseconds=20), "PT1.00002S"),
        (timedelta(microseconds=500000), "PT0.5S"),
        (-timedelta(hours=1), "-PT1H"),
        (timedelta.min, "-P999999999D"),
        (timedelta.max, "P999999999DT23H59M59.999999S"),
    ],
)
def test_durations(place, duration, text):
    assert encode(duration) == f'"{text}"'.encode()


def test_floats_are_the_shortest_that_read_back_the_same(place):
    for value in (0.1, 1e22, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.123456789, 1e16):
        assert float(encode(value)) == value


class NotATime(datetime):
    """As pandas has it: an instance of datetime, and unequal to itself."""

    def __ne__(self, other):
        return True

    __hash__ = datetime.__hash__


def test_a_time_that_is_none_is_as_a_number_that_is_none(place):
    missing = NotATime(2024, 1, 1)
    assert encode([missing]) == b"[null]"
    with use_settings(nan="error"), pytest.raises(ValueError, match=r"\$\[0\]"):
        encode([missing])


class Speaking:
    def __json__(self):
        return {"said": Decimal(1)}

    def for_json(self):
        return "not asked"


class Simple:
    def for_json(self):
        return ["simple"]


class SpeakingDict(dict):
    def __json__(self):
        return "dict spoke"


@dataclasses.dataclass
class SpeakingData:
    a: int

    def __json__(self):
        return "data spoke"


class SpeakingUUID(UUID):
    def for_json(self):
        return "uuid spoke"


def test_an_object_speaks_for_itself(place):
    assert encode([Speaking(), Simple()]) == b'[{"said":"1"},["simple"]]'


def test_an_object_speaks_before_the_table_does():
    values = [SpeakingDict(a=1), SpeakingData(1), SpeakingUUID(int=1)]
    spoken = b'["dict spoke","data spoke","uuid spoke"]'
    assert encode(values) == spoken
    assert [encode(value) for value in values] == [b'"%s"' % s for s in spoken[2:-2].split(b'","')]


def test_a_class_does_not_speak_for_its_instances_attributes(place):
    html = Html()
    html.__json__ = lambda: "not asked"  # special methods are looked up on the class
    assert encode(html) == b'"<b>1</b>"'


def test_pydantic_by_alias_and_with_its_own_forms(place):
    class Both(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_inf_nan="constants")
        number: float = pydantic.Field(serialization_alias="theNumber")
        hidden: int = pydantic.Field(default=1, exclude=True)

        @pydantic.computed_field
        def twice(self) -> float:
            return self.number * 2

    assert encode(Both(number=1.5)) == b'{"theNumber":1.5,"twice":3.0}'
    assert encode(Both(number=float("nan"))) == b'{"theNumber":null,"twice":null}'


def test_pydantic_with_constants_that_are_not_json(place):
    class Limits(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_inf_nan="constants")
        low: float = pydantic.Field(serialization_alias="limit")
        high: float = pydantic.Field(serialization_alias="limit")

    class Limit(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_inf_nan="constants")
        limit: float

    assert encode([Limit(limit=float("-inf"))]) == b'[{"limit":null}]'
    with pytest.raises(JSONEncodeError, match=r"^\$\[0\].limit: object has two keys"):
        encode([Limits(low=1, high=float("inf"))])
    with pytest.raises(JSONEncodeError, match=r"^\$\[0\].limit: object has two keys"):
        encode([Limits(low=1, high=2)], JSONSettings(sort_keys=True))


@pytest.mark.parametrize("numbers", ["null", "constants", "strings"])
def test_settings_of_form_do_not_change_what_pydantic_says(numbers):
    class Measured(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_inf_nan=numbers)
        value: float
        at: datetime = SEVEN
        exact: int = 2**70
        more: dict[str, float] = {"z": 1e-07, "a": 0.1}
        text: str = "NaN and Infinity"

    for value in (1.5, float("nan"), float("-inf")):
        model = {"b": Measured(value=value), "a": None}
        plain = json.loads(encode(model))
        if numbers != "constants":
            assert plain["b"] == json.loads(model["b"].model_dump_json())
        for fields in ({"sort_keys": True}, {"pretty": True}, {"ensure_ascii": True}):
            assert json.loads(encode(model, JSONSettings(**fields))) == plain


def test_pydantic_models_are_written_anew_where_a_setting_asks_for_it(place):
    class Pair(pydantic.BaseModel):
        b: int = 1
        a: int = 2

    with use_settings(sort_keys=True):
        assert encode([Pair()]) == b'[{"a":2,"b":1}]'
    with use_settings(pretty=True):
        assert encode([Pair()]) == b'[\n  {\n    "b": 1,\n    "a": 2\n  }\n]'


def test_pydantic_hides_no_nan_where_nan_is_an_error(place):
    class Measured(pydantic.BaseModel):
        values: list[float | None]

    for fields in ({}, {"sort_keys": True}, {"pretty": True}):
        with use_settings(nan="error", **fields):
            assert json.loads(encode(Measured(values=[1.5, None]))) == {"values": [1.5, None]}
            with pytest.raises(JSONEncodeError) as caught:
                encode({"m": Measured(values=[float("nan")])})
            assert str(caught.value) == (
                "$.m: Measured holds NaN or an infinity, which JSON lacks (nan='error')"
            )


def test_a_library_that_is_not_used_is_not_imported():
    import subprocess
    import sys

    code = """
import sys
from decimal import Decimal
from jsonify_ext import encode, jsonify
jsonify([Decimal(1), {1: object.__class__ and 2}, {1}])
names = "flask pydantic msgspec attrs attr numpy sqlalchemy pandas".split()
print([name for name in names if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
