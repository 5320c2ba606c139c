"""No text that is given to this package ends a header or a status line early."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
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
#: What could end a line, end a text in C, or cannot be sent at all.
BAD = [
    *LINE_BREAKS,
    "a\n",
    "a\0b",
    "a\x0bb",
    "a\x0cb",
    "a\x1bb",
    "a\x7fb",
    "€",
    "\u2028",
    "\ud800",
]


def returned_by_a_view(*returned: Any) -> Any:
    return json_view(lambda: returned)()


def flask_with_config(**config: Any) -> Any:
    app = flask_app()
    app.config |= config
    Jsonify(app)
    with app.app_context():
        return jsonify(1)


def flask_with_mimetype(mimetype: str) -> Any:
    app = flask_app()
    app.json.mimetype = mimetype
    with app.app_context():
        return jsonify(1)


def flask_with_older_key(mimetype: str) -> Any:
    app = flask_app()
    app.config["JSONIFY_MIMETYPE"] = mimetype
    with app.app_context():
        return jsonify(1)


def flask_jsonify(value: Any, **options: Any) -> Any:
    app = flask_app()
    Jsonify(app)
    with app.app_context():
        return flask.jsonify(value, **options)


def with_settings(**changes: Any) -> Any:
    with use_settings(**changes):
        return jsonify(1)


def of_a_subclass(mimetype: str) -> Any:
    return type("Sub", (JSONResponse,), {"media_type": mimetype})(1)


def problem_of(**headers: str) -> Any:
    class Own(HTTPException):
        code = 418

        def get_headers(self, *args: Any) -> list[tuple[str, str]]:
            return [*headers.items()]

    return problem_from(Own())


HEADERS: dict[str, Callable[[Any], Any]] = {
    "jsonify": lambda headers: jsonify(1, headers=headers),
    "JSONResponse": lambda headers: JSONResponse(1, 200, headers),
    "problem": lambda headers: problem(404, headers=headers),
    "stream_json": lambda headers: stream_json([1], headers=headers),
    "json_view": lambda headers: json_view(headers=headers)(lambda: 1)(),
    "json_view of a generator": lambda headers: json_view(headers=headers)(lambda: (yield 1))(),
    "value, headers": lambda headers: returned_by_a_view(1, headers),
    "value, status, headers": lambda headers: returned_by_a_view(1, 200, headers),
    "response, headers": lambda headers: returned_by_a_view(jsonify(1), headers),
    "response, status, headers": lambda headers: returned_by_a_view(Response(), 200, headers),
    "JSONSettings": lambda headers: JSONSettings(headers=headers),
    "use_settings": lambda headers: with_settings(headers=headers),
    "JSONMiddleware": lambda headers: JSONMiddleware(flask_app(), headers=headers),
    "Jsonify": lambda headers: Jsonify(headers=headers),
    "JSONIFY_HEADERS": lambda headers: flask_with_config(JSONIFY_HEADERS=headers),
    "flask.jsonify": lambda headers: flask_jsonify(1, headers=headers),
}
MIMETYPES: dict[str, Callable[[str], Any]] = {
    "jsonify": lambda mimetype: jsonify(1, mimetype=mimetype),
    "JSONResponse": lambda mimetype: JSONResponse(1, media_type=mimetype),
    "media_type of a subclass": of_a_subclass,
    "stream_json": lambda mimetype: stream_json([1], mimetype=mimetype),
    "JSONSettings": lambda mimetype: JSONSettings(mimetype=mimetype),
    "use_settings": lambda mimetype: with_settings(mimetype=mimetype),
    "JSONMiddleware": lambda mimetype: JSONMiddleware(flask_app(), mimetype=mimetype),
    "Jsonify": lambda mimetype: Jsonify(mimetype=mimetype),
    "JSONIFY_MIMETYPE": lambda mimetype: flask_with_config(JSONIFY_MIMETYPE=mimetype),
    "JSONIFY_MIMETYPE without Jsonify": flask_with_older_key,
    "app.json.mimetype": flask_with_mimetype,
    "flask.jsonify": lambda mimetype: flask_jsonify(1, mimetype=mimetype),
}
STATUSES: dict[str, Callable[[Any], Any]] = {
    "jsonify": lambda status: jsonify(1, status=status),
    "JSONResponse": lambda status: JSONResponse(1, status),
    "problem": lambda status: problem(status),
    "stream_json": lambda status: stream_json([1], status=status),
    "json_view": lambda status: json_view(status=status)(lambda: 1)(),
    "value, status": lambda status: returned_by_a_view(1, status),
    "response, status": lambda status: returned_by_a_view(jsonify(1), status),
    "response, status, headers": lambda status: returned_by_a_view(Response(), status, {}),
    "flask.jsonify": lambda status: flask_jsonify(1, status=status),
}


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("way", HEADERS)
def test_headers(way, text):
    for headers in (
        {"X-A": text},
        [("X-A", "1"), ("X-A", text)],
        {text: "1"},
        {"X-A" + text: "1"},
    ):
        with pytest.raises(ValueError, match=r"header|newline"):
            HEADERS[way](headers)


@pytest.mark.parametrize("text", ["", " ", "X A", "X-A:", "X\u0130"])
@pytest.mark.parametrize("way", HEADERS)
def test_names_of_headers(way, text):
    with pytest.raises(ValueError, match="is not a valid header name"):
        HEADERS[way]({text: "1"})


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("way", MIMETYPES)
def test_mimetypes(way, text):
    for mimetype in (f"application/{text}", f"application/json; a={text}", f"text/{text}"):
        with pytest.raises(ValueError, match=r"media type|Content-Type"):
            MIMETYPES[way](mimetype)


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("way", STATUSES)
def test_statuses(way, text):
    for status in (f"200 {text}", f"200{text}", f"{text}200 OK"):
        with pytest.raises(ValueError, match="status"):
            STATUSES[way](status)


@pytest.mark.parametrize("text", LINE_BREAKS)
def test_headers_of_exceptions(text):
    for make in (lambda: problem_of(X=text), lambda: problem_from(MethodNotAllowed([text]))):
        with pytest.raises(ValueError, match="newline"):
            make()


@pytest.mark.parametrize("text", [text for text in BAD if text.isprintable()] + LINE_BREAKS)
def test_members_of_a_problem_stay_in_its_body(text):
    members = dict.fromkeys(("detail", "title", "type", "instance", "other"), text)
    answer = Client(validator(problem(404, **members))).get("/", buffered=True)
    assert answer.json == {**members, "status": 404}
    assert [name for name, _ in answer.headers] == ["Content-Type", "Content-Length"]


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\r\nb", "\n\ndata: 1", "a\0b", "\ud800"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_fields_of_events(field, text):
    with pytest.raises(ValueError, match=f"{field} must be text without") as caught:
        ServerSentEvent(1, **{field: text})
    assert text not in str(caught.value)


def test_data_of_events_cannot_begin_a_field():
    data = "\r\n\r\nevent: evil\u2028\u0085"
    body = stream_json([ServerSentEvent(data, event="é")], "sse").data
    assert body.decode().split("\n") == [
        ":",
        "",
        "event: é",
        'data: "\\r\\n\\r\\nevent: evil\\u2028\\u0085"',
        "",
        "",
    ]


class Text(str, Enum):
    """Of these, ``str()`` and ``format()`` give the name in some versions of Python."""

    HEADER = "value"
    MIMETYPE = "application/x"
    STATUS = "201 Made"
    EVENT = "done"


class Deceptive(str):
    """Text that becomes another when it is printed."""

    def __str__(self) -> str:
        return "a\r\nX-Evil: 1"

    __format__ = __repr__ = lambda self, *args: str(self)


def essence(response: Any) -> tuple[str, list[tuple[str, str]]]:
    answer = Client(validator(response)).get("/", buffered=True)
    return answer.status, [(name, f"{value}") for name, value in answer.headers]


@pytest.mark.parametrize("make", [jsonify, stream_json], ids=["jsonify", "stream_json"])
@pytest.mark.parametrize("kind", [str, Deceptive, Text])
def test_servers_get_the_text_itself(make, kind):
    options = {
        "headers": {kind("value"): kind("value")},
        "mimetype": kind("application/x"),
        "status": kind("201 Made"),
    }
    status, headers = essence(make([1], **options))
    assert status == "201 Made"
    assert {"value": "value", "Content-Type": "application/x"}.items() <= dict(headers).items()
    settings = JSONSettings(
        mimetype=kind("application/x"), headers=[(kind("value"), kind("value"))]
    )
    _, headers = essence(jsonify([1], settings=settings))
    assert {"value": "value", "Content-Type": "application/x"}.items() <= dict(headers).items()
    event = ServerSentEvent(1, event=kind("done"), id=kind("done"))
    assert stream_json([event], "sse").data == b":\n\nevent: done\nid: done\ndata: 1\n\n"


@pytest.mark.parametrize("way", HEADERS)
def test_headers_that_may_be_sent(way):
    headers = Headers({"X-A": "é\t \x80", "!#$%&'*+-.^_`|~": "1"})
    HEADERS[way](headers)


@pytest.mark.parametrize("status", [200, 999, 100, HTTPStatus.CREATED, "200 é", "299"])
@pytest.mark.parametrize("way", STATUSES)
def test_statuses_that_may_be_sent(way, status):
    code = int(status[:3]) if isinstance(status, str) else status
    if way == "problem":
        with pytest.raises(ValueError, match="from 400 to 599"):
            STATUSES[way](status)
    else:
        assert STATUSES[way](status).status_code == code


@pytest.mark.parametrize("text", LINE_BREAKS)
def test_headers_changed_after_the_fact(place, text):
    response = jsonify(1)
    for change in (
        lambda: response.headers.__setitem__("X-A", text),
        lambda: response.headers.add("X-A", text),
        lambda: response.headers.update({"X-A": text}),
        lambda: setattr(response, "content_type", text),
        lambda: setattr(response, "mimetype", text),
        lambda: response.headers.set("Location", text),
    ):
        with pytest.raises(ValueError, match="newline"):
            change()
    response.set_cookie("a", text)
    assert "X-Evil" not in Client(validator(response)).get("/", buffered=True).headers


def test_a_stream_sends_all_headers_of_one_name():
    headers = [("Link", "</a>"), ("Link", "</b>"), ("X-A", "settings")]
    with use_settings(headers=headers):
        for make in (stream_json, jsonify):
            response = make([1], headers={"x-a": "call"})
            assert response.headers.getlist("Link") == ["</a>", "</b>"]
            assert response.headers.getlist("X-A") == ["call"]
