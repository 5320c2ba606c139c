"""``jsonify``: calls, bodies, errors. For the options, see test_response_changes."""

from __future__ import annotations

import pytest

from jsonify_ext import JSONResponse, JSONSettings, jsonify

from .conftest import Send
from .flask_apps import app_with, get
from .test_flask_providers import Decorating


@pytest.mark.parametrize(
    ("args", "kwargs", "body"),
    [
        ((), {}, b"{}\n"),
        (({"a": 1},), {}, b'{"a":1}\n'),
        (("text",), {}, b'"text"\n'),
        ((0,), {}, b"0\n"),
        ((None,), {}, b"null\n"),
        (([],), {"status": 200}, b"[]\n"),
        ((1, "b", None), {}, b'[1,"b",null]\n'),
        ((1, 2), {"status": 200}, b"[1,2]\n"),
        ((), {"a": 1, "status": "ok"}, b'{"a":1,"status":"ok"}\n'),
        ((), {"status": 404}, b'{"status":404}\n'),
        ((), {"headers": {"A": "b"}, "mimetype": 1}, b'{"headers":{"A":"b"},"mimetype":1}\n'),
        ((), {"settings": 1, "background": 2}, b'{"settings":1,"background":2}\n'),
        ((), {"args": 1, "value": 2, "self": 3}, b'{"args":1,"value":2,"self":3}\n'),
    ],
)
def test_body_of_each_way_to_call(send: Send, args, kwargs, body):
    assert isinstance(jsonify(*args, **kwargs), JSONResponse)
    answer = send(lambda: jsonify(*args, **kwargs))
    assert (answer.data, answer.status) == (body, "200 OK")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    "status",
    [
        99,
        1000,
        True,
        False,
        200.0,
        [200],
        "20 OK",
        "2001",
        "200OK",
        "+20",
        "2_0",
        "２００",
        "",
        "OK",
    ],
)
def test_bad_status_is_a_value_error(place, status):
    with pytest.raises(ValueError, match="status must be an int from 100 to 999"):
        jsonify(1, status=status)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("colour", "to send it as data, put it in the value"),
        ("status_code", "did you mean 'status'"),
        ("code", "did you mean 'status'"),
        ("content_type", "did you mean 'mimetype'"),
        ("header", "did you mean 'headers'"),
        ("pretty", "pretty is a setting: pass settings={'pretty': ...}"),
    ],
)
def test_the_error_for_an_unknown_option_names_the_known_ones(place, option, hint):
    known = "either args or kwargs .*: status, headers, mimetype, background, settings"
    with pytest.raises(TypeError) as caught:
        jsonify({"a": 1}, **{option: 1})
    assert f"unknown option {option!r} ({hint}" in str(caught.value)
    assert caught.match(known)


def test_options_where_the_provider_of_an_app_makes_the_response():
    ran = []
    view = lambda: jsonify(1, background=lambda: ran.append(1), mimetype="text/x")  # noqa: E731
    app = app_with({}, view, provider=Decorating)
    assert (get(app, buffered=True).mimetype, ran) == ("text/x", [1])
    with app.app_context(), pytest.raises(TypeError, match="unknown option 'colour'"):
        jsonify(1, colour=2)


def test_settings_of_another_type_are_a_type_error(place):
    with pytest.raises(TypeError, match="settings must be .*, not list"):
        jsonify(1, settings=["pretty"])


def test_headers_that_were_passed_are_not_changed(place):
    headers = {"X-A": "1"}
    jsonify(1, headers=headers).headers["X-B"] = "2"
    assert headers == {"X-A": "1"}


def test_no_charset_is_added(send: Send):
    answer = send(lambda: jsonify([1], mimetype="text/json", settings=JSONSettings(pretty=True)))
    assert (answer.headers["Content-Type"], answer.data) == ("text/json", b"[\n  1\n]\n")
