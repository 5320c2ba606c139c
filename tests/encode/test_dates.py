"""Dates, times and durations, by the ``dates`` setting."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify, use_settings
from jsonify_ext.encoders import utc_date

from ..conftest import Send
from ..samples import SEVEN, UTC, Html


class Paris(tzinfo):
    """A zone of the user's own."""

    def utcoffset(self, when: Any) -> timedelta:
        return timedelta(hours=1)


def at(zone: tzinfo, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=zone)


def offset(**parts: int) -> timezone:
    return timezone(timedelta(**parts))


AMSTERDAM = ZoneInfo("Europe/Amsterdam")

#: The value, and its form as ISO, UTC and HTTP date.
DATES = [
    (date(2024, 2, 29), "2024-02-29", "2024-02-29", "Thu, 29 Feb 2024 00:00:00 GMT"),
    (date(1, 1, 1), "0001-01-01", "0001-01-01", "Mon, 01 Jan 0001 00:00:00 GMT"),
    (
        datetime(2024, 2, 29, 7),
        "2024-02-29T07:00:00",
        "2024-02-29T07:00:00Z",
        "Thu, 29 Feb 2024 07:00:00 GMT",
    ),
    (
        SEVEN,
        "2024-02-29T07:08:09+00:00",
        "2024-02-29T07:08:09Z",
        "Thu, 29 Feb 2024 07:08:09 GMT",
    ),
    (
        datetime(2024, 2, 29, 7, 8, 9, 10),
        "2024-02-29T07:08:09.000010",
        "2024-02-29T07:08:09.000010Z",
        "Thu, 29 Feb 2024 07:08:09 GMT",
    ),
    (
        at(AMSTERDAM, 2024, 7, 1, 12),
        "2024-07-01T12:00:00+02:00",
        "2024-07-01T10:00:00Z",
        "Mon, 01 Jul 2024 10:00:00 GMT",
    ),
    (
        at(Paris(), 2024, 7, 1, 12),
        "2024-07-01T12:00:00+01:00",
        "2024-07-01T11:00:00Z",
        "Mon, 01 Jul 2024 11:00:00 GMT",
    ),
    # RFC 3339 has whole minutes only.
    (
        at(offset(minutes=17, seconds=30), 1800, 1, 1),
        "1800-01-01T00:00:00+00:18",
        "1799-12-31T23:42:30Z",
        "Tue, 31 Dec 1799 23:42:30 GMT",
    ),
    (
        at(offset(hours=-1, seconds=-40), 2024, 1, 1),
        "2024-01-01T00:00:00-01:01",
        "2024-01-01T01:00:40Z",
        "Mon, 01 Jan 2024 01:00:40 GMT",
    ),
    (
        at(offset(seconds=-20), 2024, 1, 1),
        "2024-01-01T00:00:00+00:00",
        "2024-01-01T00:00:20Z",
        "Mon, 01 Jan 2024 00:00:20 GMT",
    ),
    (
        at(offset(hours=23, minutes=59, seconds=59), 2024, 1, 1),
        "2024-01-01T00:00:00+23:59",
        "2023-12-31T00:00:01Z",
        "Sun, 31 Dec 2023 00:00:01 GMT",
    ),
    (
        at(offset(hours=10, minutes=4, seconds=52), 1890, 1, 1),
        "1890-01-01T00:00:00+10:05",
        "1889-12-31T13:55:08Z",
        "Tue, 31 Dec 1889 13:55:08 GMT",
    ),
    (time(7, tzinfo=offset(hours=10, minutes=4, seconds=52)), *["07:00:00+10:05"] * 3),
    (time(7, tzinfo=offset(seconds=-20)), *["07:00:00+00:00"] * 3),
    (time(7, tzinfo=UTC), *["07:00:00+00:00"] * 3),
    (time(7, 30), *["07:30:00"] * 3),
]


@pytest.mark.parametrize(("value", "iso", "utc", "http"), DATES, ids=str)
def test_dates_and_times_by_the_setting(value, iso, utc, http):
    for style, text in ("iso", iso), ("utc", utc), ("http", http):
        settings = JSONSettings(dates=style)
        assert encode(value, settings).decode() == f'"{text}"'
        for other, its in (2**70, str(2**70)), ({1}, "[1]"):
            assert encode([value, other], settings).decode() == f'["{text}",{its}]'
        if not isinstance(value, time):
            assert encode({value: 1}, settings).decode() == f'{{"{text}":1}}'


