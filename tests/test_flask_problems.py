"""Jsonify(app, problems=...): errors of a Flask app as problem details."""

from __future__ import annotations

import logging

import flask
import pytest
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, TooManyRequests, Unauthorized, abort

from jsonify_ext import problem
from jsonify_ext.flask import Jsonify

from .flask_apps import app_with, get, outcome
from .test_problems import PROBLEM, OwnBody, raising

LOGIN = Unauthorized(www_authenticate=WWWAuthenticate("basic", {"realm": "x"}))


def with_views(app: flask.Flask) -> flask.Flask:
    for name, view in {
        "missing": raising(NotFound("There is no such user.")),
        "limit": raising(TooManyRequests(retry_after=30)),
        "login": raising(LOGIN),
        "broken": raising(KeyError("secret")),
        "abort": lambda: abort(problem(409, "taken")),
        "returned": lambda: NotFound("returned"),
        "redirect": lambda: flask.redirect("/missing"),
        "slash/": lambda: "",
        "own": raising(OwnBody()),
    }.items():
        app.add_url_rule(f"/{name}", name, view, methods=["GET"])
    app.add_url_rule("/post", "post", lambda: "", methods=["POST"])
    return app


def problems(problems=True) -> flask.Flask:
    return with_views(app_with({"problems": problems}))


@pytest.mark.parametrize(
    ("path", "status", "detail", "headers"),
    [
        ("/missing", 404, "There is no such user.", {}),
        ("/nowhere", 404, None, {}),  # Werkzeug's own descriptions are for browsers
        ("/post", 405, None, {"Allow": {"POST", "OPTIONS"}}),
        ("/limit", 429, None, {"Retry-After": {"30"}}),
        ("/login", 401, None, {"WWW-Authenticate": {"Basic realm=x"}}),
        ("/abort", 409, "taken", {}),
        ("/returned", 404, "returned", {}),
        ("/broken", 500, None, {}),
    ],
)
def test_exceptions_become_problems(path, status, detail, headers, caplog):
    answer = get(problems(), path)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    body = answer.get_json()
    assert (body.pop("status"), body.pop("detail", None)) == (status, detail)
    assert [*body] == ["title"]
    for name, values in headers.items():
        assert set(answer.headers[name].split(", ")) == values
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == (path == "/broken")  # logged by Flask, as usual
    assert all(record.exc_info[0] is KeyError for record in errors)


def test_problems_are_made_outside_of_a_request_too():
    app = problems()
    with app.app_context():
        assert app.make_response(NotFound("gone")).mimetype == PROBLEM
        answer = app.make_response((NotFound("gone"), {"X-A": "1"}))
        assert (answer.mimetype, answer.headers["X-A"]) == (PROBLEM, "1")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", ["/redirect", "/slash", "/abort", "/own"])
def test_redirects_and_own_responses_are_left_alone(path, accept):
    headers = {"Accept": accept}
    ours, stock = (
        outcome(lambda app=app: get(app, path, headers=headers))
        for app in (problems(), with_views(app_with()))
    )
    assert ours == stock
    assert ours[0][:3] in ("302", "308", "409", "400")


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/html", "text/html"),
        ("*/*", PROBLEM),
        ("application/json", PROBLEM),
        ("application/json;q=0.5, text/html", "text/html"),
        ("application/json, text/html;q=0.5", PROBLEM),
        ("application/problem+json, text/html", PROBLEM),
        ("image/png", PROBLEM),
        ("", PROBLEM),
    ],
)
def test_a_client_that_prefers_html_keeps_flasks_page(accept, mimetype):
    stock = with_views(app_with())
    for path in ("/missing", "/broken"):
        answer = get(problems(), path, headers={"Accept": accept})
        assert answer.mimetype == mimetype
        assert (answer.data == get(stock, path).data) == (mimetype == "text/html")
        assert "Accept" in answer.headers["Vary"]


def test_the_apps_own_handlers_win_and_blueprints_too():
    app = problems()
    app.register_error_handler(404, lambda error: ("own 404", 404))
    app.register_error_handler(Exception, lambda error: ("own error", 503))
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/b")
    blueprint.register_error_handler(429, lambda error: ({"own": True}, 429))
    blueprint.add_url_rule("/limit", "limit", raising(TooManyRequests()))
    app.register_blueprint(blueprint)
    for path, text in {
        "/missing": "own 404",
        "/broken": "own error",
        "/limit": "own error",
        "/b/limit": '{"own":true}\n',
    }.items():
        assert get(app, path).text == text


def test_without_problems_errors_are_flasks():
    stock, ours = (
        outcome(lambda app=app: get(app, "/nowhere")) for app in (app_with(), app_with({}))
    )
    assert ours == stock


@pytest.mark.parametrize("switch", ["TESTING", "PROPAGATE_EXCEPTIONS", "DEBUG"])
def test_debug_and_propagation_behave_as_before(switch):
    app = problems()
    app.config[switch] = True
    with pytest.raises(KeyError):
        get(app, "/broken")
    assert get(app, "/missing").mimetype == PROBLEM


@pytest.mark.parametrize("prefix", ["/api", "/api/"])
def test_a_path_prefix_limits_problems(prefix):
    for path, mimetype in {
        "/api/nowhere": PROBLEM,
        "/api": PROBLEM,
        "/apis": "text/html",
        "/missing": "text/html",
    }.items():
        answer = get(problems(prefix), path)
        assert (answer.status_code, answer.mimetype) == (404, mimetype)
        assert ("Vary" in answer.headers) == (mimetype != "text/html")


@pytest.mark.parametrize(
    ("variable", "asked"),
    [("true", True), ("1", True), ("/missing", True), ("0", False), ("", False)]
    + [("false", False), ("/other", False)],
)
def test_problems_from_the_environment(monkeypatch, variable, asked):
    monkeypatch.setenv("FLASK_JSONIFY_PROBLEMS", variable)
    app = flask.Flask("tests")
    app.config.from_prefixed_env()
    Jsonify(app)
    assert (get(with_views(app), "/missing").mimetype == PROBLEM) == asked


@pytest.mark.parametrize("value", ["api", "yes", 5, None, ["/api/"]])
def test_a_bad_value_of_problems_is_an_error_at_once(value):
    with pytest.raises(ValueError, match="^problems must be True, False or a path"):
        Jsonify(problems=value)
    with pytest.raises(ValueError, match="^config key JSONIFY_PROBLEMS must be True"):
        app_with({}, config={"JSONIFY_PROBLEMS": value or "x"})
