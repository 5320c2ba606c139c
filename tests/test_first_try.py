"""What orjson may write by itself, and what it must not; left out where it is hidden."""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import math
import os
import sqlite3
import subprocess
import sys
import zoneinfo
from collections import OrderedDict, defaultdict, deque
from dataclasses import asdict, dataclass, field, make_dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encode.engines import _is_the_same as is_the_same
from jsonify_ext.encode.guards import enums_are_silent
from jsonify_ext.encode.plan import Plan
from jsonify_ext.encode.raw import Unencodable

from .test_engines import default
from .test_errors import Image
from .test_types import (
    Attrs,
    Base,
    Colour,
    Listed,
    Model,
    Point,
    Real,
    Slotted,
    Struct,
    Tagged,
    Text,
    Whole,
    sqlalchemy_rows,
    sqlite_row,
)


@dataclass
class Computing:
    """A field that a property reads."""

    a: Any

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@dataclass
class Reading:
    a: Any = field(repr=False)

    def __getattribute__(self, name: str) -> Any:
        return object.__getattribute__(self, name)


class Named(pydantic.BaseModel):
    """Writes its JSON itself."""

    a: int

    def model_dump_json(self, **options: Any) -> str:
        return '{"own":1}'


class Lying(Enum):
    """Says that it is None."""

    NAN = math.nan

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


inside: list[Any] = []
itself = Slotted(inside, 2)
inside.append(itself)


TABLE = {"a": 1, "b": Decimal(2)}


def first_try(value: Any, **fields: Any) -> bytes | None:
    """What the engine makes of a value without the walk."""
    return Plan(JSONSettings(**fields)).try_text(value)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ([1, "a", {"b": None}], {}),
        ([Decimal(1), timedelta(1), PurePosixPath("a")], {}),
        ([Colour.RED], {}),
        ([Decimal(1)], {"ensure_ascii": True, "sort_keys": True, "dates": "http"}),
        ([1, "a"], {"default": default}),
        ([1, "a"], {"encoders": {object: str}}),
        ([1.5], {"nan": "error"}),
        ([Decimal(1)], {"nan": "error"}),
        ([None, {"a": [None, 1.5, "null"]}], {"nan": "error"}),
        ({1: 2, "a": {None: 1, True: [{1.5: "b"}]}}, {}),
        ({1: 2, "a": (1, 1e-07)}, {"sort_keys": True, "pretty": True}),
        ([Base(1), Slotted(Base(2), [Slotted(1, {"a": date(2024, 1, 1)}), Base(3)])], {}),
        ([Attrs(1), Attrs([Attrs(2)])], {"sort_keys": True, "pretty": True}),
        ([sqlite_row(), *sqlalchemy_rows()], {}),
        ([Model(userId=1, at="2024-02-29T07:08:09Z")] * 2, {}),
        ([Model(userId=1, at="2024-02-29T07:08:09Z")] * 2, {"sort_keys": True}),
        ([Slotted(Model(userId=1, at="2024-02-29T07:08:09Z"), 1)], {}),
        ([Struct(1, at=None), Tagged([1])], {}),
        ([np.float32(0.1), np.arange(4).reshape(2, 2).T, np.array(["a"])], {}),
        ([Text("x"), Whole(1), Real(1.5), Listed([1]), Point(1, 2), deque([{1}]), range(3)], {}),
        ([TABLE.keys(), TABLE.values(), TABLE.items()], {}),
        ([OrderedDict(a=1), defaultdict(list, a=[1]), b"a", bytearray(b"b")], {}),
    ],
)
def test_used(value, fields):
    assert first_try(value, **fields) is not None


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({1: 2, "1": 3}, {}),
        ({1: math.nan}, {}),
        ({1: "\ud800"}, {}),
        ({1: Decimal(1)}, {}),
        ({1: Text("a")}, {"encoders": {Text: str.upper}}),
        ({date(2024, 1, 1): 1}, {}),
        ({1: 2**64}, {}),
        ([2**64], {}),
        ([{1}], {"sort_keys": True}),
        ([Computing(1)], {}),
        ([Reading(1)], {}),
        ([Named(a=1)], {}),
        ([iter([1])], {}),
        ([Base(1)], {"encoders": {Base: str}}),
        ({"a": Slotted(Model(userId=1, at="2024-02-29T07:08:09Z"), 1)}, {}),
        ({"a": itself}, {}),
        (itself, {}),
        ([Colour.RED], {"default": default}),
        ([Colour.RED], {"encoders": {Colour: str}}),
        ([Colour.RED], {"encoders": {object: str}}),
        ([Decimal(1)], {"encoders": {Decimal: str}}),
        ([None, math.nan], {"nan": "error"}),
        ([None, (1,)], {"nan": "error"}),
        ([None, Decimal(1)], {"nan": "error"}),
        ([None, Lying.NAN], {"nan": "error"}),
        ([b"\xff"], {}),
        ([Image()], {}),
    ],
)
def test_not_used(value, fields):
    assert first_try(value, **fields) is None


