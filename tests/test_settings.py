"""The settings: each field, bad values, and which settings apply."""

from __future__ import annotations

import contextvars
import copy
import dataclasses
import gc
import pickle
import weakref
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from werkzeug.http import generate_etag, quote_etag
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from jsonify_ext import JSONSettings, encode, json_view, jsonify, use_settings
from jsonify_ext.encoders import decimal_number

from .conftest import Send, flask_app


def test_headers_are_sent_unless_the_call_sets_them(send: Send):
    pairs = [("X-A", "1"), ("Cache-Control", "no-store"), ("Link", "</a>"), ("Link", "</b>")]

    def view():
        with use_settings(headers=iter(pairs)):
            return jsonify(1, headers={"cache-control": "max-age=60"})

    headers = send(view).headers
    assert (headers["X-A"], headers.getlist("Link")) == ("1", ["</a>", "</b>"])
    assert headers.getlist("Cache-Control") == ["max-age=60"]


BODY = b'{"a":1}\n'
ETAG = quote_etag(generate_etag(BODY))
CONDITIONS = [
    *({"If-None-Match": value} for value in (ETAG, f'"x", {ETAG}', '"x"', "*", f"W/{ETAG}")),
    *({"If-Match": value} for value in ('"x"', ETAG, "*")),
    {"Range": "bytes=0-1"},
]


@pytest.mark.parametrize("condition", [{}, *CONDITIONS], ids=repr)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_etag_and_conditional_requests(send: Send, method, condition):
    def ours():
        with use_settings(etag=True, headers={"X-A": "1"}):
            return jsonify({"a": 1})

    def theirs():
        response = Response(BODY, headers={"X-A": "1"}, mimetype="application/json")
        if method in ("GET", "HEAD"):
            response.add_etag()
            response.make_conditional(EnvironBuilder(headers=condition).get_environ())
            del response.headers["Date"]  # which the server adds
        return response

    ours, theirs = (send(view, method=method, headers=condition) for view in (ours, theirs))
    assert (ours.status, ours.data) == (theirs.status, theirs.data)
    assert {*ours.headers} == {*theirs.headers}


def test_only_a_200_gets_an_etag_and_headers_of_the_call_stay(send: Send):
    settings = JSONSettings(etag=True)
    assert "ETag" not in send(lambda: jsonify(1, status=404, settings=settings)).headers
    headers = {"ETag": '"own"', "Date": "Thu, 29 Feb 2024 00:00:00 GMT"}
    own = send(lambda: jsonify(1, headers=headers, settings=settings)).headers
    assert {name: own.getlist(name) for name in headers} == {
        name: [value] for name, value in headers.items()
    }


def test_a_streamed_body_has_no_etag(send: Send):
    def view():
        response = jsonify({"a": 1}, settings=JSONSettings(etag=True))
        del response.headers["Content-Length"]
        response.response = iter([b"a", b"b"])
        return response

    answer = send(view)
    assert (answer.data, "ETag" in answer.headers) == (b"ab", False)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("sort_keys", [1, None, "yes"]),
        ("omit_none", [1, None, "yes"]),
        ("big_ints", ["Number", None, True]),
        ("pretty", [2]),
        ("ensure_ascii", ["false"]),
        ("etag", [0]),
        ("mimetype", ["", "json", None, "a/b\r\nX: y", 5]),
        ("dates", ["ISO", None, 1]),
        ("nan", ["NaN", None, True]),
        ("headers", [{"X": "a\nb"}, 5, ["ab"], [("a",)], {"Content-Type": "a/b"}, None]),
        ("headers", [{"content-length": "1"}, {"a b": "c"}]),
        ("encoders", [None, [], {"Decimal": str}, {Decimal: 1}, {int: str}, {type(None): str}]),
        ("default", [1, "str"]),
    ],
)
def test_a_bad_value_names_its_field(field, values):
    for value in values:
        with pytest.raises(ValueError, match=f"^{field}"):
            JSONSettings(**{field: value})
        with pytest.raises(ValueError, match=f"^{field}"), use_settings(**{field: value}):
            pass


def test_settings_are_frozen_keyword_only_and_compare():
    encoders, headers = {Decimal: str}, {"X-A": "1"}
    settings = JSONSettings(pretty=True, encoders=encoders, headers=headers)
    same = JSONSettings(pretty=True, encoders=encoders, headers=headers)
    assert (settings, hash(settings)) == (same, hash(same))
    assert settings != JSONSettings()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.pretty = False
    with pytest.raises(TypeError, match="keywords only"):
        JSONSettings({"pretty": True})
    # They don't change with their arguments.
    encoders[Decimal] = repr
    headers["X-A"] = "2"
    assert (settings.encoders, settings.headers) == ({Decimal: str}, (("X-A", "1"),))


