"""Jsonify(app): what changes in a Flask app, and what does not."""

from __future__ import annotations

import gc
import math
from datetime import date
from decimal import Decimal
from uuid import UUID

import flask
import pytest
from flask.json.provider import DefaultJSONProvider

from jsonify_ext import JSONEncodeError, JSONResponse, jsonify, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .test_flask import CONFIGURATIONS, CORPUS, OwnDefault

DAY = date(2024, 1, 2)


def pair(configure=lambda app: None, **options) -> list[flask.Flask]:
    """The same app twice: as Flask has it, and with the extension."""
    apps = [flask.Flask("tests"), flask.Flask("tests")]
    for app in apps:
        app.secret_key = "tests"
        configure(app)
    Jsonify(apps[1], **options)
    return apps


def installed(**options) -> flask.Flask:
    return pair(**options)[1]


def both(apps, view, path="/", **request):
    """Status line, headers and body of the same view in both apps."""
    answers = []
    for app in apps:
        if "view" not in app.view_functions:
            app.add_url_rule("/", "view", view, methods=["GET", "POST"])
        answer = app.test_client().open(path, **request)
        answers.append((answer.status, list(answer.headers), answer.data))
    return answers


# The same bytes


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
@pytest.mark.parametrize("way", ["flask.jsonify", "returned"])
def test_views_send_the_same_bytes_and_headers(configuration, way):
    for value in CORPUS:
        if way == "returned" and type(value) not in (dict, list):
            continue
        view = (lambda v=value: v) if way == "returned" else (lambda v=value: flask.jsonify(v))
        stock, ours = both(pair(CONFIGURATIONS[configuration]), view)
        if stock[0].startswith("500"):
            assert ours[0] == "200 OK"
        else:
            assert stock == ours


# What is new


def test_flask_jsonify_takes_response_options():
    app = installed()

    @app.get("/")
    def view():
        users = [{"id": 1}]
        return flask.jsonify(users, status=201, mimetype="application/json", headers={"X-A": "1"})

    answer = app.test_client().get("/")
    assert (answer.status_code, answer.data, answer.mimetype) == (
        *(201, b'[{"id":1}]\n', "application/json"),
    )
    assert answer.headers["X-A"] == "1"
    with app.app_context():
        assert flask.jsonify(status=201).data == b'{"status":201}\n'
        assert flask.jsonify(1, 2).data == b"[1,2]\n"
        with pytest.raises(TypeError, match="colour"):
            flask.jsonify(1, colour=2)


def test_the_providers_response_outside_of_a_context_is_as_the_app_says():
    app = installed(pretty=True)
    assert app.json.response([1]).data == b"[\n  1\n]\n"


class Own(flask.Response):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.headers["X-Own"] = "1"


@pytest.mark.parametrize("kind", [flask.Response, Own])
def test_flask_jsonify_returns_both_classes(kind):
    app = installed(configure=lambda app: setattr(app, "response_class", kind))
    with app.app_context():
        inside = flask.jsonify(1)
    outside = app.json.response(1, status=202)
    for response in (inside, outside):
        assert isinstance(response, JSONResponse)
        assert isinstance(response, kind)
        assert ("X-Own" in response.headers) == (kind is Own)
    assert outside.status_code == 202
    assert app.json.dumps([date(2024, 1, 1)]) == '["Mon, 01 Jan 2024 00:00:00 GMT"]'


def test_richer_values_go_everywhere():
    app = installed(dates="iso", encoders={Decimal: float})
    value = {"a": {2}, "d": date(2024, 1, 1), "p": Decimal("1.5")}
    text = '{"a":[2],"d":"2024-01-01","p":1.5}'
    app.add_url_rule("/", "view", lambda: value)
    assert app.test_client().get("/").get_data(as_text=True) == text + "\n"
    with app.app_context():
        assert flask.json.dumps(value, separators=(",", ":")) == text
        assert flask.json.dumps(value) == '{"a": [2], "d": "2024-01-01", "p": 1.5}'
        with use_settings(dates="http"):
            assert "GMT" in flask.json.dumps(value)
        with pytest.raises(JSONEncodeError, match="object cannot be encoded"):
            flask.json.dumps({"a": [object()]})
        # Sessions stay readable for stock Flask.
        assert flask.json.dumps([math.nan, "\ud800", Decimal("NaN")]) == '[NaN, "\\ud800", "NaN"]'


