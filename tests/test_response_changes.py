"""A response of ``jsonify`` is Werkzeug's own, whatever is done to it before it is sent."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from operator import methodcaller
from typing import Any
from wsgiref.validate import validator

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import jsonify

from .conftest import flask_app

STATUSES = [102, 200, 201, 204, 206, 302, 304, 404, 500, "201 Made", "299", "404 Not here", 999]


METHODS = ["GET", "HEAD", "POST"]


@lru_cache
def environ_of(method: str, **headers: str) -> dict[str, Any]:
    return EnvironBuilder(method=method, headers=headers).get_environ()


def header(name: str, value: str) -> Any:
    return lambda response: response.headers.__setitem__(name, value)


def attribute(name: str, value: Any) -> Any:
    return lambda response: setattr(response, name, value)


def change_the_list(*items: bytes, start: int | None = None) -> Any:
    def change(response: Response) -> None:
        if isinstance(response.response, list):
            response.response[start:] = items

    return change


def delete_and_set(name: str) -> Any:
    """Change the order of the response's attributes."""
    return lambda response: setattr(response, name, vars(response).pop(name))


def condition(method: str, name: str, value: str) -> Any:
    def make_conditional(response: Response) -> None:
        # It sets the time of now, which may be another for the second response.
        response.headers.setdefault("Date", "Thu, 29 Feb 2024 07:08:09 GMT")
        own = response.headers.get("ETag", '"none"')
        environ = environ_of(method, **{name: own if value == "own" else value})
        length = response.content_length
        response.make_conditional(environ, accept_ranges=True, complete_length=length)

    return make_conditional


def call_on_close(response: Response) -> None:
    response.call_on_close(partial(response.headers.add, "X-Closed", "1"))


#: Changes to a response before it is sent.
CHANGES: dict[str, Callable[[Any], Any]] = {
    **{f"status {status}": attribute("status", status) for status in STATUSES},
    **{f"status_code {code}": attribute("status_code", code) for code in (200, 204, 304, 404)},
    "set a header": header("X-A", "1"),
    "set it in other case": header("x-a", "2"),
    "set a header with a line break": header("X-A", "bad\r\nX-Evil: 1"),
    "set Content-Type": header("Content-Type", "text/plain"),
    "set Content-Length": header("Content-Length", "99"),
    "set ETag": header("ETag", '"a"'),
    "add a header": lambda response: response.headers.add("X-A", "3"),
    "add a second type": lambda response: response.headers.add("Content-Type", "text/plain"),
    "remove a header": lambda response: response.headers.remove("X-A"),
    "remove Content-Type": lambda response: response.headers.remove("Content-Type"),
    "remove Content-Length": lambda response: response.headers.remove("Content-Length"),
    "make the headers a list": lambda response: setattr(response, "headers", [*response.headers]),
    "clear the headers": lambda response: response.headers.clear(),
    "replace the headers": lambda response: setattr(response, "headers", Headers()),
    "set no data": lambda response: response.set_data(b""),
    "set data": lambda response: response.set_data(b"x" * 1000),
    "set text": attribute("data", "é" * 9),
    "put in texts": lambda response: setattr(response, "response", [b"a", "é"]),
    "put in a text": lambda response: setattr(response, "response", ["é"]),
    "put in a tuple": attribute("response", (b"a",)),
    "put in an iterator": lambda response: setattr(response, "response", iter([b"a", b"b"])),
    "add to the list": change_the_list(b"more", start=9),
    "replace in the list": change_the_list(b"other"),
    "write to the stream": lambda response: response.stream.write(b"streamed"),
    "set a cookie": lambda response: response.set_cookie("a", "1\r\n", expires=0),
    "delete a cookie": lambda response: response.delete_cookie("a"),
    "set Cache-Control": lambda response: setattr(response.cache_control, "max_age", 60),
    "set the mimetype": attribute("mimetype", "text/html"),
    "set the content type": attribute("content_type", "text/html\r\nX-Evil: 1"),
    "set the content length": attribute("content_length", 1),
    "set the location": attribute("location", "http://example.com/é a"),
    "set the content location": attribute("content_location", "/é a"),
    "set Vary": lambda response: response.vary.add("Accept"),
    "add a weak ETag": lambda response: response.add_etag(overwrite=True, weak=True),
    "pass through": attribute("direct_passthrough", True),
    "count no length": attribute("automatically_set_content_length", False),
    "correct the location": attribute("autocorrect_location_header", True),
    "convert no iterator": attribute("implicit_sequence_conversion", False),
    "override get_app_iter()": attribute("get_app_iter", lambda environ: [b"own"]),
    "override calculate_content_length()": attribute("calculate_content_length", int),
    **{f"delete and set {name}": delete_and_set(name) for name in ("headers", "_status")},
    **{name: methodcaller(name) for name in ("add_etag", "freeze", "make_sequence", "close")},
    "call on close": call_on_close,
    "not modified": condition("GET", "If-None-Match", "own"),
    "not modified, of any": condition("HEAD", "If-None-Match", "*"),
    "not for POST": condition("POST", "If-None-Match", "*"),
    "modified": condition("GET", "If-None-Match", 'W/"b"'),
    "precondition failed": condition("GET", "If-Match", '"b"'),
    "range": condition("GET", "Range", "bytes=0-1"),
}


