"""Flask apps are freed as soon as without this package."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import NotFound

from jsonify_ext import encode, json_view, jsonify, stream_json, use_settings
from jsonify_ext.flask import Jsonify


@pytest.fixture
def without_gc() -> Iterator[None]:
    """Objects are freed with their last reference only."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Own(DefaultJSONProvider):
    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        return super().response(*args, **kwargs)


def with_settings() -> flask.Blueprint:
    blueprint = flask.Blueprint("api", "tests")
    Jsonify(blueprint, dates="iso", errors={KeyError: 404})
    return blueprint


class Child(flask.Flask):
    """An app with its own way to make responses."""

    def make_response(self, rv: Any) -> Any:
        return super().make_response(rv)


def use_nothing(app: flask.Flask) -> None:
    pass


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


#: What is done with an app, after which a stock app is freed with its last reference.
USES: dict[str, Callable[[flask.Flask], None]] = {
    "nothing": use_nothing,
    "app context": use_context,
    "dumps": use_dumps,
    "values": use_values,
}
INSTALLS: dict[str, Callable[[flask.Flask], Any]] = {
    "plain": Jsonify,
    "problems": lambda app: Jsonify(app, problems=True),
    "settings": lambda app: Jsonify(app, dates="iso", encoders={set: sorted}),
    "twice": lambda app: (Jsonify(app), Jsonify(app, problems=True)),
    "later": lambda app: Jsonify().init_app(app),
    "errors": lambda app: Jsonify(app, errors={KeyError: 404}, problems="/api/"),
    "blueprint": lambda app: app.register_blueprint(with_settings()),
    "own provider": lambda app: (setattr(app, "json", Own(app)), Jsonify(app)),
}


@pytest.mark.parametrize("kind", [flask.Flask, Child])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("install", INSTALLS)
def test_an_app_is_freed_with_its_last_reference_where_a_stock_app_is(
    install, use, kind, without_gc
):
    def is_freed(install: Callable[[flask.Flask], Any]) -> bool:
        app = kind("tests")
        install(app)
        USES[use](app)
        gone = weakref.ref(app)
        del app
        return gone() is None

    assert is_freed(lambda app: None)
    assert is_freed(INSTALLS[install])


def test_an_app_that_makes_problems_is_freed_with_its_last_reference(without_gc):
    app = flask.Flask("tests")
    Jsonify(app, problems=True)
    with app.app_context():
        assert app.make_response(NotFound("gone")).mimetype == "application/problem+json"
    gone = weakref.ref(app)
    del app
    assert gone() is None


@pytest.mark.parametrize("installed", [False, True])
def test_an_app_whose_response_class_refers_to_it_is_freed(installed):
    def used() -> weakref.ref[flask.Flask]:
        app = flask.Flask("tests")
        if installed:
            Jsonify(app)

        class Own(flask.Response):
            def the_app(self) -> flask.Flask:
                return app

        app.response_class = Own
        app.add_url_rule("/", "view", json_view(lambda: {"a": 1}))
        assert app.test_client().get("/").status_code == 200
        with app.app_context():
            response = jsonify(1)
            assert isinstance(response, Own)
            assert response.the_app() is app
            assert stream_json([1]).data == b"[1]\n"
        return weakref.ref(app)

    gone = used()
    gc.collect()
    assert gone() is None


def test_an_app_with_nothing_installed_is_freed():
    app = flask.Flask("tests")
    with app.app_context():
        jsonify(1)
    gone = weakref.ref(app)
    del app
    gc.collect()
    assert gone() is None
