"""What the JSON provider of an app keeps, with and without the extension."""

from __future__ import annotations

from copy import copy
from datetime import datetime, timedelta, timezone
from enum import Enum
from uuid import UUID

import flask
import pytest
from flask.json.provider import DefaultJSONProvider, JSONProvider

from jsonify_ext import JSONEncodeError, JSONResponse, JSONSettings, encode, jsonify, use_settings
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .flask_apps import DAY, EXTENSION, HTTP, ISO, app_with, get, outcome, pair, sent
from .samples import Html, Level


@EXTENSION
def test_a_default_that_is_replaced_in_flasks_class(extension, monkeypatch):
    monkeypatch.setattr(DefaultJSONProvider, "default", staticmethod(str))
    assert sent(app_with(extension), DAY) == f'"{ISO}"'


class Status(Enum):
    OPEN = "open"


class OwnDefault(DefaultJSONProvider):
    sort_keys = False

    @staticmethod
    def default(value):
        if isinstance(value, Enum):
            return {"enum": value.name}
        if isinstance(value, UUID):
            return value.hex
        return DefaultJSONProvider.default(value)


class OwnDumps(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        kwargs["sort_keys"] = False
        return super().dumps({"own": obj}, **kwargs)


class OwnProvider(JSONProvider):
    def dumps(self, obj, **kwargs):
        return f"own({obj})"

    def loads(self, s, **kwargs):
        return f"loaded({s})"


class OwnProviderResponse(OwnProvider):
    mimetype = "application/x"

    def response(self, *args, **kwargs):
        value = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(value) + "!", mimetype=self.mimetype)


class OwnLoads(DefaultJSONProvider):
    def loads(self, s, **kwargs):
        return {"own": super().loads(s, **kwargs)}


class OwnResponse(DefaultJSONProvider):
    def response(self, *args, **kwargs):
        return super().response({"wrapped": self._prepare_response_obj(args, kwargs)})


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


class DecoratingDumps(Decorating, OwnDumps):
    """A provider that has both."""


class Repeated(DefaultJSONProvider):
    """A provider whose ``default`` gets its own results."""

    @staticmethod
    def default(value):
        if isinstance(value, UUID):
            return str(value) if value.int == 7 else UUID(int=7)
        return DefaultJSONProvider.default(value)


OWN = [
    *(OwnDefault, OwnDumps, OwnProvider, OwnProviderResponse, OwnLoads, OwnResponse, Decorating),
    *(DecoratingDumps, Repeated),
]


@pytest.mark.parametrize("provider", OWN)
def test_what_the_apps_provider_does_in_its_own_way_stays(provider):
    value = {"b": 1, "a": [UUID(int=1), DAY, Level.HIGH]}
    if provider is OwnDefault:
        value["c"] = Status.OPEN
    stock, installed = pair(provider=provider)
    for app in (stock, installed):
        with stock.app_context():
            expected = outcome(lambda: flask.jsonify(value))
        with app.app_context():
            assert outcome(lambda: flask.jsonify(value)) == expected
            # Without the extension, this package doesn't call response(): docs/flask.rst.
            if app is installed or provider not in (OwnResponse, Decorating):
                assert outcome(lambda: jsonify(value)) == expected
        assert app.json.dumps(value) == stock.json.dumps(value)
        assert app.json.loads("[1]") == stock.json.loads("[1]")


def test_values_that_an_own_default_declines_follow_the_rules():
    for app in pair(provider=OwnDefault):
        assert sent(app, {"a": {1}}) == '{"a":[1]}'
        with pytest.raises(JSONEncodeError, match="register an encoder"):
            sent(app, object())
    for app in app_with(), app_with({}):
        with app.app_context(), pytest.raises(JSONEncodeError, match="it is the class Html"):
            jsonify([Html])


def test_a_default_gets_its_own_results_until_it_ends():
    class Wrapper:
        def __init__(self, value):
            self.value = value

    value = 7
    for _ in range(12):
        value = Wrapper(value)
    for app in pair():
        app.json.default = lambda value: value.value
        assert sent(app, [value]) == "[7]"
    app.json.default = lambda value: value.astimezone(timezone.utc)
    assert sent(app, datetime(2024, 1, 2, 1, tzinfo=timezone(timedelta(hours=1)))) == f'"{HTTP}"'
    app.json.default = lambda value: value.replace()
    with pytest.raises(JSONEncodeError, match="never ends"):
        sent(app, datetime(2024, 1, 2))
    app.json.default = lambda value: encode(1j) if value.day == 9 else value.replace(day=9)
    with pytest.raises(JSONEncodeError, match="default for datetime raised JSONEncodeError"):
        sent(app, datetime(2024, 1, 2))


def test_dates_that_are_set_come_before_an_own_default():
    class Own(DefaultJSONProvider):
        default = staticmethod(lambda value: "own")

    app = app_with({"dates": "iso"}, provider=Own)
    assert sent(app, [DAY, UUID(int=1)]) == f'["{ISO}","own"]'
    with use_settings(sort_keys=False):
        assert sent(app, [DAY, UUID(int=1)]) == f'["{ISO}","own"]'
    app = app_with({}, provider=Own)
    assert sent(app, DAY) == '"own"'
    with use_settings(dates="iso"):
        assert sent(app, DAY) == f'"{ISO}"'


