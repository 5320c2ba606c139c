"""Background callables, which run after a response was sent."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from werkzeug.test import EnvironBuilder

from jsonify_ext import jsonify

from .conftest import Send


def test_background_callables_run_in_order_and_one_that_raises_is_logged(send: Send, caplog):
    ran = []

    def fails():
        raise KeyError("background")

    def view():
        response = jsonify(1, background=[lambda: ran.append(1), fails, lambda: ran.append(3)])
        response.call_on_close(lambda: ran.append("closed"))
        return response

    with caplog.at_level(logging.ERROR, "jsonify_ext"):
        assert send(view).data == b"1\n"
    assert ran == ["closed", 1, 3]
    (record,) = caplog.records
    assert record.message == "a background callable of a JSON response failed"
    assert (record.name, record.exc_info[0]) == ("jsonify_ext", KeyError)


async def later():
    """A coroutine function, which would never run."""


class Later:
    async def __call__(self) -> None:
        """The same, as an object."""


@pytest.mark.parametrize("background", [5, "mail", later, partial(later), Later(), [print, later]])
def test_background_that_is_async_or_no_callable_is_a_type_error(background):
    with pytest.raises(TypeError, match="background takes a function that isn't async"):
        jsonify(1, background=background)
    jsonify(1, background=Later)  # calling the class isn't async


def test_background_callables_run_also_when_closing_fails():
    ran = []
    response = jsonify(1, background=lambda: ran.append(1))

    @response.call_on_close
    def fails():
        raise KeyError

    body = response(EnvironBuilder().get_environ(), lambda status, headers: print)
    assert (list(body), ran) == ([b"1\n"], [])
    with pytest.raises(KeyError):
        body.close()
    assert ran == [1]


def test_background_runs_after_the_body_for_head_and_each_time_it_is_sent(send: Send):
    ran = []
    response = jsonify(1, background=lambda: ran.append(1))
    send(lambda: response, method="HEAD")
    answer = send(lambda: response, buffered=False)
    assert (answer.data, ran) == (b"1\n", [1])
    answer.close()
    assert ran == [1, 1]


@pytest.mark.parametrize(
    ("assign", "runs", "errors"),
    [
        (lambda task: task, 1, 0),
        (lambda task: [task, task], 2, 0),
        (lambda task: None, 0, 0),
        (lambda task: 7, 0, 1),
        (lambda task: (task,), 0, 1),
        (lambda task: [None, 7, task], 1, 1),
    ],
)
@pytest.mark.parametrize("before", [None, lambda: pytest.fail("ran")], ids=["", "with another"])
def test_background_assigned_later_replaces_it(send: Send, before, assign, runs, errors, caplog):
    ran: list[int] = []

    def view():
        response = jsonify(1, background=before)
        response.background = assign(lambda: ran.append(1))
        return response

    answer = send(view)
    assert (answer.status_code, answer.data) == (200, b"1\n")
    assert ran == [1] * runs
    found = [(record.name, record.exc_info[0]) for record in caplog.records]
    assert found == [("jsonify_ext", TypeError)] * errors
