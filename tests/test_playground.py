"""The playground: values, responses, comparisons, the page and the command."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path
from wsgiref.validate import validator

import flask
import pytest
import werkzeug.serving
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, TestResponse

import jsonify_ext
from jsonify_ext import JSONSettings
from jsonify_ext.playground import app, command, comparison, options
from jsonify_ext.playground.difference import mark
from jsonify_ext.playground.value import parse

PACKAGE = Path(jsonify_ext.__file__).parent
PAGE = (PACKAGE / "playground" / "index.html").read_text("utf-8")


def get(path: str, **request) -> TestResponse:
    return Client(validator(app)).open(path, **({"buffered": True} | request))


def send(value: str, **chosen: str) -> TestResponse:
    return get("/response", method="POST", data={"value": value, **chosen})


def compared(value: str, **chosen: str) -> dict:
    answer = get("/compare", method="POST", data={"value": value, **chosen})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "_SECONDS", 0.01)


# Responses


def test_a_response_begins_with_the_settings_of_a_flask_app():
    value = '{"b": "Zoë", "a": date(2026, 1, 2), "c": {10: 1, 9: 2}}'
    with flask.Flask(__name__).app_context():
        assert send(value).data == flask.jsonify(parse(value)).data


@pytest.mark.parametrize(
    ("value", "chosen", "body"),
    [
        ('{"b": 1, "a": 2}', {"sort_keys": "false"}, b'{"b":1,"a":2}\n'),
        ('["é"]', {"ensure_ascii": "false"}, '["é"]\n'.encode()),
        ("[1]", {"pretty": "1"}, b"[\n  1\n]\n"),
        # As a form without JavaScript sends it: a hidden field, then the switch.
        ("[1]", {"pretty": ["false", "true"]}, b"[\n  1\n]\n"),
        ('{"a": null}', {"omit_none": "true"}, b"{}\n"),
        ("date(2026, 1, 2)", {"dates": "iso"}, b'"2026-01-02"\n'),
        (str(2**60), {"big_ints": "string"}, b'"1152921504606846976"\n'),
        ("[1, 2]", {"stream": "jsonl", "pause": "1"}, b"1\n2\n"),
    ],
)
def test_each_choice_changes_the_response(value: str, chosen: dict[str, str], body: bytes):
    # An empty parameter has its default.
    assert send(value, **dict.fromkeys(chosen, "")).data == send(value).data != body
    assert send(value, **chosen).data == body
    assert get("/response", query_string=MultiDict({"value": value, **chosen})).data == body


def test_choices_outside_of_the_body():
    answer = send("1", status="201", etag="true", mimetype="application/vnd.api+json")
    assert (answer.status_code, answer.content_type) == (201, "application/vnd.api+json")
    assert get("/response?value=1&etag=true").headers["ETag"]
    assert send("[1]", stream="sse").mimetype == "text/event-stream"


@pytest.mark.parametrize(
    ("name", "text"),
    [("pretty", "maybe"), ("dates", "never"), ("nan", "0"), ("status", "199"), ("status", "²00")]
    + [("pause", "1000"), ("pause", "-1"), ("stream", "xml"), ("mimetype", "text/html")]
    + [("mimetype", "a/json\r\nX-Bad: 1"), ("mimetype", "text/json"), ("prety", "1")],
)
def test_a_bad_parameter_is_a_400_that_names_it(name: str, text: str):
    answer = send("[1]", **{name: text})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    detail = answer.get_json()["detail"]
    assert re.match(f"'?{name}'? ", detail)
    assert detail.count("mimetype") <= 1
    assert "X-Bad" not in answer.headers


def test_a_value_without_a_json_form_is_a_problem_with_its_path():
    answer = send('{"users": [{"avatar": object()}]}')
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.get_json()["path"] == "$.users[0].avatar"
    assert send("[NaN]", nan="error").get_json()["path"] == "$[0]"
    assert send(r'{"\ud800": object()}').get_json()["path"] == r'$["\ud800"]'


def test_a_stream_needs_items_and_sends_each_at_once():
    assert "A stream needs several items" in send("{}", stream="json").get_json()["detail"]
    for kind in ("json", "jsonl", "ndjson", "json-seq", "sse"):
        answer = get(f"/response?value=[7,8,9]&stream={kind}", buffered=False)
        chunks = [chunk for chunk in answer.iter_encoded() if re.search(b"[789]", chunk)]
        answer.close()
        assert len(chunks) == 3


def test_the_planets_are_rows_of_sqlite():
    rows = send("planets()", dates="iso").get_json()
    assert len(rows) == 8
    assert rows[7]["discovered"] == "1846-09-23"
    assert compared("planets()")["sides"][1]["error"].startswith("TypeError: Object of type Row")


# The comparison


def text_of(side: dict) -> str:
    return "".join(text for text, _ in side["body"])


def marked(side: dict) -> list[str]:
    return [text for text, changed in side["body"] if changed]


def test_both_bodies_and_their_difference():
    found = compared('{"a": datetime(2026, 1, 2), "b": NaN, "c": Decimal("1.50")}')
    ours, theirs = found["sides"]
    assert (marked(ours), marked(theirs), found["differences"]) == (["null"], ["NaN"], 1)
    assert text_of(ours).endswith('"b":null,"c":"1.50"}\n')
    assert (ours["status"], ours["size"]) == ("200 OK", len(text_of(ours)))
    found = compared('{"a": date(2026, 1, 2)}')
    assert (found["differences"], marked(found["sides"][0])) == (0, [])
    assert compared("[1]", pretty="1")["differences"] == 0
    assert marked(compared('{"a": null, "b": 1}', omit_none="1")["sides"][1]) == ['"a":null,']


def test_an_exception_of_flask_stands_for_its_body():
    found = compared('{"tags": {1, 2}}')
    ours, theirs = found["sides"]
    assert found["verdict"] == "flask.jsonify raises TypeError"
    assert theirs["error"] == "TypeError: Object of type set is not JSON serializable"
    assert (theirs["seconds"], found["differences"]) == (None, None)
    assert ours["seconds"] > 0
    found = compared("[1, {2}]", stream="jsonl")
    assert found["verdict"] == "a stream with Flask raises TypeError"
    found = compared("[object()]")
    assert found["verdict"] == "jsonify raises JSONEncodeError and flask.jsonify raises TypeError"
    assert found["sides"][0]["error"].startswith("JSONEncodeError: $[0]: object")


def test_the_time_is_in_words():
    found = compared("users(100)")
    ratio = found["sides"][1]["seconds"] / found["sides"][0]["seconds"]
    assert found["verdict"] == f"jsonify is {comparison.in_words(ratio)} as flask.jsonify"


def test_what_is_measured_is_warm_and_a_median(monkeypatch: pytest.MonkeyPatch):
    clock = iter([0.0, *(x for n in (90, 90, 90, 5, 4, 3, 8, 9, 1) for x in (0, n)), 99, 99])
    monkeypatch.setattr(comparison, "perf_counter", lambda: next(clock))
    side = comparison.Side("one", "")
    one = flask.Flask(__name__)
    one.add_url_rule("/", "view", lambda: "x")
    comparison._measure([side], [one])
    assert side.seconds == 4.5


@pytest.mark.parametrize("chosen", [{}, {"sort_keys": "0", "ensure_ascii": "0", "pretty": "1"}])
@pytest.mark.parametrize("kind", ["", "json", "jsonl", "ndjson", "json-seq", "sse"])
def test_the_code_that_is_shown_sends_what_is_shown(kind: str, chosen: dict[str, str]):
    chosen = {**chosen, "stream": kind, "status": "201"}
    chosen |= {} if kind else {"mimetype": "application/x+json"}
    value = '[{"b": "é", "a": date(2026, 1, 2)}, []]'
    for side in compared(value, **chosen)["sides"]:
        app = flask.Flask(__name__)
        names = vars(jsonify_ext) | {"app": app, "flask": flask, "value": parse(value)}
        lines = ["from functools import partial", "from itertools import chain", "def view():"]
        lines += [f"    {line}" for line in side["code"].splitlines()]
        exec("\n".join(lines), names)
        app.add_url_rule("/", view_func=names["view"])
        answer = app.test_client().get("/")
        assert (answer.text, answer.status) == (text_of(side), side["status"])
        assert side["status"] == "201 CREATED"


def test_streams_are_compared_with_streams():
    for kind in ("json", "jsonl", "ndjson", "json-seq", "sse"):
        found = compared("users(100)", stream=kind)
        assert found["verdict"].startswith("stream_json is ")
        assert found["verdict"].endswith(" as a stream with Flask")
        comment = len(":\n\n") if kind == "sse" else 0  # with which stream_json begins
        assert found["sides"][0]["size"] == found["sides"][1]["size"] + comment > 10_000
    assert compared("[]", stream="json")["differences"] == 0


def test_long_bodies_are_compared_at_their_beginning():
    found = compared("users(1000)", dates="iso")
    assert [len(text_of(side)) for side in found["sides"]] == [20_000, 20_000]
    assert found["sides"][0]["size"] > 100_000
    start = time.perf_counter()
    mark("[" + "1,2,3," * 3000 + "0]", "[" + "3,1," * 3000 + "1]")
    mark("".join(f"[{n}]" for n in range(3000)), "".join(f"[{n}]," for n in range(3000, 0, -1)))
    assert time.perf_counter() - start < 3


def ran(program: str) -> str:
    """The output of a program."""
    done = subprocess.run([sys.executable, "-Bc", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_flask_the_page_says_so():
    out = ran("""
