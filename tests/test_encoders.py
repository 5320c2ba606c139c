"""The ready-made encoders."""

from __future__ import annotations

import time as clock
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

import pytest
from werkzeug.http import http_date as http_date_of_werkzeug

from jsonify_ext import encode, use_settings
from jsonify_ext.encoders import (
    base64_text,
    decimal_number,
    duration_seconds,
    epoch_millis,
    epoch_seconds,
    http_date,
    iso_date,
    utc_date,
)

from .samples import UTC, error_of

CET = timezone(timedelta(hours=1))
LONGEST = timedelta.max - timedelta(microseconds=999_999)


class Unsure(tzinfo):
    def utcoffset(self, value: datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    ("encoder", "value", "text"),
    [
        (http_date, datetime(2024, 3, 1, tzinfo=CET), '"Thu, 29 Feb 2024 23:00:00 GMT"'),
        (http_date, date(2024, 2, 29), '"Thu, 29 Feb 2024 00:00:00 GMT"'),
        (iso_date, datetime(2024, 2, 29, 1, tzinfo=CET), '"2024-02-29T01:00:00+01:00"'),
        (iso_date, time(1, 2), '"01:02:00"'),
        (utc_date, datetime(2024, 3, 1, tzinfo=CET), '"2024-02-29T23:00:00Z"'),
        (utc_date, date(2024, 2, 29), '"2024-02-29"'),
        (epoch_seconds, datetime(1970, 1, 1, 1, tzinfo=CET), "0"),
        (epoch_seconds, datetime(1970, 1, 1, 0, 0, 1, 500_000), "1.5"),
        (epoch_seconds, datetime(1969, 12, 31, 23, 59, 59), "-1"),
        (epoch_seconds, date(1970, 1, 2), "86400"),
        (epoch_millis, datetime(1970, 1, 1, 0, 0, 0, 1_999), "1"),
        (epoch_millis, datetime(9999, 12, 31, tzinfo=UTC), "253402214400000"),
        (base64_text, b"\xff\x00", '"/wA="'),
        (base64_text, memoryview(b"ab"), '"YWI="'),
        (base64_text, memoryview(b"a-b-")[::2], '"YWI="'),
        (epoch_seconds, datetime(1970, 1, 2, tzinfo=Unsure()), "86400"),
        (decimal_number, Decimal("1.10"), "1.10"),
        (decimal_number, Decimal("-0E+3"), "-0E+3"),
        (decimal_number, Decimal("12345678901234567890.123"), "12345678901234567890.123"),
        (decimal_number, Decimal("NaN"), "null"),
        (decimal_number, Decimal("sNaN"), "null"),
        (decimal_number, Decimal("-Infinity"), "null"),
        (duration_seconds, timedelta(minutes=1), "60"),
        (duration_seconds, timedelta(milliseconds=-1500), "-1.5"),
        (duration_seconds, LONGEST, "86399999999999"),
    ],
)  # fmt: skip
def test_each(place, encoder, value, text):
    with use_settings(encoders={type(value): encoder}):
        for fields in {}, {"sort_keys": True}, {"ensure_ascii": True}:
            assert encode({"a": [value]}, fields).decode() == '{"a":[%s]}' % text
        assert encode(value, {"pretty": True}).decode() == text


def test_nan_of_a_decimal_obeys_the_setting():
    error = error_of([Decimal("NaN")], encoders={Decimal: decimal_number}, nan="error")
    assert error.path == "$[0]"
    assert "nan" in str(error)


class Beyond(tzinfo):
    def utcoffset(self, value: datetime | None) -> timedelta:
        return timedelta(hours=30)


def test_http_dates_of_odd_zones(monkeypatch):
    """Without an offset it's local time, without a zone UTC; a wrong offset is an error."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    try:
        assert http_date(datetime(2024, 3, 1, 5)) == "Fri, 01 Mar 2024 05:00:00 GMT"
        value = datetime(2024, 3, 1, 5, tzinfo=Unsure())
        assert http_date(value) == http_date_of_werkzeug(value) == "Thu, 29 Feb 2024 20:00:00 GMT"
    finally:
        monkeypatch.undo()
        clock.tzset()
    with pytest.raises(ValueError, match="24"):
        http_date(value.replace(tzinfo=Beyond()))