@pytest.mark.parametrize("style", ["iso", "utc", "http"])
def test_dates_in_responses(send: Send, style):
    def view():
        with use_settings(dates=style):
            return jsonify([value for value, *_ in DATES])

    column = ["iso", "utc", "http"].index(style) + 1
    assert send(view).get_json() == [row[column] for row in DATES]


def test_dates_are_iso_by_default_and_http_dates_in_flask(place):
    expected = b'"2024-02-29"' if place == "plain" else b'"Thu, 29 Feb 2024 00:00:00 GMT"'
    assert encode(date(2024, 2, 29)) == expected


@pytest.mark.parametrize("microsecond", [0, 1, 10, 9_999, 10_000, 99_999, 100_000, 999_999])
def test_times_have_all_digits_of_their_microseconds(microsecond):
    moment = time(1, 2, 3, microsecond)
    for value in moment, datetime.combine(date(2024, 2, 29), moment):
        assert encode([value, 1]) == f'["{value.isoformat()}",1]'.encode()


@pytest.mark.parametrize(
    ("zone", "moment", "text"),
    [
        ("Europe/Amsterdam", (1930, 6, 1), "+01:20"),
        ("Africa/Monrovia", (1972, 1, 1), "-00:45"),
        ("America/Anchorage", (1900, 6, 1), "-10:00"),
    ],
)
def test_zones_whose_offsets_have_seconds(zone, moment, text):
    value = datetime(*moment)
    zoned = value.replace(tzinfo=ZoneInfo(zone))
    assert encode({"at": zoned}).decode() == f'{{"at":"{value.isoformat()}{text}"}}'


@pytest.mark.parametrize(
    "value",
    [at(offset(hours=1), 1, 1, 1), at(offset(hours=-1), 9999, 12, 31, 23)],
    ids=["before year 1", "after year 9999"],
)
def test_moments_that_utc_does_not_have_are_errors(value):
    assert encode([value]).startswith(b'["')
    with pytest.raises(JSONEncodeError) as caught:
        encode({"a": value}, JSONSettings(dates="utc"))
    assert caught.value.path == "$.a"


def test_utc_date_is_the_same_form_as_an_encoder():
    value = [SEVEN.astimezone(offset(hours=2)), datetime(2024, 2, 29)]
    text = b'["2024-02-29T07:08:09Z","2024-02-29T00:00:00Z"]'
    assert encode(value, JSONSettings(dates="utc")) == text
    assert encode(value, JSONSettings(encoders={datetime: utc_date}, dates="http")) == text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(), "PT0S"),
        (timedelta(days=3), "P3D"),
        (timedelta(minutes=90), "PT1H30M"),
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
        with pytest.raises(JSONEncodeError) as caught:
            encode({"a": [0, value]}, JSONSettings(dates=style))
        assert caught.value.path == "$.a[1]"
        assert isinstance(caught.value.__cause__, cause)
        assert "secret" not in str(caught.value)


ZONES = [None, UTC, offset(hours=-3, minutes=-30), offset(seconds=-30), offset(hours=1, seconds=1)]


@pytest.mark.parametrize("others", [[], [Paris()], [AMSTERDAM]], ids=str)
@pytest.mark.parametrize("zones", [*([zone] for zone in ZONES), ZONES], ids=str)
def test_dates_are_the_same_beside_a_hook(zones, others):
    moment = datetime(1, 2, 3, 4, 5, 6, 70)
    rows: list[Any] = [{"at": moment.replace(tzinfo=zone)} for zone in [*zones, *others]]
    for more in [], [{"at": date(999, 1, 2)}], [{"at": time(1, 2, 3, 4)}], [{"n": Decimal(1)}]:
        values = [*rows, *more]
        text = ",".join(encode(value).decode() for value in values)
        assert encode(values).decode() == f"[{text}]"
        assert encode([*values, Html()]).decode() == f'[{text},"<b>1</b>"]'
        expected = [each["at"].isoformat() for each in more if "at" in each]
        assert all(f'"{each}"' in text for each in expected)
