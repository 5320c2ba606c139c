"""Nesting and circular references.

Those through tuples, which could end the process, are in
``tests/integration/test_tuple_circles.py``.
"""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode

from .. import samples as s
from ..samples import Image, Said, error_of, nested
from .conftest import PLACES, assert_refused, misplaced

#: What wraps a value, and the JSON around the value's.
NESTS: dict[str, tuple[Any, str]] = {
    name: PLACES[name][:2]
    for name in ["list", "tuple", "dict", "integer key", "namedtuple", "iterator", "UserDict"]
    + ["Sequence", "dataclass", "dataclass with slots", "attrs"]
}
SETS = (lambda it: frozenset([it]), "[%s]")  # can't contain most of the others


@pytest.mark.parametrize("first", [*NESTS, "frozenset"])
def test_254_levels(first, fields):
    outer, around = NESTS.get(first, SETS)
    pairs = [(inner, within, "é", '"é"') for inner, within in NESTS.values() if first in NESTS]
    for last, text in (1, "1"), (Decimal(1), '"1"'), (s.Level.HIGH, "3"):
        pairs.append((outer, around, last, text))
    for inner, within, last, text in pairs:
        value = nested(127, lambda it, inner=inner: outer(inner(it)), last)
        wrap = around.replace("%s", within)
        if "omit_none" in fields:
            wrap = wrap.replace(',"b":null', "")
        expected = nested(127, lambda it, wrap=wrap: wrap.replace("%s", it), text)
        assert json.loads(encode(value, JSONSettings(**fields))) == json.loads(expected)
    assert "surrogate" in str(error_of(nested(254, outer, "\ud800"), **fields))


@pytest.mark.parametrize("kind", [kind for kind in NESTS if kind != "tuple"])
def test_2000_levels_are_too_deep(kind):
    for fields in {}, {"sort_keys": True}, {"big_ints": "error"}:
        for around in (lambda it: it), (lambda it: {"a": [0, it]}):
            error = error_of(around(nested(2000, NESTS[kind][0])), **fields)
            assert "deep" in str(error)
            assert error.path.startswith("$")


def test_100_000_levels_are_too_deep():
    for kind in "list", "dict":
        value = nested(100_000, NESTS[kind][0])
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
    wrap, shape = NESTS[kind]
    for depth in 1, 100, 252, 253:
        body = encode(nested(depth, wrap, iter([1, Decimal(2)])))
        assert body.decode() == nested(depth, lambda it: shape.replace("%s", it), '[1,"2"]')
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


#: A value, what makes it contain itself, and where.
CIRCLES: dict[str, tuple[Any, Any, str]] = {
    "list": ([0], lambda it: it.append(it), "$[1]"),
    "dict": ({}, lambda it: it.update(a=[it]), "$.a[0]"),
    "integer key": ({}, lambda it: it.update({1: it}), '$["1"]'),
    "view": ({}, lambda it: it.update(values=it.values()), "$.values[0]"),
    "dataclass with slots": (s.Slotted([]), lambda it: it.a.append(it), "$.a[0]"),
    "dataclass": (s.Alone(0), lambda it: setattr(it, "a", it), "$.a"),
    "attrs": (s.Attrs(0), lambda it: setattr(it, "a", {"x": it}), "$.a.x"),
    "UserDict": (s.Mapped(), lambda it: it.update(me=it), "$.me"),
    "__json__": (Said(0), lambda it: setattr(it, "value", [it]), "$[0]"),
    "__json__ and dataclass": (Said(0), lambda it: setattr(it, "value", s.Alone(it)), "$.a"),
    "__json__ and set": (Said(0), lambda it: setattr(it, "value", {"s": {it}}), "$.s[0]"),
}


@pytest.mark.parametrize(("value", "close", "path"), CIRCLES.values(), ids=CIRCLES)
def test_circular_references(value, close, path, fields):
    value = copy.deepcopy(value)
    close(value)
    assert error_of(value, **fields).path == path
    assert_refused(value, "circular", path=None, **fields)


