"""Dates, times and durations, by the ``dates`` setting."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jsonify_ext import JSONSettings, encode, jsonify

from ..samples import SEVEN, UTC, Html, error_of


class Paris(tzinfo):
    """A zone of the user's own."""

    def utcoffset(self, when: Any) -> timedelta:
        return timedelta(hours=1)


def at(zone: tzinfo, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=zone)


def offset(**parts: int) -> timezone:
    return timezone(timedelta(**parts))


AMSTERDAM = ZoneInfo("Europe/Amsterdam")

#: A value, and its ISO, UTC and HTTP dates.
DATES = [
    (date(2024, 2, 29), "2024-02-29", "2024-02-29", "Thu, 29 Feb 2024 00:00:00 GMT"),
    (date(1, 1, 1), "0001-01-01", "0001-01-01", "Mon, 01 Jan 0001 00:00:00 GMT"),
    (datetime(2024, 2, 29, 7), "2024-02-29T07:00:00", "2024-02-29T07:00:00Z",
     "Thu, 29 Feb 2024 07:00:00 GMT"),
    (SEVEN, "2024-02-29T07:08:09+00:00", "2024-02-29T07:08:09Z", "Thu, 29 Feb 2024 07:08:09 GMT"),
    (datetime(2024, 2, 29, 7, 8, 9, 10), "2024-02-29T07:08:09.000010",
     "2024-02-29T07:08:09.000010Z", "Thu, 29 Feb 2024 07:08:09 GMT"),
    (at(AMSTERDAM, 2024, 7, 1, 12), "2024-07-01T12:00:00+02:00", "2024-07-01T10:00:00Z",
     "Mon, 01 Jul 2024 10:00:00 GMT"),
    (at(ZoneInfo("UTC"), 2024, 1, 1), "2024-01-01T00:00:00+00:00", "2024-01-01T00:00:00Z",
     "Mon, 01 Jan 2024 00:00:00 GMT"),
    (at(Paris(), 2024, 7, 1, 12), "2024-07-01T12:00:00+01:00", "2024-07-01T11:00:00Z",
     "Mon, 01 Jul 2024 11:00:00 GMT"),
    # RFC 3339 has whole minutes only.
    (at(offset(minutes=17, seconds=30), 1800, 1, 1), "1800-01-01T00:00:00+00:18",
     "1799-12-31T23:42:30Z", "Tue, 31 Dec 1799 23:42:30 GMT"),
    (at(offset(hours=-1, seconds=-40), 2024, 1, 1), "2024-01-01T00:00:00-01:01",
     "2024-01-01T01:00:40Z", "Mon, 01 Jan 2024 01:00:40 GMT"),
    (at(offset(seconds=-20), 2024, 1, 1), "2024-01-01T00:00:00+00:00", "2024-01-01T00:00:20Z",
     "Mon, 01 Jan 2024 00:00:20 GMT"),
    (at(offset(hours=23, minutes=59, seconds=59), 2024, 1, 1), "2024-01-01T00:00:00+23:59",
     "2023-12-31T00:00:01Z", "Sun, 31 Dec 2023 00:00:01 GMT"),
    (at(ZoneInfo("Africa/Monrovia"), 1971, 1, 1), "1971-01-01T00:00:00-00:45",
     "1971-01-01T00:44:30Z", "Fri, 01 Jan 1971 00:44:30 GMT"),
    (time(7, tzinfo=offset(hours=10, minutes=4, seconds=52)), *["07:00:00+10:05"] * 3),
    (time(7, tzinfo=offset(seconds=-20)), *["07:00:00+00:00"] * 3),
    (time(7, tzinfo=UTC), *["07:00:00+00:00"] * 3),
    (time(7, 30), *["07:30:00"] * 3),
]  # fmt: skip


@pytest.mark.parametrize(("value", "iso", "utc", "http"), DATES, ids=str)
def test_dates_and_times_by_the_setting(value, iso, utc, http):
    for style, text in ("iso", iso), ("utc", utc), ("http", http):
        settings = JSONSettings(dates=style)
        assert encode(value, settings).decode() == f'"{text}"'
        for other, its in (2**70, str(2**70)), ({1}, "[1]"), (Html(), '"<b>1</b>"'):
            assert encode([value, other], settings).decode() == f'["{text}",{its}]'
        if not isinstance(value, time):
            assert encode({value: 1}, settings).decode() == f'{{"{text}":1}}'


