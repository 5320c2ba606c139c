"""What orjson may write by itself, and what it must not; left out where it is hidden."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import pytest

from jsonify_ext import JSONSettings
from jsonify_ext.encode.engines import enums_are_silent
from jsonify_ext.encode.plan import Plan

from .test_engines import default
from .test_errors import Image
from .test_types import Base, Colour, Text


def first_try(value: Any, **fields: Any) -> bytes | None:
    """What the engine makes of a value without the walk."""
    return Plan(JSONSettings(**fields)).engine.first_try(value, newline=False)


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
    ],
)
def test_used(value, fields):
    assert first_try(value, **fields) is not None


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({1: 2}, {}),
        ([2**64], {}),
        ([{1}], {}),
        ([Base(1)], {}),
        ([Text("x")], {}),
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


def test_the_tests_themselves_leave_orjson_its_first_try():
    assert enums_are_silent()


def test_a_second_pass_that_finds_another_value_is_not_believed():
    engine = Plan(JSONSettings()).engine
    value = [Decimal(1), Decimal(2)]
    assert engine._fill(value, [Decimal(3)], 0) is None
    assert engine._fill(value, [Decimal(3)] * 3, 0) is None
