"""What orjson cannot write by itself, filled in; left out where it is hidden."""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import sqlite3
import sys
import zoneinfo
from dataclasses import asdict, dataclass, make_dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encode.plan import Plan
from jsonify_ext.encode.raw import Unencodable

from .test_first_try import first_try
from .test_types import (
    Base,
    Model,
    Slotted,
)


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
