"""Hooks that change a container while it is encoded put nothing in another's place."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any

import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode

from ..samples import Html, Image, Members, Pairs

FIELDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pretty": {"pretty": True},
    "sort_keys": {"sort_keys": True},
    "ensure_ascii": {"ensure_ascii": True},
    "omit_none": {"omit_none": True},
    "big_ints": {"big_ints": "string"},
}
every_path = pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)


@every_path
def test_records_that_do_not_change_are_complete(fields):
    settings = JSONSettings(encoders={Image: lambda image: {"of": int(image.name)}}, **fields)
    for kind in list, tuple, deque:
        body = json.loads(encode(kind(row(number) for number in range(8)), settings))
        assert body == [{"id": n, "owner": {"of": n}, "tags": [{"of": n}]} for n in range(8)]


CHANGES: dict[str, Any] = {
    "remove the first": lambda rows: rows.pop(0),
    "remove the last": lambda rows: rows.pop(),
    "remove all": lambda rows: rows.clear(),
    "reorder": lambda rows: rows.reverse() if isinstance(rows, list) else rows.rotate(1),
    "insert": lambda rows: rows.insert(0, row(-1)),
    "append": lambda rows: rows.append(row(-1)) if len(rows) < 50 else None,
    "replace": lambda rows: rows.__setitem__(1, row(-2)),
    "remove and insert": lambda rows: rows.insert(2, rows.pop(0)),
}


def row(number: int) -> dict[str, Any]:
    return {"id": number, "owner": Image(str(number)), "tags": [Image(str(number))]}


@pytest.mark.parametrize("at", [0, 3, 7])
@pytest.mark.parametrize("kind", [list, deque])
@pytest.mark.parametrize("change", CHANGES)
@every_path
def test_hooks_that_change_a_container_mix_no_records(fields, change, kind, at):
    rows = kind(row(number) for number in range(8))

    def encoder(image: Image) -> Any:
        if image.name == str(at) and rows:
            CHANGES[change](rows)
        return {"of": int(image.name)}

    try:
        text = encode({"rows": rows}, JSONSettings(encoders={Image: encoder}, **fields))
    except JSONEncodeError:
        return
    for each in json.loads(text)["rows"]:
        owner = {"of": each["id"]}
        assert each == {"id": each["id"], "owner": owner, "tags": [owner]}


def reorder(table: dict[str, Any]) -> None:
    items = list(table.items())
    table.clear()
    table.update(reversed(items))


@pytest.mark.parametrize(
    "change",
    [reorder, lambda it: it.popitem(), lambda it: it.pop(min(it, default=""), None), dict.clear],
    ids=["reorder", "remove the last", "remove the first", "clear"],
)
@every_path
def test_hooks_that_change_an_object_mix_no_members(fields, change):
    table = {name: Image(name) for name in "abcdef"}

    def encoder(image: Image) -> Any:
        if image.name == "b" and table:
            change(table)
        return [image.name]

    try:
        text = encode([table], JSONSettings(encoders={Image: encoder}, **fields))
    except JSONEncodeError:
        return
    assert all(value == [name] for name, value in json.loads(text)[0].items())


def test_serializers_of_models_that_change_the_list_mix_no_records():
    rows: list[Any] = []

    class Changing(pydantic.BaseModel):
        id: int

        @pydantic.field_serializer("id")
        def change(self, value: int) -> int:
            rows[1:] = reversed(rows[1:])
            return value

    rows += [Changing(id=1), {"n": 2, "its": Decimal(2)}, {"n": 3, "its": Decimal(3)}]
    try:
        body = json.loads(encode({"rows": rows}))
    except JSONEncodeError:
        return
    assert all(int(each["its"]) == each["n"] for each in body["rows"] if "n" in each)


class Changes:
    """What the code of a value does to the list while one of its values is read."""

    rows: Any = None
    change: Any = None
    at = 3

    @classmethod
    def act(cls, number: int) -> None:
        if number == cls.at and cls.rows:
            CHANGES[cls.change](cls.rows)


class Zone(tzinfo):
    def utcoffset(self, when: Any) -> timedelta:
        Changes.act(when.year - 2000)
        return timedelta(0)


class Priced(Decimal):
    def __str__(self) -> str:
        Changes.act(int(self))
        return super().__str__()


class Marked:
    def __init__(self, name: str) -> None:
        self.name = name

    def __html__(self) -> str:
        Changes.act(int(self.name))
        return self.name


class Spoken(Marked):
    __html__ = None

    def __json__(self) -> Any:
        Changes.act(int(self.name))
        return [self.name]


class Table(Pairs):
    def __getitem__(self, key: Any) -> Any:
        Changes.act(self.pairs[key])
        return self.pairs[key]


class Drawn(Members):
    def __iter__(self) -> Iterator[Any]:
        Changes.act(self.items[0])
        return super().__iter__()


@dataclass
class Filled:
    """A dataclass that makes up a field."""

    number: int
    missing: int = field(init=False)

    def __getattr__(self, name: str) -> int:
        Changes.act(self.number)
        return self.number


def generated(number: int) -> Any:
    Changes.act(number)
    yield number


#: How a value that runs code is made, and how to find its number in what is sent.
PARTS: dict[str, tuple[Any, Any]] = {
    "zone": (lambda n: datetime(2000 + n, 1, 1, tzinfo=Zone()), lambda it: int(it[:4]) - 2000),
    "Decimal": (Priced, int),
    "__html__": (lambda n: Marked(str(n)), int),
    "__json__": (lambda n: Spoken(str(n)), lambda it: int(it[0])),
    "Mapping": (lambda n: Table(("n", n)), lambda it: it["n"]),
    "Set": (lambda n: Drawn([n]), lambda it: it[0]),
    "missing field": (Filled, lambda it: it["missing"]),
    "generator": (generated, lambda it: it[0]),
    "key": (lambda n: {Marked(str(n)): n}, lambda it: int(*it)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("part", PARTS)
@every_path
def test_code_of_values_that_changes_a_container_mixes_no_records(fields, part, change):
    make, number_of = PARTS[part]
    Changes.rows, Changes.change = None, change
    plain = [{"id": n, "part": make(n), "n": [n]} for n in range(8)]
    body = json.loads(encode(plain, JSONSettings(**fields)))
    assert [number_of(each["part"]) for each in body] == [*range(8)]
    settings = JSONSettings(encoders={Image: lambda image: image.name}, **fields)
    for others in [Html()], []:
        Changes.rows = [{"id": n, "part": make(n), "n": [n]} for n in range(8)]
        try:
            text = encode([Changes.rows, *others], settings)
        except JSONEncodeError:
            continue
        finally:
            Changes.rows = None
        for each in json.loads(text)[0]:
            if "part" in each:
                assert (number_of(each["part"]), each["n"]) == (each["id"], [each["id"]])


@dataclass
class User:
    id: int

    @cached_property
    def token(self) -> str:
        return "not a field"


@every_path
def test_attributes_that_a_hook_sets_on_another_record_are_not_sent(fields):
    for beside in [], [Html()], [{"a": Decimal(1)}]:
        user = User(1)
        encoders = {Image: lambda image, user=user: user.token}
        settings = JSONSettings(encoders=encoders, **fields)
        body = json.loads(encode([user, Image(), user, *beside], settings))
        assert "token" in vars(user)
        assert body[0] == body[2] == {"id": 1}
        assert body[1] == "not a field"
