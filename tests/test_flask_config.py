"""Which settings apply in a Flask app: keywords, config keys, attributes, older keys."""

from __future__ import annotations

from dataclasses import fields

import flask
import pytest
from flask.json.provider import DefaultJSONProvider
from werkzeug.local import LocalProxy

from jsonify_ext import JSONEncodeError, JSONSettings, jsonify, stream_json, use_settings
from jsonify_ext.flask import Jsonify
from jsonify_ext.settings import SettingsChanges
from jsonify_ext.wsgi import JSONMiddleware

from .flask_apps import DAY, EXTENSION, HTTP, app_with, get, outcome, sent
from .samples import Image

VALUE = {"b": "é", "a": DAY}
SORTED, ORDERED = '{"a":2,"b":1}', '{"b":1,"a":2}'


def keys_of(app: flask.Flask) -> str:
    return sent(app, {"b": 1, "a": 2})


@EXTENSION
def test_attributes_are_read_at_each_call(extension):
    app = app_with(extension)
    stock = f'{{"a":"{HTTP}","b":"\\u00e9"}}'
    assert sent(app, VALUE) == stock
    for owner, name, value, text in [
        (app.json, "sort_keys", False, f'{{"b":"\\u00e9","a":"{HTTP}"}}'),
        (app.json, "ensure_ascii", False, f'{{"b":"é","a":"{HTTP}"}}'),
        (app, "debug", True, f'{{\n  "b": "é",\n  "a": "{HTTP}"\n}}'),
        (app.json, "compact", True, f'{{"b":"é","a":"{HTTP}"}}'),
        (app.json, "default", lambda value: "mine", '{"b":"é","a":"mine"}'),
        (app.json, "compact", False, '{\n  "b": "é",\n  "a": "mine"\n}'),
    ]:
        setattr(owner, name, value)
        assert sent(app, VALUE) == text
    app.json.mimetype = "application/vnd.api+json"
    with app.app_context():
        assert jsonify(1).mimetype == "application/vnd.api+json"
    if extension is None:
        app.json, app.debug = DefaultJSONProvider(app), False
        assert sent(app, VALUE) == stock


def descriptor(function):
    """A descriptor that isn't a property."""
    return type("Descriptor", (), {"__get__": lambda self, instance, owner: function(instance)})()


@EXTENSION
@pytest.mark.parametrize("live", [property, descriptor])
def test_descriptors_of_a_provider_are_read_at_each_call(extension, live):
    class ByRequest(DefaultJSONProvider):
        @live
        def compact(self):
            return "pretty" not in flask.request.args

    app = app_with(view=lambda: jsonify([1]), provider=ByRequest)
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/blueprint")
    blueprint.add_url_rule("/", "view", lambda: jsonify([1]))
    if extension is not None:
        Jsonify(blueprint, dates="iso")
    app.register_blueprint(blueprint)
    for path in ("/", "/blueprint/"):
        for query, body in [("", b"[1]\n"), ("?pretty", b"[\n  1\n]\n"), ("", b"[1]\n")]:
            assert get(app, path + query).data == body


@EXTENSION
@pytest.mark.parametrize(
    ("key", "value", "attribute", "text"),
    [
        ("JSON_SORT_KEYS", False, "sort_keys", '{"b":1,"a":"\\u00e9"}'),
        ("JSON_AS_ASCII", False, "ensure_ascii", '{"a":"é","b":1}'),
        ("JSONIFY_PRETTYPRINT_REGULAR", True, "compact", '{\n  "a": "\\u00e9",\n  "b": 1\n}'),
    ],
)
def test_older_config_keys_come_after_attributes(extension, key, value, attribute, text):
    content = {"b": 1, "a": "é"}
    stock = '{"a":"\\u00e9","b":1}'
    own = type("Own", (DefaultJSONProvider,), {attribute: True})
    assert sent(app_with(extension, config={key: None}), content) == stock
    assert sent(app_with(extension, config={key: value}), content) == text
    by_class = app_with(extension, provider=own, config={key: value})
    assert sent(by_class, content) == stock
    by_instance = app_with(extension, config={key: value}, **{attribute: True})
    assert sent(by_instance, content) == stock


