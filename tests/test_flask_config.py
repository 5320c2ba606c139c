"""Which settings apply in a Flask app: keywords, config keys, attributes, older keys."""

from __future__ import annotations

from dataclasses import fields

import flask
import pytest
from flask.json.provider import DefaultJSONProvider

from jsonify_ext import JSONSettings, jsonify, stream_json, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider
from jsonify_ext.settings import SettingsChanges
from jsonify_ext.wsgi import JSONMiddleware

VALUES = {
    "sort_keys": (False, b'{"b":1,"a":null}\n'),
    "pretty": (True, b'{\n  "a": null,\n  "b": 1\n}\n'),
    "omit_none": (True, b'{"b":1}\n'),
}


def app_with(extension, config=(), keywords=None, attributes=()):
    app = flask.Flask("tests")
    app.config |= dict(config)
    for name, value in dict(attributes).items():
        setattr(app.json, name, value)
    if extension:
        Jsonify(app, **(keywords or {}))
    return app


@pytest.mark.parametrize("extension", [True, False])
@pytest.mark.parametrize("name", VALUES)
def test_config_keys_apply_with_and_without_the_extension(name, extension):
    value, body = VALUES[name]
    app = app_with(extension, {f"JSONIFY_{name.upper()}": value})
    with app.app_context():
        assert jsonify(b=1, a=None).data == body
        if name != "pretty":
            assert b"".join(stream_json([{"b": 1, "a": None}]).response) == b"[%s]\n" % body[:-1]


@pytest.mark.parametrize("extension", [True, False])
def test_the_order_of_precedence(extension):
    older = {"JSON_SORT_KEYS": False}
    config = {**older, "JSONIFY_SORT_KEYS": False}
    ordered, sorted_ = b'{"b":1,"a":2}\n', b'{"a":2,"b":1}\n'

    def body(app):
        with app.app_context():
            return jsonify(b=1, a=2).data

    assert body(app_with(extension)) == sorted_
    assert body(app_with(extension, older)) == ordered
    assert body(app_with(extension, older, attributes={"sort_keys": True})) == sorted_
    assert body(app_with(extension, config, attributes={"sort_keys": True})) == ordered
    assert body(app_with(True, config, {"sort_keys": True}, {"sort_keys": False})) == sorted_
    app = app_with(True, config, {"sort_keys": True})
    app.json.sort_keys = False
    assert body(app) == ordered


def test_an_attribute_of_the_providers_class_counts_as_set():
    class Own(DefaultJSONProvider):
        compact = False

    app = flask.Flask("tests")
    app.config["JSONIFY_PRETTYPRINT_REGULAR"] = False
    app.json = Own(app)
    with app.app_context():
        assert jsonify([1]).data == b"[\n  1\n]\n"


def test_the_config_is_read_once_when_the_settings_are_first_needed():
    app = flask.Flask("tests")
    with app.app_context():
        jsonify(1)
        app.config |= {"JSONIFY_PRETTY": True, "JSON_SORT_KEYS": False}
        assert jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'


def test_a_provider_without_jsonify_reads_the_config_too():
    class App(flask.Flask):
        json_provider_class = JsonifyProvider

    app = App("tests")
    app.config |= {"JSONIFY_SORT_KEYS": False, "JSONIFY_OMIT_NONE": True}
    with app.app_context():
        assert flask.jsonify(b=1, a=None, c=1).data == b'{"b":1,"c":1}\n'
        assert flask.json.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'


def test_a_bad_config_value_is_an_error_that_names_the_key():
    app = flask.Flask("tests")
    app.config["JSONIFY_DATES"] = "never"
    with (
        app.app_context(),
        pytest.raises(ValueError, match="config key JSONIFY_DATES: dates must"),
    ):
        jsonify(1)


@pytest.mark.parametrize(
    "make",
    [
        lambda **each: JSONSettings(**each),
        lambda **each: use_settings(**each),
        lambda **each: Jsonify(**each),
        lambda **each: JSONMiddleware(lambda *args: [], **each),
        lambda **each: jsonify(1, settings=each),
    ],
)
def test_an_unknown_setting_lists_the_known_ones_and_suggests_the_near_one(make):
    with pytest.raises(TypeError, match=r"unknown setting 'indent'; the settings are sort_keys, "):
        make(indent=2)
    with pytest.raises(TypeError, match=r"did you mean 'sort_keys'\?"):
        make(sortkeys=True)
    with pytest.raises(ValueError, match="^dates must be 'iso' or 'utc' or 'http'"):
        make(dates="never")


def test_problem_is_misspelt_problems():
    for make in (Jsonify, lambda **each: JSONMiddleware(lambda *args: [], **each)):
        with pytest.raises(
            TypeError, match=r"unknown setting 'problem'; did you mean 'problems'\?"
        ):
            make(problem=True)


def test_use_settings_refuses_other_types_at_the_call():
    with pytest.raises(TypeError, match="settings must be JSONSettings, not str"):
        use_settings("x")


def test_type_checkers_see_every_field():
    assert list(SettingsChanges.__annotations__) == [each.name for each in fields(JSONSettings)]
