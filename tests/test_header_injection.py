"""No text that this package gets ends a header, a status line or an event early."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import Any
from wsgiref.validate import validator

import flask
import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.test import Client
from werkzeug.wrappers import Response

from jsonify_ext import (
    JSONResponse,
    JSONSettings,
    ServerSentEvent,
    json_view,
    jsonify,
    problem,
    problem_from,
    stream_json,
    use_settings,
)
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware

from .conftest import flask_app

LINE_BREAKS = ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rX-Evil: 1", "\r\n\r\n<script>", "a\r\n b"]
#: Text that could end a line, or a text in C, or that can't be sent at all.
BAD = [*LINE_BREAKS, *(f"a{chr(code)}b" for code in range(32) if code != 9), "a\n", "a\0"]
BAD += ["a\x7fb", "€", "\u2028", "\ud800"]


def in_flask(make: Callable[[], Any], install: bool = True, **config: Any) -> Any:
    app = flask_app()
    app.config |= {f"JSONIFY_{name.upper()}": value for name, value in config.items()}
    if install:
        Jsonify(app)
    with app.app_context():
        return make()


def under_settings(**changes: Any) -> Any:
    with use_settings(**changes):
        return jsonify(1)


def with_provider_mimetype(mimetype: str) -> Any:
    app = flask_app()
    app.json.mimetype = mimetype
    with app.app_context():
        return jsonify(1)


def view(value: Any, *others: Any) -> Any:
    return json_view(lambda: (value, *others))()


def response(status: Any = 200, headers: Any = (), mimetype: str | None = None) -> Any:
    return JSONResponse(1, status, headers, mimetype)


def media_type(mimetype: str) -> Any:
    return type("Sub", (JSONResponse,), {"media_type": mimetype})(1)


def of_view(function: Callable[[], Any], **options: Any) -> Any:
    return json_view(**options)(function)()


ALL, OF_VIEWS, OF_SETTINGS = "status headers mimetype", "status headers", "headers mimetype"
#: What passes text to a response: its options and a function.
WAYS: dict[str, tuple[str, Callable[..., Any]]] = {
    "jsonify": (ALL, partial(jsonify, 1)),
    "JSONResponse": (ALL, response),
    "flask.jsonify": (ALL, lambda **options: in_flask(partial(flask.jsonify, 1, **options))),
    "stream_json": (ALL, partial(stream_json, [1])),
    "problem": (OF_VIEWS, lambda status=404, **options: problem(status, **options)),
    "json_view": (OF_VIEWS, partial(of_view, lambda: 1)),
    "json_view of a generator": (OF_VIEWS, partial(of_view, lambda: (yield 1))),
    "value, status": ("status", lambda status: view(1, status)),
    "value, headers": ("headers", lambda headers: view(1, headers)),
    "value, status, headers": (
        OF_VIEWS,
        lambda status=200, headers=None: view(1, status, headers),
    ),
    "response, status": ("status", lambda status: view(Response(), status)),
    "response, headers": ("headers", lambda headers: view(Response(), headers)),
    "media_type of a subclass": ("mimetype", media_type),
    "JSONSettings": (OF_SETTINGS, JSONSettings),
    "use_settings": (OF_SETTINGS, under_settings),
    "JSONMiddleware": (OF_SETTINGS, partial(JSONMiddleware, flask_app())),
    "Jsonify": (OF_SETTINGS, Jsonify),
    "config": (OF_SETTINGS, partial(in_flask, partial(jsonify, 1))),
    "config without Jsonify": ("mimetype", partial(in_flask, partial(jsonify, 1), install=False)),
    "app.json.mimetype": ("mimetype", with_provider_mimetype),
}


def ways(option: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", [name for name in WAYS if option in WAYS[name][0]])


@ways("headers")
def test_headers(way):
    for text in BAD:
        for headers in (
            {"X-A": text},
            [("X-A", "1"), ("X-A", text)],
            {text: "1"},
            {f"X-A{text}": "1"},
        ):
            with pytest.raises(ValueError, match=r"header|newline"):
                WAYS[way][1](headers=headers)


@ways("headers")
def test_names_of_headers(way):
    for name in "", " ", "X A", "X-A:", "X\u0130":
        with pytest.raises(ValueError, match="is not a valid header name"):
            WAYS[way][1](headers={name: "1"})
    WAYS[way][1](headers=Headers({"X-A": "é\t \x80", "!#$%&'*+-.^_`|~": "1"}))


@ways("mimetype")
def test_mimetypes(way):
    for text in BAD:
        for mimetype in f"application/{text}", f"application/json; a={text}":
            with pytest.raises(ValueError, match=r"media type|Content-Type"):
                WAYS[way][1](mimetype=mimetype)
    # Flask sends any mimetype without a line break.
    for mimetype in ("json", "a/", "/b", "a b/c") if way != "app.json.mimetype" else ():
        with pytest.raises(ValueError, match=r"media type|mimetype"):
            WAYS[way][1](mimetype=mimetype)


@ways("status")
def test_statuses(way):
    for text in BAD:
        for status in f"200 {text}", f"200{text}", f"{text}200 OK":
            with pytest.raises(ValueError, match="status"):
                WAYS[way][1](status=status)
    codes = {100: 100, 999: 999, HTTPStatus.CREATED: 201, "200 é": 200, "299": 299}
    for status, code in codes.items():
        if way == "problem":
            with pytest.raises(ValueError, match="from 400 to 599"):
                WAYS[way][1](status=status)
        else:
            assert WAYS[way][1](status=status).status_code == code


@pytest.mark.parametrize("text", LINE_BREAKS)
def test_headers_of_exceptions(text):
    class Own(HTTPException):
        code = 418

        def get_headers(self, *args: Any) -> list[tuple[str, str]]:
            return [("X", text)]

    for error in Own(), MethodNotAllowed([text]):
        with pytest.raises(ValueError, match="newline"):
            problem_from(error)


@pytest.mark.parametrize("text", [*LINE_BREAKS, "€", "a\x7fb"])
def test_members_of_a_problem_stay_in_its_body(text):
    members = dict.fromkeys(("detail", "title", "type", "instance", "other"), text)
    answer = Client(validator(problem(404, **members))).get("/", buffered=True)
    assert answer.json == {**members, "status": 404}
    assert [name for name, _ in answer.headers] == ["Content-Type", "Content-Length"]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "\n\ndata: 1", "a\0b", "\ud800"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_fields_of_events(field, text):
    with pytest.raises(ValueError, match=f"{field} must be text without") as caught:
        ServerSentEvent(1, **{field: text})
    assert text not in str(caught.value)


def test_data_of_events_cannot_begin_a_field():
    data = "\r\n\r\nevent: evil\u2028\u0085"
    body = stream_json([ServerSentEvent(data, event="é")], "sse").data
    text = '"\\r\\n\\r\\nevent: evil\\u2028\\u0085"'
    assert body.decode() == f":\n\nevent: é\ndata: {text}\n\n"


class Text(str, Enum):
    """Of these, ``str()`` and ``format()`` return the name in some versions of Python."""

    HEADER = "value"
    MIMETYPE = "application/x"
    STATUS = "201 Made"
    EVENT = "done"


class Deceptive(str):
    """Text whose ``str()`` is another text."""

    def __str__(self) -> str:
        return "a\r\nX-Evil: 1"

    __format__ = __repr__ = lambda self, *args: str(self)


@pytest.mark.parametrize("kind", [str, Deceptive, Text])
def test_servers_get_the_text_itself(kind):
    text, mimetype, status = kind("value"), kind("application/x"), kind("201 Made")
    options = {"headers": {text: text}, "mimetype": mimetype}
    for response, line in [
        (jsonify([1], **options, status=status), "201 Made"),
        (stream_json([1], **options, status=status), "201 Made"),
        (jsonify([1], settings=JSONSettings(**options)), "200 OK"),
    ]:
        answer = Client(validator(response)).get("/", buffered=True)
        headers = {name: f"{value}" for name, value in answer.headers}
        assert {"value": "value", "Content-Type": "application/x"}.items() <= headers.items()
        assert answer.status == line
    event = ServerSentEvent(1, event=kind("done"), id=kind("done"))
    assert stream_json([event], "sse").data == b":\n\nevent: done\nid: done\ndata: 1\n\n"
