"""JSONResponse: a Werkzeug response, subclassed, in Flask and out of it."""

from __future__ import annotations

import subprocess
import sys
from types import MappingProxyType

import flask
import pytest
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, JSONSettings, RawJSON, encode, jsonify

from .conftest import Send, flask_app


def test_the_constructor_is_that_of_fastapi(send: Send):
    ran = []

    def view():
        task = lambda: ran.append(1)  # noqa: E731  # by position, as in FastAPI
        return JSONResponse({"a": 1}, 202, {"X-A": "1"}, "application/a+json", task)

    answer = send(view)
    assert (answer.status, answer.data) == ("202 ACCEPTED", b'{"a":1}\n')
    assert answer.headers["X-A"] == "1"
    assert answer.headers["Content-Type"] == "application/a+json"
    assert ran == [1]
    assert send(JSONResponse).data == b"null\n"
    assert JSONResponse.media_type == "application/json"
    with pytest.raises(TypeError):
        JSONResponse(1, 200, None, None, None, JSONSettings())


def test_headers_may_be_any_mapping():
    # Werkzeug 3.0 reads the pairs of a dict only.
    headers = MappingProxyType({"X-A": "1", "X-B": ["2", "3"]})
    assert [*jsonify(1, headers=headers).headers][:3] == [("X-A", "1"), ("X-B", "2"), ("X-B", "3")]
    assert jsonify(1, settings={"headers": headers}).headers.getlist("X-B") == ["2", "3"]


JSON = "application/json"


class Api(JSONResponse):
    media_type = "application/vnd.api+json"


class Enveloped(JSONResponse):
    def render(self, content):
        return super().render({"data": content})


class Upper(JSONResponse):
    def render(self, content):
        return encode(content).upper()


class Packed(JSONResponse):
    media_type = "application/msgpack"

    def render(self, content):
        return b"\x81\xff"


@pytest.mark.parametrize(
    ("make", "content_type", "body"),
    [
        (lambda: Api(1), Api.media_type, b"1\n"),
        (lambda: Api(1, settings={"mimetype": "a/x"}), Api.media_type, b"1\n"),
        (lambda: Api(1, media_type="a/y"), "a/y", b"1\n"),
        (lambda: Api(1, headers={"Content-Type": "a/z"}), "a/z", b"1\n"),
        (lambda: JSONResponse(1, settings={"mimetype": "a/x"}), "a/x", b"1\n"),
        (lambda: Enveloped(1, settings={"mimetype": "a/x"}), "a/x", b'{"data":1}\n'),
        (lambda: Enveloped([1]), JSON, b'{"data":[1]}\n'),
        (lambda: Enveloped("é", settings={"ensure_ascii": True}), JSON, b'{"data":"\\u00e9"}\n'),
        (lambda: Upper({"a": "b"}), JSON, b'{"A":"B"}'),
        (lambda: Packed(1), "application/msgpack", b"\x81\xff"),
    ],
)
def test_media_type_and_render_of_a_subclass(send: Send, make, content_type, body):
    answer = send(make)
    assert (answer.content_type, answer.data) == (content_type, body)
    assert answer.headers["Content-Length"] == str(len(body))


def test_render_must_return_bytes():
    class Text(JSONResponse):
        def render(self, content):
            return content

    for body, kind in ("é", "str"), (None, "NoneType"):
        with pytest.raises(TypeError, match=rf"^Text.render\(\) must return bytes, not {kind}$"):
            Text(body)


def test_the_length_of_bodies_of_every_size(send: Send):
    for size in (1, 9, 1022, 1023, 1024, 1025, 70_000):
        answer = send(lambda size=size: jsonify(RawJSON(b"1" * size, trusted=True)))
        assert answer.headers["Content-Length"] == str(size + 1) == str(len(answer.data))
        assert [*answer.headers.keys()] == ["Content-Type", "Content-Length"]


def test_what_a_server_does_to_the_body_and_headers_stays_its_own():
    response = jsonify(1)
    environ = EnvironBuilder().get_environ()
    response(environ, lambda status, headers: headers.clear()).clear()
    assert (response.data, response.headers["Content-Length"]) == (b"1\n", "2")


def test_force_type_and_from_app():
    plain = Response("[1]", 201, mimetype="text/plain")
    forced = JSONResponse.force_type(plain)
    assert type(forced) is JSONResponse
    answer = Client(forced).get("/")
    assert (answer.status_code, answer.data, answer.mimetype) == (201, b"[1]", "text/plain")
    environ = EnvironBuilder().get_environ()
    called = Api.from_app(Response("x", 202), environ)
    assert type(called) is Api
    assert (called.status_code, called.data) == (202, b"x")
    for options, read in ({}, 1), ({"buffered": True}, 2):
        chunks = iter([b"a", b"b"])
        Api.from_app(Response(chunks), environ, **options)
        assert len([*chunks]) == 2 - read


