"""Nesting and circular references.

Those through tuples, which could end the process, are in
``tests/integration/test_tuple_circles.py``.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode

from .. import samples as s
from ..samples import Image, Said, error_of, nested, without_none

#: How each kind wraps a value, and how that looks in JSON.
WRAPS: dict[str, tuple[Any, Any]] = {
    "list": (lambda it: [it], lambda it: [it]),
    "tuple": (lambda it: (it,), lambda it: [it]),
    "dict": (lambda it: {"a": it}, lambda it: {"a": it}),
    "integer key": (lambda it: {1: it}, lambda it: {"1": it}),
    "dataclass": (lambda it: s.Alone(it), lambda it: {"a": it}),
    "dataclass with slots": (lambda it: s.Slotted(it), lambda it: {"a": it, "b": None}),
    "attrs": (lambda it: s.Attrs(it), lambda it: {"a": it, "_b": "b"}),
    "UserDict": (lambda it: s.Mapped(a=it), lambda it: {"a": it}),
    "namedtuple": (lambda it: s.Point(it, 0), lambda it: [it, 0]),
    "iterator": (lambda it: iter([it]), lambda it: [it]),
    "frozenset": (lambda it: frozenset([it]), lambda it: [it]),
}
KINDS = [*WRAPS][:-1]  # a frozenset can't contain most of the others


def formed(form: Any, fields: dict[str, Any]) -> Any:
    return without_none(form) if fields.get("omit_none") else form


@pytest.mark.parametrize("kind", WRAPS)
def test_254_levels_of_one_kind(kind, fields):
    wrap, form = WRAPS[kind]
    for last, its in (1, 1), (Decimal(1), "1"), (s.Level.HIGH, 3):
        body = encode(nested(254, wrap, last), JSONSettings(**fields))
        assert json.loads(body) == formed(nested(254, form, its), fields)


@pytest.mark.parametrize("first", KINDS)
def test_254_levels_of_two_kinds(first, fields):
    for second in KINDS:
        (outer, outer_form), (inner, inner_form) = WRAPS[first], WRAPS[second]
        value = nested(127, lambda it, outer=outer, inner=inner: outer(inner(it)), "é")
        form = nested(127, lambda it, o=outer_form, i=inner_form: o(i(it)), "é")
        assert json.loads(encode(value, JSONSettings(**fields))) == formed(form, fields)


@pytest.mark.parametrize("kind", [kind for kind in WRAPS if kind != "tuple"])
def test_2000_levels_are_too_deep(kind):
    for fields in {}, {"sort_keys": True}, {"big_ints": "error"}:
        for around in (lambda it: it), (lambda it: {"a": [0, it]}):
            error = error_of(around(nested(2000, WRAPS[kind][0])), **fields)
            assert "deep" in str(error)
            assert error.path.startswith("$")


def test_100_000_levels_are_too_deep():
    for kind in "list", "dict":
        value = nested(100_000, WRAPS[kind][0])
        assert "deep" in str(error_of(value))
        while value != 1:  # freed level by level, which needs no deep stack
            value = value.pop() if isinstance(value, list) else value.popitem()[1]


def test_long_paths_are_shortened_in_the_middle():
    error = error_of({"first": nested(2000, lambda it: {"level": [it]})})
    assert len(str(error)) < 1000
    assert error.path.startswith("$.first.level[0].level")
    assert error.path.endswith(("level", "level[0]"))
    assert "..." in error.path or "…" in error.path
    deep = error_of(nested(200, lambda it: {"level": [it]}, Image())).path
    assert len(deep) < 500
    assert deep.endswith(".level[0]")
    assert error_of(nested(10, lambda it: [it], Image())).path == "$" + "[0]" * 10


@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_an_iterator_is_read_once_at_any_depth(kind):
    wrap, form = WRAPS[kind]
    for depth in 1, 100, 252, 253:
        body = encode(nested(depth, wrap, iter([1, Decimal(2)])))
        assert json.loads(body) == nested(depth, form, [1, "2"])
        error = error_of(nested(depth, wrap, iter([1, Image()])))
        assert error.type_name == "Image"
        assert error.path.endswith("[1]")


def test_a_stack_that_is_nearly_full():
    text = b'{"1":["a",1180591620717411303424,"1"]}'
    settings = JSONSettings(sort_keys=True)

    def at_depth(depth: int) -> Any:
        if depth:
            return at_depth(depth - 1)
        return encode({1: ["a", 2**70, Decimal(1)]}, settings)

    outcomes = set()
    for depth in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit()):
        try:
            outcomes.add(at_depth(depth))
        except RecursionError:
            outcomes.add("the caller's recursion")
        except JSONEncodeError as error:
            outcomes.add("too deep" if "deep" in str(error) else str(error))
    assert outcomes - {"too deep"} == {text, "the caller's recursion"}


def circles() -> dict[str, tuple[Any, str]]:
    """Values that contain themselves, and where."""
    array: list[Any] = [0]
    array.append(array)
    table: dict[str, Any] = {}
    table["a"] = [table]
    data = s.Slotted(inner := [])
    inner.append(data)
    plain = s.Alone(None)
    plain.a = plain
    declared = s.Attrs(None)
    declared.a = {"x": declared}
    mapped = s.Mapped()
    mapped["me"] = mapped
    numbers: dict[Any, Any] = {1: None}
    numbers[1] = numbers
    views: dict[str, Any] = {}
    views["values"] = views.values()
    method = Said(None)
    method.value = [method]
    both = Said(None)
    both.value = s.Alone(both)
    members = Said(None)
    members.value = {"s": {members}}
    return {
        "list": (array, "$[1]"),
        "dict": (table, "$.a[0]"),
        "dataclass with slots": (data, "$.a[0]"),
        "dataclass": (plain, "$.a"),
        "attrs": (declared, "$.a.x"),
        "UserDict": (mapped, "$.me"),
        "integer key": (numbers, '$["1"]'),
        "view": (views, "$.values[0]"),
        "__json__": (method, "$[0]"),
        "__json__ and dataclass": (both, "$.a"),
        "__json__ and set": (members, "$.s[0]"),
    }


@pytest.mark.parametrize("kind", circles())
def test_circular_references(kind, fields):
    value, path = circles()[kind]
    error = error_of(value, **fields)
    assert error.path == path
    assert "circular" in str(error)
    for around in {"x": [value]}, [s.Html(), value], {"x": value, "y": 2**70}:
        assert "circular" in str(error_of(around, **fields))


@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("classes", [1, 9])
@pytest.mark.parametrize("before", [0, 2])
@pytest.mark.parametrize("length", [1, 4])
def test_circles_of_dataclasses(length, before, classes, slots):
    levels = [
        make_dataclass(f"Level{number}", ["name", "next"], slots=slots and number != 1)
        for number in range(classes)
    ]
    chain = [levels[number % classes](number, None) for number in range(before + length)]
    expected: Any = None
    for value in reversed(chain):
        expected = {"name": value.name, "next": expected}
    for value, inner in itertools.pairwise(chain):
        value.next = inner
    assert json.loads(encode({"a": [chain[0], 1]})) == {"a": [expected, 1]}
    chain[-1].next = chain[before]
    for form in ([chain[0]], {"a": chain[0]}, {"a": [chain[0], 1]}):
        assert "circular" in str(error_of(form))


@pytest.mark.parametrize("slots", [True, False])
def test_a_circle_is_found_in_its_first_round(slots):
    chain = [make_dataclass(f"Level{number}", ["a", "b"], slots=slots) for number in range(9)]
    inner = last = chain[-1](None, None)
    for cls in chain[-2::-1]:
        inner = cls([inner] * 3, None)
    last.a = inner  # two rounds would be 3 ** 16 objects
    for form in ([inner], {"a": inner}):
        assert "circular" in str(error_of(form))


@pytest.mark.parametrize("count", [3, 40, 1500])
def test_children_that_refer_to_their_parent_are_an_error_soon(count):
    calls: Counter[str] = Counter()

    @dataclass
    class Node:
        parent: Any
        children: list[Any] = field(default_factory=list)
        kind: Any = None

        def __getattribute__(self, name: str) -> Any:
            calls[name] += 1
            return super().__getattribute__(name)

    root = Node(None)
    root.children = [Node(root) for _ in range(count)]
    for fields in {}, {"pretty": True}, {"sort_keys": True}, {"big_ints": "error"}:
        for value in root, {"a": [1, root]}, [root.children[0], s.Html()], root.children:
            calls.clear()
            assert "circular" in str(error_of(value, **fields))
            assert calls["children"] < 20_000


def test_a_circle_through_many_models_and_a_hook_is_an_error():
    code = """
