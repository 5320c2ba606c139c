"""Settings of a Flask blueprint."""

from __future__ import annotations

from datetime import date

import flask
import pytest

from jsonify_ext import jsonify, problem, stream_json, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

DAY = date(2024, 1, 2)
ISO, HTTP = b"2024-01-02", b"Tue, 02 Jan 2024 00:00:00 GMT"


def with_views(scaffold):
    scaffold.add_url_rule("/jsonify", "jsonify", lambda: jsonify(DAY))
    scaffold.add_url_rule("/flask", "flask", lambda: flask.jsonify(DAY))
    scaffold.add_url_rule("/dict", "dict", lambda: {"day": DAY})
    scaffold.add_url_rule("/value", "value", lambda: DAY)
    scaffold.add_url_rule("/stream", "stream", lambda: stream_json(iter([DAY])))
    scaffold.add_url_rule("/problem", "problem", lambda: problem(400, day=DAY))
    return scaffold


PATHS = ["jsonify", "flask", "dict", "value", "stream", "problem"]


def app_with(blueprint, *, extension: bool = True, **options) -> flask.Flask:
    app = flask.Flask("tests")
    if extension:
        Jsonify(app, **options)
    app.register_blueprint(with_views(blueprint))
    return with_views(app)


@pytest.mark.parametrize("extension", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_they_apply_to_its_views_and_nowhere_else(path, extension):
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, dates="iso")
    client = app_with(blueprint, extension=extension).test_client()
    for _ in range(2):
        assert ISO in client.get(f"/api/{path}").data
        assert HTTP in client.get(f"/{path}").data


def test_outside_of_a_request_the_apps_settings_apply():
    blueprint = flask.Blueprint("api", "tests")
    Jsonify(blueprint, dates="iso")
    app = app_with(blueprint)
    with app.app_context():
        assert HTTP in jsonify(DAY).data
    assert HTTP in app.json.response(DAY).data
    other = flask.Flask("other")
    Jsonify(other)
    with app.test_request_context("/api/jsonify"):
        assert HTTP in other.json.response(DAY).data


def test_an_app_without_the_extension_gets_it_without_settings():
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, pretty=True)
    app = app_with(blueprint, extension=False)
    assert isinstance(app.json, JsonifyProvider)
    assert app.test_client().get("/dict").data.startswith(b'{"day":')
    assert app.test_client().get("/api/dict").data.startswith(b'{\n  "day":')


@pytest.mark.parametrize("late", [True, False])
def test_nested_blueprints_add_to_the_settings_of_their_parent(late):
    parent = flask.Blueprint("parent", "tests", url_prefix="/parent")
    child = flask.Blueprint("child", "tests", url_prefix="/child")
    Jsonify(parent, dates="iso", sort_keys=False)
    if not late:
        Jsonify(child, sort_keys=True, pretty=True)
    with_views(child).add_url_rule("/keys", "keys", lambda: {"b": DAY, "a": 1})
    parent.add_url_rule("/keys", "keys", lambda: {"b": DAY, "a": 1})
    if late:
        Jsonify(child, sort_keys=True, pretty=True)
    parent.register_blueprint(child)
    parent.register_blueprint(child, name="other", url_prefix="/other")
    client = app_with(parent).test_client()
    assert client.get("/parent/keys").data == b'{"b":"2024-01-02","a":1}\n'
    expected = b'{\n  "a": 1,\n  "b": "2024-01-02"\n}\n'
    for name in ("child", "other"):
        assert client.get(f"/parent/{name}/keys").data == expected


def test_a_blueprint_registered_under_two_names():
    blueprint = flask.Blueprint("api", "tests")
    Jsonify(blueprint, dates="iso")
    app = flask.Flask("tests")
    app.register_blueprint(with_views(blueprint), url_prefix="/1")
    app.register_blueprint(blueprint, name="second", url_prefix="/2")
    for path in ("/1/dict", "/2/dict"):
        assert ISO in app.test_client().get(path).data


def test_use_settings_changes_the_settings_of_the_blueprint():
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, dates="iso", encoders={set: sorted})

    @blueprint.get("/both")
    def both():
        with use_settings(pretty=True):
            return jsonify([DAY, {2, 1}])

    answer = app_with(blueprint).test_client().get("/api/both")
    assert answer.data == b'[\n  "2024-01-02",\n  [\n    1,\n    2\n  ]\n]\n'


def test_headers_mimetype_and_etag():
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, headers={"X-A": "1"}, mimetype="application/vnd.x+json", etag=True)
    client = app_with(blueprint).test_client()
    for path in ("/api/dict", "/api/jsonify"):
        answer = client.get(path)
        assert (answer.headers["X-A"], answer.mimetype) == ("1", "application/vnd.x+json")
        assert "ETag" in answer.headers
    assert "X-A" not in client.get("/dict").headers


def test_errors_of_its_views():
    blueprint = flask.Blueprint("api", "tests", url_prefix="/api")
    Jsonify(blueprint, errors={KeyError: 404})
    blueprint.add_url_rule("/missing", "missing", lambda: {}["x"])
    app = app_with(blueprint)
    app.add_url_rule("/missing", "missing", lambda: {}["x"])
    assert app.test_client().get("/api/missing").get_json() == {
        "title": "Not Found",
        "status": 404,
    }
    assert app.test_client().get("/missing").status_code == 500


def test_mistakes_are_errors_at_once():
    blueprint = flask.Blueprint("api", "tests")
    with pytest.raises(TypeError, match="problems= is for an app"):
        Jsonify(blueprint, problems=True)
    with pytest.raises(ValueError, match="^dates must be"):
        Jsonify(blueprint, dates="never")
    with pytest.raises(TypeError, match="Jsonify takes a Flask app or blueprint, not int"):
        Jsonify(5)
