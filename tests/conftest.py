"""A plain WSGI app and a Flask app, both checked by wsgiref."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from wsgiref.validate import validator

collect_ignore: list[str] = []
if os.environ.get("HIDE_ORJSON"):
    sys.modules["orjson"] = None  # so that importing it fails
    collect_ignore.append("encode/test_orjson_only.py")

import flask
import hypothesis
import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request

hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci")


class Send(Protocol):
    def __call__(self, view: Callable[[], Any], **request: Any) -> TestResponse: ...


def flask_app() -> flask.Flask:
    """A Flask app with the defaults of this package, except for dates."""
    app = flask.Flask("tests")
    app.json.sort_keys = False
    app.json.ensure_ascii = False
    return app


def send_by_wsgi(view: Callable[[], Any], **request: Any) -> TestResponse:
    """The response of a plain WSGI app with this view."""

    @Request.application
    def app(request: Request) -> Any:
        return view()

    return Client(validator(app)).open("/", **({"buffered": True} | request))


def send_by_flask(view: Callable[[], Any], **request: Any) -> TestResponse:
    """The response of a Flask app with this view."""
    app = flask_app()
    methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
    app.add_url_rule("/", "view", view, methods=methods, provide_automatic_options=False)
    app.testing = True
    return Client(validator(app)).open("/", **({"buffered": True} | request))


@pytest.fixture(params=[send_by_wsgi, send_by_flask], ids=["wsgi", "flask"])
def send(request: pytest.FixtureRequest) -> Send:
    """Sends a request to a view, in a WSGI app and in a Flask app."""
    return request.param


@pytest.fixture(params=["plain", "flask"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Outside Flask, and in an app context."""
    if request.param == "plain":
        yield "plain"
    else:
        with flask_app().app_context():
            yield "flask"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that the core suite leaves out."""
    if terminalreporter.config.args_source != pytest.Config.ArgsSource.TESTPATHS:
        return
    terminalreporter.section("the other tests")
    terminalreporter.write_line(
        "These were the core tests. The others need more packages: servers, a browser, other "
        "Flask extensions and the docs: tox run -e integration,docs. All of them: .ci/run"
    )
