"""Lazy strings of Django and Flask-Babel are strings, also as keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import django.conf
import flask
import flask_babel
import pytest
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy, ngettext_lazy

from jsonify_ext import JSONSettings, encode, jsonify
from jsonify_ext.flask import Jsonify

from ..samples import Html, error_of

if not django.conf.settings.configured:
    django.conf.settings.configure(USE_I18N=False)


@pytest.fixture
def app() -> flask.Flask:
    app = flask.Flask("lazy")
    flask_babel.Babel(app)
    return app


#: Functions, because Flask-Babel evaluates its strings in an app context.
@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: gettext_lazy("é"), "é"),
        (lambda: ngettext_lazy("%d day", "%d days", 2) % 2, "2 days"),
        (lambda: format_lazy("{} {}", gettext_lazy("a"), "b"), "a b"),
        (lambda: lazy(lambda: "made", str)(), "made"),
        (lambda: flask_babel.lazy_gettext("é"), "é"),
        (lambda: flask_babel.lazy_gettext("%(n)s a", n=1), "1 a"),
    ],
    ids=["gettext", "ngettext", "format", "lazy", "Flask-Babel", "Flask-Babel with a value"],
)
def test_they_are_strings_and_keys(app: flask.Flask, make: Callable[[], Any], text: str):
    with app.test_request_context():
        for settings in JSONSettings(), JSONSettings(sort_keys=True):
            value = {make(): [make(), {make(): 2**70}, Html()]}
            form = json.loads(encode(value, settings))
            assert form == {text: [text, {text: 2**70}, "<b>1</b>"]}
            assert encode(make(), settings).decode() == f'"{text}"'


def test_they_are_evaluated_in_the_request(app: flask.Flask):
    Jsonify(app)
    app.add_url_rule("/", "view", lambda: {"title": flask_babel.lazy_gettext("Title")})
    app.add_url_rule("/jsonify", "call", lambda: jsonify(gettext_lazy("Name")))
    client = app.test_client()
    assert client.get("/").get_json() == {"title": "Title"}
    assert client.get("/jsonify").get_json() == "Name"


def test_strings_that_fail_are_errors():
    error = error_of({"a": [lazy(lambda: {}["secret"], str)()]})
    assert error.path == "$.a[0]"
    assert isinstance(error.__cause__, KeyError)
    assert "secret" not in str(error)
