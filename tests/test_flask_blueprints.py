"""Settings of a Flask blueprint."""

from __future__ import annotations

import flask
import pytest
from flask.json.provider import DefaultJSONProvider

from jsonify_ext import jsonify, problem, stream_json, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .flask_apps import DAY, EXTENSION, HTTP, ISO, app_with, get

VIEWS = {
    "jsonify": lambda: jsonify(DAY),
    "flask": lambda: flask.jsonify(DAY),
    "dict": lambda: {"b": DAY, "a": 1},
    "value": lambda: DAY,
    "stream": lambda: stream_json(iter([DAY])),
    "problem": lambda: problem(400, day=DAY),
    "missing": lambda: {}["x"],
}


def with_views(scaffold):
    for name, view in VIEWS.items():
        scaffold.add_url_rule(f"/{name}", name, view)
    return scaffold


def api(**settings) -> flask.Blueprint:
    """A blueprint with settings."""
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, **settings)
    return with_views(blueprint)


def app_of(blueprint, extension=None) -> flask.Flask:
    """An app with the blueprint, and the same views outside of it."""
    app = with_views(app_with(extension))
    app.register_blueprint(blueprint)
    return app


@EXTENSION
def test_they_apply_to_its_views_and_nowhere_else(extension):
    app = app_of(api(dates="iso"), extension)
    assert isinstance(app.json, JsonifyProvider)
    for name in VIEWS.keys() - {"missing"}:
        for _ in range(2):
            assert ISO in get(app, f"/api/{name}").text
            assert HTTP in get(app, f"/{name}").text


def test_outside_of_a_request_the_apps_settings_apply():
    app = app_of(api(dates="iso"))
    with app.app_context():
        assert jsonify(DAY).get_json() == HTTP
    assert app.json.response(DAY).get_json() == HTTP
    other = app_with({})
    with app.test_request_context("/api/jsonify"):
        assert jsonify(DAY).get_json() == ISO
        assert other.json.response(DAY).get_json() == HTTP
        with app_of(api(dates="utc")).app_context():  # with a blueprint of the same name
            assert jsonify(DAY).get_json() == HTTP


@pytest.mark.parametrize("late", [True, False])
def test_nested_blueprints_add_to_the_settings_of_their_parent_under_each_name(late):
    parent = api(dates="iso", sort_keys=False)
    child = with_views(flask.Blueprint("child", "tests", url_prefix="/child"))
    if not late:
        Jsonify(child, sort_keys=True, pretty=True)
    parent.register_blueprint(child, name="other", url_prefix="/other")
    if late:
        Jsonify(child, sort_keys=True, pretty=True)
    parent.register_blueprint(child)
    app = app_of(parent)
    app.register_blueprint(parent, name="second", url_prefix="/second")
    for prefix in ("/api", "/second"):
        assert get(app, f"{prefix}/dict").text == f'{{"b":"{ISO}","a":1}}\n'
        for name in ("child", "other"):
            expected = f'{{\n  "a": 1,\n  "b": "{ISO}"\n}}\n'
            assert get(app, f"{prefix}/{name}/dict").text == expected


def test_use_settings_changes_the_settings_of_the_blueprint():
    blueprint = api(dates="iso", encoders={set: sorted})

    @blueprint.get("/both")
    def both():
        with use_settings(pretty=True):
            return jsonify([DAY, {2, 1}])

    expected = f'[\n  "{ISO}",\n  [\n    1,\n    2\n  ]\n]\n'
    assert get(app_of(blueprint), "/api/both").text == expected


def test_headers_mimetype_and_etag():
    app = app_of(api(headers={"X-A": "1"}, mimetype="application/vnd.x+json", etag=True))
    for path in ("/api/dict", "/api/jsonify"):
        answer = get(app, path)
        assert (answer.headers["X-A"], answer.mimetype) == ("1", "application/vnd.x+json")
        assert "ETag" in answer.headers
    assert "X-A" not in get(app, "/dict").headers


@pytest.mark.parametrize("changes", [{"headers": {"X-A": "1"}}, {"mimetype": "a/b"}])
def test_settings_of_the_response_keep_a_providers_own_encoding(changes):
    class Own(DefaultJSONProvider):
        def dumps(self, obj, **kwargs):
            return "own"

    blueprint = api(**changes)
    blueprint.add_url_rule("/changes", "changes", lambda: jsonify(1, settings=changes))
    app = app_with({}, provider=Own)
    app.register_blueprint(blueprint)
    for path in ("/api/dict", "/api/jsonify", "/api/flask", "/api/changes"):
        answer = get(app, path)
        assert answer.text == "own\n"
        assert {"X-A": "1"}.items() <= {**answer.headers}.items() or answer.mimetype == "a/b"


def test_errors_of_its_views():
    app = app_of(api(errors={KeyError: 404}))
    assert get(app, "/api/missing").get_json() == {"title": "Not Found", "status": 404}
    assert get(app, "/missing").status_code == 500


def test_mistakes_are_errors_at_once():
    blueprint = flask.Blueprint("api", "tests")
    with pytest.raises(TypeError, match="problems= is for an app"):
        Jsonify(blueprint, problems=True)
    with pytest.raises(TypeError, match="Jsonify takes a Flask app or blueprint, not int"):
        Jsonify(5)
