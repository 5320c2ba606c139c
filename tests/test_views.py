"""json_view in plain WSGI and in Flask."""

from __future__ import annotations

from functools import partial

import flask
import flask.views
import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound, abort
from werkzeug.wrappers import Response

from jsonify_ext import JSONSettings, json_view, jsonify

from .conftest import Send, flask_app
from .samples import SEVEN, Point

OPTIONS = {"status": 201, "headers": {"X-A": "1", "X-B": "2"}}


@pytest.mark.parametrize(
    ("options", "returned", "status", "headers", "body"),
    [
        ({}, {"a": 1}, 200, {}, b'{"a":1}\n'),
        ({}, None, 200, {}, b"null\n"),
        ({}, "text", 200, {}, b'"text"\n'),
        ({}, Point(1, 202), 200, {}, b"[1,202]\n"),
        ({}, ([1], 202), 202, {}, b"[1]\n"),
        ({}, ([1], {"X-A": "1"}), 200, {"X-A": "1"}, b"[1]\n"),
        ({}, ([1], 202, [("X-A", "1")]), 202, {"X-A": "1"}, b"[1]\n"),
        # The values of the view override the options.
        (OPTIONS, [1], 201, {"X-A": "1", "X-B": "2"}, b"[1]\n"),
        (OPTIONS, ([1], 202, {"X-A": "3"}), 202, {"X-A": "3", "X-B": "2"}, b"[1]\n"),
        (OPTIONS, ([1], Headers({"X-A": "3"})), 201, {"X-A": "3", "X-B": "2"}, b"[1]\n"),
        ({"settings": {"pretty": True}}, [None], 200, {}, b"[\n  null\n]\n"),
        ({"settings": JSONSettings(dates="utc")}, SEVEN, 200, {}, b'"2024-02-29T07:08:09Z"\n'),
        ({"stream": "json", "settings": {"omit_none": True}}, [{"a": None}], 200, {}, b"[{}]\n"),
    ],
)
def test_what_is_sent_for_a_value(send: Send, options, returned, status, headers, body):
    answer = send(json_view(**options)(lambda: returned))
    assert (answer.status_code, answer.data, answer.mimetype) == (status, body, "application/json")
    assert {name: value for name, value in answer.headers if name[:2] == "X-"} == headers
    assert OPTIONS["headers"] == {"X-A": "1", "X-B": "2"}


def test_each_header_of_one_name_is_kept(send: Send):
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    answer = send(json_view(**OPTIONS)(lambda: ([1], cookies)))
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_a_response_passes_through(send: Send):
    answer = send(json_view(**OPTIONS)(lambda: Response("text", 203)))
    assert (answer.status_code, answer.data, "X-A" in answer.headers) == (203, b"text", False)
    answer = send(json_view(lambda: (jsonify(1, status=201), 202, {"X-A": "1"})))
    assert (answer.status_code, answer.headers["X-A"]) == (202, "1")


def test_a_generator_function_streams_and_a_generator_that_is_returned_is_an_array(send: Send):
    def rows():
        yield {"a": 1}
        yield {"a": 2}

    for view in rows, lambda: rows():
        answer = send(json_view(view))
        assert (answer.data, answer.mimetype) == (b'[{"a":1},{"a":2}]\n', "application/json")
        assert ("Content-Length" in answer.headers) == (view is not rows)


class Methods(flask.views.MethodView):
    init_every_request = False
    decorators = (json_view(status=203),)

    def get(self, name):
        return {"method": "get"}

    @json_view
    async def post(self, name):
        """Docs."""
        return {"name": name, "path": flask.request.path}, 202


def test_class_based_and_async_views():
    app = flask_app()
    app.add_url_rule("/<name>", view_func=Methods.as_view("methods"))
    client = app.test_client()
    assert (client.get("/a").status_code, client.get("/a").get_json()) == (203, {"method": "get"})
    answer = client.post("/a")
    assert (answer.status_code, answer.get_json()) == (202, {"name": "a", "path": "/a"})
    assert (Methods.post.__name__, Methods.post.__doc__) == ("post", "Docs.")


def test_an_http_exception_that_is_returned_is_a_problem(send: Send):
    with pytest.raises(NotFound):  # the app's to handle
        json_view(partial(abort, 404))()
    answer = send(json_view(lambda: NotFound("There is no user 7.")))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == "There is no user 7."
    answer = send(json_view(lambda: (NotFound(), 410, {"X-A": "1"})))
    assert (answer.status_code, answer.headers["X-A"]) == (410, "1")


@pytest.mark.parametrize("returned", [[1], Response("own"), NotFound()])
@pytest.mark.parametrize("stream", [None, "jsonl"])
def test_background_of_a_view(send: Send, returned, stream):
    ran: list[str] = []
    background = [lambda: ran.append("one"), lambda: ran.append("two")]
    view = json_view(background=background, stream=stream)(lambda: returned)
    for _ in range(2):
        send(view).close()
    assert ran == ["one", "two"] * 2


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"status": "created"}, ValueError, "status"),
        ({"headers": "X: y"}, ValueError, "headers must be a mapping or"),
        ({"headers": {"X": None}}, ValueError, "header X must have a value"),
        ({"stream": ""}, ValueError, "unknown stream format ''"),
        ({"chunk_size": -1}, ValueError, "chunk_size"),
        ({"background": "mail"}, TypeError, "background"),
        ({"settings": {"indent": 2}}, TypeError, "indent"),
        ({"settings": "pretty"}, TypeError, "settings must be"),
    ],
)
def test_a_bad_argument_fails_when_decorating(options, kind, message):
    with pytest.raises(kind, match=message):
        json_view(**options)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        *[(each, "json_view takes a function and keywords") for each in (201, "view", {})],
        (lambda: ([1], {"X": "y"}, 201), "the order is value, status, headers"),
        (lambda: ([1], [("X", "y")], 201), "the order is value, status, headers"),
        (lambda: (1, 2, 3, 4), "not a tuple of 4"),
    ],
)
def test_what_is_not_a_view_or_not_the_result_of_one(view, message):
    with pytest.raises(TypeError, match=message):
        json_view(view)()
