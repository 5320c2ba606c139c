"""Jsonify(app): how it is installed."""

from __future__ import annotations

import gc

import flask
import pytest
from flask.json.provider import DefaultJSONProvider

from jsonify_ext import JSONEncodeError, JSONResponse, jsonify, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .flask_apps import DAY, HTTP, ISO, app_with, get, sent


def test_flask_jsonify_takes_response_options():
    with app_with({}).app_context():
        response = flask.jsonify([1], status=201, mimetype="application/x", headers={"X-A": "1"})
        assert (response.status_code, response.data) == (201, b"[1]\n")
        assert (response.mimetype, response.headers["X-A"]) == ("application/x", "1")
        assert flask.jsonify(status=201).data == b'{"status":201}\n'
        assert flask.jsonify(1, 2).data == b"[1,2]\n"
        with pytest.raises(TypeError, match="colour"):
            flask.jsonify(1, colour=2)


class Own(flask.Response):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = "1"


def test_flask_jsonify_returns_both_classes():
    app = app_with({})
    app.response_class = Own
    with app.app_context():
        responses = flask.jsonify(1), jsonify(1), app.json.response(1, status=202)
    for response in (*responses, app.json.response(1, status=202)):
        assert isinstance(response, JSONResponse)
        assert isinstance(response, Own)
        assert response.headers["X-Own"] == "1"
    assert response.status_code == 202


def test_outside_of_a_context_only_the_apps_settings_apply():
    app = app_with({"pretty": True})
    with use_settings(dates="iso"):
        assert sent(app, [DAY]) == f'[\n  "{ISO}"\n]'
        assert app.json.response([DAY]).get_data(as_text=True) == f'[\n  "{HTTP}"\n]\n'
        assert app.json.dumps(DAY) == f'"{HTTP}"'


def test_application_factories_and_several_apps():
    extension = Jsonify(dates="iso")
    apps = [app_with(), app_with(config={"JSONIFY_SORT_KEYS": False})]
    for app in apps:
        extension.init_app(app)
        assert app.extensions["jsonify_ext"] is extension
        assert isinstance(app.json, JsonifyProvider)
        assert isinstance(app.json, DefaultJSONProvider)
    assert sent(apps[0], {"b": 1, "a": DAY}) == f'{{"a":"{ISO}","b":1}}'
    assert sent(apps[1], {"b": 1, "a": DAY}) == f'{{"b":1,"a":"{ISO}"}}'


def test_a_second_call_replaces_the_settings():
    app = app_with({"sort_keys": False, "dates": "iso"})
    provider, make_response = app.json, app.make_response
    Jsonify(app, dates="http", problems=True)
    assert (app.json, app.make_response) == (provider, make_response)
    assert sent(app, {"b": DAY, "a": 1}) == f'{{"a":1,"b":"{HTTP}"}}'
    assert get(app, "/nowhere").mimetype == "application/problem+json"
    Jsonify(app, pretty=True, ensure_ascii=False, mimetype="application/x", sort_keys=True)
    app.json.sort_keys = False
    Jsonify(app)
    with app.app_context():
        assert jsonify(b=1, a=2).data == b'{"b":1,"a":2}\n'
        assert (jsonify(["é"]).data, jsonify().mimetype) == (b'["\\u00e9"]\n', "application/json")


def test_current_app_is_the_app():
    app = app_with()
    with app.app_context():
        Jsonify(flask.current_app, dates="iso")
    assert sent(app, DAY) == f'"{ISO}"'


def test_a_provider_class_of_a_flask_subclass_is_extended():
    class Provider(DefaultJSONProvider):
        sort_keys = False

    class App(flask.Flask):
        json_provider_class = Provider

    app = app_with({}, cls=App)
    assert isinstance(app.json, Provider)
    assert sent(app, {"b": {1}, "a": 1}) == '{"b":[1],"a":1}'


def test_the_provider_of_an_app_that_is_gone():
    provider = app_with({}).json
    gc.collect()
    with pytest.raises(ReferenceError):
        provider.response(1)


def test_what_changes_after_a_call_applies_at_the_next():
    app = app_with({})
    assert sent(app, [float("nan")]) == "[null]"
    Jsonify(app, nan="error")
    with pytest.raises(JSONEncodeError, match="nan"):
        sent(app, [float("nan")])
    app.response_class = Own
    with app.app_context():
        assert isinstance(jsonify(1), Own)