def test_get_json_is_strict_and_exact():
    app = installed()
    app.add_url_rule("/", "view", lambda: {"got": flask.request.get_json()}, methods=["POST"])
    client = app.test_client()
    big = 12345678901234567890123
    assert client.post("/", json={"é": big}).json == {"got": {"é": big}}
    for data in (b"NaN", b"[1", b"\xff", b'"\\ud800"', b"[Infinity]", b'"\xed\xa0\x80"'):
        assert client.post("/", data=data, content_type="application/json").status_code == 400


def test_the_test_client_reads_json():
    app = installed()
    app.add_url_rule("/", "view", lambda: {"a": 2**70})
    assert app.test_client().get("/").json == {"a": 2**70}


def test_scopes_count_for_flask_jsonify_too():
    app = installed()
    with use_settings(sort_keys=False, dates="iso"):
        with app.app_context():
            assert flask.jsonify(b=date(2024, 1, 1), a=2).data == b'{"b":"2024-01-01","a":2}\n'
        outside = app.json.response(b=date(2024, 1, 1), a=2)
    assert outside.data == b'{"a":2,"b":"Mon, 01 Jan 2024 00:00:00 GMT"}\n'


# Settings


def test_settings_by_keyword_and_by_config(monkeypatch):
    monkeypatch.setenv("FLASK_JSONIFY_SORT_KEYS", "false")
    monkeypatch.setenv("FLASK_JSONIFY_DATES", "iso")
    monkeypatch.setenv("FLASK_JSONIFY_HEADERS", '{"X-A": "1"}')
    monkeypatch.setenv("FLASK_JSONIFY_PRETTY", "true")
    monkeypatch.setenv("FLASK_JSONIFY_NAN", "null")  # JSON's, which says nothing
    app = flask.Flask("tests")
    app.config.from_prefixed_env()
    Jsonify(app, pretty=False)
    app.add_url_rule("/", "view", lambda: {"b": date(2024, 1, 1), "a": 1})
    answer = app.test_client().get("/")
    assert answer.data == b'{"b":"2024-01-01","a":1}\n'
    assert answer.headers["X-A"] == "1"


def test_every_setting():
    for field, value, body in (
        ("sort_keys", False, '{"b":"\\u00e9","a":null}\n'),
        ("pretty", True, '{\n  "a": null,\n  "b": "\\u00e9"\n}\n'),
        ("ensure_ascii", False, '{"a":null,"b":"é"}\n'),
        ("default", lambda value: "default", '{"a":null,"b":"\\u00e9"}\n'),
    ):
        app = installed(**{field: value})
        app.add_url_rule("/", "view", lambda: {"b": "é", "a": None})
        assert app.test_client().get("/").get_data(as_text=True) == body
    app = installed(mimetype="application/x", etag=True, default=lambda value: "default")
    app.add_url_rule("/", "view", lambda: [object()])
    answer = app.test_client().get("/")
    assert (answer.mimetype, answer.data) == ("application/x", b'["default"]\n')
    etag = {"If-None-Match": answer.headers["ETag"]}
    assert app.test_client().get("/", headers=etag).status_code == 304
    with installed(nan="error").app_context(), pytest.raises(JSONEncodeError, match="nan"):
        flask.jsonify(math.nan)


def test_a_bad_setting_is_an_error_at_start_that_names_the_key():
    with pytest.raises(ValueError, match="^dates must be"):
        Jsonify(dates="never")
    with pytest.raises(TypeError, match="unknown setting 'colour'"):
        Jsonify(colour=1)
    for key, value in (("JSONIFY_DATES", "never"), ("JSONIFY_SORT_KEYS", "yes")):
        app = flask.Flask("tests")
        app.config[key] = value
        with pytest.raises(ValueError, match=f"config key {key}: "):
            Jsonify(app)
    app = flask.Flask("tests")
    app.config["JSONIFY_COLOUR"] = 1
    with pytest.raises(ValueError, match="unknown config key JSONIFY_COLOUR"):
        Jsonify(app)