@dataclass
class Leaf:
    b: Any
    _a: Any = "private"


@dataclass(slots=True)
class Node:
    b: Any
    _a: Any = "private"


class Other(pydantic.BaseModel):
    b: int
    a: int = 2


def models() -> list[Any]:
    return [Model(userId=1, at="2024-02-29T07:08:09Z"), Model(userId=2, at="2024-02-29T07:08:09Z")]


FILLED: dict[str, Any] = {
    "texts of one class": models(),
    "texts of two classes": [*models(), Other(b=1)],
    "texts in an object": {"b": models(), "a": Other(b=1)},
    "attributes": [Leaf(1), Leaf({"z": 1, "y": [2]})],
    "attributes in attributes": [Leaf(Leaf([Leaf(1), Leaf(2)])), Leaf(Leaf(3))],
    "attributes in an object": {"b": Leaf([Leaf(Leaf({"z": 1, "y": 2}))]), "a": Leaf(1)},
    "slots": [Node(1), Node({"z": 1, "y": [2]})],
    "slots in slots": [Node(Node([Node(1), Node(2)]), Node(Node(3))), Node(4)],
    "slots in an object": {"b": Node([Node(Node({"z": 1, "y": 2}))]), "a": Node(1)},
    "slots in attributes": {"b": [Leaf(Node(Leaf(Node(1)))), Leaf(2), Node(Leaf(3))]},
    "one in the other, and again": {"b": Leaf(Node(Leaf(Node(Leaf(1)))))},
    "leaves": [Decimal("1.10"), timedelta(1), b"a"],
    "leaves in an object": {"b": Decimal("1.10"), "a": [timedelta(1), {"c": b"a"}]},
    "leaves in slots": {"b": Node(Decimal("1.10"), Leaf([Decimal("2.20"), b"a"])), "a": b"b"},
    "dates": {"b": date(2024, 2, 29), "a": [datetime(2024, 2, 29, 12, 30, 15, 1000)]},
    "dates and leaves": {"b": Decimal(1), "a": [date(2024, 2, 29), Decimal(2), Decimal(3)]},
    "dates and times": {"b": date(2024, 2, 29), "a": [time(12, 30, 15, 10000), Decimal(2)]},
    "dates in slots": {"b": [Node(date(2024, 2, 29), Decimal(1)), Decimal(2)]},
}


@pytest.mark.parametrize("dates", ["iso", "http"])
@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize("sort_keys", [False, True])
@pytest.mark.parametrize("name", FILLED)
def test_what_is_filled_in_is_what_the_walk_writes(
    name: str, sort_keys: bool, pretty: bool, dates: Literal["iso", "http"]
):
    plan = Plan(JSONSettings(sort_keys=sort_keys, pretty=pretty, dates=dates))
    value = FILLED[name]
    expected = plan.engine.write(plan.walk(value))
    assert plan.try_text(value) == expected
    body = plan.engine.first_try(lambda value: None, newline=True)
    assert body(value) == expected + b"\n"


def test_what_cannot_be_compared_is_not_the_same():
    assert is_the_same(b"[null]", [None])
    assert not is_the_same(b"[null", [None])


def test_a_field_behind_a_property_is_read_by_the_walk():
    @dataclass
    class Behind:
        a: int

    Behind.a = property(lambda self: 7, lambda self, value: None)
    assert first_try([Behind(1)]) is None
    assert encode([Behind(1)]) == b'[{"a":7}]'


def test_code_of_a_model_that_changes_the_value_is_noticed():
    rows = []

    class Changing(pydantic.BaseModel):
        a: int

        @pydantic.field_serializer("a")
        def change(self, value):
            rows[1:] = reversed(rows[1:])
            return value

    rows += [Changing(a=1), Decimal(2), Decimal(3)]
    assert first_try({"rows": rows}) is None


def test_the_tests_themselves_leave_orjson_its_first_try():
    assert enums_are_silent()


def test_a_second_pass_that_finds_another_value_is_not_believed():
    filling = Plan(JSONSettings()).engine._filling
    value = [Decimal(1), Decimal(2)]
    for count in (1, 3):
        with pytest.raises((TypeError, Unencodable)):
            filling.fill(value, [Decimal(3)] * count, 0)


