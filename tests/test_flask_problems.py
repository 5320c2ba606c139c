"""Jsonify(app, problems=...): errors of a Flask app as problem details."""

from __future__ import annotations

import logging

import flask
import pytest
from werkzeug.exceptions import NotFound, TooManyRequests, Unauthorized, abort

from jsonify_ext import problem
from jsonify_ext.flask import Jsonify


def problems(problems=True, **options) -> flask.Flask:
    app = flask.Flask("tests")
    Jsonify(app, problems=problems, **options)

    @app.get("/missing")
    def missing():
        raise NotFound("There is no such user.")

    @app.get("/limit")
    def limit():
        raise TooManyRequests(retry_after=30)

    @app.get("/login")
    def login():
        from werkzeug.datastructures import WWWAuthenticate

        raise Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "x"}))

    @app.get("/broken")
    def broken():
        raise KeyError("secret")

    @app.get("/redirect")
    def redirect():
        return flask.redirect("/missing")

    @app.get("/slash/")
    def slash():
        return ""

    @app.post("/json")
    def read():
        return {"got": flask.request.get_json()}

    @app.get("/abort")
    def aborting():
        abort(problem(409, "taken"))

    @app.get("/returned")
    def returned():
        return NotFound("returned")

    return app


@pytest.mark.parametrize(
    ("path", "status", "header"),
    [
        ("/missing", 404, None),
        ("/nowhere", 404, None),
        ("/json", 405, ("Allow", {"POST", "OPTIONS"})),
        ("/limit", 429, ("Retry-After", "30")),
        ("/login", 401, ("WWW-Authenticate", "Basic realm=x")),
        ("/abort", 409, None),
        ("/returned", 404, None),
    ],
)
def test_http_exceptions_become_problems(path, status, header):
    answer = problems().test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    body = answer.get_json()
    assert body["status"] == status
    # Werkzeug's own descriptions are for browsers.
    own = path in ("/missing", "/abort", "/returned")
    assert set(body) == {"title", "status", *(["detail"] if own else [])}
    if header is not None:
        value = answer.headers[header[0]]
        assert (set(value.split(", ")) if isinstance(header[1], set) else value) == header[1]


def test_unhandled_exceptions_become_a_500_that_says_nothing(caplog):
    with caplog.at_level(logging.ERROR):
        answer = problems().test_client().get("/broken")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert b"secret" not in answer.data
    assert b"KeyError" not in answer.data
    (record,) = caplog.records  # by Flask, as usual
    assert record.exc_info[0] is KeyError


def test_problems_are_made_outside_of_a_request_too():
    app = problems()
    with app.app_context():
        assert app.make_response(NotFound("gone")).mimetype == "application/problem+json"


def test_malformed_json_is_a_problem():
    client = problems().test_client()
    for data in (b"[", b"NaN", b"\xff"):
        answer = client.post("/json", data=data, content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert client.post("/json", data="x").status_code == 415


def test_redirects_are_left_alone():
    client = problems().test_client()
    assert client.get("/redirect").headers["Location"] == "/missing"
    answer = client.get("/slash")
    assert (answer.status_code, answer.mimetype) == (308, "text/html")


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html", "text/html"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/json;q=0.5, text/html", "text/html"),
        ("application/json, text/html;q=0.5", "application/problem+json"),
        ("application/problem+json, text/html", "application/problem+json"),
        ("image/png", "application/problem+json"),
        ("", "application/problem+json"),
    ],
)
def test_a_client_that_prefers_html_keeps_flasks_page(accept, mimetype):
    for path in ("/missing", "/broken"):
        answer = problems().test_client().get(path, headers={"Accept": accept})
        assert answer.mimetype == mimetype
        if mimetype == "text/html":
            stock = flask.Flask("tests")
            stock.add_url_rule("/missing", "m", lambda: abort(404, "There is no such user."))
            stock.add_url_rule("/broken", "b", lambda: 1 / 0)
            assert answer.data == stock.test_client().get(path).data
        assert "Accept" in answer.headers["Vary"]


def test_the_apps_own_handlers_win_and_blueprints_too():
    app = problems()
    app.register_error_handler(404, lambda error: ("own 404", 404))
    app.register_error_handler(Exception, lambda error: ("own error", 503))
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/b")
    blueprint.register_error_handler(429, lambda error: ({"own": True}, 429))

    @blueprint.get("/limit")
    def limit():
        raise TooManyRequests

    app.register_blueprint(blueprint)
    client = app.test_client()
    assert client.get("/missing").data == b"own 404"
    assert client.get("/broken").data == b"own error"
    assert client.get("/limit").data == b"own error"
    assert client.get("/b/limit").get_json() == {"own": True}


def test_without_problems_errors_are_flasks():
    app = flask.Flask("tests")
    stock = app.test_client().get("/nowhere")
    Jsonify(app)
    answer = app.test_client().get("/nowhere")
    assert (answer.status, [*answer.headers], answer.data) == (
        *(stock.status, [*stock.headers]),
        stock.data,
    )


@pytest.mark.parametrize("switch", ["TESTING", "PROPAGATE_EXCEPTIONS", "DEBUG"])
def test_debug_and_propagation_behave_as_before(switch):
    app = problems()
    app.config[switch] = True
    with pytest.raises(KeyError):
        app.test_client().get("/broken")
    assert app.test_client().get("/missing").mimetype == "application/problem+json"


@pytest.mark.parametrize("prefix", ["/api", "/api/"])
def test_a_path_prefix_limits_problems(prefix):
    client = problems(prefix).test_client()
    for path, mimetype in (
        ("/api/nowhere", "application/problem+json"),
        ("/api", "application/problem+json"),
        ("/apis", "text/html"),
        ("/missing", "text/html"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, mimetype)
        assert ("Vary" in answer.headers) == (mimetype != "text/html")


@pytest.mark.parametrize(
    ("variable", "asked"),
    [("true", True), ("1", True), ("yes", True), ("/missing", True), ("0", False), ("", False)]
    + [("false", False), ("/other", False)],
)
def test_problems_from_the_environment(monkeypatch, variable, asked):
    monkeypatch.setenv("FLASK_JSONIFY_PROBLEMS", variable)
    app = flask.Flask("tests")
    app.config.from_prefixed_env()
    Jsonify(app)
    app.add_url_rule("/missing", "missing", lambda: abort(404))
    answer = app.test_client().get("/missing")
    assert (answer.mimetype == "application/problem+json") == asked


@pytest.mark.parametrize("value", ["api", 5, None, ["/api/"]])
def test_a_bad_value_of_problems_is_an_error_at_once(value):
    with pytest.raises(ValueError, match="^problems must be True, False or a path"):
        Jsonify(problems=value)
    app = flask.Flask("tests")
    app.config["JSONIFY_PROBLEMS"] = value or "x"
    with pytest.raises(ValueError, match="^config key JSONIFY_PROBLEMS must be True"):
        Jsonify(app)
