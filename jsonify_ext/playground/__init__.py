"""The playground: a plain WSGI app that shows what each setting does."""

from __future__ import annotations

import re
from contextlib import closing
from importlib import resources
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..in_force import use_settings
from ..response import JSONResponse, jsonify
from ..settings import JSONSettings
from ..wsgi import json_app
from .database import connect

__all__ = ["app"]

_SWITCHES = ("sort_keys", "pretty", "ensure_ascii", "etag")
_CHOICES = ("dates", "nan")
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}

_routes = Map(
    [
        Rule("/", methods=["GET"], endpoint="index"),
        Rule("/countries", methods=["GET"], endpoint="countries"),
        Rule("/countries/<code>", methods=["GET"], endpoint="country"),
    ]
)


@json_app
def app(request: Request) -> Any:
    """The WSGI application."""
    endpoint, values = _routes.bind_to_environ(request.environ).match()
    if endpoint == "index":
        page = resources.files("jsonify_ext.playground").joinpath("index.html").read_bytes()
        return Response(page, mimetype="text/html")
    view = _country if endpoint == "country" else _countries
    with use_settings(_settings(request)):
        return view(request, **values)


def _countries(request: Request) -> JSONResponse:
    continent = request.args.get("continent")
    with closing(connect()) as database:
        rows = database.execute(
            "SELECT * FROM countries WHERE ? IN (continent, '') ORDER BY code", [continent or ""]
        ).fetchall()
    return jsonify({"total": len(rows), "countries": rows}, status=_status(request))


def _country(request: Request, code: str) -> JSONResponse:
    with closing(connect()) as database:
        row = database.execute("SELECT * FROM countries WHERE code = ?", [code.upper()]).fetchone()
    if row is None:
        raise NotFound(f"There is no country with the code {code!r}.")
    return jsonify(row, status=_status(request))


def _settings(request: Request) -> JSONSettings:
    """The settings that a request's query asks for."""
    changes: dict[str, Any] = {}
    for name in _SWITCHES:
        if name in request.args:
            text = request.args[name].lower()
            if text not in _BOOLEANS:
                raise BadRequest(f"{name} must be true or false.")
            changes[name] = _BOOLEANS[text]
    for name in _CHOICES:
        if name in request.args:
            changes[name] = request.args[name]
    try:
        return JSONSettings(**changes)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None


def _status(request: Request) -> str | None:
    """The status that a request's query asks for, when it is one to send with a body."""
    status = request.args.get("status")
    if status is not None and not re.fullmatch("[2-5][0-9][0-9]", status):
        raise BadRequest("status must be a number from 200 to 599.")
    return status
