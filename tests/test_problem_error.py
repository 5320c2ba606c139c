"""ProblemError: a problem to raise."""

from __future__ import annotations

from http import HTTPStatus

import flask
import pytest

from jsonify_ext import ProblemError

from .test_problems import PROBLEM, OutOfCredit, in_flask, in_json_app, in_middleware, raising


@pytest.mark.parametrize(
    ("serve", "options"),
    [
        (in_flask, {"extension": False}),
        (in_flask, {}),
        (in_flask, {"problems": True}),
        (in_json_app, {}),
        (in_middleware, {"problems": True}),
    ],
)
def test_a_problem_error_is_its_problem(serve, options):
    error = OutOfCredit("Your balance is 30", balance=30, headers={"X-A": "1"}, instance="/1")
    answer = serve(raising(error), **options).get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype, answer.headers["X-A"]) == (403, PROBLEM, "1")
    assert answer.get_json() == {
        "type": "https://example.com/out-of-credit",
        "title": "You do not have enough credit",
        "status": 403,
        "detail": "Your balance is 30",
        "instance": "/1",
        "balance": 30,
    }


def test_a_problem_error_from_before_request_and_with_its_own_status():
    app = flask.Flask("tests")

    @app.before_request
    def refuse():
        raise ProblemError("Not you", status=HTTPStatus.UNAUTHORIZED, title="No")

    answer = app.test_client().get("/")
    assert answer.status_code == 401
    assert answer.get_json() == {"title": "No", "status": 401, "detail": "Not you"}


def test_a_subclass_whose_init_does_not_call_its_base():
    class OwnInit(OutOfCredit):
        def __init__(self, balance):
            self.detail = f"Your balance is {balance}"

    class Invalid(ValueError, OutOfCredit):
        pass

    assert OwnInit(30).get_response().get_json()["detail"] == "Your balance is 30"
    assert Invalid("no").get_response().status_code == 403


def test_an_error_handler_of_the_app_for_its_class():
    app = flask.Flask("tests")
    app.register_error_handler(OutOfCredit, lambda error: (error.detail, error.code))
    app.add_url_rule("/", "view", raising(OutOfCredit("30")))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.data) == (403, b"30")


def test_a_bad_status_of_a_problem_error_is_found_early():
    with pytest.raises(ValueError, match="from 400 to 599, not 200"):
        type("Wrong", (ProblemError,), {"status": 200})
    with pytest.raises(TypeError, match="Wrong: the class attribute is status, not code"):
        type("Wrong", (ProblemError,), {"code": 409})
    with pytest.raises(ValueError, match="from 400 to 599, not 302"):
        ProblemError(status=302)
    with pytest.raises(ValueError, match="line breaks"):
        ProblemError(headers={"X": "a\nb"})
