"""The settings: each field, bad values, and which settings apply."""

from __future__ import annotations

import contextvars
import copy
import dataclasses
import gc
import os
import pickle
import subprocess
import sys
import weakref
from collections import UserDict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from jsonify_ext import JSONSettings, encode, jsonify, use_settings
from jsonify_ext.encoders import decimal_number

from .conftest import Send, flask_app


def answer_with(send: Send, value, **settings):
    def view():
        with use_settings(**settings):
            return jsonify(value)

    return send(view)


def test_headers_are_sent_unless_the_call_sets_them(send: Send):
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}

    def view():
        with use_settings(headers=headers):
            return jsonify(1, headers={"cache-control": "max-age=60"})

    answer = send(view)
    assert answer.headers.getlist("Cache-Control") == ["max-age=60"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    plain = answer_with(send, 1, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    assert plain.headers.getlist("Set-Cookie") == ["a=1", "b=2"]


def test_etag_and_conditional_requests(send: Send):
    def ask(**request):
        def view():
            with use_settings(etag=True, headers={"X-A": "1"}):
                return jsonify({"a": 1})

        return send(view, **request)

    first = ask()
    etag = first.headers["ETag"]
    assert (first.status_code, first.data) == (200, b'{"a":1}\n')
    assert etag.startswith('"')
    assert "Date" not in first.headers  # which is the server's to add
    for method in ("GET", "HEAD"):
        again = ask(method=method, headers={"If-None-Match": f'"x", {etag}'})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        assert again.headers["X-A"] == "1"
    assert ask(headers={"If-None-Match": '"x"'}).status_code == 200
    assert ask(headers={"If-Match": '"x"'}).status_code == 412
    assert ask(headers={"If-Match": etag}).status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        other = ask(method=method, headers={"If-None-Match": etag})
        assert (other.status_code, other.data) == (200, b'{"a":1}\n')
        assert "ETag" not in other.headers
    settings = JSONSettings(etag=True)
    missing = send(lambda: jsonify(1, status=404, settings=settings))
    assert "ETag" not in missing.headers
    headers = {"ETag": '"own"', "Date": "Thu, 29 Feb 2024 00:00:00 GMT"}
    own = send(lambda: jsonify(1, headers=headers, settings=settings))
    assert {name: own.headers.getlist(name) for name in headers} == {
        name: [value] for name, value in headers.items()
    }


def test_the_etag_is_the_same_in_every_process():
    code = """
from decimal import Decimal
from werkzeug.test import Client
from jsonify_ext import JSONSettings, jsonify
value = {"set": {"a", "b", "c", "d"}, "frozen": frozenset({(1, "x"), None}), "n": Decimal(1)}
response = jsonify(value, settings=JSONSettings(etag=True, sort_keys=True))
print(Client(response).get("/").headers["ETag"])
"""
    etags = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(etags) == 1
    assert etags.pop().startswith('"')


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


def test_an_unknown_field_is_a_type_error():
    with pytest.raises(TypeError, match="colour"):
        JSONSettings(colour=1)
    unknown = pytest.raises(
        TypeError, match="unknown setting 'colour'; the settings are sort_keys"
    )
    with unknown, use_settings(colour=1):
        pass


def test_settings_are_frozen_keyword_only_and_compare():
    settings = JSONSettings(pretty=True, encoders={Decimal: str})
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.pretty = False
    with pytest.raises(TypeError):
        JSONSettings(True)
    assert settings == JSONSettings(pretty=True, encoders={Decimal: str})
    assert hash(settings) == hash(JSONSettings(pretty=True, encoders={Decimal: str}))
    assert settings != JSONSettings()


def test_settings_do_not_change_with_their_arguments():
    encoders = {Decimal: str}
    headers = {"X-A": "1"}
    settings = JSONSettings(encoders=encoders, headers=headers)
    encoders[Decimal] = repr
    headers["X-A"] = "2"
    assert settings.encoders == {Decimal: str}
    assert settings.headers == (("X-A", "1"),)
    with pytest.raises(TypeError):
        settings.encoders[UUID] = str
    assert isinstance(settings.encoders, Mapping)


def test_settings_can_be_copied_and_pickled():
    settings = JSONSettings(encoders={Decimal: decimal_number}, pretty=True)
    encode(Decimal(1), settings)
    for again in (copy.deepcopy(settings), pickle.loads(pickle.dumps(settings))):
        assert again == settings
        assert encode([Decimal(1)], again) == b"[\n  1\n]"
        with pytest.raises(TypeError):
            again.encoders[UUID] = str


# Which settings apply.


def test_the_innermost_scope_comes_second_and_changes_the_outer_settings(place):
    value = {"b": date(2024, 1, 1), "a": "é"}
    with pytest.raises(KeyError), use_settings(pretty=True):
        raise KeyError
    with use_settings(sort_keys=True, dates="iso") as outer:
        assert outer.sort_keys
        assert encode(value, JSONSettings()) == '{"b":"2024-01-01","a":"é"}'.encode()
        with use_settings(ensure_ascii=True) as inner:
            assert (inner.sort_keys, inner.ensure_ascii) == (True, True)
            assert encode(value) == b'{"a":"\\u00e9","b":"2024-01-01"}'
        with use_settings(JSONSettings(), ensure_ascii=True):
            assert encode(value) == b'{"b":"2024-01-01","a":"\\u00e9"}'
        assert encode(value) == '{"a":"é","b":"2024-01-01"}'.encode()


def test_the_flask_app_comes_third_and_the_defaults_last():
    value = {"b": date(2024, 1, 1), "a": "é"}
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        assert encode(value) == '{"a":"é","b":"Mon, 01 Jan 2024 00:00:00 GMT"}'.encode()
        with use_settings(ensure_ascii=True):
            assert encode(value) == b'{"a":"\\u00e9","b":"Mon, 01 Jan 2024 00:00:00 GMT"}'
        with use_settings(JSONSettings()):
            assert encode(value) == '{"b":"2024-01-01","a":"é"}'.encode()
    assert encode(value) == '{"b":"2024-01-01","a":"é"}'.encode()
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
    for headers in (("X-A", 1),), (("X-A", True),), (("X-A", 1.0),), (("X-A", "1"),):
        for _ in range(2):
            expected = (("X-A", str(headers[0][1])),)
            with use_settings(headers=headers) as settings:
                assert settings.headers == expected
                assert jsonify(1).headers["X-A"] == expected[0][1]
            answer = jsonify(1, settings={"headers": headers})
            assert answer.headers["X-A"] == expected[0][1]


class CountedReads(UserDict):
    """Encoders that count how often they are read."""

    reads = 0

    def keys(self):
        self.reads += 1
        return super().keys()


def test_the_encoders_of_a_block_are_read_when_it_begins(place):
    encoders = CountedReads({Decimal: float})
    with use_settings(encoders=encoders, nan="error"):
        reads = encoders.reads
        for _ in range(3):
            assert encode([Decimal("1.5")]) == b"[1.5]"
            assert jsonify([Decimal("1.5")]).data == b"[1.5]\n"
    assert reads > 0
    assert encoders.reads == reads


def test_functions_of_a_block_are_not_kept():
    def default(value):
        return str(value)

    kept = weakref.ref(default)
    with use_settings(default=default, sort_keys=True):
        assert encode({"b": 1j, "a": 1}) == b'{"a":1,"b":"1j"}'
    del default
    gc.collect()
    assert kept() is None
