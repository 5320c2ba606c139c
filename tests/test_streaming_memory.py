"""A million rows of a real table, in constant memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 1_000_000

SCRIPT = """
import resource, sqlite3, sys
from jsonify_ext import stream_json

path, kind, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = sqlite3.connect(path)
connection.row_factory = sqlite3.Row

def send(limit):
    cursor = connection.execute("SELECT * FROM numbers LIMIT ?", [limit])
    response = stream_json(cursor, kind, chunk_size=65536)
    sent = 0
    for chunk in response.response:
        sent += len(chunk)
    response.close()
    return sent

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

send(10_000)
before = peak()
sent = send(rows)
print(sent, peak() - before)
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import sqlite3

    path = tmp_path_factory.mktemp("memory") / "numbers.sqlite3"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE numbers (n INTEGER, half REAL, text TEXT)")
        connection.execute(
            "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT ?) "
            "INSERT INTO numbers SELECT n, n / 2.0, 'row é ' || n FROM counted",
            [ROWS],
        )
    connection.close()
    return path


@pytest.mark.parametrize("kind", ["json", "jsonl", "ndjson", "json-seq", "sse"])
def test_memory_does_not_grow_with_the_rows(database: Path, kind: str):
    command = [sys.executable, "-c", SCRIPT, str(database), kind, str(ROWS)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    sent, extra = map(int, run.stdout.split())
    assert sent > 40 * ROWS
    assert extra < 8 * 1024  # KiB