# In Flask.


class Loud(JSONResponse):
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Loud"] = "1"
        return headers


class Custom(flask.Response):
    def __init__(self, response=None, *args, **kwargs):
        super().__init__(response, *args, **kwargs)
        self.headers["X-Custom"] = "1"


class Marked(flask.Response):
    default_mimetype = "text/marked"


@pytest.mark.parametrize("response_class", [flask.Response, Custom, Response])
@pytest.mark.parametrize("json_class", [JSONResponse, Enveloped])
def test_in_an_app_context_it_is_also_the_apps_response_class(response_class, json_class):
    app = flask_app()
    app.response_class = response_class
    with app.app_context():
        response = json_class(1, 201, {"X-A": "1"}, settings={"headers": {"X-B": "1"}})
    assert isinstance(response, json_class)
    assert isinstance(response, response_class)
    for name in ("__module__", "__qualname__", "__name__", "__doc__"):
        assert getattr(type(response), name) == getattr(json_class, name)
    assert response.status_code == 201
    assert response.headers["X-A"] == response.headers["X-B"] == "1"
    assert ("X-Custom" in response.headers) == (response_class is Custom)


def test_a_class_of_the_app_gets_no_charset_and_any_bytes():
    app = flask_app()
    app.response_class = Custom
    with app.app_context():
        headers = jsonify(1, mimetype="text/x-json").headers
        assert headers.to_wsgi_list()[0] == ("Content-Type", "text/x-json")
        assert Packed(1).data == b"\x81\xff"


def test_an_app_whose_response_class_is_a_json_response():
    app = flask_app()
    app.response_class = Api
    with app.app_context():
        assert type(jsonify(1)) is type(JSONResponse(1)) is Api
        assert type(Enveloped(1)).__mro__[1:3] == (Enveloped, Api)
        assert jsonify(1).mimetype == Api.media_type
    app.response_class = Enveloped
    with app.app_context():
        assert jsonify(1).data == b'{"data":1}\n'


class Guessing(flask.Response):
    """Chooses the type by the text, as many apps do, and adds a charset."""

    def __init__(self, response=None, *args, **options):
        if not args and response.startswith("<?xml"):
            options["mimetype"] = "application/xml"
        super().__init__(response, *args, **options)
        if not args:
            self.headers["Content-Type"] += "; charset=utf-8"


def test_a_response_class_gets_the_arguments_that_flask_passes():
    app = flask_app()
    app.response_class = Guessing
    app.add_url_rule("/stock", "stock", lambda: flask.jsonify(a="é"))
    app.add_url_rule("/ours", "ours", lambda: jsonify(a="é"))
    stock, ours = (app.test_client().get(path) for path in ("/stock", "/ours"))
    assert (ours.data, list(ours.headers)) == (stock.data, list(stock.headers))


@pytest.mark.parametrize("response_class", [flask.Response, Custom, Marked])
@pytest.mark.parametrize("made", ["in the view", "before", "in another app"])
def test_flask_does_not_take_its_class_away(response_class, made):
    app = flask_app()
    app.response_class = response_class
    ran, seen = [], []

    def make():
        return Loud({"a": 1}, 201, background=lambda: ran.append(1))

    before = make()
    if made == "in another app":
        other = flask_app()
        other.response_class = Custom
        with other.app_context():
            before = make()
    app.add_url_rule("/", "view", make if made == "in the view" else lambda: before)

    @app.after_request
    def look(response):
        seen.append([isinstance(response, each) for each in (Loud, response_class, Custom)])
        return response

    answer = app.test_client().get("/", buffered=True)
    assert (answer.status_code, answer.data) == (201, b'{"a":1}\n')
    assert answer.headers["X-Loud"] == "1"
    custom = {flask.Response: made == "in another app", Custom: True, Marked: False}
    assert seen == [[True, True, custom[response_class]]]
    assert ran == [1]


@pytest.mark.parametrize("flask", ["None", "types.ModuleType('flask')"])
def test_flask_is_not_needed(flask):
    """Importing it fails, or isn't finished."""
    code = f"""
import sys, types
sys.modules["flask"] = {flask}
from jsonify_ext import jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app
print(jsonify(a=1).data)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "b'{\"a\":1}\\n'\n"