def test_zones_whose_offsets_have_seconds():
    for zone, at, offset in (
        ("Europe/Amsterdam", datetime(1930, 6, 1), "+01:20"),
        ("Africa/Monrovia", datetime(1972, 1, 1), "-00:45"),  # the last of them, for a week
        ("America/Anchorage", datetime(1900, 6, 1), "-10:00"),  # -09:59:24
    ):
        text = f'{{"at":"{at.isoformat()}{offset}"}}'
        assert encode({"at": at.replace(tzinfo=ZoneInfo(zone))}).decode() == text
    assert first_try({"at": datetime(2024, 6, 1, tzinfo=ZoneInfo("Europe/Amsterdam"))}) == (
        b'{"at":"2024-06-01T00:00:00+02:00"}'
    )


ZoneInfoInPython: Any = importlib.import_module("zoneinfo._zoneinfo").ZoneInfo


class Noon(tzinfo):
    """A zone in Python."""

    def utcoffset(self, at: datetime | None, /) -> timedelta:
        return timedelta(hours=1)

    def dst(self, at: datetime | None, /) -> timedelta:
        return timedelta(0)


@pytest.mark.parametrize("kind", [Noon, ZoneInfoInPython])
def test_zones_in_python_are_asked_by_us_only(kind: Any, monkeypatch: pytest.MonkeyPatch):
    asking: list[str] = []
    answer = kind.utcoffset

    def utcoffset(self: Any, at: datetime) -> timedelta:
        asking.append(Path(sys._getframe(1).f_code.co_filename).name)
        offset: timedelta = answer(self, at)
        return offset

    monkeypatch.setattr(kind, "utcoffset", utcoffset)
    if kind is ZoneInfoInPython:
        monkeypatch.setattr(zoneinfo, "ZoneInfo", kind)
    zone = Noon() if kind is Noon else kind("Europe/Berlin")
    at = datetime(2024, 1, 1, tzinfo=zone)
    assert encode({"a": [at, Decimal(1)]}) == b'{"a":["2024-01-01T00:00:00+01:00","1"]}'
    assert {*asking} == {"dates.py"}


def test_rows_whose_columns_have_the_same_name_are_left_to_the_walk():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    (row,) = connection.execute("SELECT 1 AS a, 2 AS a")
    connection.close()
    assert first_try([row]) is None
    with pytest.raises(JSONEncodeError, match=r"^\$\[0\]\.a: .*two keys"):
        encode([row])


def test_models_keep_all_digits_where_keys_are_sorted():
    class Exact(pydantic.BaseModel):
        number: int

    assert (
        encode([Exact(number=2**70)], JSONSettings(sort_keys=True)) == b'[{"number":%d}]' % 2**70
    )


def test_a_list_of_models_is_what_each_of_them_says():
    class Timed(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_timedelta="float", ser_json_bytes="base64")
        anything: Any

    models = [Timed(anything=timedelta(seconds=1.5)), Timed(anything=b"\xff")]
    texts = [model.model_dump_json(by_alias=True) for model in models]
    assert first_try(models) == f"[{','.join(texts)}]".encode()
    assert first_try({"models": models}) == f'{{"models":[{",".join(texts)}]}}'.encode()


@pytest.mark.parametrize("levels", range(1, 9))
def test_a_circle_through_tuples_is_an_error(levels: int):
    inside: list[Any] = []
    parent = {"children": [(inside, 1)]}
    around: Any = parent
    for number in range(levels):
        around = (around, number)
    inside.append(around)
    for circle in (around, inside, parent, [{}, parent, "last"]):
        with pytest.raises(JSONEncodeError, match="circular"):
            encode(circle)


@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("classes", [1, 9])
@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize("length", range(1, 5))
def test_a_circle_of_declared_classes(length: int, before: int, classes: int, slots: bool):
    levels = [
        make_dataclass(f"Level{number}", ["name", "next"], slots=slots and number != 1)
        for number in range(classes)
    ]
    chain = [levels[number % classes](number, None) for number in range(before + length)]
    for value, inner in itertools.pairwise(chain):
        value.next = inner
    expected = functools.reduce(
        lambda text, value: f'{{"name":{value.name},"next":{text}}}', reversed(chain), "null"
    )
    for form in ([chain[0]], {"a": chain[0]}, {"a": [chain[0], 1]}):
        assert expected.encode() in (first_try(form) or b"")
    chain[-1].next = chain[before]
    for form in ([chain[0]], {"a": chain[0]}, {"a": [chain[0], 1]}):
        with pytest.raises(JSONEncodeError, match="circular"):
            encode(form)


