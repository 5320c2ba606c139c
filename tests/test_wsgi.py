"""WSGI apps: json_app, JSONMiddleware, problems."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from datetime import date
from wsgiref.handlers import SimpleHandler
from wsgiref.validate import validator

import flask
import pytest
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    TooManyRequests,
    abort,
)
from werkzeug.routing import RequestRedirect
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify
from jsonify_ext.problems import problem, problem_from
from jsonify_ext.wsgi import JSONMiddleware, json_app


def ask(app, **request):
    return Client(validator(app)).open("/path", **({"buffered": True} | request))


def test_json_app_of_an_async_function_and_of_a_generator():
    @json_app
    async def app(request):
        """Docs."""
        await asyncio.sleep(0)
        return {"path": request.path, "json": request.get_json()}, 201

    answer = ask(app, method="POST", json={"é": 12345678901234567890123})
    assert answer.get_json() == {"path": "/path", "json": {"é": 12345678901234567890123}}
    assert (answer.status_code, app.__name__, app.__doc__) == (201, "app", "Docs.")

    @json_app
    def rows(request):
        yield from range(3)

    assert ask(rows).data == b"[0,1,2]\n"
    tuples = json_app(lambda request: (jsonify(1), 202, {"X-A": "1"}))
    assert (ask(tuples).status_code, ask(tuples).headers["X-A"]) == (202, "1")


@pytest.mark.parametrize("data", [b"NaN", b"[1", b"\xff", b'"\\ud800"', b'{"a": Infinity}'])
def test_invalid_json_is_a_400(data):
    app = json_app(lambda request: request.get_json())
    answer = ask(app, method="POST", data=data, content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_http_exceptions_become_problems_and_keep_their_headers():
    @json_app
    def app(request):
        raise MethodNotAllowed(["GET", "PUT"], "no such method")

    answer = ask(app)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    body = {"title": "Method Not Allowed", "status": 405, "detail": "no such method"}
    assert answer.get_json() == body
    assert answer.headers["Allow"] == "GET, PUT"
    conflict = ask(json_app(lambda request: abort(problem(409, "taken"))))
    assert (conflict.status_code, conflict.get_json()["detail"]) == (409, "taken")
    assert problem_from(RequestRedirect("/there")).headers["Location"] == "/there"


def test_a_value_that_cannot_be_encoded_raises():
    with pytest.raises(JSONEncodeError):
        ask(json_app(lambda request: object()))


# JSONMiddleware


def plain(environ, start_response):
    return jsonify({"b": date(2024, 1, 1), "a": "é"})(environ, start_response)


def test_middleware_changes_the_settings_that_apply():
    assert ask(
        JSONMiddleware(plain, JSONSettings(dates="http"), sort_keys=True)
    ).data.decode() == ('{"a":"é","b":"Mon, 01 Jan 2024 00:00:00 GMT"}\n')
    assert encode("é") == '"é"'.encode()
    nested = JSONMiddleware(plain, pretty=True)
    nested = JSONMiddleware(nested, pretty=False, sort_keys=True)
    nested = JSONMiddleware(nested, JSONSettings(ensure_ascii=True))
    assert ask(nested).data == b'{\n  "a": "\\u00e9",\n  "b": "2024-01-01"\n}\n'


def test_middleware_around_flask_changes_only_its_settings():
    app = flask.Flask("tests")
    app.add_url_rule("/path", "view", lambda: jsonify({"b": date(2024, 1, 1), "a": "é"}))
    stock = ask(app).data
    assert ask(JSONMiddleware(app, problems=True)).data == stock
    assert ask(JSONMiddleware(app, dates="iso")).data == b'{"a":"\\u00e9","b":"2024-01-01"}\n'


def test_settings_of_a_middleware_apply_while_the_body_is_read_and_closed():
    closed = []

    class Body:
        def __iter__(self):
            yield encode({"b": 1, "a": 2})
            yield encode({"d": 1, "c": 2})

        def close(self):
            closed.append(encode({"f": 1, "e": 2}))

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Body()

    body = JSONMiddleware(app, sort_keys=True)({}, lambda status, headers: print)
    first = next(iter(body))
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'  # not in between
    assert [first, *body] == [b'{"a":2,"b":1}', b'{"c":2,"d":1}']
    body.close()
    assert closed == [b'{"e":2,"f":1}']
    body = JSONMiddleware(lambda environ, start_response: (b"a", b"b"), pretty=True)({}, print)
    assert [*body] == [b"a", b"b"]
    body.close()  # which it doesn't have


def test_middleware_checks_its_settings_at_once():
    with pytest.raises(ValueError, match="dates"):
        JSONMiddleware(plain, dates="never")
    with pytest.raises(TypeError, match="unknown setting 'colour'"):
        JSONMiddleware(plain, colour=1)
    with pytest.raises(TypeError, match="settings must be JSONSettings"):
        JSONMiddleware(plain, {"pretty": True})


def test_middleware_makes_problems_of_exceptions_only_with_the_option():
    def app(environ, start_response):
        raise NotFound

    with pytest.raises(NotFound):
        ask(JSONMiddleware(app))
    assert ask(JSONMiddleware(app, problems=True)).status_code == 404


def test_an_unexpected_error_is_a_500_without_details(caplog):
    def early(environ, start_response):
        raise KeyError("secret")

    def late(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        raise KeyError("secret")

    for app in (early, late):
        caplog.clear()
        with caplog.at_level(logging.ERROR, "jsonify_ext"):
            answer = served(JSONMiddleware(app, problems=True))
        head, body = answer.split("\r\n\r\n")
        assert head.startswith("HTTP/1.0 500 INTERNAL SERVER ERROR")
        assert "Content-Type: application/problem+json" in head
        assert json.loads(body) == {"title": "Internal Server Error", "status": 500}
        (record,) = caplog.records
        assert record.exc_info[0] is KeyError
        assert "secret" not in record.getMessage()


class Body:
    """A body that counts how it is used, and ends with an exception."""

    def __init__(self, chunks, error):
        self.chunks = iter(chunks)
        self.error = error
        self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        for chunk in self.chunks:
            return chunk
        raise self.error

    def close(self):
        self.closed += 1


@pytest.mark.parametrize("started", ["at the call", "with the body"])
@pytest.mark.parametrize("error", [KeyError("secret"), TooManyRequests(retry_after=30)])
def test_an_app_that_raises_while_its_body_is_read_is_a_problem(started, error, caplog):
    body = Body([b"", b""], error)

    def app(environ, start_response):
        if started == "at the call":
            start_response("200 OK", [("Content-Type", "text/plain")])
        return body

    answer = served(JSONMiddleware(app, problems=True))
    status = 429 if isinstance(error, HTTPException) else 500
    assert answer.startswith(f"HTTP/1.0 {status} ")
    assert json.loads(answer.split("\r\n\r\n")[1])["status"] == status
    assert ("Retry-After: 30" in answer) == (status == 429)
    assert len(caplog.records) == (status == 500)
    assert body.closed == 1
    with pytest.raises(type(error)):
        list(JSONMiddleware(lambda *args: Body([], error))({}, print))


def test_an_exception_after_the_first_bytes_is_raised():
    body = Body([b"", b"1", b"2"], KeyError("late"))
    app = JSONMiddleware(lambda environ, start_response: body, problems=True)
    sent = []
    with pytest.raises(KeyError, match="late"):
        sent.extend(app({}, print))
    assert sent == [b"1", b"2"]
    assert body.closed == 0  # which the server does


def test_problems_read_a_body_only_to_its_first_bytes():
    def chunks():
        for chunk in (b"", b"1", b"2"):
            read.append(chunk)
            yield chunk

    read = []
    body = JSONMiddleware(lambda environ, start_response: chunks(), problems=True)({}, print)
    assert read == [b"", b"1"]
    body.close()
    assert served(JSONMiddleware(Response([]), problems=True)).startswith("HTTP/1.0 200 OK")


def served(app) -> str:
    """What the standard library's WSGI server sends; Werkzeug's test client raises
    every exception that it is told of."""
    output = io.BytesIO()
    environ = EnvironBuilder("/path").get_environ()
    SimpleHandler(io.BytesIO(), output, io.StringIO(), environ).run(app)
    return output.getvalue().decode()


def test_a_body_longer_than_max_content_length_is_a_413():
    @json_app(max_content_length=10)
    def app(request):
        return request.get_json()

    assert Client(app).post("/", json=[1]).get_json() == [1]
    answer = Client(app).post("/", json=["long enough"])
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
    with pytest.raises(ValueError, match="max_content_length must be"):
        json_app(max_content_length=-1)
