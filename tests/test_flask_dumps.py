"""app.json.dumps and app.json.loads with the extension."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonify_ext import JSONEncodeError
from jsonify_ext.flask import Jsonify

from .test_flask import CORPUS, flask_values
from .test_flask import has_twins as twins
from .test_flask_extension import installed, pair

DAY = date(2024, 1, 2)

DUMPS = [
    {},
    {"separators": (",", ":")},
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
    {"separators": (" ; ", " = ")},
    {"skipkeys": True},
    {"allow_nan": False},
    {"check_circular": False},
    {"cls": json.JSONEncoder},
]


@pytest.mark.parametrize("keywords", DUMPS, ids=str)
def test_dumps_takes_every_keyword_with_the_same_result(keywords):
    stock, ours = pair()
    for value in CORPUS:
        with stock.app_context():
            try:
                expected = flask.json.dumps(value, **keywords)
            except TypeError:
                continue
            file = io.StringIO()
            flask.json.dump(value, file, **keywords)
            assert file.getvalue() == expected
        with ours.app_context():
            assert flask.json.dumps(value, **keywords) == expected
            file = io.StringIO()
            flask.json.dump(value, file, **keywords)
            assert file.getvalue() == expected


def test_dumps_writes_nan_and_surrogates_in_dataclasses_as_flask_does():
    @dataclasses.dataclass
    class Box:
        content: Any

    stock, ours = pair()
    for content in (math.nan, [-math.inf], "\ud800", Decimal("NaN"), Box(math.nan), DAY):
        assert ours.json.dumps(Box(content)) == stock.json.dumps(Box(content))
    assert ours.json.dumps(Box({1})) == '{"content": [1]}'
    with pytest.raises(JSONEncodeError, match="it is a class"):
        ours.json.dumps(Box(Box))
    Jsonify(ours, encoders={Box: lambda box: "box"}, dates="iso")
    assert ours.json.dumps([Box(1), DAY]) == '["box", "2024-01-02"]'


@settings(max_examples=200)
@given(flask_values, st.sampled_from(DUMPS[:6]))
def test_dumps_of_any_value(value, keywords):
    stock, ours = STOCK_AND_OURS
    with stock.app_context():
        try:
            expected = flask.json.dumps(value, **keywords)
        except (TypeError, ValueError):
            return
    if twins(value):
        return
    with ours.app_context():
        assert flask.json.dumps(value, **keywords) == expected


STOCK_AND_OURS = pair()


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
        with stock.app_context():
            expected = flask.json.loads(data, **keywords)
        with ours.app_context():
            assert flask.json.loads(data, **keywords) == expected
            assert flask.json.load(io.StringIO(text), **keywords) == expected
            assert flask.json.load(io.BytesIO(text.encode()), **keywords) == expected


def test_tojson_is_safe_in_html_and_the_same():
    value = {"b": "</script>&'\"é", "a": [1, Decimal("1.10"), date(2024, 1, 1)]}
    template = "{{ value|tojson }} {{ value|tojson(2) }} <a b='{{ value|tojson|forceescape }}'>"
    rendered = []
    for app in pair(lambda app: app.jinja_env):
        with app.test_request_context():
            rendered.append(flask.render_template_string(template, value=value))
    assert rendered[0] == rendered[1]
    assert "</script>" not in rendered[1]
    with installed(dates="iso").test_request_context():
        assert "2024-01-01" in flask.render_template_string("{{ value|tojson }}", value=value)


def test_tojson_of_an_environment_that_was_made_before():
    app = flask.Flask("tests")
    assert app.jinja_env
    Jsonify(app, dates="iso")
    with app.app_context():
        text = flask.render_template_string("{{ value|tojson }}", value=[date(2024, 1, 1), {1}])
    assert text == '["2024-01-01", [1]]'


def test_the_session_is_the_same_cookie_and_read_back():
    values = {
        "a": 1,
        "t": (1, 2),
        "u": UUID(int=1),
        "d": datetime(2024, 1, 1, tzinfo=timezone.utc),
    }
    values |= {"bytes": b"\xff", "é": "é", "n": {"x": [1.5, None]}}
    seen = []

    def view():
        if flask.request.method == "POST":
            flask.session.update(values)
        seen.append(dict(flask.session))
        return ""

    apps = pair()
    for app in apps:
        app.add_url_rule("/", "view", view, methods=["GET", "POST"])
        client = app.test_client()
        client.post("/")
        client.get("/")
    assert seen[1] == seen[3] == values
    serialised = []
    for app in apps:
        with app.app_context():
            serialised.append(flask.sessions.session_json_serializer.dumps(values))
    assert serialised[0] == serialised[1]
