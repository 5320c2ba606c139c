"""A response made by ``jsonify`` and Werkzeug's own, changed and sent the same ways."""

from __future__ import annotations

import contextlib
import pickle
from typing import Any
from wsgiref.validate import validator

import flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from werkzeug.http import quote_etag
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import jsonify

from .conftest import flask_app

NAMES = st.sampled_from(["X-A", "x-a", "X-B", "Content-Type", "Content-Length", "ETag", "Date"])
VALUES = {
    "content-length": st.sampled_from(["0", "2", "99"]),
    "content-type": st.sampled_from(["text/plain", "application/json; charset=x"]),
    "etag": st.sampled_from(['"a"', 'W/"b"']),
    "date": st.just("Thu, 29 Feb 2024 07:08:09 GMT"),
}
STATUSES = st.sampled_from(
    [200, 201, 204, 206, 302, 304, 404, 500, "201 Made", "299", "404 Not here", 999]
)


def outcome(function: Any) -> Any:
    """What a function returns, or which exception it raises."""
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
        value=st.sampled_from([{}, {"a": "é"}, [1, 2], None, "text" * 100]),
        status=st.none() | STATUSES,
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

    def both(self, act: Any) -> None:
        ours, theirs = (outcome(lambda r=r: act(r)) for r in self.pair)
        assert ours == theirs

    @rule(name=NAMES, data=st.data())
    def set_header(self, name, data):
        value = data.draw(VALUES.get(name.lower(), st.sampled_from(["1", "2", "bad\r\nvalue"])))
        self.both(lambda response: response.headers.__setitem__(name, value))

    @rule(name=NAMES)
    def add_header(self, name):
        self.both(lambda response: response.headers.add(name, "1"))

    @rule(name=NAMES)
    def remove_header(self, name):
        self.both(lambda response: response.headers.remove(name))

    @rule()
    def clear_headers(self):
        self.both(lambda response: response.headers.clear())

    @rule()
    def replace_headers(self):
        self.both(lambda response: setattr(response, "headers", type(response.headers)()))

    @rule(status=STATUSES)
    def set_status(self, status):
        self.both(lambda response: setattr(response, "status", status))

    @rule(code=st.sampled_from([200, 204, 304, 404]))
    def set_status_code(self, code):
        self.both(lambda response: setattr(response, "status_code", code))

    @rule(data=st.sampled_from([b"", b"[]", "é" * 9, b"x" * 1000]))
    def set_data(self, data):
        self.both(lambda response: response.set_data(data))

    @rule()
    def set_response_to_a_list(self):
        self.both(lambda response: setattr(response, "response", [b"a", "é"]))

    @rule()
    def set_response_to_a_generator(self):
        self.both(lambda response: setattr(response, "response", (b for b in (b"a", b"b"))))

    @rule()
    def change_the_list(self):
        def act(response):
            if isinstance(response.response, list):
                response.response.append(b"more")

        self.both(act)

    @rule()
    def write_to_the_stream(self):
        self.both(lambda response: response.stream.write(b"streamed"))

    @rule(key=st.sampled_from(["a", "b"]))
    def set_cookie(self, key):
        self.both(lambda response: response.set_cookie(key, "1", max_age=60, httponly=True))

    @rule(key=st.sampled_from(["a", "b"]))
    def delete_cookie(self, key):
        self.both(lambda response: response.delete_cookie(key))

    @rule(seconds=st.none() | st.integers(0, 9))
    def cache_control(self, seconds):
        self.both(lambda response: setattr(response.cache_control, "max_age", seconds))

    @rule(mimetype=st.sampled_from(["text/plain", "application/xml", "application/json"]))
    def set_mimetype(self, mimetype):
        self.both(lambda response: setattr(response, "mimetype", mimetype))

    @rule(location=st.sampled_from(["/a b", "http://example.com/é"]))
    def set_location(self, location):
        self.both(lambda response: setattr(response, "location", location))

    @rule()
    def vary(self):
        self.both(lambda response: response.vary.add("Accept"))

    @rule(weak=st.booleans(), overwrite=st.booleans())
    def add_etag(self, weak, overwrite):
        self.both(lambda response: response.add_etag(overwrite, weak))

    @rule()
    def freeze(self):
        self.both(lambda response: response.freeze())

    @rule()
    def make_sequence(self):
        self.both(lambda response: response.make_sequence())

    @rule(
        method=st.sampled_from(["GET", "HEAD", "POST"]),
        header=st.sampled_from(["If-None-Match", "If-Match", "Range"]),
        value=st.sampled_from(["*", '"a"', 'W/"b"', "bytes=0-1", "own"]),
    )
    def make_conditional(self, method, header, value):
        own = self.pair[1].headers.get("ETag", '"none"')
        environ = environ_for(method, header, own if value == "own" else value)
        # It sets the time of now, which may be another for the second one.
        self.both(lambda response: response.headers.setdefault("Date", "now"))
        self.both(
            lambda response: (
                response.make_conditional(
                    environ, accept_ranges=True, complete_length=response.content_length
                )
                and None
            )
        )

    @rule(passthrough=st.booleans())
    def direct_passthrough(self, passthrough):
        for response in self.pair:
            all_bytes = not isinstance(response.response, list) or all(
                isinstance(part, bytes) for part in response.response
            )
            response.direct_passthrough = passthrough and all_bytes

    @rule(automatic=st.booleans())
    def automatically_set_content_length(self, automatic):
        self.both(
            lambda response: setattr(response, "automatically_set_content_length", automatic)
        )

    @rule()
    def call_on_close(self):
        for response, closed in zip(self.pair, self.closed, strict=True):
            response.call_on_close(lambda closed=closed: closed.append("closed"))

    @rule()
    def close(self):
        self.both(lambda response: response.close())

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
TestSameAsWerkzeug.settings = settings(max_examples=300, stateful_step_count=12, deadline=None)


def test_a_response_that_nobody_touched_is_sent_as_werkzeug_sends_it():
    for status in (200, 201, 204, 304, 404, "299 Own"):
        for method in ("GET", "HEAD", "POST"):
            for etag in (None, quote_etag("a")):
                headers = {} if etag is None else {"ETag": etag}
                ours = jsonify({"a": 1}, status=status, headers=headers)
                theirs = Response(
                    b'{"a":1}\n', status=status, headers=headers, mimetype="application/json"
                )
                assert sent(ours, method, False) == sent(theirs, method, False)