@dataclasses.dataclass(frozen=True, kw_only=True)
class ApiSettings(JSONSettings):
    version: int = dataclasses.field(default=1, init=False)

    def __init__(self):
        super().__init__(pretty=True, default=self.versioned)

    def versioned(self, value):
        return f"v{self.version}"


def test_settings_of_a_subclass_can_be_copied_and_pickled():
    settings = ApiSettings()
    for again in copy.copy(settings), pickle.loads(pickle.dumps(settings)):
        assert encode([object()], again) == b'[\n  "v1"\n]'
    copied = copy.deepcopy(settings)
    object.__setattr__(copied, "version", 2)
    assert encode(object(), copied) == b'"v2"'  # its method, not that of the original


def test_settings_can_be_copied_and_pickled():
    settings = JSONSettings(encoders={Decimal: decimal_number}, pretty=True)
    encode(Decimal(1), settings)
    for again in (settings, copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert again == settings
        assert encode([Decimal(1)], again) == b"[\n  1\n]"
        with pytest.raises(TypeError):
            again.encoders[UUID] = str


# Which settings apply.


VALUE = {"b": date(2024, 1, 1), "a": "é"}


def form(**fields) -> bytes:
    """The value under complete settings."""
    return encode(VALUE, JSONSettings(**fields))


def test_the_innermost_scope_comes_second_and_changes_the_outer_settings(place):
    with pytest.raises(KeyError), use_settings(pretty=True):
        raise KeyError
    with use_settings(sort_keys=True, dates="iso") as outer:
        assert outer.sort_keys
        assert form() == '{"b":"2024-01-01","a":"é"}'.encode()
        with use_settings(ensure_ascii=True) as inner:
            assert (inner.sort_keys, inner.ensure_ascii) == (True, True)
            assert encode(VALUE) == form(sort_keys=True, ensure_ascii=True)
        with use_settings(JSONSettings(), ensure_ascii=True):
            assert encode(VALUE) == form(ensure_ascii=True)
        assert encode(VALUE) == form(sort_keys=True)


def test_the_flask_app_comes_third_and_the_defaults_last():
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        assert encode(VALUE) == form(sort_keys=True, dates="http")
        with use_settings(ensure_ascii=True):
            assert encode(VALUE) == form(sort_keys=True, dates="http", ensure_ascii=True)
        with use_settings(JSONSettings()):
            assert encode(VALUE) == form()
    assert encode(VALUE) == form()
    with use_settings(pretty=True):
        with app.app_context():
            app.json.ensure_ascii = True
            assert encode(["é"]) == b'[\n  "\\u00e9"\n]'
        assert contextvars.copy_context().run(encode, [1]) == b"[\n  1\n]"


def test_bad_values_that_equal_good_ones(place):
    for _ in range(2):
        with use_settings(sort_keys=True):
            encode({}, {"sort_keys": True})
        with pytest.raises(ValueError, match="sort_keys must be"), use_settings(sort_keys=1):
            pass
        with pytest.raises(ValueError, match="sort_keys must be"):
            encode({}, {"sort_keys": 1})


def test_headers_that_compare_equal_stay_different(place):
    for value in (1, True, 1.0, "1") * 2:
        headers = (("X-A", value),)
        with use_settings(headers=headers) as settings:
            assert settings.headers == (("X-A", str(value)),)
            assert jsonify(1).headers["X-A"] == str(value)
        assert jsonify(1, settings={"headers": iter(headers)}).headers["X-A"] == str(value)
        view = json_view(settings={"headers": iter(headers)})(lambda: 1)
        assert [view().headers["X-A"] for _ in range(2)] == [str(value)] * 2


def test_the_encoders_of_a_block_are_read_when_it_begins(place):
    encoders = {Decimal: float}
    with use_settings(encoders=encoders, nan="error"):
        encoders[Decimal] = str
        assert encode([Decimal("1.5")]) == b"[1.5]"
        assert jsonify([Decimal("1.5")]).data == b"[1.5]\n"


def test_functions_of_a_block_are_not_kept():
    def default(value):
        return str(value)

    kept = weakref.ref(default)
    with use_settings(default=default, sort_keys=True):
        assert encode({"b": 1j, "a": 1}) == b'{"a":1,"b":"1j"}'
    del default
    gc.collect()
    assert kept() is None
