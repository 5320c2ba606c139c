"""Apps that use another Flask extension, with and without this package's."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

import flask
import pytest

import jsonify_ext
from jsonify_ext.flask import Jsonify

__all__ = ["BIRTHDAY", "HTTP", "ISO", "Neighbour", "add_born", "installed", "require"]

BIRTHDAY = date(2026, 1, 2)
ISO, HTTP = "2026-01-02", "Fri, 02 Jan 2026 00:00:00 GMT"
_CHANGING = {"Set-Cookie", "Date", "X-RateLimit-Reset", "Retry-After"}

installed = pytest.mark.parametrize("last", [False, True], ids=["installed first", "last"])


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


@dataclass(frozen=True)
class Neighbour:
    """Another extension, set up as its documentation does.

    :param set_up: installs it into an app, and adds views.
    :param requests: what a client sends, in this order: the status code of the response,
        method, path, and arguments of the test client.
    :param app: makes the app.
    """

    set_up: Callable[[Any], object]
    requests: Sequence[tuple[int, str, str, dict[str, Any]]]
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

    def answers(self, app: flask.Flask) -> list[tuple[Any, ...]]:
        """Status, headers and body of each response, without what is another each time."""
        client, answers = app.test_client(), []
        for status, method, path, arguments in self.requests:
            response = client.open(path, method=method, **arguments)
            assert response.status_code == status, (method, path, response.data)
            headers = [pair for pair in response.headers if pair[0] not in _CHANGING]
            cookies = [text.split("=")[0] for text in response.headers.getlist("Set-Cookie")]
            is_zipped = response.headers.get("Content-Encoding") == "gzip"
            body = gzip.decompress(response.data) if is_zipped else response.data
            body = re.sub(rb'"csrf_token":"[^"]+"', b'"csrf_token":""', body)
            if is_zipped:
                headers = [pair for pair in headers if pair[0] != "Content-Length"]
            answers.append((response.status, headers, cookies, body))
        return answers
