"""Scalars and arrays of numpy."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from jsonify_ext import JSONSettings, encode

from ..samples import Html, Image, Lazy, error_of, made

ROWS: dict[str, tuple[Any, str]] = {
    "int": (np.int16(-3), "-3"),
    "uint64": (np.uint64(2**64 - 1), "18446744073709551615"),
    "float64": (np.float64(0.1), "0.1"),
    "float32": (np.float32(0.1), "0.1"),
    "float16": (np.float16(0.1), "0.1"),
    "NaN": ([np.float64("nan"), np.float32("inf"), np.float16("nan")], "[null,null,null]"),
    "bool": ([np.bool_(True), np.bool_(False)], "[true,false]"),
    "str": (np.str_("é"), '"é"'),
    "bytes": (np.bytes_(b"a"), '"a"'),
    "array": (np.array([[1, 2], [3, 4]]), "[[1,2],[3,4]]"),
    "array of float32": (np.array([[0.1], [0.5]], "f4"), "[[0.1],[0.5]]"),
    "array of float16": (np.array([0.5, 2.5], "f2"), "[0.5,2.5]"),
    "array of NaN": (np.array([0.5, np.nan, -np.inf]), "[0.5,null,null]"),
    "array of NaN in float32": (np.array([0.1, np.nan], "f4"), "[0.1,null]"),
    "array of strings of any length": (np.array(["a", "é"], np.dtypes.StringDType()), '["a","é"]'),
    "not contiguous": (np.arange(6).reshape(2, 3).T[::2], "[[0,3],[2,5]]"),
    "read from behind": (np.array([1, 2, 3])[::-1], "[3,2,1]"),
    "big-endian": (np.array([1, 2], ">i4"), "[1,2]"),
    "big-endian float32": (np.array([0.1], ">f4"), "[0.1]"),
    "read only": (np.broadcast_to(np.int64(1), (2,)), "[1,1]"),
    "empty": (np.zeros((2, 0)), "[[],[]]"),
    "without dimensions": (np.array(5), "5"),
    "of objects": (np.array([Decimal(1), None, {"a": Html()}]), '["1",null,{"a":"<b>1</b>"}]'),
    "of an iterator": (Lazy(lambda: np.array([iter([1]), None])), "[[1],null]"),
    "masked": (np.ma.array([1, 2], mask=[False, True]), "[1,null]"),
    "masked float32": (np.ma.array([0.1, 2.5], mask=[False, True], dtype="f4"), "[0.1,null]"),
    "masked dates": (
        np.ma.array(["2024-02-29", "2024-03-01"], mask=[True, False], dtype="M8[D]"),
        '[null,"2024-03-01"]',
    ),
    "masked item": (np.ma.masked, "null"),
    "day": (np.datetime64("2024-02-29"), '"2024-02-29"'),
    "moment": (np.datetime64("2024-02-29T07:08"), '"2024-02-29T07:08:00"'),
    "moment of nanoseconds": (np.datetime64("2024-02-29", "ns"), '"2024-02-29T00:00:00"'),
    "duration of nanoseconds": (np.timedelta64(90 * 10**9, "ns"), '"PT1M30S"'),
    "NaT": ([np.datetime64("NaT", "s"), np.timedelta64("NaT", "s")], "[null,null]"),
    "moments": (
        np.array([["2024-02-29T07:08", "NaT"]], "M8[s]"),
        '[["2024-02-29T07:08:00",null]]',
    ),
    "days": (np.array(["2024-02-29", "NaT"], "M8[D]"), '["2024-02-29",null]'),
    "duration": (np.timedelta64(90, "s"), '"PT1M30S"'),
    "durations": (np.array([1, "NaT"], "m8[D]"), '["P1D",null]'),
    "structured": (
        np.array([(1, 0.5, "é")], [("a", "i4"), ("b", "f4"), ("c", "U2")]),
        '[{"a":1,"b":0.5,"c":"é"}]',
    ),
    "structured with dates": (
        np.array([("2024-02-29", 0.1), ("NaT", np.nan)], [("day", "M8[D]"), ("n", "f4")]),
        '[{"day":"2024-02-29","n":0.1},{"day":null,"n":null}]',
    ),
    "structured in a structure": (
        np.array([((1, True), [1, 2])], [("in", [("a", "i4"), ("b", "?")]), ("l", "i2", (2,))]),
        '[{"in":{"a":1,"b":true},"l":[1,2]}]',
    ),
    "structured item": (np.array([(1, "x")], [("a", "i4"), ("b", "U1")])[0], '{"a":1,"b":"x"}'),
    "record array": (np.rec.array([(1, 2.5)], names="a,b"), '[{"a":1,"b":2.5}]'),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_kind_of_value(row):
    value, text = ROWS[row]
    assert encode(made(value)).decode() == text
    long = str(2**70)
    for around, shape in [
        (lambda it: [it, 1], "[%s,1]"),
        (lambda it: {"k": it, 2: 2**70}, '{"k":%s,"2":' + long + "}"),
        (lambda it: [Html(), it], '["<b>1</b>",%s]'),
        (lambda it: iter([it]), "[%s]"),
    ]:
        assert encode(around(made(value))).decode() == shape.replace("%s", text)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("iso", '["2024-02-29","2024-02-29T07:08:00"]'),
        ("utc", '["2024-02-29","2024-02-29T07:08:00Z"]'),
        ("http", '["Thu, 29 Feb 2024 00:00:00 GMT","Thu, 29 Feb 2024 07:08:00 GMT"]'),
    ],
)
def test_dates_by_the_setting(style, text):
    days = np.array(["2024-02-29"], "M8[D]"), np.array(["2024-02-29T07:08"], "M8[us]")
    settings = JSONSettings(dates=style)
    for value in [days[0][0], days[1][0]], np.array([days[0][0].item(), days[1][0].item()]):
        assert encode(value, settings).decode() == text
    assert encode(days, settings).decode() == text.replace('","', '"],["').join("[]")


OUT_OF_RANGE = [
    *(np.datetime64("10000-01-01"), np.datetime64("10000-01-01T00:00:00")),
    *(np.datetime64("0000-12-31"), np.datetime64(2**62, "s"), np.datetime64(2**40, "Y")),
    *(np.timedelta64(2**62, "s"), np.timedelta64(-(2**40), "D")),
]


@pytest.mark.parametrize("value", OUT_OF_RANGE, ids=repr)
def test_values_out_of_range_are_errors(value):
    for around, path in [
        ({"a": value}, "$.a"),
        ([1, value, 2**70], "$[1]"),
        ({"a": np.array([value, value])}, "$.a"),
        (np.array([(1, value)], [("n", "i4"), ("d", value.dtype)]), "$[0]"),
        ({value: 1}, "$"),
    ]:
        assert error_of(around).path.startswith(path)


def test_complex_numbers_are_errors():
    for value in np.complex64(1j), np.array([1j]), np.array([(1j,)], [("a", "c16")]):
        assert error_of({"a": value}).path.startswith("$.a")


def test_errors_inside_of_arrays():
    assert error_of(np.array([[0, Image()]])).path == "$[0][1]"
    assert error_of({"a": np.array([0.5, np.nan])}, nan="error").path == "$.a[1]"
    assert error_of({"a": np.array([[0.5], [np.inf]], "f4")}, nan="error").path == "$.a[1][0]"
    assert error_of([np.array([1, 2**60])], big_ints="error").path == "$[0][1]"
    text = b"[null,null,1.5]"
    value = [np.datetime64("NaT", "s"), np.timedelta64("NaT", "s"), np.float32(1.5)]
    assert encode(value, JSONSettings(nan="error")) == text


def test_encoders_of_arrays_and_scalars():
    encoders = {np.ndarray: lambda array: array.shape, np.float32: lambda number: "f4"}
    value = [np.zeros((2, 3)), np.float32(1), np.float64(1)]
    assert encode(value, JSONSettings(encoders=encoders)) == b'[[2,3],"f4",1.0]'
    days = JSONSettings(encoders={date: lambda day: day.year})
    assert encode({np.str_("b"): [date(2024, 1, 1)]}, days) == b'{"b":[2024]}'


def test_encoders_of_items_of_object_arrays():
    settings = JSONSettings(encoders={Image: lambda image: image.name})
    array = np.array([[Image("a"), Image("b")], [None, Image("c")]])
    assert encode({"x": array}, settings) == b'{"x":[["a","b"],[null,"c"]]}'
