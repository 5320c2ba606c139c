"""Sources of streams that other libraries make."""

from __future__ import annotations

import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas
import pytest
import sqlalchemy
from sqlalchemy import select
from sqlalchemy.orm import Session

from jsonify_ext import stream_json
from jsonify_ext.encoders import orm_columns

from ..samples import User

COUNT = 5000
ROWS = [{"id": number, "name": f"é {number}"} for number in range(COUNT)]


def values(response: Any) -> list[Any]:
    """The values of a stream of lines, which is closed afterwards."""
    with response:
        return [json.loads(line) for line in response.get_data(as_text=True).splitlines()]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sqlalchemy.create_engine("sqlite://")
    User.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(sqlalchemy.insert(User), ROWS)
        yield session
    engine.dispose()


def test_a_sqlalchemy_result(session: Session):
    query = select(User.id, User.name).execution_options(yield_per=100)
    result = session.execute(query)
    assert values(stream_json(result, "jsonl")) == ROWS
    assert result.closed
    with stream_json(session.execute(query).mappings(), "json") as response:
        assert json.loads(response.data) == ROWS


def test_a_sqlalchemy_scalar_result(session: Session):
    result = session.scalars(select(User.id).execution_options(yield_per=100))
    assert values(stream_json(result, "jsonl")) == [*range(COUNT)]
    assert result.closed
    users = session.scalars(select(User).execution_options(yield_per=100))
    settings = {"encoders": {User: orm_columns}}
    assert values(stream_json(users, "jsonl", settings=settings)) == ROWS


@pytest.mark.parametrize("method", ["execute", "scalars"])
def test_a_sqlalchemy_result_is_read_in_parts_and_closed(session: Session, method: str):
    result = getattr(session, method)(select(User.id).execution_options(yield_per=100))
    response = stream_json(result, chunk_size=0)
    assert next(iter(response.response)) in (b'[{"id":0}', b"[0")
    assert not result.closed
    response.close()
    assert result.closed


def test_a_sqlite3_cursor():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    query = "SELECT 1 AS a, NULL AS b UNION SELECT 2, x'414243'"
    cursor = connection.execute(query)
    assert values(stream_json(cursor, "jsonl")) == [{"a": 1, "b": None}, {"a": 2, "b": "ABC"}]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        cursor.fetchone()
    connection.row_factory = None
    assert values(stream_json(connection.execute(query), "jsonl"))[0] == [1, None]
    connection.close()


class Cursor:
    """A server-side cursor as in psycopg: an iterator that has to be closed."""

    itersize = 2

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.fetched = 0
        self.closed = False

    def fetchmany(self, size: int) -> list[Any]:
        assert not self.closed
        self.fetched += 1
        taken, self.rows = self.rows[:size], self.rows[size:]
        return taken

    def __iter__(self) -> Iterator[Any]:
        while rows := self.fetchmany(self.itersize):
            yield from rows

    def close(self) -> None:
        self.closed = True


def test_a_cursor_as_in_psycopg():
    cursor = Cursor([{"n": number} for number in range(5)])
    assert values(stream_json(cursor, "jsonl")) == [{"n": number} for number in range(5)]
    assert (cursor.fetched, cursor.closed) == (4, True)
    cursor = Cursor([(1, "a")] * 10)
    response = stream_json(cursor)
    assert next(iter(response.response)) == b'[[1,"a"]'
    assert (cursor.fetched, cursor.closed) == (1, False)
    response.close()
    assert cursor.closed


DJANGO = """
import django
from django.conf import settings

database = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
settings.configure(DATABASES={"default": database}, USE_TZ=True)
django.setup()

from django.db import connection, models
from jsonify_ext import stream_json

class User(models.Model):
    name = models.TextField()
    score = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        app_label = "users"

with connection.schema_editor() as editor:
    editor.create_model(User)
User.objects.bulk_create(User(name=f"u{n}", score=n) for n in range(2500))
columns = User.objects.order_by("id").values("id", "name", "score")
for rows in (columns.iterator(chunk_size=100), columns):
    lines = stream_json(rows, "jsonl").get_data(as_text=True).splitlines()
    print(len(lines), lines[0], lines[-1])
with connection.cursor() as cursor:
    cursor.execute("SELECT id, name FROM users_user ORDER BY id LIMIT 2")
    print(stream_json(cursor).get_data(as_text=True))
"""


def test_iterators_of_django():
    run = subprocess.run([sys.executable, "-c", DJANGO], capture_output=True, text=True)
    assert run.stderr == ""
    line = (
        '2500 {"id":1,"name":"u0","score":"0.00"} {"id":2500,"name":"u2499","score":"2499.00"}\n'
    )
    assert run.stdout == line * 2 + '[[1,"u0"],[2,"u1"]]\n\n'


@pytest.mark.parametrize("chunk_size", [0, 65536])
def test_rows_of_pandas_with_missing_values(chunk_size: int):
    frame = pandas.DataFrame(
        {
            "n": pandas.array([1, None] * 500, dtype="Int64"),
            "text": pandas.array(["é", None] * 500, dtype="string"),
            "day": [pandas.Timestamp("2026-01-02"), pandas.NaT] * 500,
        }
    )
    expected = [[1, "é", "2026-01-02T00:00:00"], [None, None, None]] * 500
    for name in (None, "Row"):
        rows = frame.itertuples(index=False, name=name)
        assert values(stream_json(rows, "jsonl", chunk_size=chunk_size)) == expected
        rows = frame.itertuples(index=False, name=name)
        with stream_json(rows, chunk_size=chunk_size) as response:
            assert json.loads(response.data) == expected
    records = (dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False))
    assert values(stream_json(records, "jsonl"))[1] == {"n": None, "text": None, "day": None}


def test_rows_of_a_csv_file(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("id,name\n" + "".join(f"{n},é {n}\n" for n in range(COUNT)), "utf-8")
    with path.open(newline="", encoding="utf-8") as file:
        found = values(stream_json(csv.DictReader(file), "jsonl"))
    assert found == [{"id": str(n), "name": f"é {n}"} for n in range(COUNT)]
