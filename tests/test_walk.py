"""What the careful walk leaves to the engine; left out where orjson is hidden."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encode.guards import is_plain_and_shallow
from jsonify_ext.encode.plan import Plan
from jsonify_ext.encode.walk import Walk


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
    rows = [{"id": number, "tags": ["a"]} for number in range(3)]
    for value in (iter(rows), {"big": 2**70, "rows": rows}, {"big": 2**70, "rows": iter(rows)}):
        asked = Asked()
        text = asked.walk(value)
        assert asked.values == [rows]
        assert b'[{"id":0,"tags":["a"]},{"id":1,"tags":["a"]},{"id":2,"tags":["a"]}]' in text


def test_plans_walk_through_what_is_odd_only(monkeypatch: pytest.MonkeyPatch):
    opened: list[Any] = []
    open_one = Walk.open

    def open_and_tell(self: Walk, value: Any, trail: list[Any]) -> Any:
        opened.append(value)
        return open_one(self, value, trail)

    monkeypatch.setattr(Walk, "open", open_and_tell)
    value = {"rows": [{"a": 1}, {"a": 2}], "big": 2**70}
    encode(value)
    assert opened == [value]
    # Which the engine would not indent in its place.
    assert encode(value, JSONSettings(pretty=True)).decode() == json.dumps(value, indent=2)


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


def test_the_engine_gets_few_levels_of_plain_values_only():
    for inner in (nested(29, 1), nested(28, Decimal(1)), {1}, [{"a": b"a"}]):
        asked = Asked()
        asked.walk({"a": inner, "big": 2**70})
        assert inner not in asked.values
    for inner in (nested(28, 1), {"a": (nested(25, [1.5, None, True, "a"]),)}):
        asked = Asked()
        asked.walk({"a": inner, "big": 2**70})
        assert asked.values == [inner]


class WithoutHash(type):
    def __hash__(cls) -> int:
        raise TypeError


class Odd(metaclass=WithoutHash):
    pass


def test_what_cannot_be_looked_at_is_not_plain():
    assert is_plain_and_shallow([1], 1)
    assert not is_plain_and_shallow([Odd()], 1)


def test_a_deep_document_stays_as_deep_to_the_engine():
    easy = ([0], [0], [0])  # so that the engine is asked on every level
    for levels, asked_for in ((28, True), (29, False)):
        asked = Asked()
        inner = {"inner": [1]}
        asked.walk(nested(levels, inner, 2**70, *easy))
        assert (inner in asked.values) is asked_for
    for levels in range(255, 300):
        asked = Asked()
        tree = asked.plan.walk(nested(levels, 1), asked)
        for _ in range(levels):
            assert type(tree) is list
            (tree,) = tree


def test_what_is_in_itself_many_times_is_looked_at_once_a_level():
    around: list[Any] = [1]
    for _ in range(40):
        around = [around, around]
    around[:] = [around] * 3
    assert not is_plain_and_shallow(around, 28)
    with pytest.raises(JSONEncodeError, match="circular"):
        encode({"a": around, "big": 2**70})


def test_sets_are_sorted_by_what_the_engine_has_written_too():
    value = {(2, "b"), (1, "a"), (10, "c"), frozenset({3})}
    assert encode([value, 2**70], JSONSettings(sort_keys=True)).startswith(
        b'[[[1,"a"],[10,"c"],[2,"b"],[3]],'
    )
