"""Problem details (RFC 9457): problem(), problem_from(), ProblemError and errors=."""

from __future__ import annotations

import json
from http import HTTPStatus

import flask
import pytest
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, UnprocessableEntity, abort
from werkzeug.test import Client
from werkzeug.wrappers import Response

from jsonify_ext import JSONResponse, ProblemError, problem, problem_from
from jsonify_ext.wsgi import JSONMiddleware, json_app

from .flask_apps import app_with, get

PROBLEM = "application/problem+json"
NOT_FOUND = {"title": "Not Found", "status": 404}
BAD_REQUEST = {"title": "Bad Request", "status": 400}


class OutOfCredit(ProblemError):
    status = 403
    title = "You do not have enough credit"
    type = "https://example.com/out-of-credit"


def in_flask(view, **options):
    return app_with(options, view).test_client()


def in_json_app(view, problems=True, **options):
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


@pytest.mark.parametrize("status", [404, HTTPStatus.NOT_FOUND, "404 Not Found", "404 NOT FOUND"])
def test_every_form_of_a_status_gives_the_same_problem(status):
    response = problem(status)
    assert (response.status_code, response.mimetype) == (404, PROBLEM)
    assert response.get_json() == NOT_FOUND


@pytest.mark.parametrize("status", [200, 302, 399, 600, HTTPStatus.OK, "200 OK", True, "x", None])
def test_a_status_that_is_not_an_error_is_a_value_error(status):
    with pytest.raises(ValueError, match="status"):
        problem(status)


def test_all_members_and_headers():
    members = {"title": "No credit", "type": "https://example.com/credit", "instance": "/1"}
    response = problem(403, "Too poor.", **members, headers={"Retry-After": "5"}, balance=30)
    expected = {"status": 403, "detail": "Too poor.", **members, "balance": 30}
    assert response.get_json() == expected
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize("exception", [ValueError("wrong"), NotFound("wrong")])
def test_the_detail_is_always_a_string(exception):
    for response in problem(400, exception), OutOfCredit(exception).get_response():
        assert response.get_json()["detail"] == str(exception)


@pytest.mark.parametrize("detail", [{"name": "too long"}, ["too long"]])
def test_a_detail_that_is_a_dict_or_a_list_is_the_errors(detail):
    for response in problem(400, detail), OutOfCredit(detail, status=400).get_response():
        assert response.get_json()["errors"] == detail
        assert "detail" not in response.get_json()


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
    bad = problem(422, "wrong", instance="/1", **{**options, "title": "\udfff"})
    assert bad.get_json() == {"title": problem(422).get_json()["title"], "status": 422}
    assert problem(499, title="\udfff").get_json() == {"status": 499}


@pytest.mark.parametrize("member", [object(), float("nan")])
@pytest.mark.parametrize("extension", [None, {"problems": True}])
def test_members_that_an_apps_own_dumps_refuses(extension, member, caplog):
    class OwnDumps(flask.json.provider.JSONProvider):
        def dumps(self, obj, **options):
            return json.dumps(obj, allow_nan=False)

    app = app_with(extension, lambda: problem(404, "no", x=member), provider=OwnDumps)
    answer = get(app)
    assert (answer.mimetype, json.loads(answer.data)) == (PROBLEM, NOT_FOUND)
    assert "members of a problem can't be encoded" in caplog.text


@pytest.mark.parametrize("exception", [ValueError(), None, 404, NotFound])
def test_problem_from_takes_http_exceptions_only(exception):
    with pytest.raises(TypeError, match="problem_from takes a werkzeug HTTPException, not "):
        problem_from(exception)


@EVERYWHERE
@pytest.mark.parametrize(
    ("description", "members", "logged"),
    [
        ("no", {"detail": "no"}, ""),
        (ValueError("wrong"), {"detail": "wrong"}, ""),
        (7, {"detail": "7"}, ""),
        ({"name": ["missing"]}, {"errors": {"name": ["missing"]}}, ""),
        (["a", "b"], {"errors": ["a", "b"]}, ""),
        ({"x": object()}, {}, "$.errors.x: object cannot be encoded"),
        ("\ud800", {}, "$.detail: "),
    ],
)
def test_every_description_is_a_string_or_the_errors(serve, description, members, logged, caplog):
    answer = serve(lambda: abort(400, description), problems=True).get("/")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert answer.get_json() == {**BAD_REQUEST, **members}
    assert logged in caplog.text


class OwnBody(BadRequest):
    def get_body(self, environ, scope=None):
        return f"not at {environ['PATH_INFO']}"


class OwnResponse(HTTPException):
    code = 418

    def get_response(self, *args):
        return Response("own response", 418)


class OwnHeaders(BadRequest):
    def get_headers(self, environ, scope=None):
        return [*super().get_headers(environ, scope), ("X-Path", environ["PATH_INFO"])]


class OwnPage(OwnBody, OwnHeaders):
    pass


