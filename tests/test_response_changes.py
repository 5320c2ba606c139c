"""A response made by ``jsonify`` and Werkzeug's own, changed and sent the same ways."""

from __future__ import annotations

import contextlib
from typing import Any

import flask
import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from jsonify_ext import jsonify

from .conftest import flask_app

STATUSES = [200, 204, 206, 302, 304, 404, "201 Made", "299", 999]


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
    "call on close": lambda response: response.call_on_close(response.headers.clear) and None,
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


def environ_for(method: str, header: str = "X-None", value: str = "") -> dict[str, Any]:
    return EnvironBuilder(method=method, headers={header: value}).get_environ()


def sent(response: Response, method: str) -> Any:
    """Status line, headers and body, as a server gets them."""

    def run() -> Any:
        body, status, headers = run_wsgi_app(response, environ_for(method), buffered=True)
        return b"".join(body), status, list(headers)

    return outcome(run)


def pair(status: Any = None, in_flask: bool = False) -> tuple[Response, Response]:
    """A response of ``jsonify``, and the same one of Werkzeug or Flask."""
    kind = flask.Response if in_flask else Response
    ours = jsonify("é", status=status)
    return ours, kind(ours.data, status, mimetype="application/json")


def look(response: Response) -> Any:
    """What can be seen of a response without sending it."""
    states = (response.is_streamed, response.is_sequence, response.direct_passthrough)
    return response.status, response.status_code, states


@pytest.mark.parametrize("first", CHANGES)
@pytest.mark.parametrize("in_flask", [False, True])
def test_two_changes(first, in_flask):
    with flask_app().app_context() if in_flask else contextlib.nullcontext():
        for second in CHANGES:
            ours, theirs = pair(in_flask=in_flask)
            for change in first, second:
                done = outcome(lambda c=change, r=ours: CHANGES[c](r))
                assert done == outcome(lambda c=change, r=theirs: CHANGES[c](r))
            for method in "GET", "HEAD", "POST":
                assert sent(ours, method) == sent(theirs, method)
            assert look(ours) == look(theirs)


@pytest.mark.parametrize("mimetype", [None, "application/json"])
@pytest.mark.parametrize("name", ["X-A", "content-type", "Content-Length"])
def test_each_header_alone(name, mimetype):
    headers = {name: "1", "X-B": "2"}
    ours = jsonify("é", headers=headers, mimetype=mimetype)
    json = None if name == "content-type" and mimetype is None else "application/json"
    theirs = Response(jsonify("é").data, headers=headers, mimetype=json)
    assert list(ours.headers) == list(theirs.headers)
    assert sent(ours, "GET") == sent(theirs, "GET")


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_alone(status):
    for method in "GET", "HEAD", "POST":
        ours, theirs = (sent(response, method) for response in pair(status=status))
        assert ours == theirs
