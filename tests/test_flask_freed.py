"""Flask apps are freed as soon as without this package."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from werkzeug.exceptions import NotFound

from jsonify_ext import encode, json_view, jsonify, stream_json, use_settings
from jsonify_ext.flask import Jsonify

from .flask_apps import EXTENSION, app_with, get
from .test_flask_providers import Decorating


@pytest.fixture
def without_gc() -> Iterator[None]:
    """Objects are freed with their last reference only."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Child(flask.Flask):
    """An app with its own way to make responses."""

    def make_response(self, rv: Any) -> Any:
        return super().make_response(rv)


def install_by_blueprint(app: flask.Flask) -> None:
    blueprint = flask.Blueprint("api", "tests")
    Jsonify(blueprint, dates="iso", errors={KeyError: 404})
    app.register_blueprint(blueprint)


def with_a_problem(app: flask.Flask) -> None:
    Jsonify(app, problems=True)
    with app.app_context():
        assert app.make_response(NotFound()).mimetype == "application/problem+json"


def use_context(app: flask.Flask) -> None:
    with app.app_context():
        flask.jsonify({"a": 1})
        jsonify([1])
        encode({"a": {1}})
        with use_settings(pretty=True):
            jsonify([1])


def use_dumps(app: flask.Flask) -> None:
    app.json.dumps({"a": 1})
    app.json.loads("[1]")


def use_values(app: flask.Flask) -> None:
    with app.app_context():
        app.make_response({"a": 1})
        app.make_response(([1], 201))


INSTALLS: dict[str, Callable[[flask.Flask], Any]] = {
    "nothing": lambda app: None,
    "plain": Jsonify,
    "problems": with_a_problem,
    "settings": lambda app: Jsonify(app, dates="iso", encoders={set: sorted}),
    "twice": lambda app: (Jsonify(app), Jsonify(app, problems=True)),
    "later": lambda app: Jsonify().init_app(app),
    "errors": lambda app: Jsonify(app, errors={KeyError: 404}, problems="/api/"),
    "blueprint": install_by_blueprint,
    "own provider": lambda app: (setattr(app, "json", Decorating(app)), Jsonify(app)),
}


@pytest.mark.parametrize("kind", [flask.Flask, Child])
@pytest.mark.parametrize("use", [lambda app: None, use_context, use_dumps, use_values])
@pytest.mark.parametrize("install", INSTALLS)
def test_an_app_is_freed_with_its_last_reference(install, use, kind, without_gc):
    app = kind("tests")
    INSTALLS[install](app)
    use(app)
    gone = weakref.ref(app)
    del app
    assert gone() is None


@EXTENSION
def test_an_app_whose_response_class_refers_to_it_is_freed(extension):
    def used() -> weakref.ref[flask.Flask]:
        app = app_with(extension, json_view(lambda: {"a": 1}))

        class Own(flask.Response):
            def the_app(self) -> flask.Flask:
                return app

        app.response_class = Own
        assert get(app).status_code == 200
        with app.app_context():
            assert jsonify(1).the_app() is app
            assert stream_json([1]).data == b"[1]\n"
        return weakref.ref(app)

    gone = used()
    gc.collect()
    assert gone() is None