def test_all_dates_together():
    for column, style in enumerate(["iso", "utc", "http"], 1):
        body = jsonify([row[0] for row in DATES], settings=JSONSettings(dates=style)).get_json()
        assert body == [row[column] for row in DATES]


def test_dates_are_iso_by_default_and_http_dates_in_flask(place):
    expected = b'"2024-02-29"' if place == "plain" else b'"Thu, 29 Feb 2024 00:00:00 GMT"'
    assert encode(date(2024, 2, 29)) == expected


def test_http_dates_of_each_month_and_weekday():
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    for month, name in enumerate(names, 1):
        day = date(2024, month, 28)
        text = f'"{weekdays[day.weekday()]}, 28 {name} 2024 00:00:00 GMT"'
        assert encode(day, JSONSettings(dates="http")).decode() == text


def test_times_have_all_digits_of_their_microseconds():
    for microsecond in 0, 1, 10, 9_999, 100_000, 999_999:
        moment = time(1, 2, 3, microsecond)
        for value in moment, datetime.combine(date(2024, 2, 29), moment):
            assert encode([value, 1]) == f'["{value.isoformat()}",1]'.encode()


@pytest.mark.parametrize(
    "value",
    [at(offset(hours=1), 1, 1, 1), at(offset(hours=-1), 9999, 12, 31, 23)],
    ids=["before year 1", "after year 9999"],
)
def test_moments_out_of_the_range_of_utc_are_errors(value):
    assert encode([value]).startswith(b'["')
    assert error_of({"a": value}, dates="utc").path == "$.a"


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(days=3), "P3D"),
        (timedelta(hours=1, minutes=2, seconds=10), "PT1H2M10S"),
        (timedelta(seconds=1, microseconds=20), "PT1.00002S"),
        (timedelta(microseconds=500000), "PT0.5S"),
        (-timedelta(hours=1), "-PT1H"),
        (timedelta.min, "-P999999999D"),
        (timedelta.max, "P999999999DT23H59M59.999999S"),
    ],
    ids=str,
)
def test_durations(duration, text):
    assert encode(duration) == f'"{text}"'.encode()
    assert encode({duration: 1}) == f'{{"{text}":1}}'.encode()


class WrongZone(tzinfo):
    def utcoffset(self, when: Any) -> Any:
        return 5


class FailingZone(tzinfo):
    def utcoffset(self, when: Any) -> Any:
        raise KeyError("secret")


@pytest.mark.parametrize("style", ["iso", "utc", "http"])
@pytest.mark.parametrize(("zone", "cause"), [(WrongZone(), TypeError), (FailingZone(), KeyError)])
def test_zones_that_fail_are_errors(zone, cause, style):
    for value in datetime(2024, 1, 1, tzinfo=zone), time(1, tzinfo=zone):
        error = error_of({"a": [0, value]}, dates=style)
        assert error.path == "$.a[1]"
        assert isinstance(error.__cause__, cause)
        assert "secret" not in str(error)


ZONES = [None, UTC, offset(hours=-3, minutes=-30), offset(seconds=-30), offset(hours=1, seconds=1)]


@pytest.mark.parametrize("zone", [*ZONES, Paris(), AMSTERDAM], ids=str)
def test_dates_are_the_same_beside_other_dates(zone):
    moment = datetime(1, 2, 3, 4, 5, 6, 70)
    rows = [{"at": moment.replace(tzinfo=zone)}, {"at": SEVEN}]
    for more in [], [{"at": date(999, 1, 2)}], [{"at": time(1, 2, 3, 4)}], [{"n": Decimal(1)}]:
        values = [*rows, *more]
        text = ",".join(encode(value).decode() for value in values)
        assert encode(values).decode() == f"[{text}]"
        assert encode([*values, Html()]).decode() == f'[{text},"<b>1</b>"]'
