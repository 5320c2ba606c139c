"""json_view in plain WSGI and in Flask."""

from __future__ import annotations

import flask
import flask.views
import pytest
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from jsonify_ext import JSONSettings, json_view, jsonify

from .conftest import Send, flask_app


def test_a_value_and_tuples(send: Send):
    for returned, status, body in (
        ({"a": 1}, 200, b'{"a":1}\n'),
        (None, 200, b"null\n"),
        ("text", 200, b'"text"\n'),
        (([1], 202), 202, b"[1]\n"),
        (([1], {"X-A": "1"}), 200, b"[1]\n"),
        (([1], 202, [("X-A", "1")]), 202, b"[1]\n"),
    ):
        answer = send(json_view(lambda returned=returned: returned))
        assert (answer.status_code, answer.data, answer.mimetype) == (
            *(status, body, "application/json"),
        )
        assert ("X-A" in answer.headers) == ("X-A" in str(returned))


def test_a_response_passes_through(send: Send):
    assert send(json_view(lambda: Response("text", 203))).data == b"text"
    answer = send(json_view(lambda: (jsonify(1, status=201), 202, {"X-A": "1"})))
    assert (answer.status_code, answer.headers["X-A"]) == (202, "1")


def test_options_give_way_to_the_values_of_the_view(send: Send):
    headers = {"X-A": "1", "X-B": "2"}
    view = json_view(status=201, headers=headers)
    answer = send(view(lambda: [1]))
    assert (answer.status_code, answer.headers["X-A"], answer.headers["X-B"]) == (201, "1", "2")
    answer = send(view(lambda: ([1], 202, {"X-A": "3"})))
    assert (answer.status_code, answer.headers["X-A"], answer.headers["X-B"]) == (202, "3", "2")
    answer = send(view(lambda: ([1], Headers({"X-C": "3"}))))
    assert (answer.status_code, answer.headers["X-C"], answer.headers["X-B"]) == (201, "3", "2")
    cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    answer = send(view(lambda: ([1], cookies)))
    assert answer.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert headers == {"X-A": "1", "X-B": "2"}
    assert send(view(lambda: Response("x", 203))).status_code == 203


def test_a_generator_function_streams(send: Send):
    def rows():
        yield {"a": 1}
        yield {"a": 2}

    answer = send(json_view(rows))
    assert (answer.data, answer.mimetype) == (b'[{"a":1},{"a":2}]\n', "application/json")
    answer = send(json_view(stream="jsonl", status=203, headers={"X-A": "1"})(rows))
    assert (answer.data, answer.mimetype) == (b'{"a":1}\n{"a":2}\n', "application/jsonl")
    assert (answer.status_code, answer.headers["X-A"]) == (203, "1")


def test_a_generator_that_is_returned_is_an_array(send: Send):
    assert send(json_view(lambda: (n for n in range(2)))).data == b"[0,1]\n"


def ask(app: flask.Flask, path: str = "/"):
    return app.test_client().get(path, buffered=True)


def test_async_views_in_flask():
    app = flask_app()

    @app.get("/<name>")
    @json_view(status=201)
    async def view(name):
        """Docs."""
        return {"name": name, "path": flask.request.path}

    assert (view.__name__, view.__doc__) == ("view", "Docs.")
    answer = ask(app, "/ada")
    assert (answer.status_code, answer.get_json()) == (201, {"name": "ada", "path": "/ada"})


def test_class_based_views():
    class Methods(flask.views.MethodView):
        init_every_request = False
        decorators = (json_view(status=203),)

        def get(self):
            return {"method": "get"}

        @json_view
        async def post(self):
            return {"method": "post"}, 202

    app = flask_app()
    app.add_url_rule("/", view_func=Methods.as_view("methods"))
    assert (ask(app).status_code, ask(app).get_json()) == (203, {"method": "get"})
    assert app.test_client().post("/").status_code == 202


def test_an_http_exception_that_is_returned_is_a_problem(send: Send):
    def raises():
        raise NotFound

    assert send(json_view(lambda: NotFound("There is no user 7."))).status_code == 404
    with pytest.raises(NotFound):  # the app's to handle
        json_view(raises)()
    answer = send(json_view(lambda: NotFound("There is no user 7.")))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == "There is no user 7."
    answer = send(json_view(lambda: (NotFound(), 410, {"X-A": "1"})))
    assert (answer.status_code, answer.headers["X-A"]) == (410, "1")


def test_settings_of_a_view(send: Send):
    view = json_view(settings={"pretty": True, "nan": "null"})(lambda: [float("nan")])
    assert send(view).data == b"[\n  null\n]\n"
    complete = json_view(settings=JSONSettings(sort_keys=True))(lambda: {"b": 1, "a": 2})
    assert send(complete).data == b'{"a":2,"b":1}\n'
    stream = json_view(stream="json", settings={"omit_none": True})(lambda: [{"a": None}])
    assert send(stream).data == b"[{}]\n"


def test_background_of_a_view(send: Send):
    ran: list[str] = []
    decorate = json_view(background=[lambda: ran.append("one"), lambda: ran.append("two")])
    for view in (lambda: [1], lambda: Response("own"), lambda: NotFound()):
        ran.clear()
        send(decorate(view)).close()
        assert ran == ["one", "two"]
    ran.clear()
    send(json_view(stream="jsonl", background=lambda: ran.append("end"))(lambda: [1])).close()
    assert ran == ["end"]


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


@pytest.mark.parametrize("view", [201, "view", {"status": 201}])
def test_only_a_function_can_be_decorated(view):
    with pytest.raises(TypeError, match="json_view takes a function and keywords"):
        json_view(view)


def test_the_error_for_a_tuple_in_the_wrong_order():
    for returned in ([1], {"X": "y"}, 201), ([1], [("X", "y")], 201):
        with pytest.raises(TypeError, match="the order is value, status, headers"):
            json_view(lambda returned=returned: returned)()
    with pytest.raises(TypeError, match="not a tuple of 4"):
        json_view(lambda: (1, 2, 3, 4))()
