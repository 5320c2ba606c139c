"""What orjson may write by itself, and what it must not; left out where it is hidden."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encode import engines
from jsonify_ext.encode.engines import _is_the_same as is_the_same
from jsonify_ext.encode.guards import enums_are_silent
from jsonify_ext.encode.plan import Plan

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


class Iterating(list[Any]):
    """Says itself what is in it."""

    def __iter__(self) -> Iterator[Any]:
        return iter("ab")


class Ratio(Fraction):
    """Might have a form of its own."""


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
        ([Named(a=1)], {"sort_keys": True}),
        ([Iterating([1])], {}),
        ([Ratio(1, 2)], {}),
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


@pytest.mark.parametrize("error", [RuntimeError, IndexError])
def test_what_another_thread_has_changed_is_left_to_the_walk(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    value = [1]

    def dumps(given: Any, *arguments: Any) -> bytes:
        if given is value:
            raise error
        return orjson.dumps(given, *arguments)

    monkeypatch.setattr(engines, "orjson", SimpleNamespace(**{**vars(orjson), "dumps": dumps}))
    plan = Plan(JSONSettings())
    assert plan.try_text(value) is None
    assert plan.encode(value) == b"[1]"


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


def test_tuples_in_tuples_are_an_error_wherever_they_are():
    nest: Any = ()
    for _ in range(5000):
        nest = (nest,)
    with pytest.raises(JSONEncodeError, match="nested too deep"):
        encode({"a": [nest, 1], "b": 2})


_FRAGMENTS_AT_THE_EXIT = """
from jsonify_ext import RawJSON, encode
for _ in range(2000):
    encode({"a": RawJSON(b"[1]"), "b": [""]})
"""


def test_fragments_outlive_nothing_that_they_need():
    checked = {**os.environ, "PYTHONMALLOC": "debug"}
    run = subprocess.run([sys.executable, "-c", _FRAGMENTS_AT_THE_EXIT], env=checked)
    assert run.returncode == 0


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