@EVERYWHERE
@pytest.mark.parametrize(
    ("exception", "status", "body", "path"),
    [
        (OwnBody(), 400, "not at /", None),
        (OwnResponse(), 418, "own response", None),
        (BadRequest(response=Response("given", 400)), 400, "given", None),
        (OwnHeaders(), 400, '"status":400', "/"),
        (OwnPage(), 400, "not at /", "/"),
    ],
)
def test_an_exception_keeps_its_own_response_body_or_headers(serve, exception, status, body, path):
    answer = serve(raising(exception), problems=True).get("/")
    assert body in answer.text
    assert (answer.status_code, answer.headers.get("X-Path")) == (status, path)
    assert (answer.mimetype == PROBLEM) == (type(exception) is OwnHeaders)


def test_werkzeugs_descriptions_are_left_out_and_an_apps_own_stay():
    class NoSuchUser(NotFound):
        description = "There is no such user."

    assert problem_from(NotFound()).get_json() == NOT_FOUND
    assert problem_from(HTTPException("odd")).status_code == 500
    assert problem_from(UnprocessableEntity("bad")).get_json()["detail"] == "bad"
    assert problem_from(NoSuchUser()).get_json()["detail"] == "There is no such user."


INVALID = "The request body is not valid JSON: "


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b'{"a": }', INVALID + "Expecting value (line 1, column 7)"),
        (b"[1,\n 2", INVALID + "Expecting ',' delimiter (line 2, column 3)"),
        (b"", "The request body is empty"),
        (b"  ", "The request body is empty"),
        (b"[NaN]", INVALID + "NaN is not JSON"),
        (b'"\xff"', INVALID + "it is not UTF-8 text (byte 1)"),
        (b'"\\ud800"', INVALID + "a lone surrogate is not Unicode text"),
        (b"1e999", INVALID + "a number is too large for a float"),
    ],
)
def test_malformed_json_is_described_with_its_place(data, detail, debug):
    app = app_with({"problems": True}, lambda: flask.request.get_json(), debug=debug)
    for client in app.test_client(), Client(json_app(lambda request: request.get_json())):
        answer = client.post("/", data=data, content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
        assert answer.get_json() == {**BAD_REQUEST, "detail": detail}


def test_an_error_of_the_apps_own_parsing_is_not_about_the_body():
    def view():
        try:
            flask.json.loads("{")
        except ValueError:
            abort(400)

    assert in_flask(view, problems=True).get("/").get_json() == BAD_REQUEST


# ProblemError


RAISED = pytest.mark.parametrize(
    "make",
    [
        lambda view: app_with(None, view).test_client(),
        lambda view: in_flask(view),
        lambda view: in_flask(view, problems=True),
        lambda view: in_json_app(view),
        lambda view: in_middleware(view, problems=True),
    ],
    ids=["flask", "with the extension", "with problems", "json_app", "middleware"],
)


@RAISED
def test_a_problem_error_is_its_problem(make):
    error = OutOfCredit("Your balance is 30", balance=30, headers={"X-A": "1"}, instance="/1")
    answer = make(raising(error)).get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype, answer.headers["X-A"]) == (403, PROBLEM, "1")
    members = {"type": OutOfCredit.type, "title": OutOfCredit.title, "status": 403}
    members |= {"detail": "Your balance is 30", "instance": "/1", "balance": 30}
    assert answer.get_json() == members


def test_a_problem_error_from_before_request_and_with_its_own_status():
    app = flask.Flask("tests")
    error = ProblemError("Not you", status=HTTPStatus.UNAUTHORIZED, title="No")
    app.before_request(raising(error))
    answer = get(app)
    assert answer.status_code == 401
    assert answer.get_json() == {"title": "No", "status": 401, "detail": "Not you"}


@RAISED
def test_a_subclass_whose_init_does_not_call_its_base(make):
    class OwnInit(OutOfCredit):
        def __init__(self, balance):
            self.detail = f"Your balance is {balance}"

    class Invalid(ValueError, OutOfCredit):
        pass

    class Login(ProblemError):
        status, headers, detail = 401, {"X-A": "1"}, "Log in first"

    response = Login().get_response()
    assert (response.headers["X-A"], response.get_json()["detail"]) == ("1", "Log in first")
    assert make(raising(OwnInit(30))).get("/").get_json()["detail"] == "Your balance is 30"
    assert Invalid("no").get_response().status_code == 403


def test_an_error_handler_of_the_app_for_its_class():
    app = app_with(None, raising(OutOfCredit("30")))
    app.register_error_handler(OutOfCredit, lambda error: (error.detail, error.code))
    answer = get(app)
    assert (answer.status_code, answer.data) == (403, b"30")


def test_a_bad_status_of_a_problem_error_is_found_early():
    with pytest.raises(ValueError, match="from 400 to 599, not 200"):
        type("Wrong", (ProblemError,), {"status": 200})
    for name, right in {
        "code": "status",
        "status_code": "status",
        "description": "detail",
    }.items():
        with pytest.raises(TypeError, match=f"Wrong: the class attribute is {right}, not {name}"):
            type("Wrong", (ProblemError,), {name: 409})
    with pytest.raises(TypeError, match="first argument is the detail; pass status=404"):
        ProblemError(404)
    with pytest.raises(ValueError, match="from 400 to 599, not 302"):
        ProblemError(status=302)
    with pytest.raises(ValueError, match="line breaks"):
        ProblemError(headers={"X": "a\nb"})
