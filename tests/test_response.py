"""JSONResponse: a Werkzeug response, subclassed, in Flask and out of it."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys

import flask
import pytest
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import (
    JSONEncodeError,
    JSONResponse,
    JSONSettings,
    RawJSON,
    encode,
    jsonify,
    use_settings,
)

from .conftest import Send, flask_app


def test_the_constructor_is_the_one_that_users_of_fastapi_know(send: Send):
    ran = []

    def view():
        task = lambda: ran.append(1)  # noqa: E731  # by position, as in FastAPI
        return JSONResponse({"a": 1}, 202, {"X-A": "1"}, "application/a+json", task)

    answer = send(view)
    assert (answer.status, answer.data) == ("202 ACCEPTED", b'{"a":1}\n')
    assert answer.headers["X-A"] == "1"
    assert answer.headers["Content-Type"] == "application/a+json"
    assert ran == [1]
    assert list(inspect.signature(JSONResponse.__init__).parameters)[1:] == [
        *("content", "status_code", "headers", "media_type", "background", "settings")
    ]
    with pytest.raises(TypeError):
        JSONResponse(1, 200, None, None, None, JSONSettings())


def test_by_default_it_is_null_and_200(send: Send):
    answer = send(JSONResponse)
    assert (answer.status, answer.data) == ("200 OK", b"null\n")


class Api(JSONResponse):
    media_type = "application/vnd.api+json"


class Enveloped(JSONResponse):
    def render(self, content):
        return super().render({"data": content})


class Upper(JSONResponse):
    def render(self, content):
        return encode(content).upper()


class Loud(JSONResponse):
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Loud"] = "1"
        return headers


class Closing(JSONResponse):
    closed = 0

    def close(self):
        Closing.closed += 1
        super().close()


def test_media_type_of_a_subclass_and_of_a_call(send: Send):
    assert send(lambda: Api(1)).headers["Content-Type"] == "application/vnd.api+json"
    settings = JSONSettings(mimetype="application/x")
    assert send(lambda: Api(1, settings=settings)).content_type == "application/vnd.api+json"
    assert send(lambda: Api(1, media_type="application/y")).content_type == "application/y"
    assert send(lambda: JSONResponse(1, settings=settings)).content_type == "application/x"


def test_render_of_a_subclass(send: Send):
    assert send(lambda: Enveloped([1])).data == b'{"data":[1]}\n'
    assert send(lambda: Enveloped([1], settings=JSONSettings(pretty=True))).data == (
        b'{\n  "data": [\n    1\n  ]\n}\n'
    )
    answer = send(lambda: Upper({"a": "b"}))
    assert (answer.data, answer.content_length) == (b'{"A":"B"}', 9)


def test_a_subclass_that_overrides_how_it_is_sent_is_asked(send: Send):
    assert send(lambda: Loud(1)).headers["X-Loud"] == "1"
    before = Closing.closed
    assert send(lambda: Closing(1)).data == b"1\n"
    assert Closing.closed == before + 1


def test_headers_and_status_may_be_changed_before_it_is_sent(send: Send):
    def view():
        response = jsonify({"a": 1})
        response.status_code = 202
        response.headers["X-A"] = "1"
        response.set_cookie("b", "2")
        response.cache_control.max_age = 60
        response.mimetype = "text/json"
        return response

    answer = send(view)
    assert answer.status == "202 ACCEPTED"
    assert answer.headers["X-A"] == "1"
    assert answer.headers["Set-Cookie"] == "b=2; Path=/"
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert answer.headers["Content-Type"] == "text/json; charset=utf-8"


def test_data_and_get_json_read_the_body(place):
    response = jsonify({"a": "é"})
    assert response.get_json() == response.json == {"a": "é"}
    assert response.data == '{"a":"é"}\n'.encode()
    assert response.get_data(as_text=True) == '{"a":"é"}\n'
    response.data = b"[]"
    assert (response.get_json(), response.content_length) == ([], 2)
    assert response.is_json
    assert repr(response) == "<JSONResponse 2 bytes [200 OK]>"


@pytest.mark.parametrize("status", [100, 204, 304])
def test_statuses_without_content_have_none(place, status):
    # Not under wsgiref's eyes: Werkzeug leaves a 204 its Content-Type, which that refuses.
    body, line, headers = run_wsgi_app(jsonify(1, status=status), EnvironBuilder().get_environ())
    assert (b"".join(body), line[:3]) == (b"", str(status))
    assert "Content-Length" not in headers


def test_head_has_the_headers_and_no_body(send: Send):
    answer = send(lambda: jsonify([1, 2]), method="HEAD")
    assert (answer.data, answer.headers["Content-Length"]) == (b"", "6")


def test_the_length_of_bodies_of_every_size(send: Send):
    for size in (1, 9, 1022, 1023, 1024, 1025, 70_000):
        answer = send(lambda size=size: jsonify(RawJSON(b"1" * size, trusted=True)))
        assert answer.headers["Content-Length"] == str(size + 1) == str(len(answer.data))


def test_one_response_may_be_sent_many_times(send: Send):
    response = jsonify({"a": 1})
    first, second = send(lambda: response), send(lambda: response)
    assert (first.data, list(first.headers)) == (second.data, list(second.headers))


def test_what_werkzeug_makes_can_become_a_json_response():
    plain = Response("[1]", 201, mimetype="text/plain")
    forced = JSONResponse.force_type(plain)
    assert type(forced) is JSONResponse
    answer = Client(forced).get("/")
    assert (answer.status_code, answer.data, answer.mimetype) == (201, b"[1]", "text/plain")
    environ = EnvironBuilder().get_environ()
    called = Api.from_app(Response("x", 202), environ)
    assert type(called) is Api
    assert (called.status_code, called.data) == (202, b"x")


@pytest.mark.parametrize(("options", "read"), [({}, 1), ({"buffered": True}, 2)])
def test_what_an_app_answers_is_read_ahead_only_when_it_shall_be_buffered(options, read):
    chunks = iter([b"a", b"b"])

    def app(environ, start_response):
        start_response("200 OK", [])
        return chunks

    JSONResponse.from_app(app, EnvironBuilder().get_environ(), **options)
    assert len([*chunks]) == 2 - read


# In Flask.


class Custom(flask.Response):
    def __init__(self, response=None, *args, **kwargs):
        super().__init__(response, *args, **kwargs)
        self.headers["X-Custom"] = "1"

    @property
    def custom(self):
        return f"custom {self.status_code}"


class Marked(flask.Response):
    default_mimetype = "text/marked"


@pytest.mark.parametrize("response_class", [flask.Response, Custom, Marked, Response])
@pytest.mark.parametrize("json_class", [JSONResponse, Api, Enveloped, Loud])
def test_inside_of_an_app_context_it_is_also_the_apps_response_class(response_class, json_class):
    app = flask_app()
    app.response_class = response_class
    with app.app_context():
        response = json_class({"a": 1}, 201, {"X-A": "1"})
        assert isinstance(response, json_class)
        assert isinstance(response, response_class)
        for name in ("__module__", "__qualname__", "__name__", "__doc__"):
            assert getattr(type(response), name) == getattr(json_class, name)
        assert response.status_code == 201
        assert response.headers["X-A"] == "1"
        if response_class is Custom:
            assert response.headers["X-Custom"] == "1"
            assert response.custom == "custom 201"
        again = pickle.loads(pickle.dumps(response))
        assert type(again) is type(response)
        assert copy.copy(response).headers == again.headers == response.headers
        assert again.data == response.data
    outside = pickle.loads(pickle.dumps(response))
    assert type(outside) is type(response)


def test_settings_in_force_in_several_apps_give_each_app_its_own_class():
    def made():
        with use_settings(pretty=True):
            return type(jsonify(1))

    classes = []
    for response_class in (Custom, Marked):
        app = flask_app()
        app.response_class = response_class
        with app.app_context():
            classes.append(made())
        assert issubclass(classes[-1], response_class)
    assert made() is JSONResponse
    assert not issubclass(classes[1], Custom)


def test_a_media_type_of_text_gets_no_charset_from_the_apps_response_class():
    app = flask_app()
    app.response_class = Custom
    with app.app_context():
        headers = jsonify(1, mimetype="text/x-json").headers
    assert headers.to_wsgi_list()[0] == ("Content-Type", "text/x-json")


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
    """What many apps have: it looks at the text, and has a charset for its types."""

    def __init__(self, response=None, *args, **options):
        if not args and response.startswith("<?xml"):
            options["mimetype"] = "application/xml"
        super().__init__(response, *args, **options)
        if not args:
            self.headers["Content-Type"] += "; charset=utf-8"


def test_a_response_class_that_looks_at_what_it_is_given_sees_what_flask_gives():
    app = flask_app()
    app.response_class = Guessing
    app.add_url_rule("/stock", "stock", lambda: flask.jsonify(a="é"))
    app.add_url_rule("/ours", "ours", lambda: jsonify(a="é"))
    stock, ours = (app.test_client().get(path) for path in ("/stock", "/ours"))
    assert (ours.data, list(ours.headers)) == (stock.data, list(stock.headers))


def test_a_body_that_is_no_text_reaches_every_response_class():
    class Packed(JSONResponse):
        media_type = "application/msgpack"

        def render(self, content):
            return b"\x81\xff"

    app = flask_app()
    app.response_class = Custom
    app.add_url_rule("/", "view", lambda: Packed(1))
    answer = app.test_client().get("/")
    assert (answer.data, answer.content_type) == (b"\x81\xff", "application/msgpack")


def test_classes_do_not_pile_up_when_it_changes_hands():
    app = flask_app()
    with app.app_context():
        response = jsonify(1)
    assert type(response).__bases__ == (JSONResponse, flask.Response)
    assert type(Custom.force_type(response)).__bases__ == (JSONResponse, Custom)


class LoudInFlask(flask.Response):
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Loud"] = "1"
        return headers


def test_a_response_made_before_is_sent_as_the_apps_class_sends():
    app = flask_app()
    app.response_class = LoudInFlask
    response = jsonify(1)
    app.add_url_rule("/", "view", lambda: response)
    assert app.test_client().get("/").headers["X-Loud"] == "1"


@pytest.mark.parametrize("response_class", [flask.Response, Custom, Marked])
@pytest.mark.parametrize("made", ["in the view", "before"])
def test_flask_does_not_take_its_class_away(response_class, made):
    app = flask_app()
    app.response_class = response_class
    ran, seen = [], []

    def make():
        return Loud({"a": 1}, 201, background=lambda: ran.append(1))

    before = make()
    app.add_url_rule("/", "view", (lambda: before) if made == "before" else make)

    @app.after_request
    def look(response):
        seen.append((isinstance(response, Loud), isinstance(response, response_class)))
        return response

    answer = app.test_client().get("/", buffered=True)
    assert (answer.status_code, answer.data) == (201, b'{"a":1}\n')
    assert answer.headers["X-Loud"] == "1"
    assert seen == [(True, True)]
    assert ran == [1]


def test_tuples_of_flask_change_status_and_headers():
    app = flask_app()
    app.add_url_rule("/", "view", lambda: (jsonify(a=1), 202, {"X-A": "1"}))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.headers["X-A"], answer.data) == (202, "1", b'{"a":1}\n')


def test_sessions_and_cookies_of_flask_reach_it():
    app = flask_app()
    app.secret_key = "tests"

    @app.get("/")
    def view():
        flask.session["a"] = 1
        return jsonify(a=1)

    answer = app.test_client().get("/")
    assert answer.headers["Set-Cookie"].startswith("session=")
    assert answer.headers["Vary"] == "Cookie"


def test_an_error_in_a_flask_view_is_flasks_to_handle():
    app = flask_app()
    app.add_url_rule("/", "view", lambda: jsonify(a=object()))
    app.testing = True
    with pytest.raises(JSONEncodeError, match=r"\$\.a"):
        app.test_client().get("/")


def test_flask_is_not_needed_and_not_imported():
    code = """
