"""The values that the playground sends, each made by a function of its own."""

from __future__ import annotations

import re
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from ipaddress import IPv4Address, ip_network
from itertools import cycle, islice
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

from werkzeug.exceptions import NotFound

from ..encode import RawJSON
from .database import connect

__all__ = ["broken", "countries", "country", "rows", "types"]


def countries(continent: str | None = None) -> dict[str, Any]:
    """The table, or a part of it, as rows of SQLite.

    :param continent: only the rows of this one.
    """
    with closing(connect()) as database:
        found = database.execute(
            "SELECT * FROM countries WHERE ? IN (continent, '') ORDER BY code", [continent or ""]
        ).fetchall()
    return {"total": len(found), "countries": found}


def country(code: str) -> sqlite3.Row:
    """One row of the table.

    :param code: its two letters, in either case.
    :raises werkzeug.exceptions.NotFound: for a code that no row has.
    """
    with closing(connect()) as database:
        row = database.execute("SELECT * FROM countries WHERE code = ?", [code.upper()]).fetchone()
    if row is None:
        raise NotFound(f"There is no country with the code {code!r}.")
    found: sqlite3.Row = row
    return found


def rows(count: int, pause: float = 0) -> Iterator[sqlite3.Row]:
    """Rows of the table, over and over.

    :param count: how many.
    :param pause: seconds to wait before each but the first, as for a slow source.
    """
    found: list[sqlite3.Row] = countries()["countries"]
    for number, row in enumerate(islice(cycle(found), count)):
        if number and pause:
            time.sleep(pause)
        yield row


class Colour(Enum):
    """An Enum: it becomes its value."""

    PETROL = "petrol"


class Point(NamedTuple):
    """A named tuple: it becomes an array."""

    x: float
    y: float


@dataclass(frozen=True)
class Station:
    """A dataclass: it becomes an object."""

    id: UUID
    place: Point
    colour: Colour


def types() -> dict[str, Any]:
    """Types that ``json.dumps`` refuses, and those that it writes in another way."""
    noon = datetime(2026, 3, 29, 12, 30, tzinfo=timezone(timedelta(hours=2)))
    return {
        "dataclass": Station(UUID(int=7), Point(48.2, 16.4), Colour.PETROL),
        "datetime": noon,
        "date": noon.date(),
        "time": noon.time(),
        "timedelta": timedelta(days=1, hours=2),
        "Decimal": Decimal("19.90"),
        "Fraction": Fraction(1, 3),
        "not a number": float("nan"),
        "set": {3, 1, 2},
        "deque": deque([1, 2]),
        "range": range(4),
        "bytes": "naïve ✓".encode(),
        "path": PurePosixPath("/srv/data.json"),
        "address": IPv4Address("192.0.2.1"),
        "network": ip_network("192.0.2.0/24"),
        "pattern": re.compile("^[a-z]+$"),
        "RawJSON": RawJSON(b'{"already": "encoded"}'),
        "keys": {7: "int", 2.5: "float", None: "None", True: "bool"},
    }


class Image:
    """Nothing that JSON knows."""


def broken() -> dict[str, Any]:
    """A value with a part in it that has no JSON form."""
    return {"users": [{"name": "Ada", "avatar": None}, {"name": "Grace", "avatar": Image()}]}