@EXTENSION
def test_the_order_of_precedence(extension):
    older = {"JSON_SORT_KEYS": False}
    config = {**older, "JSONIFY_SORT_KEYS": False}
    assert keys_of(app_with(extension)) == SORTED
    assert keys_of(app_with(extension, config=older)) == ORDERED
    assert keys_of(app_with(extension, config=older, sort_keys=True)) == SORTED
    assert keys_of(app_with(extension, config=config, sort_keys=True)) == ORDERED
    assert keys_of(app_with({"sort_keys": True}, config=config, sort_keys=False)) == SORTED
    # JSONIFY_MIMETYPE is a field's key as well as an older one.
    app = app_with(extension, config={"JSONIFY_MIMETYPE": "application/x"}, mimetype="x/y")
    with app.app_context():
        assert jsonify(1).mimetype == "application/x"


@EXTENSION
def test_other_attributes_of_a_provider_are_not_compared(extension):
    class Table:
        """Like an array, it has no truth value where it is compared."""

        def __eq__(self, other):
            raise ValueError

    app = app_with(extension, sort_keys=False)
    for _ in range(2):
        app.json.table = Table()
        assert keys_of(app) == ORDERED


def test_a_proxy_of_providers():
    app = app_with()
    current = [DefaultJSONProvider(app)]
    app.json = LocalProxy(lambda: current[0])
    assert keys_of(app) == SORTED
    current[0] = type("Own", (DefaultJSONProvider,), {"sort_keys": False})(app)
    assert keys_of(app) == ORDERED


@EXTENSION
def test_only_an_attribute_gets_a_charset_as_in_flask(extension):
    attribute = app_with(extension, mimetype="text/x")
    apps = [app_with(extension, config={"JSONIFY_MIMETYPE": "text/x"})]
    if extension is not None:
        apps.append(app_with({"mimetype": "text/x"}))
    for app, expected in [
        (attribute, "text/x; charset=utf-8"),
        *((app, "text/x") for app in apps),
    ]:
        with app.app_context():
            assert jsonify(1).headers["Content-Type"] == expected
            if extension is not None:
                assert flask.jsonify(1).headers["Content-Type"] == expected


@pytest.mark.parametrize(
    ("settings", "attribute", "value"),
    [
        ({"sort_keys": False}, "sort_keys", True),
        ({"ensure_ascii": False}, "ensure_ascii", True),
        ({"pretty": True}, "compact", True),
        ({"mimetype": "application/x"}, "mimetype", "application/json"),
    ],
)
def test_an_attribute_that_is_assigned_later_wins_over_a_keyword(settings, attribute, value):
    app, stock = app_with(settings), app_with()
    with app.app_context():
        before = outcome(lambda: flask.jsonify(b="é", a=1))
        setattr(app.json, attribute, value)
        after = outcome(lambda: flask.jsonify(b="é", a=1))
        assert outcome(lambda: jsonify(b="é", a=1)) == after
    with stock.app_context():
        assert before != after == outcome(lambda: flask.jsonify(b="é", a=1))


#: A value of each setting, with what it makes of a value.
SETTINGS = [
    ("sort_keys", False, {"b": 1, "a": 2}, ORDERED),
    ("pretty", True, {"b": 1, "a": 2}, '{\n  "a": 2,\n  "b": 1\n}'),
    ("ensure_ascii", False, "é", '"é"'),
    ("omit_none", True, {"a": None, "b": 1}, '{"b":1}'),
    ("dates", "iso", DAY, '"2024-01-02"'),
    ("big_ints", "string", 2**60, '"1152921504606846976"'),
    ("encoders", {Image: lambda image: image.name}, Image("a"), '"a"'),
    ("default", lambda image: image.name, Image("a"), '"a"'),
]


