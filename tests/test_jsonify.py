"""``jsonify``: calls, options, errors."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from jsonify_ext import JSONResponse, JSONSettings, jsonify

from .conftest import Send


@pytest.mark.parametrize(
    ("args", "kwargs", "body"),
    [
        ((), {}, b"{}\n"),
        (({"a": 1},), {}, b'{"a":1}\n'),
        (([],), {}, b"[]\n"),
        (("text",), {}, b'"text"\n'),
        ((0,), {}, b"0\n"),
        ((None,), {}, b"null\n"),
        ((1, "b", None), {}, b'[1,"b",null]\n'),
        ((1, 2), {}, b"[1,2]\n"),
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
    assert answer.data == body
    assert answer.status == "200 OK"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (None, "200 OK"),
        (201, "201 CREATED"),
        (HTTPStatus.CREATED, "201 CREATED"),
        ("201 Created", "201 Created"),
        ("201", "201 CREATED"),
        (" 404 Gone fishing", "404 Gone fishing"),
        (299, "299 UNKNOWN"),
        (999, "999 UNKNOWN"),
    ],
)
def test_status_is_written_as_werkzeug_writes_it(send: Send, status, line):
    assert send(lambda: jsonify(1, status=status)).status == line


BAD_STATUSES = [
    99,
    1000,
    True,
    False,
    200.0,
    [200],
    *["20 OK", "2001", "200OK", "+20", "2_0", "２００", "", "OK"],
]


@pytest.mark.parametrize("status", BAD_STATUSES)
def test_bad_status_is_a_value_error(place, status):
    with pytest.raises(ValueError, match="status must be an int from 100 to 999"):
        jsonify(1, status=status)


def test_the_error_for_an_unknown_option_names_the_known_ones(place):
    with pytest.raises(TypeError) as caught:
        jsonify({"a": 1}, colour=1)
    for word in ("colour", "status", "headers", "mimetype", "background", "settings", "data"):
        assert word in str(caught.value)


def test_settings_of_another_type_are_a_type_error(place):
    with pytest.raises(TypeError, match="settings must be .*, not list"):
        jsonify(1, settings=["pretty"])


def test_headers_may_be_given_in_every_form(send: Send):
    for headers in ({"X-A": "1"}, [("X-A", "1")], {"X-A": 1}):
        assert send(lambda headers=headers: jsonify(1, headers=headers)).headers["X-A"] == "1"
    many = send(lambda: jsonify(1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]))
    assert many.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_headers_that_were_passed_are_not_changed(place):
    headers = {"X-A": "1"}
    jsonify(1, headers=headers).headers["X-B"] = "2"
    assert headers == {"X-A": "1"}


def test_content_type_in_headers_counts_unless_mimetype_is_given(send: Send):
    headers = {"content-type": "application/geo+json"}
    assert send(lambda: jsonify(1, headers=headers)).content_type == "application/geo+json"
    answer = send(lambda: jsonify(1, headers=headers, mimetype="application/a+json"))
    assert answer.headers.getlist("Content-Type") == ["application/a+json"]


def test_content_length_in_headers_is_replaced_by_the_true_one(send: Send):
    answer = send(lambda: jsonify(1, headers={"Content-Length": "99"}))
    assert answer.headers.getlist("Content-Length") == ["2"]


def test_no_charset_is_added(send: Send):
    answer = send(lambda: jsonify([1], mimetype="text/json", settings=JSONSettings(pretty=True)))
    assert (answer.headers["Content-Type"], answer.data) == ("text/json", b"[\n  1\n]\n")
