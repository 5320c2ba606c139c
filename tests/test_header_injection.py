"""No text that this package gets ends a header, a status line or an event early."""

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
#: Text that could end a line, or a text in C, or that can't be sent at all.
BAD = [*LINE_BREAKS, "a\n", "a\0b", "a\x0bb", "a\x1bb", "a\x7fb", "€", "\u2028", "\ud800"]


def returned_by_a_view(*returned: Any) -> Any:
    return json_view(lambda: returned)()


def under_settings(**changes: Any) -> Any:
    with use_settings(**changes):
        return jsonify(1)


def in_flask(make: Callable[[], Any], install: bool = True, **config: Any) -> Any:
    app = flask_app()
    app.config |= config
    if install:
        Jsonify(app)
    with app.app_context():
        return make()


def with_provider_mimetype(mimetype: str) -> Any:
    app = flask_app()
    app.json.mimetype = mimetype
    with app.app_context():
        return jsonify(1)


HEADERS: dict[str, Callable[[Any], Any]] = {
    "jsonify": lambda headers: jsonify(1, headers=headers),
    "problem": lambda headers: problem(404, headers=headers),
    "stream_json": lambda headers: stream_json([1], headers=headers),
    "json_view": lambda headers: json_view(headers=headers)(lambda: 1)(),
    "value, headers": lambda headers: returned_by_a_view(1, headers),
    "response, headers": lambda headers: returned_by_a_view(Response(), 200, headers),
    "JSONSettings": lambda headers: JSONSettings(headers=headers),
    "use_settings": lambda headers: under_settings(headers=headers),
    "JSONMiddleware": lambda headers: JSONMiddleware(flask_app(), headers=headers),
    "JSONIFY_HEADERS": lambda headers: in_flask(lambda: jsonify(1), JSONIFY_HEADERS=headers),
    "flask.jsonify": lambda headers: in_flask(lambda: flask.jsonify(1, headers=headers)),
}
MIMETYPES: dict[str, Callable[[str], Any]] = {
    "jsonify": lambda mimetype: jsonify(1, mimetype=mimetype),
    "media_type": lambda mimetype: type("Sub", (JSONResponse,), {"media_type": mimetype})(1),
    "stream_json": lambda mimetype: stream_json([1], mimetype=mimetype),
    "JSONSettings": lambda mimetype: JSONSettings(mimetype=mimetype),
    "JSONIFY_MIMETYPE": lambda mimetype: in_flask(lambda: jsonify(1), JSONIFY_MIMETYPE=mimetype),
    "JSONIFY_MIMETYPE without Jsonify": lambda mimetype: in_flask(
        lambda: jsonify(1), install=False, JSONIFY_MIMETYPE=mimetype
    ),
    "app.json.mimetype": with_provider_mimetype,
    "flask.jsonify": lambda mimetype: in_flask(lambda: flask.jsonify(1, mimetype=mimetype)),
}
STATUSES: dict[str, Callable[[Any], Any]] = {
    "jsonify": lambda status: jsonify(1, status=status),
    "problem": lambda status: problem(status),
    "stream_json": lambda status: stream_json([1], status=status),
    "json_view": lambda status: json_view(status=status)(lambda: 1)(),
    "value, status": lambda status: returned_by_a_view(1, status),
    "response, status": lambda status: returned_by_a_view(Response(), status, {}),
    "flask.jsonify": lambda status: in_flask(lambda: flask.jsonify(1, status=status)),
}


@pytest.mark.parametrize("way", HEADERS)
def test_headers(way):
    for text in BAD:
        for headers in {"X-A": text}, [("X-A", "1"), ("X-A", text)], {"X-A" + text: "1"}:
            with pytest.raises(ValueError, match=r"header|newline"):
                HEADERS[way](headers)


@pytest.mark.parametrize("way", HEADERS)
def test_names_of_headers(way):
    for name in "", " ", "X A", "X-A:", "X\u0130":
        with pytest.raises(ValueError, match="is not a valid header name"):
            HEADERS[way]({name: "1"})
    HEADERS[way](Headers({"X-A": "é\t \x80", "!#$%&'*+-.^_`|~": "1"}))


@pytest.mark.parametrize("way", MIMETYPES)
def test_mimetypes(way):
    for text in BAD:
        for mimetype in f"application/{text}", f"application/json; a={text}":
            with pytest.raises(ValueError, match=r"media type|Content-Type"):
                MIMETYPES[way](mimetype)
    if way in ("jsonify", "media_type", "stream_json", "JSONSettings"):
        for mimetype in "json", "a/", "/b", "a b/c":
            with pytest.raises(ValueError, match=r"media type|mimetype"):
                MIMETYPES[way](mimetype)


@pytest.mark.parametrize("way", STATUSES)
def test_statuses(way):
    for text in BAD:
        for status in f"200 {text}", f"200{text}", f"{text}200 OK":
            with pytest.raises(ValueError, match="status"):
                STATUSES[way](status)
    for status, code in (999, 999), (HTTPStatus.CREATED, 201), ("200 é", 200), ("299", 299):
        if way == "problem":
            with pytest.raises(ValueError, match="from 400 to 599"):
                STATUSES[way](status)
        else:
            assert STATUSES[way](status).status_code == code


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
    options = {
        "headers": {kind("value"): kind("value")},
        "mimetype": kind("application/x"),
        "status": kind("201 Made"),
    }
    settings = JSONSettings(mimetype=options["mimetype"], headers=[*options["headers"].items()])
    for response, status in [
        (jsonify([1], **options), "201 Made"),
        (stream_json([1], **options), "201 Made"),
        (jsonify([1], settings=settings), "200 OK"),
    ]:
        answer = Client(validator(response)).get("/", buffered=True)
        assert answer.status == status
        headers = {name: f"{value}" for name, value in answer.headers}
        assert {"value": "value", "Content-Type": "application/x"}.items() <= headers.items()
    event = ServerSentEvent(1, event=kind("done"), id=kind("done"))
    assert stream_json([event], "sse").data == b":\n\nevent: done\nid: done\ndata: 1\n\n"
