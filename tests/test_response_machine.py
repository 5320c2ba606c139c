"""A response made by ``jsonify`` and Werkzeug's own, changed and sent the same ways."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any
from wsgiref.validate import validator

import flask
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import jsonify

from .conftest import flask_app

STATUSES = [200, 204, 206, 302, 304, 404, "201 Made", "299", 999]
BODIES = [{}, {"a": "é"}, [1, 2], None, "text" * 100]


def header(name: str, value: str) -> Any:
    return lambda response: response.headers.__setitem__(name, value)


def attribute(name: str, value: Any) -> Any:
    return lambda response: setattr(response, name, value)


def change_the_list(response: Response) -> None:
    if isinstance(response.response, list):
        response.response.append(b"more")


def replace_in_the_list(response: Response) -> None:
    if isinstance(response.response, list):
        response.response[:] = [b"other"]


def pass_through(response: Response) -> None:
    body = response.response
    # Only bytes may go out unread.
    response.direct_passthrough = not isinstance(body, list) or all(
        isinstance(part, bytes) for part in body
    )


def condition(method: str, name: str, value: str) -> Any:
    def make_conditional(response: Response) -> None:
        # It sets the time of now, which may be another for the second response.
        response.headers.setdefault("Date", "Thu, 29 Feb 2024 07:08:09 GMT")
        own = response.headers.get("ETag", '"none"')
        environ = environ_for(method, name, own if value == "own" else value)
        length = response.content_length
        response.make_conditional(environ, accept_ranges=True, complete_length=length)

    return make_conditional


#: Changes to a response before it is sent.
CHANGES: dict[str, Any] = {
    **{f"status {status}": attribute("status", status) for status in STATUSES},
    **{f"status_code {code}": attribute("status_code", code) for code in (200, 204, 304, 404)},
    "set a header": header("X-A", "1"),
    "set Content-Length": header("Content-Length", "99"),
    "set ETag": header("ETag", '"a"'),
    "set Date": header("Date", "Thu, 29 Feb 2024 07:08:09 GMT"),
    "add a header": lambda response: response.headers.add("X-A", "3"),
    "remove a header": lambda response: response.headers.remove("X-A"),
    "remove Content-Length": lambda response: response.headers.remove("Content-Length"),
    "clear the headers": lambda response: response.headers.clear(),
    "replace the headers": lambda response: setattr(response, "headers", Headers()),
    "set data": lambda response: response.set_data(b"x" * 1000),
    "replace the list": lambda response: setattr(response, "response", [b"a", "é"]),
    "put in an iterator": lambda response: setattr(response, "response", iter([b"a", b"b"])),
    "change the list": change_the_list,
    "replace in the list": replace_in_the_list,
    "write to the stream": lambda response: response.stream.write(b"streamed"),
    "set a cookie": lambda response: response.set_cookie("a", "1", max_age=60, httponly=True),
    "set Cache-Control": lambda response: setattr(response.cache_control, "max_age", 60),
    "set the content type": attribute("content_type", "text/html"),
    "set the content length": attribute("content_length", 1),
    "set the location": attribute("location", "http://example.com/é a"),
    "add an ETag": lambda response: response.add_etag(),
    "add a weak ETag": lambda response: response.add_etag(overwrite=True, weak=True),
    "freeze": lambda response: response.freeze(),
    "make a sequence": lambda response: response.make_sequence(),
    "pass through": pass_through,
    "count no length": attribute("automatically_set_content_length", False),
    "correct the location": attribute("autocorrect_location_header", True),
    "convert no iterator": attribute("implicit_sequence_conversion", False),
    "close": lambda response: response.close(),
    "not modified": condition("GET", "If-None-Match", "own"),
    "modified": condition("GET", "If-None-Match", 'W/"b"'),
    "precondition failed": condition("GET", "If-Match", '"b"'),
    "range": condition("GET", "Range", "bytes=0-1"),
}


def outcome(function: Any) -> Any:
    """The result of a function, or the class of its exception."""
    try:
        return function()
    except Exception as error:
        return type(error)


class SameAsWerkzeug(RuleBasedStateMachine):
    """Two responses of the same bytes; whatever is done to both has the same effect."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.closed: list[list[str]] = [[], []]

    def teardown(self) -> None:
        self.stack.close()

    @initialize(
        value=st.sampled_from(BODIES),
        status=st.none() | st.sampled_from(STATUSES),
        headers=st.none() | st.lists(st.tuples(st.sampled_from(["X-A", "X-B"]), st.just("1"))),
        mimetype=st.sampled_from(["application/json", "application/vnd.api+json"]),
        in_flask=st.booleans(),
    )
    def make(self, value, status, headers, mimetype, in_flask):
        kind = Response
        if in_flask:
            self.stack.enter_context(flask_app().app_context())
            kind = flask.Response
        ours = jsonify(value, status=status, headers=headers, mimetype=mimetype)
        body = jsonify(value).data
        self.pair = [ours, kind(body, status=status, headers=headers, mimetype=mimetype)]

    @rule(change=st.sampled_from(sorted(CHANGES)))
    def change(self, change):
        ours, theirs = (outcome(lambda r=r: CHANGES[change](r)) for r in self.pair)
        assert ours == theirs

    @rule()
    def call_on_close(self):
        for response, closed in zip(self.pair, self.closed, strict=True):
            response.call_on_close(lambda closed=closed: closed.append("closed"))

    @rule()
    def pickle(self):
        states = [outcome(lambda r=r: pickle.loads(pickle.dumps(r))) for r in self.pair]
        assert isinstance(states[0], type) == isinstance(states[1], type)
        if not isinstance(states[0], type):
            assert type(states[0]) is type(self.pair[0])
            self.pair = states

    @rule(
        method=st.sampled_from(["GET", "HEAD", "POST"]),
        validated=st.booleans(),
    )
    def send(self, method, validated):
        ours, theirs = (sent(response, method, validated) for response in self.pair)
        assert ours == theirs

    @invariant()
    def same_to_look_at(self):
        if not hasattr(self, "pair"):
            return
        ours, theirs = self.pair
        assert self.closed[0] == self.closed[1]
        assert ours.status == theirs.status
        assert ours.status_code == theirs.status_code
        assert ours.is_streamed == theirs.is_streamed
        assert ours.is_sequence == theirs.is_sequence
        assert ours.direct_passthrough == theirs.direct_passthrough


