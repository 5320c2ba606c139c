"""app.json.dumps and app.json.loads with the extension: sessions, templates, request bodies."""

from __future__ import annotations

import io
import json
import math
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import flask
import pytest

from jsonify_ext import JSONEncodeError, use_settings
from jsonify_ext.flask import Jsonify

from .flask_apps import DAY, HTTP, ISO, app_with, outcome, pair
from .flask_differences import CORPUS, in_lists
from .samples import Alone

ODD = [math.nan, [-math.inf], "\ud800", Decimal("NaN"), 1e-7, "é", DAY, in_lists(100)]
VALUES = [*CORPUS, *ODD, in_lists(300), *(Alone([Alone(each), each]) for each in ODD)]


@pytest.mark.parametrize("indent", [None, 0, 2, 4, "\t"])
@pytest.mark.parametrize(
    "keywords",
    [
        *({}, {"sort_keys": False}, {"ensure_ascii": False}, {"skipkeys": True}),
        *({"default": str}, {"default": None}, {"allow_nan": False}, {"check_circular": False}),
        *({"separators": pair} for pair in ((",", ":"), (",", ": "), (" ; ", " = "))),
        {"ensure_ascii": False, "sort_keys": False, "separators": (",", ":")},
        {"cls": json.JSONEncoder},
    ],
    ids=str,
)
def test_dumps_takes_every_keyword_with_the_same_result(keywords, indent):
    keywords = {**keywords, "indent": indent}
    stock, ours = pair()
    for value in VALUES:
        expected = outcome(lambda value=value: stock.json.dumps(value, **keywords))
        if expected is TypeError:
            continue
        assert outcome(lambda value=value: ours.json.dumps(value, **keywords)) == expected


def test_dumps_takes_every_value_and_follows_some_settings():
    value = {"b": {2}, "a": DAY, "n": [2**70, None]}
    app = app_with({"omit_none": True, "big_ints": "error", "pretty": True, "nan": "error"})
    with app.app_context():
        text = f'{{"a": "{HTTP}", "b": [2], "n": [{2**70}, null]}}'
        assert flask.json.dumps(value) == text
        assert flask.json.dumps([math.nan, Decimal("NaN")]) == '[NaN, "NaN"]'
        with use_settings(dates="iso"):
            assert flask.json.dumps(value) == text.replace(HTTP, ISO)
        with pytest.raises(JSONEncodeError, match="object cannot be encoded"):
            flask.json.dumps({"a": [object()]})
        with pytest.raises(JSONEncodeError, match="it is the class Alone"):
            flask.json.dumps(Alone(Alone))
    config = {"JSON_SORT_KEYS": False, "JSONIFY_ENSURE_ASCII": False, "JSONIFY_DATES": "iso"}
    app = app_with({"encoders": {Alone: lambda alone: "é"}}, config=config)
    assert app.json.dumps({"b": Alone(1), "a": DAY}) == f'{{"b": "é", "a": "{ISO}"}}'
    app = app_with({"default": lambda value: "default"})
    assert app.json.dumps([object()]) == '["default"]'


TEXT = '{"a": [1, 1.5, "é", null, true, {}, 12345678901234567890123], "b": "\\ud83d\\ude00"}'
INVALID = ["{", "", "[1,]", "[1] 2", "{'a': 1}", '"\x01"', "nul"]
ENCODINGS = ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"]


def read(app: flask.Flask, data: Any, **keywords: Any) -> Any:
    """What ``loads`` returns, or the exception with its message."""
    try:
        return repr(app.json.loads(data, **keywords))
    except (ValueError, TypeError) as error:
        return type(error), str(error)


@pytest.mark.parametrize(
    "data",
    [
        *([49, 50], 5, {}, None, memoryview(b"1")),
        *(form for text in (TEXT, *INVALID) for form in (text, text.encode())),
        *(bytearray(TEXT.encode()), bytearray(b"{")),
        *(TEXT.encode(encoding) for encoding in ENCODINGS),
        *("[NaN]", "[-Infinity]", '["\\ud800"]', "1e999"),
    ],
)
def test_loads_takes_the_same_documents_with_the_same_result(data):
    stock, ours = pair()
    assert read(ours, data) == read(stock, data)


