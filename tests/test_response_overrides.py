"""What a subclass overrides has the effect that it has in a subclass of Werkzeug's Response."""

from __future__ import annotations

import abc
import copy
import pickle
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from types import new_class
from typing import Any, Generic, TypeVar

import flask
import pytest
from werkzeug.datastructures import Headers
from werkzeug.http import dump_cookie
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, JSONSettings, json_view, jsonify, problem

from .conftest import flask_app

VALUE = {"a": "é", "b": [1, None]}
BODY = '{"a":"é","b":[1,null]}\n'
T = TypeVar("T")


# Mixins, each of which overrides one thing.


class WSGIHeaders:
    def get_wsgi_headers(self, environ):
        headers = super().get_wsgi_headers(environ)
        headers["X-Method"] = environ["REQUEST_METHOD"]
        return headers


class WSGIResponse:
    def get_wsgi_response(self, environ):
        body, _, headers = super().get_wsgi_response(environ)
        return body, "299 Own", [*headers, ("X-Own", "1")]


class AppIter:
    def get_app_iter(self, environ):
        return [b"<", *super().get_app_iter(environ), b">"]


class IterEncoded:
    def iter_encoded(self):
        return (part.upper() for part in super().iter_encoded())


class Call:
    def __call__(self, environ, start_response):
        start_response("299 Called", [("X-Called", "1")])
        return [b"called"]


class GetData:
    def get_data(self, as_text=False):
        data = super().get_data(as_text)
        return data.upper()


class SetData:
    def set_data(self, value):
        super().set_data(b"{}" if value else value)


class DataProperty:
    data = property(lambda self: b"own", lambda self, value: self.headers.set("X-Data", "set"))


class DefaultStatus:
    default_status = 202


class DefaultStatusText:
    default_status = "202 Own"


class StatusProperty:
    @property
    def status(self):
        return super().status

    @status.setter
    def status(self, value):
        Response.status.__set__(self, f"{value} Own" if value == 203 else value)


class StatusCodeProperty:
    status_code = property(lambda self: 299, lambda self, value: None)


class HeadersProperty:
    @property
    def headers(self):
        return self.__dict__["own_headers"]

    @headers.setter
    def headers(self, value):
        self.__dict__["own_headers"] = Headers([*value, ("X-Property", "1")])


class ResponseProperty:
    @property
    def response(self):
        return [b"own "] + self.__dict__["own"]

    @response.setter
    def response(self, value):
        self.__dict__["own"] = value


class Closes:
    def close(self):
        self.closings = getattr(self, "closings", 0) + 1
        super().close()


class ClosesOnce:
    def call_on_close(self, function):
        return super().call_on_close(lambda: None)


class Frozen:
    def freeze(self):
        super().freeze()
        self.headers["X-Frozen"] = "1"


class NoLength:
    automatically_set_content_length = False


class CorrectsLocation:
    autocorrect_location_header = True


class NoSequence:
    implicit_sequence_conversion = False


class PassesThrough:
    direct_passthrough = True


class Charset:
    charset = "latin-1"
    encoding_errors = "replace"


class DefaultMimetype:
    default_mimetype = "text/own"


class Length:
    def calculate_content_length(self):
        return 7


