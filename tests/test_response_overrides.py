"""Overrides of a subclass have the effect that they have in a subclass of Werkzeug's Response."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from http import HTTPStatus
from types import new_class
from typing import Any

import flask
import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, JSONSettings, jsonify, problem

from .conftest import flask_app

VALUE = {"a": "é", "b": [1, None]}
BODY = '{"a":"é","b":[1,null]}\n'


# Mixins, each of which overrides one thing.


class WSGIHeaders:
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Method"] = environ["REQUEST_METHOD"]
        return headers


class AppIter:
    def get_app_iter(self, environ):
        return [b"<", *super().get_app_iter(environ), b">"]


class Call:
    def __call__(self, environ, start_response):
        start_response("299 Called", [("X-Called", "1")])
        return [b"called"]


class GetData:
    def get_data(self, as_text=False):
        return super().get_data(as_text).upper()


class DefaultStatus:
    default_status = 202


class HeadersProperty:
    @property
    def headers(self):
        return self.__dict__["own_headers"]

    @headers.setter
    def headers(self, value):
        self.__dict__["own_headers"] = Headers([*value, ("X-Property", "1")])


class Closes:
    def close(self):
        self.closings = getattr(self, "closings", 0) + 1
        super().close()


class NoLength:
    automatically_set_content_length = False


class Initialised:
    def __init__(self, *args, own="default", **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = own


class Made:
    def __new__(cls, *args, **kwargs):
        made = super().__new__(cls)
        made.made = True
        return made


class SetsAttributes:
    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "status":
            self.headers["X-Set"] = name


class Slotted:
    __slots__ = ("own",)


class Annotated:
    """Changes nothing."""

    own: int


MIXINS = [
    *(WSGIHeaders, AppIter, Call, GetData, DefaultStatus, HeadersProperty, Closes, NoLength),
    *(Initialised, Made, SetsAttributes, Slotted, Annotated),
]


def outcome(function: Callable[[], Any]) -> Any:
    """The result of a function, or the class of its exception."""
    try:
        return function()
    except Exception as error:
        return type(error)


def sent(response: Response, method: str = "GET", **headers: str) -> Any:
    environ = EnvironBuilder(method=method, headers=headers).get_environ()
    body, status, sent_headers = run_wsgi_app(response, environ, buffered=True)
    return b"".join(body), status, list(sent_headers)


def seen(response: Any) -> list[Any]:
    """What can be seen of a response, while it is changed step by step."""
    steps: list[Callable[[], Any]] = [
        *[lambda method=method: sent(response, method) for method in ("GET", "HEAD", "POST")],
        lambda: sent(response, If_None_Match="*"),
        lambda: (response.status, response.status_code),
        lambda: (response.data, response.get_data(as_text=True), response.get_json()),
        lambda: [*response.headers],
        lambda: (response.is_sequence, response.is_streamed, response.direct_passthrough),
        *[lambda n=n: getattr(response, n, "none") for n in ("own", "made", "closings")],
        lambda: (bool(response), [*response]),
        lambda: sent(copy.copy(response)),
        lambda: response.set_cookie("a", "1"),
        lambda: setattr(response, "status", 203),
        lambda: response.status,
        lambda: response.headers.update({"Location": "/é"}),
        lambda: sent(response),
        lambda: response.call_on_close(lambda: response.headers.set("X-Closed", "1")) and None,
        lambda: sent(response),
        lambda: setattr(response, "data", b"[]"),
        lambda: response.freeze(),
        lambda: sent(response),
        lambda: response.close(),
        lambda: sent(response),
    ]
    return [outcome(step) for step in steps]


@pytest.mark.parametrize("mixin", MIXINS)
def test_a_mixin(place, mixin):
    base = flask.Response if place == "flask" else Response
    for order in (lambda parent: (mixin, parent)), (lambda parent: (parent, mixin)):
        for status in None, 201, 204, "200 Fine", HTTPStatus.OK:
            ours = new_class("Mixed", order(JSONResponse))(VALUE, status)
            theirs = new_class("Mixed", order(base))(BODY, status, mimetype="application/json")
            assert seen(ours) == seen(theirs)
    inner = new_class("Inner", (new_class("Outer", (mixin, JSONResponse)),))
    theirs = new_class("Mixed", (mixin, base))(BODY, mimetype="application/json")
    assert seen(inner(VALUE)) == seen(theirs)


@pytest.mark.parametrize("mixin", MIXINS)
def test_in_the_response_class_of_a_flask_app(mixin):
    app = flask_app()
    app.response_class = new_class("Mixed", (mixin, flask.Response))
    with app.app_context():
        for options in {}, {"status": 200}, {"status": 404}:
            ours = jsonify(VALUE, **options)
            theirs = app.response_class(BODY, **options, mimetype="application/json")
            assert isinstance(ours, app.response_class)
            assert seen(ours) == seen(theirs)


def test_overrides_on_the_instance():
    def overridden(response: Any) -> Any:
        response.get_app_iter = lambda environ: [b"own"]
        response.automatically_set_content_length = False
        return response

    theirs = Response(BODY, mimetype="application/json")
    assert seen(overridden(jsonify(VALUE))) == seen(overridden(theirs))


def test_a_class_with_two_json_responses_as_bases():
    class One(WSGIHeaders, JSONResponse):
        media_type = "application/one"

    class Rendered:
        def render(self, content):
            return super().render([content])

    class Two(Rendered, AppIter, JSONResponse):
        pass

    class Both(One, Two):
        pass

    body, status, headers = sent(Both(1))
    assert (body, status) == (b"<[1]\n>", "200 OK")
    assert ("Content-Type", "application/one") in headers
    assert ("X-Method", "GET") in headers


# Copies and threads.


class Own(flask.Response):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = "1"


class Sub(JSONResponse):
    media_type = "application/sub"


def task() -> None:
    pass


def changed(response: Any) -> Any:
    response.status = 404
    response.headers["X-A"] = "1"
    response.set_cookie("a", "b")
    return response


MADE: dict[str, Callable[[], Any]] = {
    "as it is": lambda: jsonify(VALUE),
    "changed": lambda: changed(jsonify(VALUE, status=201)),
    "with an ETag": lambda: jsonify(VALUE, settings=JSONSettings(etag=True)),
    "with a background": lambda: jsonify(VALUE, background=task),
    "of a subclass": lambda: Sub(VALUE),
    "a problem": lambda: problem(404, headers={"X-A": "1"}),
    "sent and closed": lambda: [response := jsonify(VALUE), sent(response), response.close()][0],
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda response, protocol=protocol: pickle.loads(
            pickle.dumps(response, protocol)
        )
        for protocol in (0, 2, pickle.HIGHEST_PROTOCOL)
    },
}
METHODS = ("GET", "HEAD", "POST")


@pytest.fixture(params=["plain", "flask", "own response class"])
def app_or_none(request):
    app = flask_app()
    if request.param == "plain":
        yield None
        return
    if request.param == "own response class":
        app.response_class = Own
    with app.app_context():
        yield app


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("kind", MADE)
def test_copies(app_or_none, kind, how):
    response = MADE[kind]()
    again = COPIES[how](response)
    assert type(again) is type(response)
    assert again is not response
    for method in METHODS:
        assert sent(again, method) == sent(response, method)
    assert sent(again, If_None_Match="*") == sent(response, If_None_Match="*")
    # Changes of a copy don't reach the first.
    if how != "copy":
        before = sent(response)
        changed(COPIES[how](again))
        changed(again)
        assert sent(response) == before


@pytest.mark.parametrize("kind", MADE)
def test_pickles_can_leave_and_enter_an_app(kind):
    app = flask_app()
    app.response_class = Own
    with app.app_context():
        inside = MADE[kind]()
        pickled, expected = pickle.dumps(inside), sent(inside)
    outside = pickle.loads(pickled)
    assert sent(outside) == expected
    assert isinstance(outside, JSONResponse)
    assert isinstance(outside, Own)
    plain = MADE[kind]()
    pickled, expected = pickle.dumps(plain), sent(plain)
    with flask_app().app_context():
        assert sent(pickle.loads(pickled)) == expected


@pytest.mark.parametrize("kind", ["as it is", "changed", "with an ETag", "a problem"])
def test_one_response_for_many_threads(app_or_none, kind):
    response = MADE[kind]()
    expected = {method: sent(MADE[kind](), method) for method in METHODS}
    wrong: list[Any] = []
    start = threading.Barrier(8)

    def send(number: int) -> None:
        start.wait()
        for _ in range(10):
            for method in METHODS:
                answer = outcome(lambda method=method: sent(response, method))
                if answer != expected[method]:
                    wrong.append(answer)
            if number % 2:
                response.headers, response.data, response.get_json()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_classes_that_are_made_in_functions_do_not_pile_up():
    app = flask_app()
    with app.app_context():
        for _ in range(300):
            made = type("Made", (JSONResponse,), {})
            assert isinstance(made(1), (made, app.response_class))
            assert type(made(1)) is type(made(1))
    assert len(app.extensions["jsonify_ext.classes"]) <= 100
