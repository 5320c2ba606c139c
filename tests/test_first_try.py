"""What orjson may write by itself, and what it must not; left out where it is hidden."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pydantic
import pytest

from jsonify_ext import JSONSettings, encode
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


inside: list[Any] = []
itself = Slotted(inside, 2)
inside.append(itself)


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
        ([Base(1), Slotted(Base(2), [Slotted(1, {"a": date(2024, 1, 1)}), Base(3)])], {}),
        ([Attrs(1), Attrs([Attrs(2)])], {"sort_keys": True, "pretty": True}),
        ([sqlite_row(), *sqlalchemy_rows()], {}),
        ([Model(userId=1, at="2024-02-29T07:08:09Z")] * 2, {}),
        ([Model(userId=1, at="2024-02-29T07:08:09Z")] * 2, {"sort_keys": True}),
        ([Slotted(Model(userId=1, at="2024-02-29T07:08:09Z"), 1)], {}),
        ([Struct(1, at=None), Tagged([1])], {}),
        ([np.float32(0.1), np.arange(4).reshape(2, 2).T, np.array(["a"])], {}),
        ([Text("x"), Whole(1), Real(1.5), Listed([1]), Point(1, 2), deque([{1}]), range(3)], {}),
        ([OrderedDict(a=1), defaultdict(list, a=[1]), b"a", bytearray(b"b")], {}),
    ],
)
def test_used(value, fields):
    assert first_try(value, **fields) is not None


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({1: 2}, {}),
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
        ([None], {"nan": "error"}),
        ([b"\xff"], {}),
        ([Image()], {}),
    ],
)
def test_not_used(value, fields):
    assert first_try(value, **fields) is None


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
