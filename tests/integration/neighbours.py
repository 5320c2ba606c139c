"""Apps that use another Flask extension, with and without this package's."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

import flask
import pytest
from werkzeug.test import TestResponse

import jsonify_ext
from jsonify_ext.flask import Jsonify

__all__ = ["BIRTHDAY", "HTTP", "ISO", "Neighbour", "Request", "add_born", "require"]

BIRTHDAY = date(2026, 1, 2)
ISO, HTTP = "2026-01-02", "Fri, 02 Jan 2026 00:00:00 GMT"

#: Method, path, and arguments of the test client.
Request = tuple[str, str, dict[str, Any]]


def require(name: str) -> Any:
    """A module of the dependency group ``integration``; a test module without it is skipped.

    ``REQUIRE_INTEGRATION`` makes its absence an error.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        if os.environ.get("REQUIRE_INTEGRATION"):
            raise
        reason = f"there is no {name}; pip install --group integration"
        pytest.skip(reason, allow_module_level=True)


def add_born(app: flask.Flask) -> None:
    """Views that send a date: a returned one, and by both ``jsonify``."""
    app.add_url_rule("/born", "born", lambda: {"born": BIRTHDAY})
    app.add_url_rule("/stock", "stock", lambda: flask.jsonify(born=BIRTHDAY))
    app.add_url_rule("/ours", "ours", lambda: jsonify_ext.jsonify(born=BIRTHDAY))


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """Another extension, set up as its documentation does.

    :param set_up: installs it into an app, and adds views.
    :param requests: what a client sends, in this order.
    :param statuses: the status codes of the answers.
    :param app: makes the app.
    """

    set_up: Callable[[flask.Flask], object]
    requests: Sequence[Request]
    statuses: Sequence[int]
    app: Callable[[], flask.Flask] = lambda: flask.Flask("tests")

    def build(self, extension: Jsonify | None = None, *, last: bool = False) -> flask.Flask:
        """The app; this package's extension, if any, is installed before the other or last."""
        app = self.app()
        app.secret_key = "a key for tests that is as long as keys have to be"
        if extension is not None and not last:
            extension.init_app(app)
        self.set_up(app)
        if extension is not None and last:
            extension.init_app(app)
        return app

    def send(self, app: flask.Flask) -> list[TestResponse]:
        """The responses to all requests, from one client with its cookies."""
        client = app.test_client()
        return [client.open(path, method=method, **more) for method, path, more in self.requests]

    def answers(self, app: flask.Flask) -> list[tuple[Any, ...]]:
        """Status, headers and body of each response, without what is another each time."""
        answers = []
        for response in self.send(app):
            headers = [pair for pair in response.headers if pair[0] not in ("Set-Cookie", "Date")]
            cookies = [text.split("=")[0] for text in response.headers.getlist("Set-Cookie")]
            body = re.sub(rb'"csrf_token":"[^"]+"', b'"csrf_token":""', response.data)
            answers.append((response.status, headers, cookies, body))
        assert [int(answer[0][:3]) for answer in answers] == [*self.statuses], answers
        return answers
