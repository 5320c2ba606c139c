"""Hooks that change a container while it is encoded never mix up its records."""

from __future__ import annotations

import itertools
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode

from ..samples import Html, Image, Loose, LooseStruct, Members, Pairs, error_of


def encoded(value: Any, **settings: Any) -> Any:
    """What is sent, or None if it is an error."""
    try:
        return json.loads(encode(value, JSONSettings(**settings)))
    except JSONEncodeError:
        return None


class World:
    """The list that is encoded, and the change that the code of one of its records makes."""

    rows: list[Any]
    change: Callable[[list[Any]], Any]
    at: int | None
    part: Any


def act(number: int) -> None:
    """What the code of a record does."""
    if number == World.at and World.rows:
        World.change(World.rows)


def row(number: int) -> dict[str, Any]:
    return {"id": number, "part": World.part(number), "n": [number]}


CHANGES: dict[str, Callable[[list[Any]], Any]] = {
    "remove the first": lambda rows: rows.pop(0),
    "remove all": lambda rows: rows.clear(),
    "reverse": lambda rows: rows.reverse(),
    "append": lambda rows: rows.append(row(-1)) if len(rows) < 50 else None,
    "replace": lambda rows: rows.__setitem__(1, row(-2)) if rows[1:] else None,
    "move": lambda rows: rows.insert(2, rows.pop(0)),
}


@dataclass
class Filled:
    """A dataclass that computes a field."""

    missing: int = field(init=False)


def acting(base: type, method: str, result: Any, arguments: Any = lambda number: ()) -> Any:
    """What makes an object with a number, whose method makes the change first."""

    def make(number: int) -> Any:
        code = lambda self, *_: act(number) or result(number)  # noqa: E731  # of a class
        return type("Acting", (base,), {method: code})(*arguments(number))

    return make


def generated(number: int) -> Any:
    act(number)
    yield number


def encode_image(image: Image) -> Any:
    act(int(image.name))
    return {"of": int(image.name)}


zone = acting(tzinfo, "utcoffset", lambda n: timedelta(0))
html = acting(object, "__html__", str)
#: How to make a value whose code runs, and how to read its number from the output.
PARTS: dict[str, tuple[Any, Any]] = {
    "encoder": (lambda n: Image(str(n)), lambda it: it["of"]),
    "encoder deeper": (lambda n: [[Image(str(n))]], lambda it: it[0][0]["of"]),
    "time zone": (
        lambda n: datetime(2000 + n, 1, 1, tzinfo=zone(n)),
        lambda it: int(it[:4]) - 2000,
    ),
    "datetime": (
        acting(datetime, "__getattribute__", lambda n: None, lambda n: (2000 + n, 1, 1)),
        lambda it: int(it[:4]) - 2000,
    ),
    "Decimal": (acting(Decimal, "__str__", str, lambda n: (n,)), int),
    "Path": (acting(PurePosixPath, "__str__", str, lambda n: (str(n),)), int),
    "__html__": (html, int),
    "__json__": (acting(object, "__json__", lambda n: [str(n)]), lambda it: int(it[0])),
    "Mapping": (
        acting(Pairs, "__getitem__", lambda n: n, lambda n: [("n", n)]),
        lambda it: it["n"],
    ),
    "Set": (acting(Members, "__iter__", lambda n: iter([n]), lambda n: [[n]]), lambda it: it[0]),
    "missing field": (acting(Filled, "__getattr__", lambda n: n), lambda it: it["missing"]),
    "generator": (generated, lambda it: it[0]),
    "key": (lambda n: {html(n): n}, lambda it: int(*it)),
}


@pytest.mark.parametrize("part", PARTS)
def test_hooks_that_change_a_container_mix_no_records(fields, part):
    World.part, number_of = PARTS[part]
    changes = [*itertools.product(CHANGES.values(), [0, 3, 7]), (len, None)]
    for (World.change, World.at), others in itertools.product(changes, [[Html()], []]):
        World.rows = [row(number) for number in range(8)]
        body = encoded([World.rows, *others], encoders={Image: encode_image}, **fields)
        for each in body[0] if body else []:
            assert (number_of(each["part"]), each["n"]) == (each["id"], [each["id"]])
    assert len(body[0]) == 8  # the last change is none


def test_hooks_that_rotate_a_deque_mix_no_records(fields):
    rows = deque({"id": number, "owner": Image(str(number))} for number in range(8))
    encoders = {Image: lambda image: rows.rotate(1) or int(image.name)}
    for each in encoded({"rows": rows}, encoders=encoders, **fields)["rows"]:
        assert each["owner"] == each["id"]


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


@pytest.mark.parametrize("make", [lambda part: {"a": part}, lambda part: Loose(avatar=part)])
def test_an_exception_of_a_hook_that_removes_its_value_is_raised(make, fields):
    rows: list[Any] = []

    def encoder(image: Image) -> str:
        if image.name == "2":
            rows.pop(1)
            raise ValueError(image.name)
        return image.name

    for others in [], [Html()]:
        rows[:] = [make(Image(str(number))) for number in (1, 2, 3)]
        error: BaseException = error_of([rows, *others], encoders={Image: encoder}, **fields)
        while error.__cause__ is not None:
            error = error.__cause__
        assert str(error) == "2"


@dataclass
class User:
    id: int

    @cached_property
    def token(self) -> str:
        return "not a field"


def fill(container: Any, items: list[Image]) -> None:
    container.clear()
    if isinstance(container, list):
        container.extend(items)
    else:
        container.update({str(number): item for number, item in enumerate(items)})


@pytest.mark.parametrize("make", [lambda inner: Loose(avatar=inner), LooseStruct])
@pytest.mark.parametrize("kind", [list, dict])
def test_hooks_that_change_what_a_library_reads_do_not_end_the_process(make, kind):
    images = [Image(str(number)) for number in range(10)]
    inner: Any = kind()
    called: list[str] = []

    def encoder(image: Image) -> str:
        called.append(image.name)
        fill(inner, [Image("other")] * 10_000)
        fill(inner, [])
        return image.name

    for place in (lambda each: each), (lambda each: [each]), (lambda each: {"a": each, 1: 2}):
        fill(inner, images)
        called.clear()
        body = encoded(place(make(inner)), encoders={Image: encoder})
        assert "other" not in str(body)
        assert len(called) == len({*called}) > 0


@pytest.mark.parametrize("change", [list.reverse, list.pop, lambda rows: rows.append(Image())])
def test_hooks_that_change_a_struct_are_an_error(change):
    images = [Image("a"), Image("b")]

    def encoder(image: Image) -> str:
        if image.name == "a":
            change(images)
        return image.name

    error = error_of([LooseStruct(images)], encoders={Image: encoder})
    assert (error.path, "was changed" in str(error)) == ("$[0]", True)


def test_attributes_that_a_hook_sets_on_another_record_are_not_sent(fields):
    for beside in [], [Html()], [{"a": Decimal(1)}]:
        user = User(1)
        encoders = {Image: lambda image, user=user: user.token}
        body = encoded([user, Image(), user, *beside], encoders=encoders, **fields)
        assert "token" in vars(user)
        assert body[:3] == [{"id": 1}, "not a field", {"id": 1}]