import sys
sys.modules["flask"] = None
from werkzeug.test import Client
from jsonify_ext.playground import app
print(Client(app).post("/compare", data={"value": "{1}"}).text)
print(Client(app).post("/response", data={"value": '["é", date(2026, 1, 2)]'}).text)
""")
    assert "Flask isn't installed, so there is no comparison" in out
    assert r'["\u00e9","Fri, 02 Jan 2026 00:00:00 GMT"]' in out


# The page


@pytest.mark.parametrize("path", ["/", "/playground.js", "/playground.css", "/icon.svg"])
def test_the_files_of_the_page(path: str):
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    again = get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for unsafe in ("innerHTML", "eval(", " style=", "onclick", "https://", "//cdn"):
        assert unsafe not in answer.text.replace("http://www.w3.org/2000/svg", "")


def test_every_simple_setting_has_a_control_with_its_default():
    simple = [each.name for each in fields(JSONSettings) if isinstance(each.default, bool | str)]
    assert sorted(options.DEFAULTS) == sorted(simple)
    for name in ["status", "stream", "pause", *simple]:
        control = (
            rf'<(?:input|select)[^>]* id="{name}" name="{name}"[^>]*>(?:<option value="(\w+)")?'
        )
        found = re.search(control, PAGE)
        default = options.DEFAULTS.get(name)
        if isinstance(default, bool):
            assert (" checked" in found[0]) == default
        elif default is not None:
            assert (found[1] or re.search('value="(.*?)"', found[0])[1]) == default


def test_each_control_has_a_page_of_the_docs():
    for name in ["status", "stream", "pause", *options.DEFAULTS]:
        assert re.search(rf'<label for="{name}">.*?href="(/docs/\S+\.rst)"', PAGE), name
    for path in re.findall(r'href="(/docs/[^"]+)"', PAGE):
        answer = get(path)
        assert (answer.status_code, answer.mimetype) == (200, "text/html"), path
    assert get("/docs/nothing.rst").status_code == 404
    assert get("/docs/../README.rst").status_code == 404
    assert get("/docs/conf.py").status_code == 404


def test_the_examples_are_valid():
    links = re.findall(r'class="(?:example|preset)" href="([^"]+)"', PAGE)
    assert len(links) == 10
    for link in links:
        assert get(link.replace("&amp;", "&")).status_code in (200, 500)


def test_data_is_no_page_and_only_this_machine_asks():
    answer = send("'<script>alert(1)</script>'")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/", "/response?value=1", "/nowhere"):
        answer = get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    answer = get("/", headers={"Host": 'localhost"><script>'})
    assert b"<script>" not in answer.data or answer.status_code == 400
    for site in ("cross-site", "same-site"):
        assert get("/response?value=1", headers={"Sec-Fetch-Site": site}).status_code == 403
        assert get("/", headers={"Sec-Fetch-Site": site}).status_code == 200
    assert get("/response?value=1", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_unknown_paths_and_methods_are_problems():
    for answer, status in ((get("/<b>"), 404), (get("/compare"), 405)):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


# The command


def test_the_command_serves_this_machine_and_opens_the_page(monkeypatch, capsys):
    served, opened = [], []
    server = werkzeug.serving.BaseWSGIServer
    monkeypatch.setattr(server, "serve_forever", lambda server: served.append(server))
    monkeypatch.setattr(command.webbrowser, "open", opened.append)
    assert command.main(["--port", "0", "--open"]) == 0
    (server,) = served
    server.server_close()
    assert server.server_address[0] == "127.0.0.1"
    assert f"http://127.0.0.1:{server.port}/ (Ctrl-C stops it)" in capsys.readouterr().out
    assert opened == [f"http://127.0.0.1:{server.port}/"]


@pytest.mark.parametrize("argument", ["--port=70000", "--port=-1", "--port=x", "--prot=1", "more"])
def test_a_wrong_option_is_an_error(argument: str, capsys):
    with pytest.raises(SystemExit) as exit_:
        command.main([argument])
    assert exit_.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_nothing_is_written_and_nothing_is_connected():
    out = ran("""
import sys
from werkzeug.test import Client
from jsonify_ext.playground import app

def forbid(event, args):
    writes = event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+")
    file = event == "sqlite3.connect" and args[0] not in (":memory:", b":memory:")
    if writes or file or event in ("socket.connect", "os.mkdir", "subprocess.Popen"):
        raise SystemExit(f"{event} {args}")

sys.addaudithook(forbid)
client = Client(app)
for path in ("/", "/playground.js", "/docs/playground.rst", "/response?value=planets()"):
    assert client.get(path).status_code == 200
for value in ("planets()", "users(100)", "{1}", "object()", "open('x', 'w')"):
    client.post("/response", data={"value": value})
    client.post("/compare", data={"value": value})
print("done")
""")
    assert out == "done\n"


def test_the_command_of_the_readme_installs_flask_for_the_comparison():
    readme = (PACKAGE.parent / "README.rst").read_text("utf-8")
    assert "-m pip install -q '.[flask]' && .venv/bin/python -m jsonify_ext" in readme