@pytest.mark.parametrize("way", ["keyword", "config", "config without the extension"])
@pytest.mark.parametrize(("name", "setting", "value", "text"), SETTINGS)
def test_every_setting_applies(name, setting, value, text, way):
    config = {f"JSONIFY_{name.upper()}": setting}
    app = {
        "keyword": lambda: app_with({name: setting}),
        "config": lambda: app_with({}, config=config),
        "config without the extension": lambda: app_with(config=config),
    }[way]()
    assert sent(app, value) == text
    if name != "pretty":
        with app.app_context():
            assert b"".join(stream_json([value]).response).decode() == f"[{text}]\n"


def test_settings_of_the_response_apply():
    settings = {"mimetype": "application/x", "headers": {"X-A": "1"}, "etag": True, "nan": "error"}
    app = app_with(settings, view=lambda: [1])
    answer = get(app)
    assert (answer.mimetype, answer.headers["X-A"]) == ("application/x", "1")
    again = get(app, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    with pytest.raises(JSONEncodeError, match="nan"):
        sent(app, float("nan"))


def test_settings_from_the_environment(monkeypatch):
    monkeypatch.setenv("FLASK_JSONIFY_SORT_KEYS", "false")
    monkeypatch.setenv("FLASK_JSONIFY_HEADERS", '{"X-A": "1"}')
    monkeypatch.setenv("FLASK_JSONIFY_PRETTY", "true")
    monkeypatch.setenv("FLASK_JSONIFY_NAN", "null")  # JSON's, which means nothing
    app = flask.Flask("tests")
    app.config.from_prefixed_env()
    Jsonify(app, pretty=False)
    app.add_url_rule("/", "view", lambda: {"b": 1, "a": 2})
    answer = get(app)
    assert (answer.text, answer.headers["X-A"]) == (ORDERED + "\n", "1")


@EXTENSION
def test_the_config_is_read_once_when_the_settings_are_first_needed(extension):
    app = app_with(extension)
    assert keys_of(app) == SORTED
    app.config |= {"JSONIFY_PRETTY": True, "JSON_SORT_KEYS": False}
    app.json.ensure_ascii = False  # so that the settings are made again
    assert keys_of(app) == SORTED


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("JSONIFY_DATES", "never", "config key JSONIFY_DATES: dates must be"),
        ("JSONIFY_SORT_KEYS", "yes", "config key JSONIFY_SORT_KEYS: .* not 'yes'$"),
        (
            "JSONIFY_PRETTY",
            "True",
            "config key JSONIFY_PRETTY: .*; in the environment, write true",
        ),
        ("JSONIFY_COLOUR", 1, "unknown config key JSONIFY_COLOUR"),
    ],
)
def test_a_bad_config_key_is_an_error_that_names_it(key, value, message):
    with pytest.raises(ValueError, match=message):
        app_with({}, config={key: value})
    without = app_with(config={key: value})
    if key == "JSONIFY_COLOUR":  # may be the app's own
        assert keys_of(without) == SORTED
    else:
        with pytest.raises(ValueError, match=message):
            keys_of(without)


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


def test_config_keys_that_are_not_text_are_left_alone():
    assert keys_of(app_with({}, config={1: 2})) == SORTED


def test_problem_is_misspelt_problems():
    for make in (Jsonify, lambda **each: JSONMiddleware(lambda *args: [], **each)):
        with pytest.raises(TypeError, match=r"setting 'problem'; did you mean 'problems'\?"):
            make(problem=True)


def test_use_settings_refuses_other_types_at_the_call():
    with pytest.raises(TypeError, match="settings must be JSONSettings, not str"):
        use_settings("x")


def test_type_checkers_see_every_field():
    assert list(SettingsChanges.__annotations__) == [each.name for each in fields(JSONSettings)]