def environ_for(method: str, header: str = "X-None", value: str = "") -> dict[str, Any]:
    return EnvironBuilder(method=method, headers={header: value}).get_environ()


def sent(response: Response, method: str, validated: bool) -> Any:
    """Status line, headers and body, as a server gets them; with or without its checks."""
    app = response
    well_formed = (
        validated
        and response.status_code not in (0, 204, 304)
        and not response.direct_passthrough
        and "Content-Type" in response.headers
    )
    if well_formed:
        app = validator(response)

    def run() -> Any:
        body, status, headers = run_wsgi_app(app, environ_for(method), buffered=True)
        return b"".join(body), status, list(headers)

    return outcome(run)


TestSameAsWerkzeug = SameAsWerkzeug.TestCase
TestSameAsWerkzeug.settings = settings(max_examples=60, stateful_step_count=8)


def pair(value: Any = "é", status: Any = None) -> tuple[Response, Response]:
    body = jsonify(value).data
    return jsonify(value, status=status), Response(body, status, mimetype="application/json")


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_alone(change):
    for method in "GET", "HEAD", "POST":
        answers = []
        for response in pair():
            done = outcome(lambda response=response: CHANGES[change](response))
            answers.append((done, sent(response, method, False), sent(response, method, False)))
        assert answers[0] == answers[1]


@pytest.mark.parametrize("mimetype", [None, "application/json"])
@pytest.mark.parametrize("name", ["X-A", "content-type", "Content-Length"])
def test_each_header_alone(name, mimetype):
    headers = {name: "1", "X-B": "2"}
    ours = jsonify("é", headers=headers, mimetype=mimetype)
    json = None if name == "content-type" and mimetype is None else "application/json"
    theirs = Response(jsonify("é").data, headers=headers, mimetype=json)
    assert list(ours.headers) == list(theirs.headers)
    assert sent(ours, "GET", False) == sent(theirs, "GET", False)


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_alone(status):
    for method in "GET", "HEAD", "POST":
        ours, theirs = (sent(response, method, False) for response in pair(status=status))
        assert ours == theirs