@pytest.mark.parametrize(
    "keywords",
    [
        *({"parse_float": Decimal}, {"parse_int": float}, {"parse_constant": str}),
        *({"object_hook": list}, {"object_pairs_hook": list}),
        *({"cls": json.JSONDecoder}, {"strict": False}),
    ],
    ids=str,
)
def test_loads_takes_every_keyword_with_the_same_result(keywords):
    stock, ours = pair()
    for data in (TEXT, TEXT.encode(), "[NaN]", b"[NaN]", '"\x01"'):
        assert read(ours, data, **keywords) == read(stock, data, **keywords)


@pytest.mark.parametrize(
    "data", [b"[NaN]", b"[-Infinity]", b'["\\ud800"]', b"1e999", b'"\xff"', b'"\xed\xa0\x80"']
)
def test_loads_reads_bytes_strictly(data):
    with pytest.raises(ValueError, match=r"JSON|surrogate|too large|utf-8"):
        app_with({}).json.loads(data)


@pytest.mark.parametrize("text", INVALID)
def test_an_app_gets_the_standard_librarys_error(text):
    seen = []

    class Request(flask.Request):
        def on_json_loading_failed(self, e):
            seen.append(str(e))

    for app in pair(view=lambda: flask.request.get_json() or {}):
        app.request_class = Request
        app.test_client().post("/", data=text, content_type="application/json")
    assert seen[0] == seen[1] != "None"


def test_sessions_are_read_as_flask_reads_them():
    stock, ours = pair()
    for value in VALUES:
        text = outcome(lambda value=value: stock.json.dumps(value))
        if isinstance(text, str):
            assert read(ours, text) == read(stock, text)


def test_dump_and_load_use_files():
    app = app_with({"dates": "iso"})
    file = io.StringIO()
    app.json.dump({"a": DAY}, file)
    assert file.getvalue() == f'{{"a": "{ISO}"}}'
    assert app.json.load(io.StringIO("[1]")) == app.json.load(io.BytesIO(b"[1]")) == [1]


def test_request_bodies_and_the_test_client_keep_every_digit():
    app = app_with({}, lambda: {"got": flask.request.get_json()})
    value = {"é": 12345678901234567890123}
    assert app.test_client().post("/", json=value).json == {"got": value}


def test_tojson_is_safe_in_html_and_the_same():
    value = {"b": "</script>&'\"é", "a": [1, Decimal("1.10"), DAY]}
    template = "{{ value|tojson }} {{ value|tojson(2) }} <a b='{{ value|tojson|forceescape }}'>"
    rendered = []
    for app in pair():
        with app.app_context():
            rendered.append(flask.render_template_string(template, value=value))
    assert rendered[0] == rendered[1]
    assert "</script>" not in rendered[1]


@pytest.mark.parametrize("early", [True, False])
def test_tojson_follows_settings_also_in_an_environment_made_before(early):
    app = flask.Flask("tests")
    if early:
        assert app.jinja_env
    Jsonify(app, dates="iso")
    with app.app_context():
        text = flask.render_template_string("{{ value|tojson }}", value=[DAY, {1}])
    assert text == f'["{ISO}", [1]]'


def test_a_jinja_dumps_function_of_the_apps_own_stays():
    app = flask.Flask("tests")
    app.jinja_env.policies["json.dumps_function"] = lambda value, **kwargs: "own"
    Jsonify(app)
    with app.app_context():
        assert flask.render_template_string("{{ 1|tojson }}") == "own"


def test_the_session_of_stock_flask_is_read_and_written_again():
    value = {"n": [math.nan, math.inf], "s": "\ud800", "none": None, "big": 2**70, "t": (1, 2)}
    value |= {"u": UUID(int=1), "d": datetime(2024, 1, 1, tzinfo=timezone.utc), "b": b"\xff"}
    stored = sorted({"_permanent": True, **value}.items())

    def view():
        flask.session.permanent = True
        if "s" in flask.session:
            assert repr(sorted(flask.session.items())) == repr(stored)
            flask.session.modified = True
        else:
            flask.session.update(value)
        return ""

    cookies = []
    for extension in (None, {}, {"omit_none": True, "big_ints": "error", "pretty": True}):
        app = app_with(extension, view)
        client = app.test_client()
        if cookies:
            client.set_cookie("session", cookies[0])
        client.get("/")
        assert client.get("/").status_code == 200
        cookies.append(client.get_cookie("session").value)
    first = cookies[0].partition(".")[0] or cookies[0].split(".")[1]
    for cookie in cookies:
        assert first in cookie
