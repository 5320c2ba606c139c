"""A pytest plugin that installs the extension into every Flask app of a test suite.

With this folder in ``PYTHONPATH``, ``pytest -p extension_everywhere`` runs the suite of any
project so. As in this package's own tests, ``HIDE_ORJSON`` hides orjson.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

import pytest

_apps = 0


def pytest_configure(config: pytest.Config) -> None:
    """Wrap ``Flask.__init__``; nothing happens when this module is only imported."""
    if os.environ.get("HIDE_ORJSON"):
        sys.modules["orjson"] = None  # type: ignore[assignment]  # so that importing it fails
    import flask

    from jsonify_ext.flask import Jsonify

    stock = flask.Flask.__init__

    @functools.wraps(stock)
    def init(self: flask.Flask, *args: Any, **kwargs: Any) -> None:
        global _apps
        stock(self, *args, **kwargs)
        Jsonify(self)
        _apps += 1

    flask.Flask.__init__ = init  # type: ignore[method-assign]  # on purpose
    # Tests that replace app.json get this warning by design; it isn't an error for them.
    config.addinivalue_line("filterwarnings", "ignore:app.json was replaced after Jsonify")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"apps with the extension: {_apps}")
