"""Background callables, which run after a response was sent."""

from __future__ import annotations

import logging

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
    assert record.name == "jsonify_ext"
    assert record.message == "a background callable of a JSON response failed"
    assert record.exc_info[0] is KeyError


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


@pytest.mark.parametrize("several", [False, True], ids=["one", "list"])
@pytest.mark.parametrize("before", [None, print], ids=["without", "with another"])
def test_background_that_is_assigned_later_runs(send: Send, before, several, capsys):
    ran: list[int] = []

    def view():
        response = jsonify(1, background=before)
        response.background = [lambda: ran.append(1)] * 2 if several else lambda: ran.append(1)
        return response

    assert send(view).data == b"1\n"
    assert ran == [1] * (1 + several)
    assert capsys.readouterr().out == ""


def test_background_that_is_taken_away_does_not_run(send: Send):
    def view():
        response = jsonify(1, background=lambda: pytest.fail("ran"))
        response.background = None
        return response

    assert send(view).data == b"1\n"


@pytest.mark.parametrize("bad", [7, (print,), [None, 7]], ids=repr)
def test_background_assigned_later_that_cannot_be_called_is_logged(send: Send, bad, caplog):
    ran: list[int] = []

    def view():
        response = jsonify(1)
        response.background = [*bad, lambda: ran.append(1)] if isinstance(bad, list) else bad
        return response

    answer = send(view)
    assert (answer.status_code, answer.data) == (200, b"1\n")
    (record,) = caplog.records
    assert (record.name, record.exc_info[0]) == ("jsonify_ext", TypeError)
    assert ran == ([1] if isinstance(bad, list) else [])
