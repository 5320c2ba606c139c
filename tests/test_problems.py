"""Problem details (RFC 9457): problem(), problem_from(), ProblemError and errors=."""

from __future__ import annotations

from http import HTTPStatus

import flask
import pydantic
import pytest
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    NotFound,
    UnprocessableEntity,
    abort,
)
from werkzeug.routing import RequestRedirect
from werkzeug.test import Client
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, ProblemError, problem, problem_from
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app

PROBLEM = "application/problem+json"


class OutOfCredit(ProblemError):
    status = 403
    title = "You do not have enough credit"
    type = "https://example.com/out-of-credit"


class OutOfStock(Exception):
    pass


class SoldOut(OutOfStock):
    pass


def in_flask(view, **options):
    app = flask.Flask("tests")
    if options.pop("extension", True):
        Jsonify(app, **options)
    app.add_url_rule("/", "view", view, methods=["GET", "POST"])
    return app.test_client()


def in_json_app(view, **options):
    options.pop("problems", None)
    return Client(json_app(**options)(lambda request: view()))


def in_middleware(view, **options):
    def app(environ, start_response):
        return JSONResponse(view())(environ, start_response)

    return Client(JSONMiddleware(app, **options))


EVERYWHERE = pytest.mark.parametrize("serve", [in_flask, in_json_app, in_middleware])


def raising(exception):
    def view():
        raise exception

    return view


# problem()


@pytest.mark.parametrize("status", [404, HTTPStatus.NOT_FOUND, "404 Not Found", "404 NOT FOUND"])
def test_every_form_of_a_status_gives_the_same_problem(status):
    response = problem(status)
    assert response.status_code == 404
    assert response.get_json() == {"title": "Not Found", "status": 404}
    assert response.mimetype == PROBLEM


@pytest.mark.parametrize("status", [200, 302, 399, 600, HTTPStatus.OK, "200 OK", True, "x", None])
def test_a_status_that_is_not_an_error_is_a_value_error(status):
    with pytest.raises(ValueError, match="status"):
        problem(status)


def test_all_members_and_headers():
    response = problem(
        *(403, "Too poor."),
        title="No credit",
        type="https://example.com/credit",
        instance="/accounts/1",
        headers={"Retry-After": "5"},
        balance=30,
    )
    assert response.get_json() == {
        "type": "https://example.com/credit",
        "title": "No credit",
        "status": 403,
        "detail": "Too poor.",
        "instance": "/accounts/1",
        "balance": 30,
    }
    assert response.headers["Retry-After"] == "5"


def test_the_detail_is_always_a_string():
    for exception in (ValueError("wrong"), NotFound("wrong")):
        assert problem(400, exception).get_json()["detail"] == str(exception)
        assert OutOfCredit(exception).get_response().get_json()["detail"] == str(exception)


@pytest.mark.parametrize("member", [{"ctx": ValueError("no")}, "\ud800"])
def test_members_without_a_json_form_are_left_out_and_logged(member, caplog):
    options = {"title": "No", "type": "/no", "headers": {"X-A": "1"}, "errors": member}
    for response in (
        problem(422, "wrong", **options),
        ProblemError("wrong", status=422, **options).get_response(),
    ):
        assert response.get_json() == {"type": "/no", "title": "No", "status": 422}
        assert (response.status_code, response.headers["X-A"]) == (422, "1")
    assert "JSONEncodeError: $.errors" in caplog.text


# problem_from()


@pytest.mark.parametrize("exception", [ValueError(), None, 404, NotFound])
def test_problem_from_takes_http_exceptions_only(exception):
    with pytest.raises(TypeError, match="problem_from takes a werkzeug HTTPException, not "):
        problem_from(exception)


@EVERYWHERE
@pytest.mark.parametrize(
    ("description", "members"),
    [
        ("no", {"detail": "no"}),
        (ValueError("wrong"), {"detail": "wrong"}),
        (7, {"detail": "7"}),
        ({"name": ["missing"]}, {"errors": {"name": ["missing"]}}),
        (["a", "b"], {"errors": ["a", "b"]}),
    ],
)
def test_every_description_is_a_string_or_the_errors(serve, description, members):
    answer = serve(lambda: abort(400, description), problems=True).get("/")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert answer.get_json() == {"title": "Bad Request", "status": 400, **members}


