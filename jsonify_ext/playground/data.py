"""Ready values: planets as rows of SQLite, users as dicts, and a dataclass."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

__all__ = ["READY", "User"]

_TABLE = "name TEXT, symbol TEXT, diameter_km INTEGER, orbit_days REAL, discovered ISODATE"
_PLANETS = [
    ("Mercury", "☿", 4879, 88.0, None),
    ("Venus", "♀", 12104, 224.7, None),
    ("Earth", "🜨", 12756, 365.2, None),
    ("Mars", "♂", 6792, 687.0, None),
    ("Jupiter", "♃", 142984, 4331.0, None),
    ("Saturn", "♄", 120536, 10747.0, None),
    ("Uranus", "⛢", 51118, 30589.0, "1781-03-13"),
    ("Neptune", "♆", 49528, 59800.0, "1846-09-23"),
]

sqlite3.register_converter("ISODATE", lambda text: date.fromisoformat(text.decode()))


@dataclass
class User:
    """A dataclass, to be filled in: any value may be in any field."""

    id: Any
    name: Any = ""
    joined: Any = None
    manager: Any = None


def planets() -> list[sqlite3.Row]:
    """The planets as rows of a database in memory."""
    with closing(sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)) as database:
        database.row_factory = sqlite3.Row
        database.execute(f"CREATE TABLE planets ({_TABLE})")
        database.executemany("INSERT INTO planets VALUES (?, ?, ?, ?, ?)", _PLANETS)
        return database.execute("SELECT * FROM planets").fetchall()


def _user(number: int) -> dict[str, Any]:
    """A user as a dict, with types that Flask encodes too."""
    joined = datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(hours=number)
    user = {"id": UUID(int=number), "name": f"Zoë {number}", "joined": joined}
    return user | {"balance": Decimal(number * 1995) / 100}


#: What a visitor can enter instead of a value.
READY: dict[str, Callable[[], Any]] = {
    "planets()": planets,
    "users(100)": lambda: [_user(number) for number in range(1, 101)],
    "users(1000)": lambda: [_user(number) for number in range(1, 1001)],
}
