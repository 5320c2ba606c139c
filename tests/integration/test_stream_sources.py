"""Sources of streams that other libraries make."""

from __future__ import annotations

import csv
import json
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


def values(source: Any, **options: Any) -> list[Any]:
    """The values of a stream of lines, which is closed afterwards."""
    with stream_json(source, "jsonl", **options) as response:
        return [json.loads(line) for line in response.get_data(as_text=True).splitlines()]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = sqlalchemy.create_engine("sqlite://")
    User.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(sqlalchemy.insert(User), ROWS)
        yield session
    engine.dispose()


IDS = select(User.id).execution_options(yield_per=100)
COLUMNS = select(User.id, User.name).execution_options(yield_per=100)
USERS = select(User).execution_options(yield_per=100)


@pytest.mark.parametrize(
    ("result_of", "expected"),
    [
        (lambda session: session.execute(COLUMNS), ROWS),
        (lambda session: session.execute(COLUMNS).mappings(), ROWS),
        (lambda session: session.scalars(IDS), [*range(COUNT)]),
        (lambda session: session.scalars(USERS), ROWS),
    ],
    ids=["rows", "mappings", "scalars", "instances"],
)
def test_a_sqlalchemy_result_is_read_in_parts_and_closed(session: Session, result_of, expected):
    settings = {"encoders": {User: orm_columns}}
    result = result_of(session)
    assert values(result, settings=settings) == expected
    assert result.closed
    result = result_of(session)
    response = stream_json(result, chunk_size=0, settings=settings)
    assert json.loads(next(iter(response.response)) + b"]") == expected[:1]
    assert not result.closed
    response.close()
    assert result.closed


class Cursor:
    """A server-side cursor as in psycopg: an iterator that has to be closed."""

    itersize = 2

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self.fetched = 0
        self.closed = False

    def __iter__(self) -> Iterator[Any]:
        while self.rows:
            assert not self.closed
            self.fetched += 1
            taken, self.rows = self.rows[: self.itersize], self.rows[self.itersize :]
            yield from taken

    def close(self) -> None:
        self.closed = True


def test_a_cursor_as_in_psycopg():
    cursor = Cursor(ROWS[:5])
    assert values(cursor) == ROWS[:5]
    assert (cursor.fetched, cursor.closed) == (3, True)
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
    first, last = (
        '{"id":1,"name":"u0","score":"0.00"}',
        '{"id":2500,"name":"u2499","score":"2499.00"}',
    )
    assert run.stdout == f"2500 {first} {last}\n" * 2 + '[[1,"u0"],[2,"u1"]]\n\n'


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
    for name in None, "Row":
        rows = frame.itertuples(index=False, name=name)
        assert values(rows, chunk_size=chunk_size) == expected
    records = (dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False))
    assert values(records)[1] == {"n": None, "text": None, "day": None}


def test_rows_of_a_csv_file(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("id,name\n" + "".join(f"{n},é {n}\n" for n in range(COUNT)), "utf-8")
    with path.open(newline="", encoding="utf-8") as file:
        assert values(csv.DictReader(file)) == [row | {"id": str(row["id"])} for row in ROWS]
