"""``errors=`` of ``Jsonify``, ``json_app`` and ``JSONMiddleware``: exceptions as responses."""

from __future__ import annotations

import contextlib
from abc import ABCMeta

import flask
import pydantic
import pytest
from werkzeug.exceptions import abort
from werkzeug.routing import RequestRedirect

from jsonify_ext import ProblemError, problem
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app

from .flask_apps import app_with, get
from .test_problems import EVERYWHERE, PROBLEM, in_json_app, in_middleware, raising


class OutOfStock(Exception):
    pass


class SoldOut(OutOfStock):
    pass


@EVERYWHERE
def test_the_nearest_class_gives_the_answer(serve):
    errors = {
        OutOfStock: 409,
        SoldOut: lambda error: problem(410, str(error)),
        LookupError: "404 Not Found",
    }
    stock = serve(raising(OutOfStock("secret")), errors=errors).get("/")
    assert (stock.status_code, stock.get_json()) == (409, {"title": "Conflict", "status": 409})
    gone = serve(raising(SoldOut("for ever")), errors=errors).get("/")
    assert (gone.status_code, gone.get_json()["detail"]) == (410, "for ever")
    assert serve(raising(KeyError("x")), errors=errors).get("/").status_code == 404


class Registered(Exception, metaclass=ABCMeta):
    pass


Registered.register(SoldOut)


@EVERYWHERE
def test_classes_that_are_only_registered_do_not_count(serve):
    client = serve(raising(SoldOut()), errors={Registered: 409})
    with contextlib.suppress(SoldOut):
        assert client.get("/").status_code == 500


class ApiError(ProblemError):
    pass


class Missing(ApiError):
    status = 404


@EVERYWHERE
def test_a_base_class_answers_for_subclasses_with_another_status(serve):
    answer = serve(raising(Missing("secret")), errors={ApiError: 400}).get("/")
    assert answer.get_json() == {"title": "Bad Request", "status": 400}


@EVERYWHERE
@pytest.mark.parametrize(("status", "logged"), [(499, 0), (500, 1), ("503 Busy", 1)])
def test_an_exception_that_becomes_an_error_of_the_server_is_logged(serve, status, logged, caplog):
    client = serve(raising(OutOfStock("db7")), errors={OutOfStock: status})
    assert client.get("/").status_code == int(str(status)[:3])
    assert [str(record.exc_info[1]) for record in caplog.records] == ["db7"] * logged


@EVERYWHERE
def test_a_function_may_raise_an_http_exception(serve):
    answer = serve(raising(KeyError()), errors={KeyError: lambda error: abort(404)}).get("/")
    assert answer.status_code == 404


@EVERYWHERE
def test_a_function_returns_what_a_view_may_return(serve):
    errors = {OutOfStock: lambda error: ({"left": 0}, 409, {"X-A": "1"})}
    answer = serve(raising(OutOfStock()), errors=errors).get("/")
    assert (answer.status_code, answer.get_json()) == (409, {"left": 0})
    assert answer.headers["X-A"] == "1"


@EVERYWHERE
def test_validation_errors_of_pydantic(serve):
    class Model(pydantic.BaseModel):
        age: int

    def from_pydantic(error):
        return problem(422, errors=[[*each["loc"]] for each in error.errors()])

    errors = {pydantic.ValidationError: from_pydantic}
    answer = serve(lambda: Model(age="x"), errors=errors).get("/")
    assert (answer.status_code, answer.json["errors"]) == (422, [["age"]])


@EVERYWHERE
def test_redirects_and_responses_are_no_errors(serve):
    errors = {Exception: 500}
    answer = serve(raising(RequestRedirect("/new")), errors=errors).get("/")
    assert (answer.status_code, answer.location) == (308, "/new")
    answer = serve(lambda: abort(problem(409)), errors=errors).get("/")
    assert (answer.status_code, answer.mimetype) == (409, PROBLEM)
    assert serve(lambda: abort(404), errors=errors).get("/").status_code == 500


@pytest.mark.parametrize("serve", [in_json_app, in_middleware])
def test_other_exceptions_go_on(serve):
    with pytest.raises(ZeroDivisionError):
        serve(lambda: 1 / 0, errors={KeyError: 404}).get("/")
    with pytest.raises(ZeroDivisionError):
        serve(lambda: {}["x"], errors={KeyError: lambda error: 1 / 0}).get("/")


@pytest.mark.parametrize("early", [True, False])
def test_the_apps_and_blueprints_own_handlers_win(early):
    app = app_with(None, raising(OutOfStock()))
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/b")
    blueprint.add_url_rule("/", "view", raising(OutOfStock()))
    for scaffold in (app, blueprint):
        if early:
            Jsonify(scaffold, errors={OutOfStock: 409})
        name = scaffold.name
        scaffold.register_error_handler(OutOfStock, lambda error, name=name: (name, 400))
        if not early:
            Jsonify(scaffold, errors={OutOfStock: 409})
    app.register_blueprint(blueprint)
    assert get(app).data == b"tests"
    assert get(app, "/b/").data == b"blueprint"


@pytest.mark.parametrize("blueprint", [True, False])
def test_the_errors_of_the_last_call_count(blueprint):
    app = flask.Flask("tests")
    scaffold = flask.Blueprint("blueprint", "tests") if blueprint else app
    scaffold.add_url_rule("/", "view", raising(SoldOut()))
    scaffold.add_url_rule("/key", "key", raising(KeyError()))
    Jsonify(scaffold, errors={SoldOut: 409, KeyError: 409})
    Jsonify(scaffold, errors={SoldOut: 410})
    if blueprint:
        app.register_blueprint(scaffold)
    app.testing = True
    assert get(app).status_code == 410
    with pytest.raises(KeyError):
        get(app, "/key")


async def async_answer(error):
    return problem(409)


@pytest.mark.parametrize(
    "make", [Jsonify, json_app, lambda **each: JSONMiddleware(lambda *args: [], **each)]
)
@pytest.mark.parametrize(
    ("errors", "kind", "message"),
    [
        ([KeyError], TypeError, "errors must be a mapping, not list"),
        ({"KeyError": 404}, TypeError, "errors: 'KeyError' is not an exception class"),
        ({int: 404}, TypeError, "is not an exception class"),
        *[
            (
                {KeyError: status},
                ValueError,
                f"errors: KeyError: .* from 400 to 599, not {status!r}",
            )
            for status in (99, 200, 1000, True, None, "Gone")
        ],
        ({KeyError: async_answer}, TypeError, "that aren't async, not <function async_answer"),
    ],
)
def test_bad_errors_fail_at_once(errors, kind, message, make):
    with pytest.raises(kind, match=message):
        make(errors=errors)
