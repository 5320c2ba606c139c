"""app.json.dumps and app.json.loads with the extension: sessions, templates, request bodies."""

from __future__ import annotations

import io
import json
import math
from datetime import datetime, timezone
from decimal import Decimal
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


@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"separators": (",", ":")},
        {"separators": (" ; ", " = ")},
        {"indent": 2},
        {"indent": 2, "separators": (",", ": ")},
        {"indent": 2, "separators": (",", ":")},
        {"indent": 4},
        {"indent": "\t"},
        {"indent": 0},
        {"sort_keys": False},
        {"ensure_ascii": False},
        {"ensure_ascii": False, "sort_keys": False, "separators": (",", ":")},
        {"default": str},
        {"default": None},
        {"skipkeys": True},
        {"allow_nan": False},
        {"check_circular": False},
        {"cls": json.JSONEncoder},
    ],
    ids=str,
)
def test_dumps_takes_every_keyword_with_the_same_result(keywords):
    stock, ours = pair()
    for value in VALUES:
        expected = outcome(lambda value=value: stock.json.dumps(value, **keywords))
        if expected is TypeError:
            continue
        assert outcome(lambda value=value: ours.json.dumps(value, **keywords)) == expected
        if isinstance(expected, str):
            file = io.StringIO()
            ours.json.dump(value, file, **keywords)
            assert file.getvalue() == expected


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
        with pytest.raises(JSONEncodeError, match="it is a class"):
            flask.json.dumps(Alone(Alone))
    config = {"JSON_SORT_KEYS": False, "JSONIFY_ENSURE_ASCII": False, "JSONIFY_DATES": "iso"}
    app = app_with({"encoders": {Alone: lambda alone: "é"}}, config=config)
    assert app.json.dumps({"b": Alone(1), "a": DAY}) == f'{{"b": "é", "a": "{ISO}"}}'
    app = app_with({"default": lambda value: "default"})
    assert app.json.dumps([object()]) == '["default"]'


@pytest.mark.parametrize(
    "keywords",
    [
        {},
        {"parse_float": Decimal},
        {"parse_int": float},
        {"object_hook": list},
        {"object_pairs_hook": list},
        {"parse_constant": str},
        {"cls": json.JSONDecoder},
        {"strict": False},
    ],
    ids=str,
)
def test_loads_takes_every_keyword_with_the_same_result(keywords):
    text = '{"a": [1, 1.5, "é", null, true, {}, 12345678901234567890123], "b": "\\ud83d\\ude00"}'
    stock, ours = pair()
    for data in (text, text.encode()):
        expected = stock.json.loads(data, **keywords)
        assert ours.json.loads(data, **keywords) == expected
        assert ours.json.load(io.StringIO(text), **keywords) == expected
        assert ours.json.load(io.BytesIO(text.encode()), **keywords) == expected


@pytest.mark.parametrize("value", [[49, 50], 5, {}, None, memoryview(b"1")])
def test_loads_takes_text_and_bytes_only(value):
    stock, ours = pair()
    with pytest.raises(TypeError) as expected:
        stock.json.loads(value)
    with pytest.raises(TypeError) as caught:
        ours.json.loads(value)
    assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("data", [b"{", b"", b"[1,]", b"[1] 2", b"{'a': 1}", b'"\x01"', b"nul"])
def test_a_syntax_error_is_the_standard_librarys(data):
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(data)
    seen = []

    class Request(flask.Request):
        def on_json_loading_failed(self, e):
            seen.append(str(e))

    app = app_with({}, lambda: flask.request.get_json() or {})
    for text in (data, data.decode(), bytearray(data)):
        with pytest.raises(json.JSONDecodeError) as caught:
            app.json.loads(text)
        assert str(caught.value) == str(expected.value)
    app.request_class = Request
    app.test_client().post("/", data=data, content_type="application/json")
    assert seen == [str(expected.value)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_other_encodings_are_read_as_flask_reads_them(encoding):
    data = '{"a": "é", "b": 12345678901234567890123}'.encode(encoding)
    for app in pair():
        assert app.json.loads(data) == {"a": "é", "b": 12345678901234567890123}


def test_text_is_read_as_flask_reads_it_and_bytes_strictly():
    stock, ours = pair()
    for value in VALUES:
        text = outcome(lambda value=value: stock.json.dumps(value))
        if isinstance(text, str):
            assert repr(ours.json.loads(text)) == repr(stock.json.loads(text))
    for text in "[NaN]", "[-Infinity]", '["\\ud800"]', "1e999":
        assert repr(ours.json.loads(text)) == repr(stock.json.loads(text))
        with pytest.raises(ValueError, match=r"JSON|surrogate|too large"):
            ours.json.loads(text.encode())
    with pytest.raises(ValueError, match="utf-8"):
        ours.json.loads(b'"\xff"')


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
