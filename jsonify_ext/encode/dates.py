"""Dates, times and durations as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache, partial
from typing import Any

_MINUTE = timedelta(minutes=1)
# Not strftime's, which follow the locale.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TWO_DIGITS = tuple(f"{number:02}" for number in range(60))


def http_date(value: date) -> str:
    """HTTP date (RFC 9110, section 5.6.7) of a ``date`` or ``datetime``.

    :param value: a naive ``datetime`` is taken as UTC, a ``date`` as its midnight.

    >>> http_date(date(2024, 2, 29))
    'Thu, 29 Feb 2024 00:00:00 GMT'
    """
    if not isinstance(value, datetime):
        return f"{_http_day(value.toordinal())} 00:00:00 GMT"
    zone = value.tzinfo
    if zone is not None and zone is not timezone.utc:
        offset = value.utcoffset()
        if offset is None:
            value = value.astimezone(timezone.utc)
        elif offset:
            if type(value) is not datetime:  # pandas counts the hours that a zone skips
                value = value.replace(tzinfo=None)
            value -= offset
    hour, minute, second = value.hour, value.minute, value.second
    day = _http_day(value.toordinal())
    return f"{day} {_TWO_DIGITS[hour]}:{_TWO_DIGITS[minute]}:{_TWO_DIGITS[second]} GMT"


@lru_cache(maxsize=1024)
def _http_day(ordinal: int) -> str:
    """The text of a day, which the rows of a table often share."""
    day = date.fromordinal(ordinal)
    month = _MONTHS[day.month - 1]
    return f"{_DAYS[day.weekday()]}, {day.day:02} {month} {day.year:04}"


def iso_date(value: date | time) -> str:
    """RFC 3339 / ISO 8601 text of a ``date``, ``datetime`` or ``time``.

    RFC 3339 has offsets in whole minutes. An offset with seconds (local mean time) is
    rounded to the nearest minute.

    :param value: a naive value gets no offset.

    >>> iso_date(datetime(2024, 2, 29, 12, tzinfo=timezone.utc))
    '2024-02-29T12:00:00+00:00'
    """
    if isinstance(value, datetime):
        return _iso(datetime.isoformat, value)
    return iso_time(value) if isinstance(value, time) else date.isoformat(value)


def _iso(isoformat: Callable[[Any], str], value: Any) -> str:
    text = isoformat(value)
    # An offset of whole minutes, +hh:mm, needs no rounding.
    if value.tzinfo is None or text[-6] in "+-":
        return text
    text, offset = isoformat(value.replace(tzinfo=None)), value.utcoffset()
    if offset is None:
        return text
    minutes = min((abs(offset) + _MINUTE / 2) // _MINUTE, 24 * 60 - 1)
    # RFC 3339, section 4.3: -00:00 means that the local offset is unknown.
    sign = "-" if offset < timedelta() and minutes else "+"
    return f"{text}{sign}{minutes // 60:02}:{minutes % 60:02}"


#: :func:`iso_date` of a ``time``, by its own method: subclasses have other forms.
iso_time: Callable[[Any], str] = partial(_iso, time.isoformat)


@lru_cache(maxsize=64)
def is_whole(zone: timezone) -> bool:
    """Whether an offset has no seconds, which orjson drops."""
    return not zone.utcoffset(None) % _MINUTE


def utc_date(value: date) -> str:
    """RFC 3339 text in UTC, with ``Z``, of a ``datetime``; ISO 8601 text of a ``date``.

    :param value: a naive ``datetime`` is taken as UTC.

    >>> utc_date(datetime(2024, 2, 29, 12))
    '2024-02-29T12:00:00Z'
    """
    if not isinstance(value, datetime):
        return date.isoformat(value)
    if value.tzinfo is not None:
        offset = value.utcoffset()
        value = value.replace(tzinfo=None)
        if offset:
            value -= offset
    return datetime.isoformat(value) + "Z"


def iso_duration(value: timedelta) -> str:
    """ISO 8601 duration of a ``timedelta``, without the calendar's years and months.

    >>> iso_duration(timedelta(days=1, hours=2))
    'P1DT2H'
    >>> iso_duration(timedelta(seconds=-1.5))
    '-PT1.5S'
    """
    sign = "-" if value.days < 0 else ""
    value = abs(value)
    hours, seconds = divmod(value.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    clock = f"{hours}H" if hours else ""
    clock += f"{minutes}M" if minutes else ""
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{value.days}D" if value.days else ""
    if not days and not clock:
        return "PT0S"
    return f"{sign}P{days}T{clock}" if clock else f"{sign}P{days}"
