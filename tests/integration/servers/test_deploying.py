"""The commands of the docs start the app of the docs, which answers as the docs say."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import urllib3

from .running import PAGE, commands, running


def test_the_docs_have_a_command_for_each_server():
    names = {"gunicorn", "gthread", "waitress", "uwsgi", "cheroot", "granian", "werkzeug"}
    assert set(commands()) == names


@pytest.mark.parametrize("name", commands())
def test_the_commands_of_the_docs(name: str, tmp_path: Path):
    code = re.search(r"code-block:: python\n\n((?:   .*\n|\n)+)", PAGE)
    shown = re.search(r"\$ curl 'http://127.0.0.1:8000(.*)'\n +(.*)\n", PAGE)
    assert code
    assert shown
    (tmp_path / "app.py").write_text(textwrap.dedent(code[1]))
    with running(name, tmp_path, "app", tmp_path) as server:
        answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}{shown[1]}")
    assert answer.data.decode() == shown[2] + "\n"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["ETag"]
