"""The commands of the docs start the app of the docs, which answers as the docs say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import urllib3

from tests.docs.samples import block

from .running import PAGE, commands, running


@pytest.mark.parametrize(
    "name", ["gunicorn", "gthread", "waitress", "uwsgi", "cheroot", "granian", "werkzeug"]
)
def test_the_commands_of_the_docs(name: str, tmp_path: Path):
    assert name in commands()
    shown = re.search(r"\$ curl 'http://127.0.0.1:8000(.*)'\n +(.*)\n", PAGE)
    assert shown
    (tmp_path / "app.py").write_text(block("docs/deploying.rst", "app = "))
    with running(name, tmp_path, "app", tmp_path) as server:
        answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}{shown[1]}")
    assert answer.data.decode() == shown[2] + "\n"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["ETag"]