def outcome(function: Callable[[], Any]) -> Any:
    """The result of a function, or the class of its exception."""
    try:
        return function()
    except Exception as error:
        return type(error)


def sent(response: Any, method: str = "GET", check: bool = False, **headers: str) -> Any:
    """Body, status line and headers, as a server gets them; with or without its checks."""
    has_body = response.status_code >= 200 and response.status_code not in (204, 304)
    typed = "Content-Type" in response.headers and not response.direct_passthrough
    app = validator(response) if check and has_body and typed else response
    environ = dict(environ_of(method, **headers))
    body, status, sent_headers = run_wsgi_app(app, environ, buffered=True)
    return b"".join(body), status, [*sent_headers]


#: What is done to a response besides. A copy takes its place.
USES: dict[str, Callable[[Any], Any]] = {
    **{method: partial(sent, method=method) for method in METHODS},
    "checked GET": partial(sent, check=True),
    "conditional GET": partial(sent, If_None_Match="*"),
    "read": lambda response: (response.data, response.get_data(True), response.get_json()),
    "iterate": lambda response: (bool(response), [*response]),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda response: pickle.loads(pickle.dumps(response)),
}
STEPS = CHANGES | USES


def state(response: Any) -> Any:
    """All that is in a response, and what can be seen of it without sending it."""
    attributes = {
        name: value
        for name, value in vars(response).items()
        if isinstance(value, str | int | list)
    }
    attributes["_on_close"] = len(response._on_close)
    attributes["headers"] = getattr(response.headers, "__dict__", response.headers)
    shown = "status", "status_code", "is_streamed", "is_sequence", "own"
    seen = [outcome(partial(getattr, response, name, None)) for name in shown]
    return attributes, vars(response).keys(), type(response.headers), seen


def compare(pair: list[Any], names: list[str]) -> None:
    """Use two responses, which are equal after each step."""
    assert state(pair[0]) == state(pair[1])
    for name in names:
        ours, theirs = (outcome(partial(STEPS[name], response)) for response in pair)
        if isinstance(ours, Response) and isinstance(theirs, Response):
            assert [type(ours), type(theirs)] == [*map(type, pair)]
            pair = [ours, theirs]
        else:
            assert ours == theirs, name
        assert state(pair[0]) == state(pair[1]), name


@settings(max_examples=500)
@given(
    value=st.sampled_from([{}, {"a": "é"}, [1, 2], None, "text" * 100]),
    status=st.none() | st.sampled_from(STATUSES),
    headers=st.none() | st.lists(st.tuples(st.sampled_from(["X-A", "X-B"]), st.just("1"))),
    mimetype=st.sampled_from(["application/json", "application/vnd.api+json"]),
    in_flask=st.booleans(),
    names=st.lists(
        st.sampled_from([*CHANGES]) | st.sampled_from([*USES]), min_size=5, max_size=12
    ),
)
def test_any_changes_and_uses(value, in_flask, names, **options):
    with flask_app().app_context() if in_flask else contextlib.nullcontext():
        ours = jsonify(value, **options)
        kind = flask.Response if in_flask else Response
        compare([ours, kind(ours.data, **options)], names)


@pytest.mark.parametrize("first", CHANGES)
def test_two_changes(place, first):
    kind = flask.Response if place == "flask" else Response
    for second in CHANGES:
        theirs = kind('"é"\n', mimetype="application/json")
        compare([jsonify("é"), theirs], [first, second, *METHODS])


@pytest.mark.parametrize(
    "options",
    [{"status": status} for status in [*STATUSES, HTTPStatus.CREATED, " 404 Gone fishing"]]
    + [{"headers": {name: "1", "X-B": 2}} for name in ("X-A", "content-type", "Content-Length")]
    + [{"headers": {"Location": "/é a"}}]
    + [{"headers": [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]}],
    ids=repr,
)
def test_each_option_alone(options):
    mimetype = None if "content-type" in options.get("headers", ()) else "application/json"
    theirs = Response('"é"\n', **options, mimetype=mimetype)
    compare([jsonify("é", **options), theirs], METHODS)
    options |= {"mimetype": "application/json"}
    pair = [jsonify("é", **options), Response('"é"\n', **options)]
    compare(pair, [*METHODS, "remove Content-Type", *METHODS])
