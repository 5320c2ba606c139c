"""app.json with the extension: still the app's own provider."""

from __future__ import annotations

import io
import json
import math
from datetime import date
from decimal import Decimal

import flask
import pytest
from flask.json.provider import DefaultJSONProvider, JSONProvider

from jsonify_ext import JSONResponse, JSONSettings, jsonify, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .test_flask import OwnDumps, OwnProvider
from .test_flask_extension import both, installed, pair

DAY = date(2024, 1, 2)


class OwnLoads(DefaultJSONProvider):
    def loads(self, s, **kwargs):
        return {"own": super().loads(s, **kwargs)}


class OwnResponseOnly(DefaultJSONProvider):
    def response(self, *args, **kwargs):
        return super().response({"wrapped": self._prepare_response_obj(args, kwargs)})


@pytest.mark.parametrize("provider", [OwnDumps, OwnProvider, OwnLoads, OwnResponseOnly])
def test_what_the_apps_provider_does_in_its_own_way_stays(provider):
    apps = pair(lambda app: setattr(app, "json", provider(app)))
    stock, ours = both(apps, lambda: flask.jsonify({"b": 1, "a": 2}))
    assert stock == ours
    texts = []
    for app in apps:
        with app.app_context():
            texts.append(flask.json.dumps({"b": 1, "a": 2}))
            if provider is not OwnProvider:
                texts.append(flask.json.loads("[1]"))
    assert texts[: len(texts) // 2] == texts[len(texts) // 2 :]
    with apps[1].app_context():
        assert jsonify([1], status=202).status_code == 202


def test_the_apps_provider_is_kept_by_a_plain_json_provider_too():
    class Bare(JSONProvider):
        def dumps(self, obj, **kwargs):
            return "bare"

        def loads(self, s, **kwargs):
            return "loaded"

    app = installed(configure=lambda app: setattr(app, "json", Bare(app)))
    with app.app_context():
        assert (flask.json.dumps(1), flask.json.loads("1")) == ("bare", "loaded")
        assert flask.jsonify(1).data == b"bare"


class Decorating(DefaultJSONProvider):
    """A provider that changes status, headers and mimetype."""

    def response(self, *args, **kwargs):
        response = super().response(*args, **kwargs)
        response.status_code = 203
        response.headers["X-Own"] = "1"
        response.mimetype = "application/own"
        return response

    def helper(self):
        return f"helper of {type(self).__name__}"


def test_a_provider_that_overrides_only_response_keeps_it_around_our_encoding():
    app = installed(configure=lambda app: setattr(app, "json", Decorating(app)), dates="iso")
    assert isinstance(app.json, Decorating)
    assert isinstance(app.json, JsonifyProvider)
    app.add_url_rule("/jsonify", "jsonify", lambda: jsonify({"a": {DAY}}))
    app.add_url_rule("/flask", "flask", lambda: flask.jsonify({"a": {DAY}}))
    app.add_url_rule("/dict", "dict", lambda: {"a": {DAY}})
    app.add_url_rule("/value", "value", lambda: DAY)
    for path in ("/jsonify", "/flask", "/dict", "/value"):
        answer = app.test_client().get(path)
        assert (answer.status_code, answer.headers["X-Own"]) == (203, "1")
        assert answer.mimetype == "application/own"
        assert b"2024-01-02" in answer.data
    with app.app_context():
        response = jsonify([DAY], status=201, headers={"X-A": "1"}, mimetype="application/x")
        assert isinstance(response, JSONResponse)
        assert isinstance(response, flask.Response)
        assert (response.status_code, response.mimetype) == (201, "application/x")
        assert (response.headers["X-Own"], response.headers["X-A"]) == ("1", "1")
        assert jsonify([DAY], settings={"dates": "http"}).data.endswith(b'GMT"]\n')
        assert jsonify(a=1).data == b'{"a":1}\n'


def test_helper_methods_attributes_and_identity_stay():
    app = flask.Flask("tests")
    provider = app.json = Decorating(app)
    provider.extra = [1]
    Jsonify(app)
    assert app.json is provider
    assert app.json.helper() == "helper of Decorating"
    assert app.json.extra == [1]
    assert isinstance(provider, type(app.json))


def test_attributes_and_methods_assigned_later_take_effect_everywhere():
    app = installed(sort_keys=True)
    app.add_url_rule("/", "view", lambda: {"b": 1, "a": 2})
    with app.app_context():
        assert jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'
        app.json.sort_keys = False
        assert jsonify(b=1, a=2).data == flask.jsonify(b=1, a=2).data == b'{"b":1,"a":2}\n'
        assert flask.json.dumps({"b": 1, "a": 2}) == '{"b": 1, "a": 2}'
        app.json.dumps = lambda value, **kwargs: "mine"
        assert jsonify(1).data == flask.jsonify(1).data == b"mine\n"
        assert flask.json.dumps(1) == "mine"
    assert app.test_client().get("/").data == b"mine\n"
    app.json.response = lambda *args, **kwargs: flask.Response("own")
    assert app.test_client().get("/").data == b"own"
    with app.app_context():
        assert jsonify(1).data == flask.jsonify(1).data == b"own"


def test_dump_and_load():
    app = installed(dates="iso")
    file = io.StringIO()
    app.json.dump({"a": DAY}, file)
    assert file.getvalue() == '{"a": "2024-01-02"}'
    assert app.json.load(io.StringIO("[1]")) == app.json.load(io.BytesIO(b"[1]")) == [1]


class Sorted(JsonifyProvider):
    """A subclass of this package's provider."""

    sort_keys = False

    def response(self, *args, **kwargs):
        response = super().response(*args, **kwargs)
        response.headers["X-Own"] = "1"
        return response


@pytest.mark.parametrize("extension", [True, False])
@pytest.mark.parametrize("cls", [JsonifyProvider, Sorted])
def test_the_provider_works_as_flask_documents_providers(cls, extension):
    class App(flask.Flask):
        json_provider_class = cls

    apps = [App("tests"), flask.Flask("tests")]
    apps[1].json = cls(apps[1])
    for app in apps:
        if extension:
            Jsonify(app)
        app.add_url_rule("/", "view", lambda: {"b": {DAY}, "a": math.nan})
        answer = app.test_client().get("/")
        members = (b'"a":null', b'"b":["Tue, 02 Jan 2024 00:00:00 GMT"]')
        ordered = members if cls is JsonifyProvider else members[::-1]
        assert answer.data == b"{%s}\n" % b",".join(ordered)
        assert ("X-Own" in answer.headers) == (cls is Sorted)
        assert type(app.json) is cls


def test_a_subclass_of_the_installed_providers_class():
    app = installed(configure=lambda app: setattr(app, "json", Decorating(app)))
    kind = type("Kind", (type(app.json),), {"sort_keys": False})
    app.json = kind(app)
    with app.app_context():
        assert flask.jsonify(b={1}, a=1).data == b'{"b":[1],"a":1}\n'


def test_a_replaced_provider_leaves_the_settings_and_warns():
    app = installed(dates="iso", sort_keys=False)
    app.json = DefaultJSONProvider(app)
    with app.app_context():
        with pytest.warns(UserWarning, match=r"app\.json was replaced after Jsonify\(app\)"):
            assert jsonify(b=DAY, a=1).data == b'{"b":"2024-01-02","a":1}\n'
        assert jsonify(b=DAY, a=1).data == b'{"b":"2024-01-02","a":1}\n'
        assert flask.jsonify(DAY).data.endswith(b'GMT"\n')
        Jsonify(app, dates="iso")
        assert flask.jsonify(DAY).data == b'"2024-01-02"\n'


@pytest.mark.parametrize(
    "view", [dict, flask.jsonify, jsonify, str], ids=["dict", "flask", "jsonify_ext", "text"]
)
def test_a_provider_that_is_replaced_later_is_a_warning_at_the_first_response(view):
    app = installed()
    app.add_url_rule("/", "view", view)
    app.json = DefaultJSONProvider(app)
    client = app.test_client()
    with pytest.warns(UserWarning, match=r"Call Jsonify\(app\) after the provider is set"):
        client.get("/")
    assert client.get("/").status_code == 200  # warnings are errors here


def test_settings_that_a_providers_own_dumps_makes_ineffective_are_a_warning():
    app = flask.Flask("tests")
    app.json = OwnDumps(app)
    with pytest.warns(UserWarning, match=r"OwnDumps\.dumps\(\) .*: dates, nan may have no"):
        Jsonify(app, dates="iso", nan="error", headers={"X-A": "1"})
    with app.app_context():
        response = jsonify({"a": 1})
        assert response.headers["X-A"] == "1"
        assert response.data == flask.jsonify({"a": 1}).data
        # Settings of a call are by our encoder.
        assert jsonify({"a": DAY}, settings={"dates": "iso"}).data == b'{"a":"2024-01-02"}\n'
        with use_settings(JSONSettings()):
            assert jsonify({"a": DAY}).data == b'{"a":"2024-01-02"}\n'
    app = flask.Flask("tests")
    app.json = OwnDumps(app)
    Jsonify(app, headers={"X-A": "1"}, etag=True, mimetype="application/x")


@pytest.mark.parametrize("value", [[49, 50], 5, {}, None, memoryview(b"1")])
def test_loads_takes_text_and_bytes_only(value):
    stock, ours = pair()
    with pytest.raises(TypeError) as expected:
        stock.json.loads(value)
    with pytest.raises(TypeError) as caught:
        ours.json.loads(value)
    assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("data", [b"{", b"", b"[1,]", b"[1] 2", b"{'a': 1}", b'"\x01"', b"nul"])
def test_a_syntax_error_is_the_standard_librarys(data):
    stock, ours = pair()
    for text in (data, data.decode(), bytearray(data)):
        with pytest.raises(json.JSONDecodeError) as expected:
            stock.json.loads(text)
        with pytest.raises(json.JSONDecodeError) as caught:
            ours.json.loads(text)
        assert str(caught.value) == str(expected.value)

    seen = []

    class Request(flask.Request):
        def on_json_loading_failed(self, e):
            seen.append(str(e))
            return {}

    ours.request_class = Request
    ours.add_url_rule("/", "view", lambda: flask.request.get_json(), methods=["POST"])
    ours.test_client().post("/", data=data, content_type="application/json")
    assert seen == [str(expected.value)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_other_encodings_are_read_as_flask_reads_them(encoding):
    data = '{"a": "é", "b": 12345678901234567890123}'.encode(encoding)
    stock, ours = pair()
    for app in (stock, ours):
        assert app.json.loads(data) == {"a": "é", "b": 12345678901234567890123}


def test_text_is_read_as_flask_reads_it():
    app = installed()
    got = app.json.loads('[NaN, -Infinity, "\\ud800", 1e999]')
    assert math.isnan(got[0])
    assert got[1:] == [-math.inf, "\ud800", math.inf]
    for data in (b"[NaN]", b"[-Infinity]", b'["\\ud800"]', b"1e999", b'"\xff"'):
        with pytest.raises(ValueError, match=r"JSON|surrogate|too large|utf-8"):
            app.json.loads(data)


def test_the_session_of_stock_flask_is_read_and_written_again():
    value = {"n": [math.nan, math.inf], "s": "\ud800", "none": None, "big": 2**70, "t": (1, 2)}
    cookies = []
    for options in (None, {}, {"omit_none": True, "big_ints": "error", "pretty": True}):
        app = flask.Flask("tests")
        app.secret_key = "tests"
        if options is not None:
            Jsonify(app, **options)
        client = app.test_client()

        def view():
            flask.session.permanent = True
            if "s" in flask.session:
                assert repr(dict(flask.session)) == repr({"_permanent": True, **value})
                flask.session.modified = True
            else:
                flask.session.update(value)
            return ""

        app.add_url_rule("/", "view", view)
        if cookies:
            client.set_cookie("session", cookies[0])
        client.get("/")
        client.get("/")
        cookies.append(client.get_cookie("session").value)
    first = cookies[0].partition(".")[0] or cookies[0].split(".")[1]
    for cookie in cookies:
        assert first in cookie


def test_dumps_follows_the_older_keys_and_the_config_too():
    app = flask.Flask("tests")
    app.config |= {"JSON_SORT_KEYS": False, "JSONIFY_ENSURE_ASCII": False, "JSONIFY_DATES": "iso"}
    Jsonify(app)
    with app.app_context():
        value = {"b": "é", "a": DAY, "d": Decimal("NaN")}
        assert flask.json.dumps(value) == '{"b": "é", "a": "2024-01-02", "d": "NaN"}'


def test_a_jinja_dumps_function_of_the_apps_own_stays():
    app = flask.Flask("tests")
    app.jinja_env.policies["json.dumps_function"] = lambda value, **kwargs: "own"
    Jsonify(app)
    with app.app_context():
        assert flask.render_template_string("{{ 1|tojson }}") == "own"
