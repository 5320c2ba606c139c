"""The playground: its responses, its page, its data."""

from __future__ import annotations

import dataclasses
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from wsgiref.validate import validator

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client, TestResponse

from jsonify_ext import JSONSettings
from jsonify_ext.playground import app, sources
from jsonify_ext.playground import database as data
from jsonify_ext.playground.pages import FILES
from jsonify_ext.playground.parameters import Parameter, parameters_of


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
    assert ask("/countries?continent=Atlantis").status_code == 400


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
    + [("status=abc", "status"), ("status=99", "status"), ("status=²", "status")]
    + [("mimetype=text", "mimetype"), ("mimetype=a/b%0d%0aX-Bad:1", "mimetype")]
    + [("mimetype=é/b", "mimetype"), ("prety=1", "'prety'")],
)
def test_a_bad_parameter_is_a_problem_that_names_it(query, name):
    answer = ask(f"/countries?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "X-Bad" not in answer.headers
    assert answer.get_json()["detail"].startswith(name)


@pytest.mark.parametrize("query", ["format=xml", "rows=-1", "rows=1e9", "pause=9999999", "rows="])
def test_a_bad_parameter_of_the_stream_is_one_too(query):
    answer = ask(f"/stream?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(query.partition("=")[0])


def test_types_that_json_lacks():
    body = ask("/types").get_json()
    assert body["dataclass"]["id"] == "00000000-0000-0000-0000-000000000007"
    assert (body["not a number"], body["Decimal"], body["set"]) == (None, "19.90", [1, 2, 3])
    answer = ask("/types?nan=error")
    assert (answer.status_code, answer.get_json()["path"]) == (500, '$["not a number"]')


def test_an_error_and_a_problem():
    answer = ask("/error")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.get_json()["path"] == "$.users[1].avatar"
    answer = ask("/problem")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "XX")
    assert ask("/problem?status=422").get_json()["title"] == HTTPStatus(422).phrase


@pytest.mark.parametrize(
    ("kind", "mimetype"),
    [("json", "application/json"), ("jsonl", "application/jsonl")]
    + [("ndjson", "application/x-ndjson"), ("json-seq", "application/json-seq")]
    + [("sse", "text/event-stream")],
)
def test_a_stream_is_sent_row_by_row(kind, mimetype):
    answer = ask(f"/stream?format={kind}&rows=3&pause=0", buffered=False)
    assert answer.mimetype == mimetype
    chunks = list(answer.iter_encoded())
    answer.close()
    if kind == "sse":
        assert chunks.pop(0) == b":\n\n"
    assert [b'"code"' in chunk for chunk in chunks[:3]] == [True] * 3


def test_what_became_of_a_stream():
    ask("/stream?rows=3&pause=0&name=whole")
    assert ask("/streams/whole").get_json() == {"name": "whole", "rows": 3, "state": "finished"}
    answer = ask("/stream?rows=3&pause=0&name=left", buffered=False)
    next(answer.iter_encoded())
    assert ask("/streams/left").get_json()["state"] == "open"
    answer.close()
    assert ask("/streams/left").get_json() == {"name": "left", "rows": 1, "state": "closed"}
    assert ask("/streams/nobody").status_code == 404


def test_no_more_than_a_hundred_streams_are_remembered():
    for number in range(101):
        sources.watched(f"stream {number}", [])
    assert sources.source_named("stream 0") is None
    assert sources.source_named("stream 1") is not None


# The page


@pytest.mark.parametrize("path", FILES)
def test_the_page_is_kept_by_browsers_and_asks_no_other_host(path):
    answer = ask(path)
    assert (answer.status_code, answer.mimetype) == (200, FILES[path][1])
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
    again = ask(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "Date" not in answer.headers
    assert "Date" not in again.headers  # which the server adds
    text = answer.get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', text) if path == "/" else []
    assert {each for each in loaded if not each.startswith("https://cldr")} <= FILES.keys()
    assert "innerHTML" not in text
    assert " style=" not in text


def test_a_new_setting_appears_by_itself():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class MoreSettings(JSONSettings):
        """Settings.

        :param colour: the colour
            of ``everything``.
        """

        colour: Literal["red", "blue"] = "red"
        shiny: bool = True
        function: Callable[[], None] | None = None

    *_, colour, shiny = parameters_of(MoreSettings)
    assert colour == Parameter(
        "colour", "choice", "red", "the colour of everything.", ("red", "blue")
    )
    assert shiny == Parameter("shiny", "switch", True)
    assert [each["name"] for each in ask("/form").get_json()["settings"]] == [
        each.name for each in parameters_of(JSONSettings)
    ]


CALLS = ["/countries?continent=Asia&sort_keys=1", "/countries/CI?dates=http&pretty=1", "/types"]
CALLS += ["/types?etag=true&mimetype=application/vnd.api%2Bjson&status=201", "/problem?status=422"]
CALLS += ["/stream?rows=5&pause=0&format=json-seq&ensure_ascii=1", "/stream?rows=2&pause=1"]


@pytest.mark.parametrize("path", CALLS)
def test_the_python_that_is_shown_makes_the_response(path):
    program: dict[str, Any] = {}
    exec(ask("/explain" + path).get_json()["python"], program)
    made = program["response"]
    answer = ask(path)
    assert (made.status, made.get_data()) == (answer.status, answer.data)
    assert made.content_type == answer.content_type


@pytest.mark.parametrize("path", ["/error", "/countries/XX", "/types?nan=error"])
def test_what_the_python_raises_is_said(path):
    explained = ask("/explain" + path).get_json()
    with pytest.raises((TypeError, NotFound)) as caught:
        exec(explained["python"], {})
    assert explained["raises"] == f"{type(caught.value).__name__}: {caught.value}"


def test_a_refused_query_has_no_call_but_a_curl_command():
    explained = ask("/explain/types?status=abc").get_json()
    assert explained["python"] is None
    assert explained["raises"].startswith("status must be")
    assert shlex.split(explained["curl"]) == ["curl", "-i", "http://localhost/types?status=abc"]


def test_the_curl_command_is_safe_to_paste():
    query = "mimetype=';rm&nan=%0a$(ls)%C3%A9"
    explained = ask(f"/explain/types?{query}", headers={"If-None-Match": "'; ls"})
    assert shlex.split(explained.get_json()["curl"]) == [
        *("curl", "-i", f"http://localhost/types?{query}"),
        *("-H", "If-None-Match: '; ls"),
    ]


# The cost


def test_the_cost_of_all_three():
    found = ask("/timings/countries").get_json()["timings"]
    assert [each["name"] for each in found] == ["jsonify_ext", "flask.jsonify", "json.dumps"]
    sizes = {each["bytes"] for each in found}
    assert max(sizes) - min(sizes) == 1  # Flask and this package end with a newline
    assert len(ask("/countries").data) == max(sizes)
    assert all(0 < each["seconds"] < 10 for each in found)
    assert found[0]["note"] == ""
    assert "default= function" in found[1]["note"]


def test_the_cost_says_who_writes_something_else_than_json():
    notes = [each["note"] for each in ask("/timings/types").get_json()["timings"]]
    assert ["not JSON" in note for note in notes] == [False, True, True]


def test_the_cost_of_what_cannot_be_made_is_why():
    (only,) = ask("/timings/error").get_json()["timings"]
    assert (only["seconds"], only["note"].partition(":")[0]) == (None, "JSONEncodeError")
    assert ask("/timings/types?status=abc").status_code == 400
    mixed = ask("/timings/types?sort_keys=1").get_json()["timings"]
    assert mixed[2]["seconds"] is None
    assert mixed[2]["note"].startswith("TypeError: '<' not supported")


def test_flask_is_imported_for_its_bars_only():
    program = """
import sys
from werkzeug.test import Client
from jsonify_ext.playground import app
client = Client(app)
for path in ("/", "/form", "/types", "/explain/types"):
    assert client.get(path).status_code == 200
assert "flask" not in sys.modules
sys.modules["flask"] = None
print(client.get("/timings/types").json["timings"][1])
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "not installed" in ran.stdout, ran.stderr


# The data


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