def test_an_encode_error_inside_of_a_default_is_an_error():
    inner = []

    class Inner(DefaultJSONProvider):
        @staticmethod
        def default(value):
            if isinstance(value, set):
                inner.append(value)
                return encode({"inner": [object()]}).decode()
            return DefaultJSONProvider.default(value)

    with app_with(provider=Inner).app_context():
        assert jsonify([1j.imag, DAY, b"a"]).status_code == 200
        for value in {"a": {1}}, {"a": {1}, "b": 2**70}, {"a": {1}, "b": {1: 2}}:
            inner.clear()
            with pytest.raises(JSONEncodeError) as caught:
                jsonify(value)
            assert caught.value.path == "$.a"
            assert isinstance(caught.value.__cause__, JSONEncodeError)
            assert caught.value.__cause__.path == "$.inner[0]"
            assert len(inner) == 1


@EXTENSION
@pytest.mark.parametrize("provider", [OwnDumps, OwnProvider, OwnProviderResponse])
def test_other_settings_apply_in_place_of_an_own_dumps(provider, extension):
    app = app_with(extension, provider=provider)
    with app.app_context():
        assert encode({"b": 1}).decode() == app.json.dumps({"b": 1})
        with use_settings(JSONSettings(dates="iso")):
            assert jsonify(a=DAY).get_data(as_text=True) == f'{{"a":"{ISO}"}}\n'
        if provider is not OwnProviderResponse:  # whose response() calls its dumps() itself
            response = jsonify([DAY], settings={"dates": "iso"})
            assert response.get_data(as_text=True) == f'["{ISO}"]\n'


@EXTENSION
def test_methods_assigned_later_take_effect_everywhere(extension):
    app = app_with(extension, view=lambda: {"b": 1})
    assert sent(app, 1) == "1"
    app.json.dumps = lambda value, **kwargs: "mine"
    with app.app_context():
        assert flask.json.dumps(1) == "mine"
    assert sent(app, 1) == "mine"
    assert get(app).data == b"mine\n"
    if extension is not None:
        app.json.response = lambda *args, **kwargs: flask.Response("own")
        assert sent(app, 1) == "own"
        assert get(app).data == b"own"


def test_a_provider_that_overrides_only_response_stays_around_our_encoding():
    app = app_with(provider=Decorating, extra=[1])
    provider = app.json
    Jsonify(app, dates="iso")
    assert app.json is provider
    assert isinstance(provider, Decorating)
    assert isinstance(provider, JsonifyProvider)
    assert (provider.helper(), provider.extra) == ("helper of Decorating", [1])
    app.add_url_rule("/jsonify", "jsonify", lambda: jsonify({"a": {DAY}}))
    app.add_url_rule("/flask", "flask", lambda: flask.jsonify({"a": {DAY}}))
    app.add_url_rule("/dict", "dict", lambda: {"a": {DAY}})
    app.add_url_rule("/value", "value", lambda: DAY)
    for path in ("/jsonify", "/flask", "/dict", "/value"):
        answer = get(app, path)
        assert (answer.status_code, answer.headers["X-Own"]) == (203, "1")
        assert answer.mimetype == "application/own"
        assert ISO in answer.text
    with app.app_context():
        response = jsonify([DAY], status=201, headers={"X-A": "1"}, mimetype="application/x")
        assert isinstance(response, JSONResponse)
        assert (response.status_code, response.mimetype) == (201, "application/x")
        assert (response.headers["X-Own"], response.headers["X-A"]) == ("1", "1")
        assert jsonify([DAY], settings={"dates": "http"}).data.endswith(b'GMT"]\n')
        assert jsonify(a=1).data == b'{"a":1}\n'
        with use_settings(JSONSettings()):  # complete settings leave the app's response() too
            response = jsonify([DAY])
        assert (response.status_code, response.data) == (203, f'["{ISO}"]\n'.encode())


class Private(DecoratingDumps):
    """A provider that leaves out a header, and whose attribute is computed."""

    sort_keys = property(lambda self: False)

    def response(self, *args, **kwargs):
        response = super().response(*args, **kwargs)
        response.headers.pop("X-A", None)
        return response


def test_an_own_response_with_an_own_dumps_and_a_property():
    app = app_with({"headers": {"X-A": "1"}}, provider=Private)
    with app.app_context():
        response = jsonify(1)
        assert (response.headers["X-Own"], "X-A" in response.headers) == ("1", False)
    app = app_with(provider=Private)
    with app.app_context():
        with use_settings(mimetype="application/x"):
            assert jsonify(1).mimetype == "application/x"
        response = jsonify(1, settings={"mimetype": "application/x"})
        assert (response.headers["X-Own"], response.mimetype) == ("1", "application/x")