@pytest.mark.parametrize("slots", [True, False])
def test_a_circle_is_found_before_it_is_gone_through_again(slots: bool):
    chain = [make_dataclass(f"Level{number}", ["a", "b"], slots=slots) for number in range(9)]
    inner = last = chain[-1](None, None)
    for cls in chain[-2::-1]:
        inner = cls([inner] * 3, None)
    last.a = inner  # once again would be 3 ** 16 objects
    for form in ([inner], {"a": inner}):
        with pytest.raises(JSONEncodeError, match="circular"):
            encode(form)


def test_the_same_object_at_two_depths_is_no_circle():
    shared = Base(Decimal(1))
    for value in (Base([shared, Slotted(shared, Base(shared))]), Base([shared, Base(shared)])):
        expected = json.dumps(asdict(value), default=str, separators=(",", ":"))
        assert encode({"a": [value]}).decode() == f'{{"a":[{expected}]}}'


def test_a_circle_through_a_view_of_a_dict():
    table: dict[str, Any] = {}
    table["values"] = table.values()
    for value in (table, [table.values()], table.items()):
        with pytest.raises(JSONEncodeError, match="circular"):
            encode(value)


class Asked:
    """An engine that is asked what it can write alone."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.plan = Plan(JSONSettings())

    def __call__(self, value: Any) -> bytes | None:
        self.values.append(value)
        return self.plan.try_text(value)

    def walk(self, value: Any) -> bytes:
        return self.plan.engine.write(self.plan.walk(value, self))


def test_the_walk_leaves_to_the_engine_what_it_can_write_alone():
    rows = [{"id": number, "price": Decimal(number)} for number in range(3)]
    for value in (iter(rows), {"big": 2**70, "rows": rows}, {"big": 2**70, "rows": iter(rows)}):
        asked = Asked()
        text = asked.walk(value)
        assert asked.values == [rows]
        assert b'[{"id":0,"price":"0"},{"id":1,"price":"1"},{"id":2,"price":"2"}]' in text


def test_the_walk_leaves_the_root_to_nobody_a_second_time():
    asked = Asked()
    assert asked.walk([1, {"a": 2}]) == b'[1,{"a":2}]'
    assert asked.values == [{"a": 2}]


def test_the_engine_is_asked_less_and_less_where_it_cannot():
    asked = Asked()
    rows: list[Any] = [{"big": 2**70} for _ in range(1000)]
    asked.walk(rows)
    assert len(asked.values) == 9
    asked = Asked()
    plain = [{"a": 1} for _ in range(1000)]
    asked.walk([*rows[:100], *plain, *rows])
    assert plain[-1] in asked.values
    assert 900 < len(asked.values) < 1000 + 20


def nested(depth: int, inner: Any, *before: Any) -> Any:
    for _ in range(depth):
        inner = [*before, inner]
    return inner


def test_a_document_is_no_deeper_for_what_the_engine_writes():
    easy = ([0], [0], [0])  # so that the engine is asked on every level
    value = nested(640, nested(250, 1), 2**70, *easy)
    assert json.loads(encode(value)) == value
    for depth in (640, 648, 660):
        with pytest.raises(JSONEncodeError, match="nested too deep"):
            encode(nested(depth, nested(901 - depth, 1), 2**70, *easy))


def test_sets_are_sorted_by_what_the_engine_has_written_too():
    value = {(2, "b"), (1, "a"), (10, "c"), frozenset({3})}
    assert encode([value, 2**70], JSONSettings(sort_keys=True)).startswith(
        b'[[[1,"a"],[10,"c"],[2,"b"],[3]],'
    )


def test_tuples_in_tuples_are_an_error_wherever_they_are():
    nest: Any = ()
    for _ in range(5000):
        nest = (nest,)
    with pytest.raises(JSONEncodeError, match="nested too deep"):
        encode({"a": [nest, 1], "b": 2})


#: Bodies that end near the ends of orjson's buffers, which grow from one kibibyte on.
_NESTS = """
import json
from jsonify_ext import encode
last = '[""' + ',""' * 31 + "]"
lists, both = (*range(28), *range(255, 260)), range(25, 127, 4)
for begin, end, depths in ("[", "]", lists), ('[{"a":', "}]", both):
    for depth in depths:
        for length in range(0, 2200, 1 + depth // 4):
            numbers = "0" + length // 2 * ",0"
            text = f'{{"{length % 2 * "a"}":[{numbers}],"b":[{begin * depth}{last}{end * depth}]}}'
            assert encode(json.loads(text)).decode() == text
"""


def test_nesting_of_all_depths_stays_in_its_memory():
    checked = {**os.environ, "PYTHONMALLOC": "debug"}
    run = subprocess.run([sys.executable, "-c", _NESTS], env=checked, capture_output=True)
    assert (run.returncode, run.stderr) == (0, b"")