@pytest.mark.parametrize("slots", [True, False])
def test_circles_of_dataclasses(slots):
    for classes, before, length in itertools.product([1, 9], [0, 2], [1, 4]):
        levels = [
            make_dataclass(f"Level{n}", ["a", "b"], slots=slots and n != 1) for n in range(classes)
        ]
        chain = [levels[number % classes](number, None) for number in range(before + length)]
        expected: Any = None
        for value in reversed(chain):
            expected = {"a": value.a, "b": expected}
        for value, inner in itertools.pairwise(chain):
            value.b = inner
        assert json.loads(encode({"a": [chain[0], 1]})) == {"a": [expected, 1]}
        chain[-1].b = chain[before]
        for around in [chain[0]], {"a": chain[0]}, {"a": [chain[0], 1]}:
            assert "circular" in str(error_of(around))


@pytest.mark.parametrize("slots", [True, False])
def test_a_circle_is_found_in_its_first_round(slots):
    levels = [make_dataclass(f"Level{n}", ["a", "b"], slots=slots) for n in range(9)]
    inner = last = levels[-1](None, None)
    for cls in levels[-2::-1]:
        inner = cls([inner] * 3, None)
    last.a = inner  # two rounds would be 3 ** 16 objects
    for around in [inner], {"a": inner}:
        assert "circular" in str(error_of(around))


@pytest.mark.parametrize("count", [3, 40, 1500])
def test_children_that_refer_to_their_parent_are_an_error_soon(count, fields):
    calls: Counter[str] = Counter()

    @dataclass
    class Node:
        parent: Any
        children: list[Any] = field(default_factory=list)

        def __getattribute__(self, name: str) -> Any:
            calls[name] += 1
            return super().__getattribute__(name)

    root = Node(None)
    root.children = [Node(root) for _ in range(count)]
    for value in root, {"a": [1, root]}, [root.children[0], s.Html()], root.children:
        calls.clear()
        assert "circular" in str(error_of(value, **fields))
        assert calls["children"] < 20_000


def test_30_models_in_mappings_that_pydantic_does_not_know():
    value, text = s.Loose(), '{"theAvatar":null}'
    for _ in range(30):
        value, text = s.Loose(avatar=s.Pairs(("a", value))), '{"theAvatar":{"a":%s}}' % text
    assert encode(value).decode() == text


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

    reason = "Endless.__json__() raised RecursionError"
    assert_refused(Endless(), reason, cause=RecursionError, **fields)
    for settings in {"encoders": {Image: endless}}, {"default": endless}:
        assert_refused(Image(), "RecursionError", cause=RecursionError, **settings, **fields)


def test_a_circle_through_the_attributes_of_an_object():
    node = s.Simple()
    vars(node)["name"] = "x"  # Python 3.13.0 doesn't track this dict
    children: list[Any] = []
    node.children = ((children,),)
    children.append(node.children)
    node.id = UUID(int=1)
    for attributes in vars(node), vars(node).copy(), {"data": vars(node)}:
        assert "contains itself" in error_of(attributes).reason
    node.children = ()
    settings = JSONSettings(encoders={UUID: lambda value: "id"})
    assert encode(vars(node).copy(), settings) == encode(vars(node), settings)
    assert b'"id":"id"' in encode(vars(node), settings)


def test_the_same_value_twice_is_no_circle():
    shared, inner = {"a": [Decimal(1)]}, s.Slotted(Decimal(1))
    text, form = '{"a":["1"]}', '{"a":"1","b":null}'
    assert misplaced([shared, shared, (shared,)], f"[{text},{text},[{text}]]") == {}
    assert misplaced([inner, s.Alone(inner)], f'[{form},{{"a":{form}}}]') == {}
    assert misplaced([Said([inner]), Said(inner)], f"[[{form}],{form}]") == {}
