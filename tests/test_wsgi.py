"""WSGI apps: json_app, JSONMiddleware, problems."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import date
from wsgiref.handlers import SimpleHandler
from wsgiref.validate import validator

import flask
import pytest
from werkzeug.exceptions import HTTPException, TooManyRequests, abort
from werkzeug.routing import RequestRedirect
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify
from jsonify_ext.problems import problem, problem_from
from jsonify_ext.wsgi import JSONMiddleware, JSONRequest, json_app


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
    with pytest.raises(JSONEncodeError):
        ask(json_app(lambda request: object()))


def test_http_exceptions_become_problems_and_keep_their_headers():
    answer = ask(json_app(lambda request: abort(405, ["GET", "PUT"], "no such method")))
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    body = {"title": "Method Not Allowed", "status": 405, "detail": "no such method"}
    assert answer.get_json() == body
    assert answer.headers["Allow"] == "GET, PUT"
    conflict = ask(json_app(lambda request: abort(problem(409, "taken"))))
    assert (conflict.status_code, conflict.get_json()["detail"]) == (409, "taken")
    assert problem_from(RequestRedirect("/there")).headers["Location"] == "/there"


# JSONMiddleware


VALUE = {"b": date(2024, 1, 1), "a": "é"}


def plain(environ, start_response):
    return jsonify(VALUE)(environ, start_response)


def test_middleware_changes_the_settings_that_apply():
    app = JSONMiddleware(plain, pretty=True)
    app = JSONMiddleware(app, pretty=False, sort_keys=True)
    app = JSONMiddleware(app, JSONSettings(ensure_ascii=True), dates="http")
    settings = JSONSettings(pretty=True, sort_keys=True, ensure_ascii=True, dates="http")
    assert ask(app).data == encode(VALUE, settings) + b"\n"
    assert encode("é") == '"é"'.encode()


def test_middleware_around_flask_changes_only_its_settings():
    app = flask.Flask("tests")
    app.add_url_rule("/path", "view", lambda: jsonify(VALUE))
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

    app = JSONMiddleware(lambda environ, start_response: Body(), sort_keys=True)
    body = app({}, lambda status, headers: print)
    first = next(iter(body))
    assert encode({"b": 1, "a": 2}) == b'{"b":1,"a":2}'  # not in between
    assert [first, *body] == [b'{"a":2,"b":1}', b'{"c":2,"d":1}']
    body.close()
    assert closed == [b'{"e":2,"f":1}']
    for items in (b"a", b"b"), (b"a", None, b"b"):  # the server reports what isn't bytes
        body = JSONMiddleware(lambda environ, start_response, it=items: it, pretty=True)({}, print)
        assert (*body,) == items
        body.close()  # which it doesn't have


def test_arguments_are_checked_at_once():
    with pytest.raises(ValueError, match="dates"):
        JSONMiddleware(plain, dates="never")
    with pytest.raises(TypeError, match="unknown setting 'colour'"):
        JSONMiddleware(plain, colour=1)
    with pytest.raises(TypeError, match="settings must be JSONSettings"):
        JSONMiddleware(plain, {"pretty": True})
    with pytest.raises(ValueError, match=r"problems must be True or False, not '/api/'"):
        JSONMiddleware(plain, problems="/api/")
    with pytest.raises(TypeError, match="json_app takes a function"):
        json_app(5)
    with pytest.raises(TypeError, match="JSONMiddleware takes a WSGI application, not None"):
        JSONMiddleware(None)
    for size in (-1, "10"):
        with pytest.raises(ValueError, match=f"max_content_length must be .*, not {size!r}"):
            json_app(max_content_length=size)


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


@pytest.mark.parametrize("way", ["at the call", "after the start", "in the body", "before both"])
@pytest.mark.parametrize("error", [KeyError("secret"), TooManyRequests(retry_after=30)])
def test_an_exception_before_the_first_byte_is_a_problem_without_details(way, error, caplog):
    bodies = []

    def app(environ, start_response):
        if way in ("after the start", "in the body"):
            start_response("200 OK", [("Content-Type", "text/plain")])
        if way in ("at the call", "after the start"):
            raise error
        bodies.append(Body([b"", b""], error))
        return bodies[-1]

    with pytest.raises(type(error)):  # without the option
        list(JSONMiddleware(app)({}, print))
    head, answer = served(JSONMiddleware(app, problems=True)).split("\r\n\r\n")
    expected = isinstance(error, HTTPException)
    assert head.startswith("HTTP/1.0 429 " if expected else "HTTP/1.0 500 INTERNAL SERVER ERROR")
    assert "Content-Type: application/problem+json" in head
    assert ("Retry-After: 30" in head) == expected
    if not expected:
        assert json.loads(answer) == {"title": "Internal Server Error", "status": 500}
        (record,) = caplog.records
        assert (record.name, record.exc_info[0]) == ("jsonify_ext", KeyError)
        assert "secret" not in record.getMessage()
    assert expected != bool(caplog.records)
    # Without the option, the server closes it.
    assert [body.closed for body in bodies] == [0, 1] * (way in ("in the body", "before both"))


def test_a_function_for_an_exception_that_fails_is_a_problem_without_details(caplog):
    def fail(error):
        raise RuntimeError("secret")

    app = JSONMiddleware(lambda environ, start_response: {}["x"], errors={KeyError: fail})
    with pytest.raises(RuntimeError):
        app({}, print)
    app.problems = True
    assert ask(app).get_json() == {"title": "Internal Server Error", "status": 500}
    assert "secret" in caplog.text


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
    app = json_app(max_content_length=10)(JSONRequest.get_json)
    assert Client(app).post("/", json=[1]).get_json() == [1]
    answer = Client(app).post("/", json=["long enough"])
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


@pytest.mark.parametrize(("body", "status"), [(b"[123,5678]", 200), (b"[1]        ", 413)])
def test_a_chunked_body_is_not_cut_at_the_limit(body, status):
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    for read in (JSONRequest.get_data, lambda it: len(it.stream.read(99)), lambda it: it.form):
        app = json_app(max_content_length=10)(lambda request, read=read: str(read(request)))
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
        answer = Client(app).post("/", input_stream=io.BytesIO(body), environ_overrides=environ)
        assert answer.status_code == status
