"""The playground's data: a table of the world's territories in SQLite.

The facts are from Unicode CLDR 48: names, populations, gross domestic product, literacy
and currencies (``countries-license.txt`` has its terms).
"""

from __future__ import annotations

import csv
import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from datetime import date
from importlib import resources
from pathlib import Path
from zlib import crc32

__all__ = ["connect", "database_path"]

_COLUMNS = """
    code TEXT PRIMARY KEY, alpha3 TEXT, numeric INTEGER, name TEXT, native_name TEXT,
    language TEXT, continent TEXT, population INTEGER, gdp INTEGER, literacy REAL,
    currency TEXT, currency_since ISODATE
"""

sqlite3.register_converter("ISODATE", lambda text: date.fromisoformat(text.decode()))


def connect() -> sqlite3.Connection:
    """A connection to the database, which is made first where it is missing."""
    connection = sqlite3.connect(database_path(), detect_types=sqlite3.PARSE_DECLTYPES)
    connection.row_factory = sqlite3.Row
    return connection


def database_path() -> Path:
    """Where the database is: in the user's cache folder, or else in the temporary one."""
    data = resources.files("jsonify_ext.playground").joinpath("countries.csv").read_bytes()
    # The sum in the name: another version of the package makes a database of its own.
    name = f"jsonify_ext-{crc32(data):08x}.sqlite3"
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folders = (Path(cache), Path(tempfile.gettempdir()))
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            _make(folder / name, data.decode())
            return folder / name
    raise OSError("no folder to make the database in: set XDG_CACHE_HOME to one")


def _make(path: Path, data: str) -> None:
    """Make the database; whole or not at all, also when two processes do."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent)
    os.close(handle)
    try:
        with closing(sqlite3.connect(unfinished)) as connection, connection:
            connection.execute(f"CREATE TABLE countries ({_COLUMNS})")
            names, *rows = csv.reader(data.splitlines())
            places = ", ".join("?" * len(names))
            connection.executemany(
                f"INSERT INTO countries VALUES ({places})",
                ([value or None for value in row] for row in rows),
            )
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
