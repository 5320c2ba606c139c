"""The ready-made encoders."""

from __future__ import annotations

import time as clock
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal

import pytest
from werkzeug.http import http_date as http_date_of_werkzeug

from jsonify_ext import JSONEncodeError, JSONSettings, encode, use_settings
from jsonify_ext.encoders import (
    base64_text,
    decimal_number,
    duration_seconds,
    epoch_millis,
    epoch_seconds,
    http_date,
    iso_date,
)

CET = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("kind", "encoder", "value", "text"),
    [
        (datetime, http_date, datetime(2024, 3, 1, tzinfo=CET), '"Thu, 29 Feb 2024 23:00:00 GMT"'),
        (date, http_date, date(2024, 2, 29), '"Thu, 29 Feb 2024 00:00:00 GMT"'),
        (datetime, iso_date, datetime(2024, 2, 29, 1, tzinfo=CET), '"2024-02-29T01:00:00+01:00"'),
        (time, iso_date, time(1, 2), '"01:02:00"'),
        (datetime, epoch_seconds, datetime(1970, 1, 1, 1, tzinfo=CET), "0"),
        (datetime, epoch_seconds, datetime(1970, 1, 1, 0, 0, 1, 500_000), "1.5"),
        (datetime, epoch_seconds, datetime(1969, 12, 31, 23, 59, 59), "-1"),
        (date, epoch_seconds, date(1970, 1, 2), "86400"),
        (datetime, epoch_millis, datetime(1970, 1, 1, 0, 0, 0, 1_999), "1"),
        (datetime, epoch_millis, datetime(9999, 12, 31, tzinfo=timezone.utc), "253402214400000"),
        (bytes, base64_text, b"\xff\x00", '"/wA="'),
        (memoryview, base64_text, memoryview(b"ab"), '"YWI="'),
        (Decimal, decimal_number, Decimal("1.10"), "1.10"),
        (Decimal, decimal_number, Decimal("-0E+3"), "-0E+3"),
        (Decimal, decimal_number, Decimal("12345678901234567890.123456789"), None),
        (Decimal, decimal_number, Decimal("NaN"), "null"),
        (Decimal, decimal_number, Decimal("sNaN"), "null"),
        (Decimal, decimal_number, Decimal("-Infinity"), "null"),
        (timedelta, duration_seconds, timedelta(minutes=1), "60"),
        (timedelta, duration_seconds, timedelta(milliseconds=-1500), "-1.5"),
        (timedelta, duration_seconds, timedelta.max - timedelta(microseconds=999_999), None),
    ],
)
def test_each(place, kind, encoder, value, text):
    # A subclass of datetime or date is written by the same encoder.
    with use_settings(encoders={kind: encoder}):
        text = str(value if kind is Decimal else 86399999999999) if text is None else text
        assert encode({"a": [value]}).decode() == '{"a":[%s]}' % text


def test_nan_of_a_decimal_obeys_the_setting():
    settings = JSONSettings(encoders={Decimal: decimal_number}, nan="error")
    with pytest.raises(JSONEncodeError, match=r"\$\[0\].*nan"):
        encode([Decimal("NaN")], settings)


def test_exact_digits_under_every_setting():
    for fields in ({"pretty": True}, {"sort_keys": True}, {"ensure_ascii": True}):
        settings = JSONSettings(encoders={Decimal: decimal_number}, **fields)
        assert b"1.100" in encode([Decimal("1.100")], settings)


def test_an_http_date_of_a_zone_without_an_offset_is_local(monkeypatch):
    class Unsure(tzinfo):
        def utcoffset(self, value: datetime | None) -> None:
            return None

    monkeypatch.setenv("TZ", "Asia/Tokyo")
    clock.tzset()
    try:
        value = datetime(2024, 3, 1, 5, tzinfo=Unsure())
        assert http_date(value) == http_date_of_werkzeug(value) == "Thu, 29 Feb 2024 20:00:00 GMT"
    finally:
        monkeypatch.undo()
        clock.tzset()


def test_an_http_date_of_a_zone_that_cannot_be_is_an_error():
    class Beyond(tzinfo):
        def utcoffset(self, value: datetime | None) -> timedelta:
            return timedelta(hours=30)

    with pytest.raises(ValueError, match="24"):
        http_date(datetime(2024, 3, 1, 5, tzinfo=Beyond()))
