"""The playground: its pages, its data, its command."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client, TestResponse

from jsonify_ext.playground import app
from jsonify_ext.playground import database as data


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def ask(path: str, **request) -> TestResponse:
    return Client(validator(app)).open(path, **({"buffered": True} | request))


def test_the_collection_is_a_real_table():
    answer = ask("/countries")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    body = answer.get_json()
    rows = body["countries"]
    assert body["total"] == len(rows) >= 200
    assert any(not row["native_name"].isascii() for row in rows if row["native_name"])
    assert {type(row["population"]) for row in rows} == {int}
    assert {type(row["literacy"]) for row in rows} == {float, type(None)}
    assert any(row["currency_since"] is None for row in rows)


def test_a_part_of_the_collection():
    continents = {row["continent"] for row in ask("/countries?continent=Europe").json["countries"]}
    assert continents == {"Europe"}
    assert ask("/countries?continent=Atlantis").json == {"total": 0, "countries": []}


def test_one_item():
    for code in ("JP", "jp"):
        row = ask(f"/countries/{code}").get_json()
        assert (row["name"], row["native_name"], row["numeric"]) == ("Japan", "日本", 392)
        assert row["currency_since"] == "1871-06-01"


def test_a_missing_item_is_a_problem():
    answer = ask("/countries/XX")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == "There is no country with the code 'XX'."
    assert ask("/nowhere").status_code == 404
    assert ask("/countries", method="POST").allow == {"GET", "HEAD"}


def test_query_parameters_switch_the_settings():
    assert list(ask("/countries/CI?sort_keys=true").json)[:2] == ["alpha3", "code"]
    assert list(ask("/countries/CI?sort_keys=0").json)[:2] == ["code", "alpha3"]
    assert ask("/countries/CI?pretty=1").data.startswith(b'{\n  "code": "CI"')
    assert "Côte".encode() in ask("/countries/CI").data
    assert b"C\\u00f4te" in ask("/countries/CI?ensure_ascii=true").data
    http = ask("/countries/CI?dates=http").json["currency_since"]
    assert http == "Thu, 04 Dec 1958 00:00:00 GMT"
    assert ask("/countries/CI?status=203").status_code == 203
    assert ask("/countries/CI?nan=error").status_code == 200
    etag = ask("/countries/CI?etag=true").headers["ETag"]
    again = ask("/countries/CI?etag=true", headers={"If-None-Match": etag})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("query", "name"),
    [("pretty=maybe", "pretty"), ("dates=never", "dates"), ("nan=0", "nan")]
    + [("status=abc", "status"), ("status=99", "status"), ("status=²", "status")],
)
def test_a_bad_parameter_is_a_problem_that_names_it(query, name):
    answer = ask(f"/countries?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(name)


def test_the_page_lists_every_endpoint_and_its_links_work():
    answer = ask("/")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    page = answer.get_data(as_text=True)
    links = [link for link in re.findall(r'href="([^"]+)"', page) if link.startswith("/")]
    assert len(links) >= 10
    for link in links:
        expected = {"/countries/XX": 404, "/countries/CI?status=203": 203}.get(link, 200)
        assert ask(link).status_code == expected
    for word in ("sort_keys", "pretty", "ensure_ascii", "dates", "status"):
        assert word in page


def test_the_database_is_made_once(cache: Path):
    ask("/countries/DE")
    (made,) = cache.iterdir()
    before = made.stat()
    ask("/countries/DE")
    assert [path.name for path in cache.iterdir()] == [made.name]
    assert made.stat().st_mtime_ns == before.st_mtime_ns
    with sqlite3.connect(made) as connection:
        (count,) = connection.execute("SELECT count(*) FROM countries").fetchone()
    connection.close()
    assert count >= 200


def test_the_database_goes_elsewhere_when_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    nowhere, elsewhere = tmp_path / "file", tmp_path / "elsewhere"
    nowhere.write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere))
    monkeypatch.setattr(data.tempfile, "gettempdir", lambda: str(elsewhere))
    assert data.database_path().parent == elsewhere
    monkeypatch.setattr(data.tempfile, "gettempdir", lambda: str(nowhere))
    with pytest.raises(OSError, match="set XDG_CACHE_HOME"):
        data.database_path()


def test_a_database_that_cannot_be_finished_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(data, "_COLUMNS", "broken")
    with pytest.raises(sqlite3.Error):
        data.connect()
    assert list(tmp_path.iterdir()) == []


# python -m jsonify_ext


def default_signals() -> None:
    # Where the tests run in the background, Ctrl-C is ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "jsonify_ext", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        preexec_fn=default_signals,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_command_serves_prints_its_address_and_stops_at_ctrl_c(host: str, cache: Path):
    with start("--host", host, "--port", "0") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert address, line
        assert len(list(cache.glob("*.sqlite3"))) == 1
        with urllib.request.urlopen(address[0] + "countries/JP", timeout=10) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            assert "日本" in answer.read().decode()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_the_command_says_in_one_line_that_the_port_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port)) as process:
            output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (1, "")
    assert errors == (
        f"cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another with --host and --port\n"
    )


def test_the_command_refuses_other_ports():
    for port in ("70000", "-1", "http"):
        with start(f"--port={port}") as process:
            _, errors = process.communicate(timeout=10)
        assert process.returncode == 2
        assert "is not a number from 0 to 65535" in errors
