"""Nesting and circular references.

Those through tuples, which could end the process, are in
``tests/integration/test_tuple_circles.py``.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode

from .. import samples as s
from ..samples import Image, Said, error_of, nested

FIELDS = [{}, {"pretty": True}, {"sort_keys": True}, {"omit_none": True}, {"big_ints": "error"}]
WRAPS: dict[str, Any] = {
    "list": lambda it: [it],
    "tuple": lambda it: (it,),
    "dict": lambda it: {"a": it},
    "integer key": lambda it: {1: it},
    "dataclass": lambda it: s.Alone(it),
    "dataclass with slots": lambda it: s.Slotted(it),
    "attrs": lambda it: s.Attrs(it),
    "UserDict": lambda it: s.Mapped(a=it),
    "namedtuple": lambda it: s.Point(it, 0),
    "frozenset": lambda it: frozenset([it]),
    "iterator": lambda it: iter([it]),
}
FORMS = {
    "list": lambda it: [it],
    "tuple": lambda it: [it],
    "dict": lambda it: {"a": it},
    "integer key": lambda it: {"1": it},
    "dataclass": lambda it: {"a": it},
    "dataclass with slots": lambda it: {"a": it, "b": None},
    "attrs": lambda it: {"a": it, "_b": "b"},
    "UserDict": lambda it: {"a": it},
    "namedtuple": lambda it: [it, 0],
    "frozenset": lambda it: [it],
    "iterator": lambda it: [it],
}


def without_none(form: Any) -> Any:
    if isinstance(form, list):
        return [without_none(item) for item in form]
    if isinstance(form, dict):
        return {key: without_none(item) for key, item in form.items() if item is not None}
    return form


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize("kind", WRAPS)
def test_254_levels_of_one_kind(kind, fields):
    for last, form in (1, 1), (Decimal(1), "1"), (s.Level.HIGH, 3):
        expected = nested(254, FORMS[kind], form)
        if fields.get("omit_none"):
            expected = without_none(expected)
        body = encode(nested(254, WRAPS[kind], last), JSONSettings(**fields))
        assert json.loads(body) == expected


#: All pairs of kinds, except a frozenset of what has no hash.
PAIRS = [
    (first, second)
    for first, second in itertools.permutations(WRAPS, 2)
    if first != "frozenset" and second != "frozenset"
]


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=map("-".join, PAIRS))
def test_254_levels_of_two_kinds(first, second, fields):
    value: Any = "é"
    form: Any = "é"
    for _ in range(127):
        value = WRAPS[first](WRAPS[second](value))
        form = FORMS[first](FORMS[second](form))
    if fields.get("omit_none"):
        form = without_none(form)
    assert json.loads(encode(value, JSONSettings(**fields))) == form


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize("kind", [kind for kind in WRAPS if kind != "tuple"])
def test_2000_levels_are_too_deep(kind, fields):
    for value in nested(2000, WRAPS[kind]), {"a": [0, nested(2000, WRAPS[kind])]}:
        error = error_of(value, **fields)
        assert "deep" in str(error)
        assert error.path.startswith("$")


def test_100_000_levels_are_too_deep():
    for kind in "list", "dict":
        value = nested(100_000, WRAPS[kind])
        assert "deep" in str(error_of(value))
        while value != 1:  # so that its end needs no deep stack
            value = value.pop() if isinstance(value, list) else value.popitem()[1]


def test_long_paths_are_shortened_in_the_middle():
    error = error_of({"first": nested(2000, lambda it: {"level": [it]})})
    assert len(error.path) < 500
    assert error.path.startswith("$.first.level[0].level")
    assert error.path.endswith(("level", "level[0]"))
    assert "..." in error.path or "…" in error.path
    assert len(str(error)) < 1000
    deep = error_of(nested(200, lambda it: {"level": [it]}, Image())).path
    assert len(deep) < 500
    assert deep.endswith(".level[0]")


def test_short_paths_are_not_shortened():
    assert error_of(nested(10, lambda it: [it], Image())).path == "$" + "[0]" * 10


@pytest.mark.parametrize("depth", [1, 100, 252, 253])
@pytest.mark.parametrize("kind", ["list", "tuple", "dict"])
def test_an_iterator_is_read_once_at_any_depth(depth, kind):
    value = nested(depth, WRAPS[kind], iter([1, Decimal(2)]))
    assert json.loads(encode(value)) == nested(depth, FORMS[kind], [1, "2"])
    error = error_of(nested(depth, WRAPS[kind], iter([1, Image()])))
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
    said = Said(None)
    said.value = [said]
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
        "view": (views, "$.values"),
        "__json__": (said, "$[0]"),
        "__json__ and dataclass": (both, "$.a"),
        "__json__ and set": (members, "$.s[0]"),
    }


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize("kind", circles())
def test_circular_references(kind, fields):
    value, path = circles()[kind]
    error = error_of(value, **fields)
    assert error.path.startswith(path)
    assert "circular" in str(error)
    for around in {"x": [value]}, [s.Html(), value], {"x": value, "y": 2**70}:
        assert "circular" in str(error_of(around, **fields))


@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("classes", [1, 9])
@pytest.mark.parametrize("before", range(3))
@pytest.mark.parametrize("length", [1, 2, 4])
def test_circles_of_dataclasses(length, before, classes, slots):
    levels = [
        make_dataclass(f"Level{number}", ["name", "next"], slots=slots and number != 1)
        for number in range(classes)
    ]
    chain = [levels[number % classes](number, None) for number in range(before + length)]
    for value, inner in itertools.pairwise(chain):
        value.next = inner
    expected: Any = None
    for value in reversed(chain):
        expected = {"name": value.name, "next": expected}
    assert json.loads(encode({"a": [chain[0], 1]})) == {"a": [expected, 1]}
    chain[-1].next = chain[before]
    for form in ([chain[0]], {"a": chain[0]}, {"a": [chain[0], 1]}):
        assert "circular" in str(error_of(form))


@pytest.mark.parametrize("slots", [True, False])
def test_a_circle_is_found_before_it_is_gone_through_again(slots):
    chain = [make_dataclass(f"Level{number}", ["a", "b"], slots=slots) for number in range(9)]
    inner = last = chain[-1](None, None)
    for cls in chain[-2::-1]:
        inner = cls([inner] * 3, None)
    last.a = inner  # twice through it would be 3 ** 16 objects
    for form in ([inner], {"a": inner}):
        assert "circular" in str(error_of(form))


@pytest.mark.parametrize("fields", FIELDS, ids=str)
@pytest.mark.parametrize("count", [3, 40, 1500])
def test_children_that_refer_to_their_parent_are_an_error_soon(count, fields):
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
    for value in root, [root], {"a": [1, root]}, [root.children[0], s.Html()], root.children:
        calls.clear()
        assert "circular" in str(error_of(value, **fields))
        assert calls["children"] < 20_000


@pytest.mark.parametrize("fields", FIELDS, ids=str)
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
            if "big_ints" not in fields:
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
