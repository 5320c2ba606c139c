"""Dates, times and durations as text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

__all__ = ["http_date", "iso_date", "iso_duration"]

_MINUTE = timedelta(minutes=1)
# The same in every locale, which strftime's are not.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_TWO = tuple(f"{number:02}" for number in range(60))


def http_date(value: date) -> str:
    """HTTP date (RFC 9110, section 5.6.7) of a ``date`` or ``datetime``.

    :param value: a naive ``datetime`` is taken for UTC, a ``date`` for its midnight.

    >>> http_date(date(2024, 2, 29))
    'Thu, 29 Feb 2024 00:00:00 GMT'
    """
    if not isinstance(value, datetime):
        return f"{_http_day(value.toordinal())} 00:00:00 GMT"
    zone = value.tzinfo
    if zone is not None and zone is not timezone.utc:
        # A timezone answers in a fifth of the time when nobody checks what it says.
        offset = zone.utcoffset(value) if type(zone) is timezone else value.utcoffset()
        if offset is None:
            value = value.astimezone(timezone.utc)
        elif offset:  # less than half of the time of astimezone()
            value -= offset
    day = _http_day(value.toordinal())
    return f"{day} {_TWO[value.hour]}:{_TWO[value.minute]}:{_TWO[value.second]} GMT"


@lru_cache(maxsize=1024)
def _http_day(ordinal: int) -> str:
    """The date, which the rows of a table often share."""
    day = date.fromordinal(ordinal)
    month = _MONTHS[day.month - 1]
    return f"{_DAYS[day.weekday()]}, {day.day:02} {month} {day.year:04}"


def iso_date(value: date | time) -> str:
    """RFC 3339 / ISO 8601 text of a ``date``, ``datetime`` or ``time``.

    RFC 3339 has offsets in whole minutes, so an offset with seconds (local mean time)
    is rounded to the nearest (section 5.8 of the RFC shows it so).

    :param value: aware or not; a naive one gets no offset.

    >>> from datetime import timezone
    >>> iso_date(datetime(2024, 2, 29, 12, tzinfo=timezone.utc))
    '2024-02-29T12:00:00+00:00'
    """
    if isinstance(value, datetime):
        # The unbound methods, because subclasses have forms of their own.
        text = datetime.isoformat(value)
    elif isinstance(value, time):
        text = time.isoformat(value)
    else:
        return date.isoformat(value)
    offset = None if value.tzinfo is None else value.utcoffset()
    if offset is None or not offset % _MINUTE:
        return text
    minutes = min((abs(offset) + _MINUTE / 2) // _MINUTE, 24 * 60 - 1)
    # The offset is the tail that the naive text lacks.
    naive = value.replace(tzinfo=None)
    head = datetime.isoformat(naive) if isinstance(naive, datetime) else time.isoformat(naive)
    sign = "-" if offset < timedelta() else "+"
    return f"{head}{sign}{minutes // 60:02}:{minutes % 60:02}"


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
    clock = f"{hours}H" if hours else ""
    if minutes:
        clock += f"{minutes}M"
    if value.microseconds:
        clock += f"{seconds}.{value.microseconds:06}".rstrip("0") + "S"
    elif seconds:
        clock += f"{seconds}S"
    days = f"{value.days}D" if value.days else ""
    if not days and not clock:
        clock = "0S"
    return f"{sign}P{days}" + (f"T{clock}" if clock else "")
