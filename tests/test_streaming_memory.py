"""Streams use constant memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

ROWS = 50_000

#: Sends rows of about a kilobyte; prints the bytes sent, and the memory used in KiB.
SCRIPT = """
import resource, sqlite3, sys
from jsonify_ext import stream_json

query = '''
    WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted LIMIT ?)
    SELECT n, n / 2.0 AS half, 'row é ' || hex(zeroblob(500)) AS text FROM counted
'''
connection = sqlite3.connect(":memory:")
connection.row_factory = sqlite3.Row

def send(rows):
    with stream_json(connection.execute(query, [rows]), sys.argv[1], chunk_size=65536) as response:
        return sum(map(len, response.response))

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

send(1000)
before = peak()
print(send(int(sys.argv[2])), peak() - before)
"""


@pytest.mark.parametrize("kind", ["json", "jsonl", "sse"])
def test_memory_does_not_grow_with_the_rows(kind: str):
    command = [sys.executable, "-c", SCRIPT, kind, str(ROWS)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    sent, extra = map(int, run.stdout.split())
    assert sent > 1000 * ROWS
    assert extra < 8 * 1024