from typing import Any
import pydantic
from jsonify_ext import JSONEncodeError, encode

class Model(pydantic.BaseModel):
    a: Any = None

class Owner:
    def __json__(self):
        return {"first": self.model}

owner = model = Owner()
for _ in range(200):
    model = Model(a=model)
owner.model = model
try:
    encode(owner)
except JSONEncodeError as error:
    print(error.path)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "$.first\n"), run.stderr


def test_a_hook_that_calls_itself_without_end_is_the_cause_of_the_error(fields):
    def endless(value: Any) -> Any:
        return endless(value)

    class Endless:
        __json__ = endless

    for value, settings in [
        (Endless(), {}),
        (Image(), {"encoders": {Image: endless}}),
        (Image(), {"default": endless}),
    ]:
        for around in {"a": [0, value]}, {"a": [0, value, 2**70]}:
            error = error_of(around, **settings, **fields)
            assert "deep" in str(error)
            assert isinstance(error.__cause__, RecursionError)
            assert error.path == "$.a[1]"


def test_the_same_value_twice_is_no_circle():
    shared = {"a": [Decimal(1)]}
    text = b'{"a":["1"]}'
    assert encode([shared, shared, (shared,)]) == b"[%s,%s,[%s]]" % (text, text, text)
    inner = s.Slotted(Decimal(1))
    form = {"a": "1", "b": None}
    for value, expected in [
        ([inner, s.Alone(inner)], [form, {"a": form}]),
        (s.Slotted([inner, s.Slotted(inner, s.Alone(inner))]),
         {"a": [form, {"a": form, "b": {"a": form}}], "b": None}),
        ([s.Said([inner]), s.Said(inner)], [[form], form]),
    ]:  # fmt: skip
        assert json.loads(encode(value)) == expected