def test_what_the_app_had_set_stays_and_later_changes_count():
    app = flask.Flask("tests")
    app.json.sort_keys = False
    app.json.mimetype = "application/x"
    app.json.default = lambda value: "before"
    Jsonify(app)
    with app.app_context():
        assert flask.jsonify(b={1}, a=2).data == b'{"b":"before","a":2}\n'
        assert flask.jsonify(1).mimetype == "application/x"
        app.json.sort_keys = True
        app.json.compact = False
        app.json.default = lambda value: "after"
        assert flask.jsonify(b={1}, a=2).data == b'{\n  "a": 2,\n  "b": "after"\n}\n'


def test_a_keyword_comes_before_the_older_keys():
    app = flask.Flask("tests")
    app.config |= {"JSON_SORT_KEYS": True, "JSON_AS_ASCII": True}
    Jsonify(app, sort_keys=False)
    with app.app_context():
        assert flask.jsonify(b="é", a=1).data == b'{"b":"\\u00e9","a":1}\n'
        app.json.sort_keys = True
        assert flask.jsonify(b=1, a=1).data == b'{"a":1,"b":1}\n'


# Installation


def test_application_factories_and_several_apps():
    extension = Jsonify(dates="iso")
    apps = [flask.Flask("first"), flask.Flask("second")]
    apps[1].config["JSONIFY_SORT_KEYS"] = False
    for app in apps:
        extension.init_app(app)
        assert app.extensions["jsonify_ext"] is extension
        assert isinstance(app.json, JsonifyProvider)
        assert isinstance(app.json, DefaultJSONProvider)
    with apps[0].app_context():
        assert flask.jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'
        with apps[1].app_context():
            assert flask.jsonify(b=1, a=2).data == b'{"b":1,"a":2}\n'
        assert flask.jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'


def test_twice_is_harmless():
    app = flask.Flask("tests")
    Jsonify(app, sort_keys=False, dates="iso")
    provider, make_response = app.json, app.make_response
    Jsonify(app, dates="http", problems=True)
    assert (app.json, app.make_response) == (provider, make_response)
    with app.app_context():
        assert flask.jsonify(b=date(2024, 1, 1), a=1).data.startswith(b'{"b":"Mon')
    assert app.test_client().get("/nowhere").mimetype == "application/problem+json"


def test_current_app_is_the_app():
    app = flask.Flask("tests")
    with app.app_context():
        Jsonify(flask.current_app, dates="iso")
        assert isinstance(app.json, JsonifyProvider)
        assert flask.jsonify(DAY).data == b'"2024-01-02"\n'


def test_flask_subclasses_and_blueprints():
    class App(flask.Flask):
        json_provider_class = OwnDefault

    app = App("tests")
    Jsonify(app)
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/b")
    blueprint.add_url_rule("/", "view", lambda: {"b": UUID(int=1), "a": 1})
    app.register_blueprint(blueprint)
    answer = app.test_client().get("/b/")
    assert answer.data == b'{"b":"00000000000000000000000000000001","a":1}\n'


def test_the_provider_of_an_app_that_is_gone():
    provider = installed().json
    gc.collect()
    with pytest.raises(ReferenceError):
        provider.response(1)


def test_what_changes_after_a_call_is_seen_at_the_next():
    app = flask.Flask("tests")
    Jsonify(app)
    with app.app_context():
        assert jsonify([float("nan")]).data == b"[null]\n"
        app.json.configure({"nan": "error"})
        with pytest.raises(JSONEncodeError, match="nan"):
            jsonify([float("nan")])

        class Own(flask.Response):
            pass

        app.response_class = Own
        assert isinstance(jsonify(1), Own)
