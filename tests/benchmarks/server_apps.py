"""The apps that real servers serve, each made by a function that the server calls."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .payloads import HELLO
from .wsgi import Application

__all__ = ["fastapi", "flask_jsonify", "flask_jsonify_ext", "wsgi_jsonify_ext", "wsgi_werkzeug"]


def wsgi_jsonify_ext() -> Application:
    """This package in a plain WSGI app."""
    from jsonify_ext import jsonify

    return lambda environ, start_response: jsonify(HELLO)(environ, start_response)


def wsgi_werkzeug() -> Application:
    """Bare Werkzeug in a plain WSGI app."""
    from werkzeug.wrappers import Response

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        response = Response(json.dumps(HELLO), mimetype="application/json")
        return response(environ, start_response)

    return app


def flask_jsonify_ext() -> Any:
    """This package in a Flask app."""
    from jsonify_ext import jsonify

    return _flask(jsonify)


def flask_jsonify() -> Any:
    """Flask's own ``jsonify``."""
    return _flask(import_module("flask").jsonify)


def _flask(jsonify: Callable[[Any], Any]) -> Any:
    app = import_module("flask").Flask("benchmark")
    app.add_url_rule("/", view_func=lambda: jsonify(HELLO), endpoint="hello")
    return app


def fastapi() -> Any:
    """FastAPI with a declared return type, which its documentation recommends for speed."""
    app = import_module("fastapi").FastAPI()

    async def hello() -> dict[str, str]:
        return HELLO

    app.get("/")(hello)
    return app
