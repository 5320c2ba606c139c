"""Dates and times, by the ``dates`` setting."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy
import pytest
from werkzeug.http import http_date

from jsonify_ext import JSONSettings, encode

from ..samples import SEVEN, UTC
from .conftest import assert_refused, misplaced


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
    (time(7, 30, tzinfo=AMSTERDAM), *["07:30:00"] * 3),  # unknown without a day
    (datetime(1, 2, 3, 4, 5, 6, 70), "0001-02-03T04:05:06.000070", "0001-02-03T04:05:06.000070Z",
     "Sat, 03 Feb 0001 04:05:06 GMT"),
    (numpy.datetime64("2024-02-29"), *["2024-02-29"] * 2, "Thu, 29 Feb 2024 00:00:00 GMT"),
    (numpy.datetime64("2024-02-29T07:08"), "2024-02-29T07:08:00", "2024-02-29T07:08:00Z",
     "Thu, 29 Feb 2024 07:08:00 GMT"),
]  # fmt: skip


STYLES = {"iso": 1, "utc": 2, "http": 3}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("row", DATES, ids=lambda row: str(row[0]))
def test_dates_and_times_by_the_setting(row, style):
    value, text = row[0], row[STYLES[style]]
    assert misplaced(value, f'"{text}"', dates=style) == {}
    assert misplaced({value: 1}, f'{{"{text}":1}}', dates=style) == {}
    if isinstance(value, numpy.datetime64):
        for array in numpy.array([value]), numpy.array([value.item()]):
            assert misplaced(array, f'["{text}"]', dates=style) == {}
    for beside in DATES:
        for more, end in ([], ""), ([Decimal(1)], ',"1"'):
            body = encode([{"at": value}, beside[0], *more], JSONSettings(dates=style)).decode()
            assert body == f'[{{"at":"{text}"}},"{beside[STYLES[style]]}"{end}]'


def test_dates_are_iso_by_default_and_http_dates_in_flask(place):
    expected = b'"2024-02-29"' if place == "plain" else b'"Thu, 29 Feb 2024 00:00:00 GMT"'
    assert encode(date(2024, 2, 29)) == expected


def test_http_dates_are_those_of_werkzeug():
    days = [date(2024, 1, 1) + timedelta(days=9 * number) for number in range(41)]
    assert json.loads(encode(days, JSONSettings(dates="http"))) == [*map(http_date, days)]


def test_small_units_of_numpy_never_wrap():
    smallest = numpy.array([1 - 2**63, "NaT"], "m8[ns]")
    assert encode([smallest, smallest[0]]) == (
        b'[["-P106751DT23H47M16.854776S",null],"-P106751DT23H47M16.854776S"]'
    )
    multiple = numpy.array([10**18], "M8[25ns]")
    assert encode([multiple, multiple[0]]) == b'[["2762-03-21T20:26:40"],"2762-03-21T20:26:40"]'
    assert_refused(numpy.timedelta64(2**62, "1000000ns"), "range")


def test_times_have_all_digits_of_their_microseconds():
    for microsecond in 0, 1, 10, 9_999, 100_000, 999_999:
        moment = time(1, 2, 3, microsecond)
        for value in moment, datetime.combine(date(2024, 2, 29), moment):
            assert encode([value, 1]) == f'["{value.isoformat()}",1]'.encode()


@pytest.mark.parametrize("moment", [(1, 1, 1), (9999, 12, 31, 23)], ids=["year 0", "year 10000"])
def test_moments_out_of_the_range_of_utc_are_errors(moment):
    value = at(offset(hours=1 if moment[0] == 1 else -1), *moment)
    assert encode([value]).startswith(b'["')
    assert_refused(value, dates="utc")


class WrongZone(tzinfo):
    def utcoffset(self, when: Any) -> Any:
        return 5


class FailingZone(tzinfo):
    def utcoffset(self, when: Any) -> Any:
        raise KeyError("secret")


class CountedZone(tzinfo):
    def __init__(self) -> None:
        self.calls = 0

    def utcoffset(self, when: Any) -> timedelta:
        self.calls += 1
        return timedelta(hours=1)


@pytest.mark.parametrize("style", STYLES)
def test_zones_are_read_as_often_beside_long_text(style):
    zones = CountedZone(), CountedZone()
    for zone, text in zip(zones, ("a", "é" * 3000), strict=True):
        encode([text, at(zone, 2024, 1, 1)], {"dates": style, "ensure_ascii": True})
    assert zones[0].calls == zones[1].calls > 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(("zone", "cause"), [(WrongZone(), TypeError), (FailingZone(), KeyError)])
def test_zones_that_fail_are_errors(zone, cause, style):
    for value in datetime(2024, 1, 1, tzinfo=zone), time(1, tzinfo=zone):
        assert_refused(value, cause=cause, dates=style)