def test_headers_and_etag_with_an_own_response_that_calls_no_other():
    app = app_with({"headers": {"X-A": "1"}, "etag": True}, provider=OwnProviderResponse)
    app.add_url_rule("/", "view", lambda: jsonify(1))
    app.add_url_rule("/changed", "changed", lambda: jsonify(1, settings={"headers": {"X-A": "2"}}))
    for path, value in [("/", "1"), ("/changed", "2")]:
        answer = get(app, path)
        assert (answer.text, answer.headers["X-A"]) == ("own(1)!", value)
        assert "ETag" in answer.headers


class Sorted(JsonifyProvider):
    """A subclass of this package's provider."""

    sort_keys = False

    def response(self, *args, **kwargs):
        response = super().response(*args, **kwargs)
        response.headers["X-Own"] = "1"
        return response


@EXTENSION
@pytest.mark.parametrize("as_attribute", [True, False])
@pytest.mark.parametrize("provider", [JsonifyProvider, Sorted])
def test_the_provider_works_as_flask_documents_providers(provider, as_attribute, extension):
    class App(flask.Flask):
        json_provider_class = provider

    options = {"provider": provider} if as_attribute else {"cls": App}
    config = {"JSONIFY_OMIT_NONE": True, "JSONIFY_ENSURE_ASCII": False}
    app = app_with(extension, lambda: {"b": {DAY}, "a": 1, "n": None}, config=config, **options)
    members = ('"a":1', f'"b":["{HTTP}"]')
    ordered = ",".join(members if provider is JsonifyProvider else members[::-1])
    answer = get(app)
    assert answer.text == f"{{{ordered}}}\n"
    assert ("X-Own" in answer.headers) == (provider is Sorted)
    assert app.json.dumps({"e": "é"}) == '{"e": "é"}'
    assert type(app.json) is provider


def test_a_subclass_of_the_installed_providers_class():
    app = app_with({}, provider=Decorating)
    kind = type("Kind", (type(app.json),), {"sort_keys": False})
    app.json = kind(app)
    assert sent(app, {"b": {1}, "a": 1}) == '{"b":[1],"a":1}'


@pytest.mark.parametrize("view", [dict, flask.jsonify, jsonify, str])
def test_replacing_the_provider_later_is_a_warning_at_the_first_response(view):
    app = app_with({}, view=view)
    app.json = DefaultJSONProvider(app)
    with pytest.warns(UserWarning, match=r"Call Jsonify\(app\) after the provider is set"):
        get(app)
    assert get(app).status_code == 200  # warnings are errors here


def test_a_provider_that_is_replaced_later_leaves_the_settings():
    settings = {"dates": "iso", "sort_keys": False, "ensure_ascii": False, "omit_none": True}
    app = app_with({**settings, "pretty": True, "mimetype": "application/x"})
    app.json = DefaultJSONProvider(app)
    with app.app_context():
        with pytest.warns(UserWarning, match=r"app\.json was replaced after Jsonify\(app\)"):
            response = jsonify(b=DAY, a="é", n=None)
        assert response.get_data(as_text=True) == f'{{\n  "b": "{ISO}",\n  "a": "é"\n}}\n'
        assert response.mimetype == "application/x"
        assert flask.jsonify(DAY).get_data(as_text=True) == f'"{HTTP}"\n'
        app.json.sort_keys = app.json.compact = True
        assert jsonify(b=DAY, a="é").get_data(as_text=True) == f'{{"a":"é","b":"{ISO}"}}\n'
    Jsonify(app, dates="iso")
    assert sent(app, DAY) == f'"{ISO}"'


@pytest.mark.parametrize("make", [lambda app: copy(app.json), JsonifyProvider])
def test_another_provider_of_the_app_has_its_own_attributes(make):
    app = app_with({"ensure_ascii": False, "sort_keys": True})
    other = make(app)
    other.sort_keys, other.default = False, lambda value: "own"
    assert other.dumps({"b": "é", "a": 1j}) == '{"b": "é", "a": "own"}'
    with app.app_context():
        assert (
            other.response({"b": "é", "a": 1j}).get_data(as_text=True) == '{"b":"é","a":"own"}\n'
        )
    assert sent(app, {"b": 1, "a": 2}) == '{"a":2,"b":1}'


def test_settings_that_a_providers_own_dumps_makes_ineffective_are_a_warning():
    with pytest.warns(UserWarning, match=r"OwnDumps\.dumps\(\) .*: dates, nan may have no"):
        app = app_with(
            {"dates": "iso", "nan": "error", "headers": {"X-A": "1"}}, provider=OwnDumps
        )
    with app.app_context():
        response = jsonify({"a": 1})
        assert response.headers["X-A"] == "1"
        assert response.data == flask.jsonify({"a": 1}).data
    # No warning, because these have an effect.
    app_with({"headers": {"X-A": "1"}, "etag": True, "mimetype": "a/b"}, provider=OwnDumps)


def test_a_provider_that_two_apps_share_makes_responses_of_the_current_one():
    one, other = flask.Flask("one"), flask.Flask("other")
    other.response_class = type("Own", (flask.Response,), {})
    one.json = other.json = JsonifyProvider(one)
    with other.app_context():
        assert isinstance(flask.jsonify(1), other.response_class)
    with one.app_context():
        assert not isinstance(flask.jsonify(1), other.response_class)
