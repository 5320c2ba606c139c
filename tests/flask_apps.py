"""Flask apps with and without the extension, and what they send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import flask
import pytest

from jsonify_ext import jsonify
from jsonify_ext.flask import Jsonify

DAY = date(2024, 1, 2)
ISO, HTTP = "2024-01-02", "Tue, 02 Jan 2024 00:00:00 GMT"

#: Without and with the extension, which has no settings.
EXTENSION = pytest.mark.parametrize("extension", [None, {}], ids=["without", "with extension"])


def app_with(
    extension: Mapping[str, Any] | None = None,
    view: Callable[..., Any] | None = None,
    *,
    provider: Callable[[flask.Flask], Any] | None = None,
    config: Mapping[str, Any] | None = None,
    cls: type[flask.Flask] = flask.Flask,
    debug: bool = False,
    **attributes: Any,
) -> flask.Flask:
    """An app.

    :param extension: the arguments of ``Jsonify``; None leaves the extension out.
    :param view: what ``/`` calls.
    :param provider: the class of ``app.json``.
    :param attributes: those of ``app.json``.
    """
    app = cls("tests")
    app.secret_key = "tests"
    if debug:
        app.debug = True  # which makes the Jinja environment
    app.config |= config or {}
    if provider is not None:
        app.json = provider(app)
    for name, value in attributes.items():
        setattr(app.json, name, value)
    if extension is not None:
        Jsonify(app, **extension)
    if view is not None:
        app.add_url_rule("/", "view", view, methods=["GET", "POST"])
    return app


def pair(extension: Mapping[str, Any] | None = None, **options: Any) -> list[flask.Flask]:
    """The same app without and with the extension."""
    return [app_with(None, **options), app_with(extension or {}, **options)]


def sent(app: flask.Flask, value: Any) -> str:
    """The body of ``jsonify`` for a value; with the extension, ``flask.jsonify`` agrees."""
    with app.app_context():
        text = jsonify(value).get_data(as_text=True)
        if "jsonify_ext" in app.extensions:
            assert flask.jsonify(value).get_data(as_text=True) == text
    return text.removesuffix("\n")


def get(app: flask.Flask, path: str = "/", **request: Any) -> Any:
    """The response to a GET request."""
    return app.test_client().get(path, **request)


def outcome(make: Callable[[], Any]) -> Any:
    """Status, headers and bytes of a response, another result, or the class of an exception."""
    try:
        made = make()
    except Exception as error:
        return type(error)
    if isinstance(made, flask.Response):
        return made.status, [*made.headers], made.get_data()
    return made
