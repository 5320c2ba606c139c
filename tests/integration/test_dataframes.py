"""Data frames and series of pandas and polars, and tables of pyarrow."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from jsonify_ext import JSONSettings, encode
from jsonify_ext.encoders import iso_date

from ..samples import UTC, Html, Image, error_of

DAY = "2024-02-29T00:00:00"
BERLIN = pd.Timestamp("2024-02-29", tz="Europe/Berlin")
SHARED: dict[str, list[Any]] = {
    "n": [1, 2],
    "text": ["é", None],
    "number": [0.5, float("nan")],
    "day": [dt.date(2024, 2, 29), None],
    "at": [dt.datetime(2024, 2, 29, 7, 8, 9), None],
    "span": [dt.timedelta(hours=1), None],
    "price": [Decimal("1.10"), None],
    "list": [[1, 2], []],
}
COLUMNS = SHARED | {"flag": [True, None], "inner": [{"a": 1, "b": "x"}, {"a": None, "b": "y"}]}
#: Columns of types that pandas has.
FRAME = pd.DataFrame(SHARED).assign(
    span=pd.to_timedelta(["1h", None]),
    flag=[True, False],
    maybe=pd.array([1, None], dtype="Int64"),
    short=np.array([0.1, 2.5], "f4"),
    kind=pd.Categorical(["a", "b"]),
)


def rows(columns: dict[str, list[Any]]) -> str:
    """Rows of plain values, encoded."""
    found = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return encode(found).decode()


COLUMN_ROWS = rows(COLUMNS)
FRAME_ROWS = rows(
    SHARED | {"flag": [True, False], "maybe": [1, None], "short": [0.1, 2.5], "kind": ["a", "b"]}
)

VALUES: list[tuple[Any, str]] = [
    (FRAME, FRAME_ROWS),
    (pd.DataFrame({"a": [1, 2]}, index=["x", "y"]), '[{"a":1},{"a":2}]'),
    (pd.DataFrame([[1, "x"]]), '[{"0":1,"1":"x"}]'),
    (pd.DataFrame([[1]], columns=[dt.date(2024, 2, 29)]), '[{"2024-02-29":1}]'),
    (pd.DataFrame({"a": []}), "[]"),
    (pd.DataFrame(), "[]"),
    (
        pd.DataFrame({"a": [Image("x"), None], "b": [Html(), 1]}),
        '[{"a":"x","b":"<b>1</b>"},{"a":null,"b":1}]',
    ),
    (pd.Series([1, 2], index=["a", "b"]), "[1,2]"),
    (pd.Series([0.5, np.nan, np.inf]), "[0.5,null,null]"),
    (pd.Series([0.1], dtype="float32"), "[0.1]"),
    (pd.Series([1, pd.NA], dtype="Int64"), "[1,null]"),
    (pd.Series([1, pd.NA, pd.NaT, None, "x"], dtype=object), '[1,null,null,null,"x"]'),
    (pd.Series(["é", None]), '["é",null]'),
    (pd.Series(pd.to_datetime(["2024-02-29", None])), '["2024-02-29T00:00:00",null]'),
    (pd.Series([BERLIN]), '["2024-02-29T00:00:00+01:00"]'),
    (pd.Series(["a", None], dtype="category"), '["a",null]'),
    (pd.Categorical(["b", "a", "b"]), '["b","a","b"]'),
    (pd.Index(["a", "é"]), '["a","é"]'),
    (pd.RangeIndex(3), "[0,1,2]"),
    (pd.DatetimeIndex(["2024-02-29"]), '["2024-02-29T00:00:00"]'),
    (pd.array([1, None], dtype="Int64"), "[1,null]"),
    ([1, pd.NA, pd.NaT], "[1,null,null]"),
    (pd.Timestamp("2024-02-29T07:08:09.5"), '"2024-02-29T07:08:09.500000"'),
    (BERLIN, '"2024-02-29T00:00:00+01:00"'),
    (pd.Timedelta(hours=26), '"P1DT2H"'),
    (pd.Period("2024-02"), '"2024-02"'),
    (pd.Interval(0, 1), '"(0, 1]"'),
    (pl.DataFrame(COLUMNS), COLUMN_ROWS),
    (pl.DataFrame({"a": []}), "[]"),
    (pl.DataFrame({"at": [dt.datetime(2024, 2, 29, tzinfo=UTC)]}), '[{"at":"%s+00:00"}]' % DAY),
    (pl.Series([1, None]), "[1,null]"),
    (pl.Series([["é"], []]), '[["é"],[]]'),
    (pa.table(COLUMNS), COLUMN_ROWS),
    (pa.table({"a": pa.array([], pa.int64())}), "[]"),
]


def name_of(value: Any) -> str:
    return f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[name_of(each) for each, _ in VALUES])
def test_each_kind(value: Any, text: str):
    settings = JSONSettings(encoders={Image: lambda image: image.name})
    assert encode(value, settings).decode() == text
    for around, shape in [
        (lambda it: {"data": it}, '{"data":%s}'),
        (lambda it: [Html(), it, 2**70], '["<b>1</b>",%s,' + str(2**70) + "]"),
        (lambda it: {1: it}, '{"1":%s}'),
    ]:
        assert encode(around(value), settings).decode() == shape.replace("%s", text)


FRAMES = {"pandas": FRAME, "polars": pl.DataFrame(COLUMNS), "pyarrow": pa.table(COLUMNS)}


@pytest.mark.parametrize("library", FRAMES)
def test_settings_of_form_and_of_values(library: str):
    frame = FRAMES[library]
    rows = json.loads(FRAME_ROWS if library == "pandas" else COLUMN_ROWS)
    pretty = json.dumps([rows], indent=2, ensure_ascii=False)
    assert encode([frame], JSONSettings(pretty=True)).decode() == pretty
    ascii_only = encode([frame], JSONSettings(sort_keys=True, ensure_ascii=True))
    assert ascii_only.decode() == json.dumps([rows], sort_keys=True, separators=(",", ":"))
    settings = JSONSettings(omit_none=True, dates="utc", encoders={Decimal: float})
    rows[0] |= {"at": "2024-02-29T07:08:09Z", "price": 1.1}

    def without_none(row: dict[str, Any]) -> dict[str, Any]:
        return {key: item for key, item in row.items() if item is not None}

    expected = json.loads(json.dumps(rows), object_hook=without_none)
    assert json.loads(encode(frame, settings)) == expected


def test_dates_and_big_integers_of_pandas():
    frame = pd.DataFrame({"at": pd.to_datetime(["2024-02-29"]), "n": [2**60], "gap": [pd.NA]})
    settings = JSONSettings(dates="http", big_ints="string", omit_none=True)
    row = b'[{"at":"Thu, 29 Feb 2024 00:00:00 GMT","n":"1152921504606846976"}]'
    assert encode(frame, settings) == row
    before_summer = pd.Timestamp("2020-03-29 03:30", tz="Europe/Zurich")
    assert b"01:30:00 GMT" in encode(before_summer, JSONSettings(dates="http"))
    assert encode(pd.Timedelta(-3, "ns")) == b'"PT0S"'
    assert encode(pd.Timestamp(DAY), JSONSettings(dates="utc")).decode() == f'"{DAY}Z"'


def test_missing_values_are_null_where_nan_is_an_error():
    missing = [pd.NA, pd.NaT, pd.Series([pd.NA, 1], dtype="Int64")]
    assert encode(missing, JSONSettings(nan="error")) == b"[null,null,[null,1]]"
    assert error_of({"a": pd.Series([0.5, np.nan])}, nan="error").path == "$.a[1]"
    assert error_of(pd.DataFrame({"a": [0.5, np.inf]}), nan="error").path == "$[1].a"


def test_keys():
    assert encode({pd.NaT: 1}) == encode({pd.NA: 1}) == b'{"null":1}'
    assert encode({pd.Timestamp(DAY): 1}).decode() == f'{{"{DAY}":1}}'
    assert encode({pd.Period("2024-02"): 1, pd.Interval(0, 1): 2}) == b'{"2024-02":1,"(0, 1]":2}'
    assert encode(dict(pd.Series(["a", "b", "a"]).value_counts())) == b'{"a":2,"b":1}'


@pytest.mark.parametrize("dates", ["iso", "utc", "http"])
def test_moments_out_of_range_are_errors(dates: str):
    late = pd.Timestamp(np.datetime64("10000-01-01", "s"))
    assert error_of({"a": [late]}, dates=dates).path == "$.a[0]"


@pytest.mark.parametrize(
    ("frame", "path"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "$[0].a"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), '$[0]["1"]'),
        (pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), "$[0].a"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "$[0]"),
    ],
    ids=["same", "same text", "pyarrow", "two levels"],
)
def test_columns_that_collide_are_errors(frame: Any, path: str):
    error = error_of({"data": frame})
    assert error.path in ("$.data", path.replace("$", "$.data"))
    assert "Members" not in str(error)
    assert "key" in str(error)


def test_values_inside_of_frames_that_cannot_be_encoded():
    columns = {"a": [1, Image()]}
    for frame in pd.DataFrame(columns), pl.DataFrame(columns, schema={"a": pl.Object}):
        error = error_of({"f": frame})
        assert (error.path, error.type_name) == ("$.f[1].a", "Image")


def test_a_panic_of_polars_is_an_error():
    days = pl.Series("d", [2**30], dtype=pl.Int32).cast(pl.Date)
    for value in days, pl.DataFrame({"d": days}):
        assert "raised RuntimeError" in str(error_of([value]))


def test_encoders_of_dates_are_not_for_missing_dates():
    settings = JSONSettings(encoders={dt.date: iso_date})
    assert encode([pd.NaT, pd.Timestamp(DAY)], settings).decode() == f'[null,"{DAY}"]'
    assert encode([pd.NaT], JSONSettings(encoders={type(pd.NaT): repr})) == b'["NaT"]'


def test_encoders_of_frames():
    encoders = {
        pd.DataFrame: lambda frame: frame.to_dict("list"),
        pl.DataFrame: lambda frame: frame.height,
        pa.Table: lambda table: table.num_rows,
        pd.Timestamp: lambda at: at.year,
    }
    value = [pd.DataFrame({"a": [1]}), pl.DataFrame({"a": [1]}), pa.table({"a": [1]})]
    settings = JSONSettings(encoders=encoders)
    assert encode([*value, pd.Timestamp("2024-02-29")], settings) == b'[{"a":[1]},1,1,2024]'