class Initialised:
    def __init__(self, *args, own="default", **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = own
        self.own = own


class InitialisedBefore:
    def __init__(self, *args, **kwargs):
        self.own = "before"
        super().__init__(*args, **kwargs)


class Made:
    def __new__(cls, *args, **kwargs):
        made = super().__new__(cls)
        made.made = True
        return made


class Looks:
    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "status":
            self.headers["X-Set"] = name


class Answers:
    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return f"no {name}"


class Counts:
    def __getattribute__(self, name):
        if name == "get_wsgi_response":
            self.__dict__["counted"] = True
        return super().__getattribute__(name)


class Falsy:
    def __len__(self):
        return 0

    def __bool__(self):
        return False

    def __eq__(self, other):
        return True

    __hash__ = None


class Iterable:
    def __iter__(self):
        return iter([1, 2])

    def __contains__(self, item):
        return True


class ETagged:
    def get_wsgi_headers(self, environ):
        self.add_etag()
        return super().get_wsgi_headers(environ)


class Conditional:
    def __call__(self, environ, start_response):
        self.add_etag()
        self.make_conditional(environ)
        del self.headers["Date"]
        return super().__call__(environ, start_response)


class Slotted:
    __slots__ = ("own",)


class Abstract(abc.ABC):  # noqa: B024  # its metaclass is the point
    own = 1


class OfAType(Generic[T]):
    own: T


class Described:
    def __repr__(self):
        return "described"


class Annotated:
    """Nothing but words."""

    own: int


class Cookies:
    def set_cookie(self, key, value="", **options):
        self.headers.add("Set-Cookie", dump_cookie(key, value + "!"))


MIXINS = [
    *(WSGIHeaders, WSGIResponse, AppIter, IterEncoded, Call, GetData, SetData, DataProperty),
    *(DefaultStatus, DefaultStatusText, StatusProperty, StatusCodeProperty, HeadersProperty),
    *(ResponseProperty, Closes, ClosesOnce, Frozen, NoLength, CorrectsLocation, NoSequence),
    *(PassesThrough, Charset, DefaultMimetype, Length, Initialised, InitialisedBefore, Made),
    *(Looks, Answers, Counts, Falsy, Iterable, ETagged, Conditional, Slotted, Abstract, OfAType),
    *(Described, Annotated, Cookies),
]


def outcome(function: Callable[[], Any]) -> Any:
    """What a function returns, or which exception it raises."""
    try:
        return function()
    except Exception as error:
        return type(error)


def sent(response: Response, method: str = "GET", **headers: str) -> Any:
    environ = EnvironBuilder(method=method, headers=headers).get_environ()
    body, status, sent_headers = run_wsgi_app(response, environ, buffered=True)
    return b"".join(body), status, list(sent_headers)


def seen(response: Response) -> list[Any]:
    """All that can be seen of a response, while more and more is done to it."""

    def cookies() -> Any:
        response.set_cookie("a", "1")
        return response.headers.getlist("Set-Cookie")

    steps: list[Callable[[], Any]] = [
        *[lambda method=method: sent(response, method) for method in ("GET", "HEAD", "POST")],
        lambda: sent(response, If_None_Match="*"),
        lambda: response.status,
        lambda: response.status_code,
        lambda: response.data,
        lambda: response.get_data(as_text=True),
        lambda: response.get_json(),
        lambda: list(response.headers),
        lambda: response.content_length,
        lambda: (response.content_type, response.mimetype),
        lambda: (response.is_sequence, response.is_streamed, response.direct_passthrough),
        lambda: getattr(response, "own", "none"),
        lambda: getattr(response, "made", "none"),
        lambda: getattr(response, "closings", "none"),
        lambda: getattr(response, "counted", "none"),
        lambda: bool(response),
        lambda: list(response),
        lambda: sent(copy.copy(response)),
        cookies,
        lambda: setattr(response, "status", 203),
        lambda: response.status,
        lambda: response.headers.update({"Location": "/é"}),
        lambda: sent(response),
        lambda: response.call_on_close(lambda: response.headers.set("X-Closed", "1")) and None,
        lambda: sent(response),
        lambda: sent(response),
        lambda: setattr(response, "data", b"[]"),
        lambda: response.freeze(),
        lambda: sent(response),
        lambda: response.close(),
        lambda: sent(response),
    ]
    return [outcome(step) for step in steps]


@pytest.fixture
def base(place) -> type[Response]:
    return flask.Response if place == "flask" else Response


@pytest.mark.parametrize("status", [None, 200, 201, 204, 404, "200 Fine", HTTPStatus.OK])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("mixin", MIXINS)
def test_a_mixin(base, mixin, first, status):
    def mixed(parent: type) -> Any:
        return new_class("Mixed", (mixin, parent) if first else (parent, mixin))

    ours = mixed(JSONResponse)(VALUE, status)
    theirs = mixed(base)(BODY, status, mimetype="application/json")
    assert seen(ours) == seen(theirs)


@pytest.mark.parametrize("mixin", MIXINS)
def test_a_class_that_inherits_a_mixin(base, mixin):
    def inherited(parent: type) -> Any:
        return new_class("Inner", (new_class("Outer", (mixin, parent)),))

    ours = inherited(JSONResponse)(VALUE)
    theirs = inherited(base)(BODY, mimetype="application/json")
    assert seen(ours) == seen(theirs)


@pytest.mark.parametrize("status", [None, 200, 201, 404])
@pytest.mark.parametrize("mixin", MIXINS)
def test_in_the_response_class_of_a_flask_app(mixin, status):
    app = flask_app()
    app.response_class = new_class("Mixed", (mixin, flask.Response))
    with app.app_context():
        options = {} if status is None else {"status": status}
        ours = jsonify(VALUE, **options)
        theirs = app.response_class(BODY, status, mimetype="application/json")
        assert isinstance(ours, app.response_class)
        assert seen(ours) == seen(theirs)


def test_two_mixins_of_which_each_calls_the_next():
    class Theirs(WSGIHeaders, AppIter, Closes, Response):
        pass

    class Ours(WSGIHeaders, AppIter, Closes, JSONResponse):
        pass

    assert seen(Ours(VALUE)) == seen(Theirs(BODY, mimetype="application/json"))


def test_what_is_overridden_on_the_instance():
    def overridden(response: Any) -> Any:
        response.get_app_iter = lambda environ: [b"own"]
        response.automatically_set_content_length = False
        return response

    theirs = Response(BODY, mimetype="application/json")
    assert seen(overridden(jsonify(VALUE))) == seen(overridden(theirs))


def test_a_class_that_is_a_json_response_twice():
    class One(WSGIHeaders, JSONResponse):
        media_type = "application/one"

    class Two(AppIter, JSONResponse):
        def render(self, content):
            return b"two"

    class Both(One, Two):
        pass

    body, status, headers = sent(Both(1))
    assert (body, status) == (b"<two>", "200 OK")
    assert ("Content-Type", "application/one") in headers
    assert ("X-Method", "GET") in headers


def test_a_render_that_comes_from_a_mixin(place):
    class Rendered:
        def render(self, content):
            return super().render([content])

    class Mixed(Rendered, JSONResponse):
        pass

    assert Mixed(1).data == b"[1]\n"


# Copies.


class Own(flask.Response):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = "1"


class Sub(JSONResponse):
    media_type = "application/sub"


def ran() -> None:
    pass


def changed(response: Any) -> Any:
    response.status = 404
    response.headers["X-A"] = "1"
    response.set_cookie("a", "b")
    return response


def read(response: Any) -> Any:
    response.headers, response.data  # noqa: B018  # asking makes them
    return response


MADE: dict[str, Callable[[], Any]] = {
    "lean": lambda: jsonify(VALUE),
    "with a status": lambda: jsonify(VALUE, status=201),
    "read": lambda: read(jsonify(VALUE)),
    "changed": lambda: changed(jsonify(VALUE)),
    "with an ETag": lambda: jsonify(VALUE, settings=JSONSettings(etag=True)),
    "with a background": lambda: jsonify(VALUE, background=ran),
    "of a subclass": lambda: Sub(VALUE),
    "a problem": lambda: problem(404, headers={"X-A": "1"}),
    "of a view": lambda: json_view(lambda: (VALUE, 201, {"X-A": "1"}))(),
    "closed": lambda: [response := jsonify(VALUE), response.close()][0],
    "sent": lambda: [response := jsonify(VALUE), sent(response)][0],
}
COPIES: dict[str, Callable[[Any], Any]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    **{
        f"pickle {protocol}": lambda response, protocol=protocol: pickle.loads(
            pickle.dumps(response, protocol)
        )
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
}
METHODS = ("GET", "HEAD", "POST")


@pytest.fixture(params=["plain", "flask", "own response class"])
def app_or_none(request) -> Iterator[Any]:
    if request.param == "plain":
        yield None
        return
    app = flask_app()
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
    # A copy of a copy, and what is done to it does not change the first.
    if how != "copy":
        before = sent(response)
        changed(COPIES[how](again))
        changed(again)
        assert sent(response) == before


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", MADE)
def test_pickles_that_go_from_an_app_to_another_place(kind, protocol):
    app = flask_app()
    app.response_class = Own
    with app.app_context():
        inside = MADE[kind]()
        pickled, expected = pickle.dumps(inside, protocol), sent(inside)
    outside = pickle.loads(pickled)
    assert sent(outside) == expected
    assert isinstance(outside, JSONResponse)
    assert isinstance(outside, Own)
    plain = MADE[kind]()
    pickled, expected = pickle.dumps(plain, protocol), sent(plain)
    with flask_app().app_context():
        assert sent(pickle.loads(pickled)) == expected


# Threads.


@pytest.mark.parametrize("kind", [kind for kind in MADE if kind != "with a background"])
def test_one_response_for_many_threads(app_or_none, kind):
    response = MADE[kind]()
    expected = {method: sent(MADE[kind](), method) for method in METHODS}
    wrong: list[Any] = []
    start = threading.Barrier(8)

    def send(number: int) -> None:
        start.wait()
        for _ in range(50):
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
