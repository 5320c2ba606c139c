"""Hooks that change a container while it is encoded never mix up its records."""

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

CHANGES: dict[str, Any] = {
    "remove the first": lambda rows: rows.pop(0),
    "remove all": lambda rows: rows.clear(),
    "reverse": lambda rows: rows.reverse(),
    "append": lambda rows: rows.append(row(-1)) if len(rows) < 50 else None,
    "replace": lambda rows: rows.__setitem__(1, row(-2)),
    "move": lambda rows: rows.insert(2, rows.pop(0)),
}


def row(number: int) -> dict[str, Any]:
    return {"id": number, "owner": Image(str(number)), "tags": [Image(str(number))]}


def encoded(value: Any, **settings: Any) -> Any:
    """What is sent, or None if it is an error."""
    try:
        return json.loads(encode(value, JSONSettings(**settings)))
    except JSONEncodeError:
        return None


@pytest.mark.parametrize("at", [0, 3, 7])
@pytest.mark.parametrize("change", CHANGES)
def test_hooks_that_change_a_container_mix_no_records(fields, change, at):
    rows = [row(number) for number in range(8)]

    def encoder(image: Image) -> Any:
        if image.name == str(at) and rows:
            CHANGES[change](rows)
        return {"of": int(image.name)}

    body = encoded({"rows": rows}, encoders={Image: encoder}, **fields)
    for each in body["rows"] if body else []:
        owner = {"of": each["id"]}
        assert each == {"id": each["id"], "owner": owner, "tags": [owner]}


def test_hooks_that_rotate_a_deque_mix_no_records(fields):
    rows = deque(row(number) for number in range(8))
    encoder = lambda image: rows.rotate(1) or {"of": int(image.name)}  # noqa: E731
    for each in encoded({"rows": rows}, encoders={Image: encoder}, **fields)["rows"]:
        assert each["owner"] == {"of": each["id"]}


def reverse(table: dict[str, Any]) -> None:
    items = list(table.items())
    table.clear()
    table.update(reversed(items))


@pytest.mark.parametrize("change", [reverse, dict.popitem, lambda table: table.pop(min(table))])
def test_hooks_that_change_an_object_mix_no_members(fields, change):
    table = {name: Image(name) for name in "abcdef"}

    def encoder(image: Image) -> Any:
        if image.name == "b" and table:
            change(table)
        return [image.name]

    body = encoded([table], encoders={Image: encoder}, **fields)
    assert all(value == [name] for name, value in (body or [{}])[0].items())


def test_serializers_of_models_that_change_the_list_mix_no_records():
    rows: list[Any] = []

    class Changing(pydantic.BaseModel):
        id: int

        @pydantic.field_serializer("id")
        def change(self, value: int) -> int:
            rows[1:] = reversed(rows[1:])
            return value

    rows += [Changing(id=1), {"n": 2, "its": Decimal(2)}, {"n": 3, "its": Decimal(3)}]
    body = encoded({"rows": rows}) or {"rows": []}
    assert all(int(each["its"]) == each["n"] for each in body["rows"] if "n" in each)


class Changes:
    """How the code of values changes the list that contains them."""

    rows: Any = None
    change: Any = None

    @classmethod
    def act(cls, number: int) -> None:
        if number == 3 and cls.rows:
            CHANGES[cls.change](cls.rows)


class Zone(tzinfo):
    def utcoffset(self, when: Any) -> timedelta:
        Changes.act(when.year - 2000)
        return timedelta(0)


class Price(Decimal):
    def __str__(self) -> str:
        Changes.act(int(self))
        return super().__str__()


class Markup:
    def __init__(self, name: str) -> None:
        self.name = name

    def __html__(self) -> str:
        Changes.act(int(self.name))
        return self.name


class Own(Markup):
    __html__ = None

    def __json__(self) -> Any:
        Changes.act(int(self.name))
        return [self.name]


class Table(Pairs):
    def __getitem__(self, key: Any) -> Any:
        Changes.act(self.pairs[key])
        return self.pairs[key]


class Iterated(Members):
    def __iter__(self) -> Iterator[Any]:
        Changes.act(self.items[0])
        return super().__iter__()


@dataclass
class Filled:
    """A dataclass that computes a field."""

    number: int
    missing: int = field(init=False)

    def __getattr__(self, name: str) -> int:
        Changes.act(self.number)
        return self.number


def generated(number: int) -> Any:
    Changes.act(number)
    yield number


#: How to make a value whose code runs, and how to read its number from the output.
PARTS: dict[str, tuple[Any, Any]] = {
    "time zone": (
        lambda n: datetime(2000 + n, 1, 1, tzinfo=Zone()),
        lambda it: int(it[:4]) - 2000,
    ),
    "Decimal": (Price, int),
    "__html__": (lambda n: Markup(str(n)), int),
    "__json__": (lambda n: Own(str(n)), lambda it: int(it[0])),
    "Mapping": (lambda n: Table(("n", n)), lambda it: it["n"]),
    "Set": (lambda n: Iterated([n]), lambda it: it[0]),
    "missing field": (Filled, lambda it: it["missing"]),
    "generator": (generated, lambda it: it[0]),
    "key": (lambda n: {Markup(str(n)): n}, lambda it: int(*it)),
}


@pytest.mark.parametrize("part", PARTS)
def test_code_of_values_that_changes_a_container_mixes_no_records(fields, part):
    make, number_of = PARTS[part]
    encoders = {Image: lambda image: image.name}
    for change in CHANGES:
        for others in [Html()], []:
            rows = [{"id": n, "part": make(n), "n": [n]} for n in range(8)]
            Changes.rows, Changes.change = rows, change
            body = encoded([rows, *others], encoders=encoders, **fields) or [[]]
            for each in body[0]:
                if "part" in each:
                    assert (number_of(each["part"]), each["n"]) == (each["id"], [each["id"]])
    Changes.rows = None
    rows = [{"part": make(n)} for n in range(8)]
    assert [number_of(each["part"]) for each in encoded(rows, **fields)] == [*range(8)]


@dataclass
class User:
    id: int

    @cached_property
    def token(self) -> str:
        return "not a field"


def test_attributes_that_a_hook_sets_on_another_record_are_not_sent(fields):
    for beside in [], [Html()], [{"a": Decimal(1)}]:
        user = User(1)
        encoders = {Image: lambda image, user=user: user.token}
        body = encoded([user, Image(), user, *beside], encoders=encoders, **fields)
        assert "token" in vars(user)
        assert body[:3] == [{"id": 1}, "not a field", {"id": 1}]