@EVERYWHERE
def test_errors_without_a_json_form_are_left_out_and_logged(serve, caplog):
    answer = serve(lambda: abort(400, {"x": object()}), problems=True).get("/")
    assert answer.get_json() == {"title": "Bad Request", "status": 400}
    assert "$.errors.x: object cannot be encoded" in caplog.text


@EVERYWHERE
def test_a_description_that_is_not_unicode_text_is_left_out(serve):
    answer = serve(lambda: abort(400, "\ud800"), problems=True).get("/")
    assert answer.get_json() == {"title": "Bad Request", "status": 400}


class OwnBody(BadRequest):
    def get_body(self, *args):
        return "own body"


class OwnResponse(HTTPException):
    code = 418

    def get_response(self, *args):
        return Response("own response", 418)


@EVERYWHERE
@pytest.mark.parametrize(
    ("exception", "body"),
    [
        (OwnBody(), b"own body"),
        (OwnResponse(), b"own response"),
        (BadRequest(response=Response("given", 400)), b"given"),
    ],
)
def test_an_exception_with_its_own_response_or_body_keeps_it(serve, exception, body):
    answer = serve(raising(exception), problems=True).get("/")
    assert (answer.status_code // 100, answer.data) == (4, body)


class OwnHeaders(BadRequest):
    def get_headers(self, environ, scope=None):
        return [*super().get_headers(environ, scope), ("X-Path", environ["PATH_INFO"])]


class OwnPage(OwnHeaders):
    def get_body(self, environ, scope=None):
        return f"not at {environ['PATH_INFO']}"


@EVERYWHERE
def test_the_methods_of_an_exception_get_the_environment(serve):
    answer = serve(raising(OwnHeaders("no")), problems=True).get("/")
    assert (answer.get_json()["detail"], answer.headers["X-Path"]) == ("no", "/")
    answer = serve(raising(OwnPage()), problems=True).get("/")
    assert (answer.data, answer.headers["X-Path"]) == (b"not at /", "/")
    assert answer.mimetype == "text/html"


def test_werkzeugs_descriptions_are_left_out_and_an_apps_own_stay():
    class NoSuchUser(NotFound):
        description = "There is no such user."

    assert problem_from(NotFound()).get_json() == {"title": "Not Found", "status": 404}
    assert problem_from(UnprocessableEntity("bad")).get_json()["detail"] == "bad"
    assert problem_from(NoSuchUser()).get_json()["detail"] == "There is no such user."


# Malformed JSON


def read_json():
    return {"got": flask.request.get_json()}


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b'{"a": }', "The request body is not valid JSON: Expecting value (line 1, column 7)"),
        (
            b"[1,\n 2",
            "The request body is not valid JSON: Expecting ',' delimiter (line 2, column 3)",
        ),
        (b"", "The request body is empty"),
        (b"  ", "The request body is empty"),
        (b"[NaN]", "The request body is not valid JSON: NaN is not JSON"),
        (b'"\xff"', "The request body is not valid JSON: it is not UTF-8 text (byte 1)"),
        (b'"\\ud800"', "The request body is not valid JSON: a lone surrogate is not Unicode text"),
        (b"1e999", "The request body is not valid JSON: a number is too large for a float"),
    ],
)
def test_malformed_json_is_described_with_its_place(data, detail, debug):
    client = in_flask(read_json, problems=True)
    client.application.debug = debug
    answer = client.post("/", data=data, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert answer.get_json() == {"title": "Bad Request", "status": 400, "detail": detail}

    client = Client(json_app(lambda request: request.get_json()))
    answer = client.post("/", data=data, content_type="application/json")
    assert answer.get_json() == {"title": "Bad Request", "status": 400, "detail": detail}


def test_an_error_of_the_apps_own_parsing_is_not_about_the_body():
    def view():
        try:
            flask.json.loads("{")
        except ValueError:
            abort(400)

    assert in_flask(view, problems=True).get("/").get_json() == {
        "title": "Bad Request",
        "status": 400,
    }


# errors=


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
        errors = [
            {"detail": each["msg"], "pointer": "#/" + "/".join(map(str, each["loc"]))}
            for each in error.errors()
        ]
        return problem(422, "The body is not valid.", errors=errors)

    errors = {pydantic.ValidationError: from_pydantic}
    answer = serve(lambda: Model(age="x"), errors=errors).get("/")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "#/age"


@EVERYWHERE
def test_redirects_and_responses_are_no_errors(serve):
    errors = {Exception: 500}
    answer = serve(raising(RequestRedirect("/new")), errors=errors).get("/")
    assert (answer.status_code, answer.location) == (308, "/new")
    answer = serve(lambda: abort(problem(409)), errors=errors).get("/")
    assert (answer.status_code, answer.mimetype) == (409, PROBLEM)
    assert serve(lambda: abort(404), errors=errors).get("/").status_code == 500


def test_other_exceptions_go_on():
    for serve in (in_json_app, in_middleware):
        with pytest.raises(ZeroDivisionError):
            serve(lambda: 1 / 0, errors={KeyError: 404}).get("/")
        with pytest.raises(ZeroDivisionError):
            serve(lambda: {}["x"], errors={KeyError: lambda error: 1 / 0}).get("/")


@pytest.mark.parametrize("early", [True, False])
def test_the_apps_and_blueprints_own_handlers_win(early):
    app = flask.Flask("tests")
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/b")
    for scaffold in (app, blueprint):
        scaffold.add_url_rule("/", "view", raising(OutOfStock()))
    if not early:
        Jsonify(blueprint, errors={OutOfStock: 410})
    blueprint.register_error_handler(OutOfStock, lambda error: ("blueprint", 400))
    if early:
        Jsonify(blueprint, errors={OutOfStock: 410})
    else:
        Jsonify(app, errors={OutOfStock: 409})
    app.register_error_handler(OutOfStock, lambda error: ("app", 400))
    if early:
        Jsonify(app, errors={OutOfStock: 409})
    app.register_blueprint(blueprint)
    assert app.test_client().get("/").data == b"app"
    assert app.test_client().get("/b/").data == b"blueprint"


def test_the_last_errors_count():
    app = flask.Flask("tests")
    Jsonify(app, errors={OutOfStock: 409})
    Jsonify(app, errors={OutOfStock: 410})
    app.add_url_rule("/", "view", raising(OutOfStock()))
    assert app.test_client().get("/").status_code == 410


@pytest.mark.parametrize("blueprint", [True, False])
def test_a_class_that_the_last_errors_leave_out_has_no_answer(blueprint):
    app = flask.Flask("tests")
    scaffold = flask.Blueprint("blueprint", "tests") if blueprint else app
    Jsonify(scaffold, errors={OutOfStock: 409})
    Jsonify(scaffold, errors={KeyError: 404})
    scaffold.add_url_rule("/", "view", raising(OutOfStock()))
    if blueprint:
        app.register_blueprint(scaffold)
    app.testing = True
    with pytest.raises(OutOfStock):
        app.test_client().get("/")


async def async_answer(error):
    return problem(409)


@pytest.mark.parametrize(
    ("errors", "kind", "message"),
    [
        ([KeyError], TypeError, "errors must be a mapping, not list"),
        ({"KeyError": 404}, TypeError, "errors: 'KeyError' is not an exception class"),
        ({int: 404}, TypeError, "is not an exception class"),
        ({KeyError: 200}, ValueError, "from 400 to 599, not 200"),
        ({KeyError: None}, ValueError, "status must be"),
        ({KeyError: async_answer}, TypeError, "that aren't async, not <function async_answer"),
    ],
)
def test_bad_errors_fail_at_once(errors, kind, message):
    for make in (
        lambda: Jsonify(errors=errors),
        lambda: json_app(errors=errors),
        lambda: JSONMiddleware(lambda *args: [], errors=errors),
    ):
        with pytest.raises(kind, match=message):
            make()
