"""Ready-made callables for the ``encoders`` setting.

>>> from decimal import Decimal
>>> from jsonify_ext import JSONSettings, encode
>>> encode({"price": Decimal("1.10")}, JSONSettings(encoders={Decimal: decimal_number}))
b'{"price":1.10}'
"""

from __future__ import annotations

from base64 import b64encode
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

from .encode.dates import http_date, iso_date, utc_date
from .encode.raw import RawJSON
from .errors import type_name

__all__ = [
    "base64_text",
    "decimal_number",
    "duration_seconds",
    "epoch_millis",
    "epoch_seconds",
    "http_date",
    "iso_date",
    "orm_columns",
    "utc_date",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def epoch_seconds(value: date) -> int | float:
    """Convert a date to the seconds since 1970-01-01T00:00:00Z.

    :param value: a ``datetime``, taken as UTC if it is naive; or a ``date``, taken as
        midnight in UTC.
    :return: an int if there is no fraction of a second, otherwise a float.

    >>> epoch_seconds(datetime(1970, 1, 2))
    86400
    """
    return duration_seconds(_since_epoch(value))


def epoch_millis(value: date) -> int:
    """Convert a date to the milliseconds since 1970-01-01T00:00:00Z, as for JavaScript's ``Date``.

    :param value: as for :func:`epoch_seconds`; fractions of a millisecond are cut off.

    >>> epoch_millis(datetime(1970, 1, 1, 0, 0, 1, 500_000))
    1500
    """
    return _since_epoch(value) // timedelta(milliseconds=1)


def base64_text(value: bytes | bytearray | memoryview) -> str:
    """Encode bytes as Base64 text (RFC 4648, section 4).

    >>> base64_text(b"\\xff\\x00")
    '/wA='
    """
    return b64encode(memoryview(value).tobytes()).decode("ascii")


def decimal_number(value: Decimal) -> RawJSON | float:
    """Write a ``Decimal`` as a JSON number with all its digits.

    Most parsers read numbers as floats, so they lose digits past the 17th.

    :return: the number; NaN and infinities as floats, to which the ``nan`` setting applies.

    >>> decimal_number(Decimal("1.10"))
    RawJSON(b'1.10', trusted=True)
    """
    if not value.is_finite():
        return float("nan") if value.is_nan() else float(value)
    return RawJSON(str(value), trusted=True)


def duration_seconds(value: timedelta) -> int | float:
    """Convert a ``timedelta`` to seconds: an int if there is no fraction of a second.

    >>> duration_seconds(timedelta(minutes=1, milliseconds=500))
    60.5
    """
    return value.total_seconds() if value.microseconds else value // timedelta(seconds=1)


def orm_columns(value: Any) -> dict[str, Any]:
    """Convert a SQLAlchemy instance to a dict of its loaded columns.

    It never loads anything. Deferred columns, expired columns and relationships are left
    out. To send them, query the columns or refresh the instance.

    :param value: an instance of a mapped class.
    :raises TypeError: for anything else.

    >>> from sqlalchemy import Integer, String
    >>> from sqlalchemy.orm import DeclarativeBase, mapped_column
    >>> class Base(DeclarativeBase):
    ...     pass
    >>> class User(Base):
    ...     __tablename__ = "user"
    ...     id = mapped_column(Integer, primary_key=True)
    ...     name = mapped_column(String)
    >>> orm_columns(User(id=7, name="Ada"))
    {'id': 7, 'name': 'Ada'}
    """
    mapper = getattr(cast("Any", type(value)), "__mapper__", None)
    if mapper is None:
        raise TypeError(f"orm_columns takes an instance of a mapped class, not {type_name(value)}")
    loaded: dict[str, Any] = value.__dict__
    return {each.key: loaded[each.key] for each in mapper.column_attrs if each.key in loaded}


def _since_epoch(value: date) -> timedelta:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    offset = value.utcoffset()
    return (value.replace(tzinfo=timezone.utc) if offset is None else value) - _EPOCH
