"""Overrides of a subclass have the effect that they have in a subclass of Werkzeug's Response."""

from __future__ import annotations

import contextlib
import copy
import pickle
import threading
from abc import ABCMeta
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from types import new_class
from typing import Any, Generic, TypeVar

import flask
import pytest
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, JSONSettings, jsonify, problem

from .conftest import flask_app
from .test_response_changes import METHODS, compare, outcome, sent

VALUE = {"a": "é", "b": [1, None]}
BODY = '{"a":"é","b":[1,null]}\n'


def after(name: str, change: Callable[[Any, Any], Any]) -> type:
    """A mixin with a method that changes the result of the next one."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return change(self, getattr(super(mixin, self), name)(*args, **kwargs))

    mixin = type(name, (), {name: method})
    return mixin


def own(**namespace: Any) -> type:
    return type("Mixin", (), namespace)


class ClosesNothing:
    def call_on_close(self, function):
        return super().call_on_close(lambda: None)


class InitialisedBefore:
    def __init__(self, *args, **kwargs):
        self.own = "before"
        super().__init__(*args, **kwargs)


class Made:
    def __new__(cls, *args, **kwargs):
        made = super().__new__(cls)
        made.own = "made"
        return made


class SetsAttributes:
    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "status":
            self.headers["X-Set"] = name


class HasEveryAttribute:
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return f"no {name}"


class CountsAttributes:
    def __getattribute__(self, name):
        if name == "get_wsgi_response":
            self.__dict__["own"] = "counted"
        return super().__getattribute__(name)


class Conditional:
    def __call__(self, environ, start_response):
        self.add_etag()
        self.make_conditional(environ)
        del self.headers["Date"]
        return super().__call__(environ, start_response)


def set_status(response, value):
    Response.status.__set__(response, f"{value} Own" if value == 203 else value)


#: Each overrides one thing.
MIXINS = {
    "get_wsgi_headers": after("get_wsgi_headers", lambda self, got: Headers([*got, ("X", "1")])),
    "get_wsgi_response": after("get_wsgi_response", lambda self, got: (got[0], "299 Own", got[2])),
    "get_app_iter": after("get_app_iter", lambda self, body: [b"<", *body, b">"]),
    "iter_encoded": after("iter_encoded", lambda self, parts: map(bytes.upper, parts)),
    "get_data": after("get_data", lambda self, data: data.upper()),
    "set_data": after("set_data", lambda self, _: self.headers.set("X-Data", "set")),
    "freeze": after("freeze", lambda self, _: self.headers.set("X-Frozen", "1")),
    "close": after("close", lambda self, _: setattr(self, "own", getattr(self, "own", "") + "!")),
    "__init__": after("__init__", lambda self, _: self.headers.set("X-Own", "1")),
    "__init_subclass__": after("__init_subclass__", lambda cls, _: setattr(cls, "own", "made")),
    "add_etag": after("get_wsgi_headers", lambda self, got: [self.add_etag(), got][1]),
    "set_cookie": own(set_cookie=lambda self, *args: self.headers.add("Set-Cookie", "own=1")),
    "calculate_content_length": own(calculate_content_length=lambda self: 7),
    "data": own(data=property(lambda self: b"own", lambda self, value: None)),
    "status_code": own(status_code=property(lambda self: 299, lambda self, value: None)),
    "default_status": own(default_status=202),
    "default_status as text": own(default_status="202 Own"),
    "default_mimetype": own(default_mimetype="text/own"),
    "direct_passthrough": own(direct_passthrough=True),
    "no length": own(automatically_set_content_length=False),
    "location": own(autocorrect_location_header=True),
    "no sequence": own(implicit_sequence_conversion=False),
    "charset": own(charset="latin-1", encoding_errors="replace"),
    "falsy": own(__len__=lambda self: 0, __eq__=lambda self, other: True, __hash__=None),
    "iterable": own(__iter__=lambda self: iter([1, 2]), __contains__=lambda self, item: True),
    "repr": own(__repr__=lambda self: "described"),
    "slots": own(__slots__=("own",)),
    "metaclass": ABCMeta("Mixin", (), {"own": 1}),
    "annotations": own(__annotations__={"own": int}),
    "status": own(status=property(Response.status.__get__, set_status)),
    "headers": own(
        headers=property(
            lambda self: self.own_headers,
            lambda self, value: vars(self).update(own_headers=Headers([*value, ("X-Own", "1")])),
        )
    ),
    "response": own(
        response=property(
            lambda self: [b"own ", *self.own], lambda self, value: vars(self).update(own=value)
        )
    ),
    "__call__": own(__call__=lambda self, environ, start: [start("299 Own", []) and b"called"]),
    "generic": new_class("Mixin", (Generic[TypeVar("T")],)),
    **{mixin.__name__: mixin for mixin in (ClosesNothing, InitialisedBefore, Made, Conditional)},
    **{mixin.__name__: mixin for mixin in (SetsAttributes, HasEveryAttribute, CountsAttributes)},
}


STEPS = [
    *(*METHODS, "conditional GET", "read", "iterate", "copy", "GET", "set a cookie", "status 201"),
    *("set the location", "GET", "call on close", "GET", "GET", "set data", "freeze", "GET"),
    *("close", "GET"),
]


@pytest.mark.parametrize("mixin", MIXINS.values(), ids=MIXINS)
def test_a_mixin(place, mixin):
    base = flask.Response if place == "flask" else Response
    for order in (lambda parent: (mixin, parent)), (lambda parent: (parent, mixin)):
        for status in None, 200, 201, 204, 404, "200 Fine", HTTPStatus.OK:
            ours = new_class("Mixed", order(JSONResponse))(VALUE, status)
            theirs = new_class("Mixed", order(base))(BODY, status, mimetype="application/json")
            compare([ours, theirs], STEPS)
    inner = new_class("Inner", (new_class("Outer", (mixin, JSONResponse)),))
    theirs = new_class("Mixed", (mixin, base))(BODY, mimetype="application/json")
    compare([inner(VALUE), theirs], STEPS)


@pytest.mark.parametrize("mixin", MIXINS.values(), ids=MIXINS)
def test_in_the_response_class_of_a_flask_app(mixin):
    app = flask_app()
    app.response_class = new_class("Mixed", (mixin, flask.Response))
    with app.app_context():
        for options in {}, {"status": 200}, {"status": 201}, {"status": 404}:
            ours = jsonify(VALUE, **options)
            theirs = app.response_class(BODY, **options, mimetype="application/json")
            assert isinstance(ours, app.response_class)
            compare([ours, theirs], STEPS)


def test_three_mixins_of_which_each_calls_the_next(place):
    mixins = MIXINS["get_wsgi_headers"], MIXINS["get_app_iter"], MIXINS["close"]
    theirs = new_class("Theirs", (*mixins, Response))(BODY, mimetype="application/json")
    compare([new_class("Ours", (*mixins, JSONResponse))(VALUE), theirs], STEPS)


class One(MIXINS["get_wsgi_headers"], JSONResponse):
    media_type = "application/one"


class Rendered:
    def render(self, content):
        return super().render([content])


class Two(Rendered, MIXINS["get_app_iter"], JSONResponse):
    pass


def test_a_class_with_two_json_responses_as_bases():
    body, status, headers = sent(type("Both", (One, Two), {})(1))
    assert (body, status) == (b"<[1]\n>", "200 OK")
    assert {("Content-Type", "application/one"), ("X", "1")} < {*headers}


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
    f"pickle {n}": lambda response, n=n: pickle.loads(pickle.dumps(response, n))
    for n in range(pickle.HIGHEST_PROTOCOL + 1)
}
COPIES |= {"copy": copy.copy, "deepcopy": copy.deepcopy}


@pytest.fixture(params=[None, flask.Response, Own])
def in_app(request):
    """Outside Flask, and in apps with their response classes."""
    app = flask_app()
    app.response_class = request.param
    with app.app_context() if request.param else contextlib.nullcontext():
        yield


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.parametrize("kind", MADE)
def test_copies(in_app, kind, how):
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
def test_one_response_for_many_threads(in_app, kind):
    response = MADE[kind]()
    expected = [sent(MADE[kind](), method) for method in METHODS]
    start = threading.Barrier(8)

    def send(number: int) -> list[Any]:
        start.wait()
        answers = []
        for _ in range(10):
            answers.append([outcome(partial(sent, response, method)) for method in METHODS])
            if number % 2:
                response.headers, response.data, response.get_json()
        return answers

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(send, range(8))] == [[expected] * 10] * 8


def test_classes_that_are_made_in_functions_do_not_pile_up():
    app = flask_app()
    with app.app_context():
        for _ in range(300):
            made = type("Made", (JSONResponse,), {})
            assert isinstance(made(1), (made, app.response_class))
            assert type(made(1)) is type(made(1))
    assert len(app.extensions["jsonify_ext.classes"]) <= 100


class Locked(flask.Response):
    """A response class with a member that can't be pickled."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "lock": None}


def test_a_response_class_decides_what_is_pickled():
    app = flask.Flask("tests")
    app.response_class = Locked
    with app.app_context():
        restored = pickle.loads(pickle.dumps(jsonify(1)))
    assert (restored.lock, restored.data) == (None, b"1\n")