import sys
sys.modules["flask"] = None  # importing it fails
from jsonify_ext import jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app
print(jsonify(a=1).data)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "b'{\"a\":1}\\n'\n"


def test_flask_that_is_still_being_imported_is_not_asked():
    code = """
import sys, types
sys.modules["flask"] = types.ModuleType("flask")
from jsonify_ext import jsonify
print(jsonify(a=1).data)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "b'{\"a\":1}\\n'\n"


def test_public_names():
    import jsonify_ext

    for name in jsonify_ext.__all__:
        assert getattr(jsonify_ext, name).__doc__
    assert {"jsonify", "JSONResponse", "JSONSettings", "use_settings", "encode", "RawJSON"} | {
        "JSONEncodeError"
    } <= set(jsonify_ext.__all__)


@pytest.mark.parametrize("status", [200, 404, "418 I'm a teapot"])
def test_its_state_is_that_of_an_ordinary_response(place, status):
    ours = jsonify([1]) if status == 200 else jsonify([1], status=status)
    theirs = Response(b"[1]\n", status, mimetype="application/json")
    assert vars(ours).keys() == vars(theirs).keys()
    assert {**vars(ours), "headers": [*ours.headers]} == {
        **vars(theirs),
        "headers": [*theirs.headers],
    }
    assert vars(ours.headers) == vars(theirs.headers)
