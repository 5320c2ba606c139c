"""The playground: a plain WSGI app that shows what each setting does."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from ..context import use_settings
from ..errors import JSONEncodeError
from ..problems import problem
from ..response import jsonify
from ..settings import JSONSettings
from ..wsgi import json_app
from .calls import Call, as_python
from .data_sets import COUNTRY, DATA_SETS, DataSet
from .pages import FILES, page, secured
from .parameters import parameters_of, read
from .sources import source_named
from .timings import compare
from .wire import relay, target

__all__ = ["app", "version_here"]

_SETTINGS = parameters_of(JSONSettings)


@json_app
def app(request: Request) -> Response:
    """The WSGI application."""
    view, values = _routes.bind_to_environ(request.environ).match()
    response: Response = view(request, **values)
    return response


def version_here() -> str:
    """The version of this package, as it is installed."""
    try:
        return version("jsonify_ext")
    except PackageNotFoundError:  # a copy that was never installed
        return "unknown"


def _asked(
    data: DataSet, query: Mapping[str, str], path: dict[str, Any]
) -> tuple[Call, dict[str, Any]]:
    """The call that a query asks for, and the settings.

    :raises BadRequest: for a bad query.
    """
    given = read((*data.parameters, *_SETTINGS), query)
    settings = {each.name: given[each.name] for each in _SETTINGS if each.name in given}
    try:
        JSONSettings(**settings)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    return data.call(given | path), settings


def _send(data: DataSet, request: Request, **path: Any) -> Response:
    """The response itself."""
    call, settings = _asked(data, request.args, path)
    try:
        with use_settings(**settings):
            response: Response = call()
            return response
    except JSONEncodeError as error:
        # To be looked at; an app of yours says nothing of it to its clients.
        return problem(500, f"{error}.", path=error.path)


def _wire(data: DataSet, request: Request, **path: Any) -> Response:
    """The bytes of the response, as they come over the wire."""
    response = relay(request, request.path.removeprefix("/wire"))
    response.headers["Cache-Control"] = "no-store"
    return secured(response)


def _explain(data: DataSet, request: Request, **path: Any) -> Response:
    """How to make the response in Python, and how to ask for it with curl."""
    address = request.host_url.rstrip("/") + target(request, request.path.removeprefix("/explain"))
    curl = ["curl", "-iN" if data.path == "/stream" else "-i", address]
    if "If-None-Match" in request.headers:
        curl += ["-H", f"If-None-Match: {request.headers['If-None-Match']}"]
    python = raises = None
    try:
        call, settings = _asked(data, request.args, path)
        python = as_python(call, settings)
        with use_settings(**settings):
            call().close()
    except BadRequest as error:
        raises = error.description
    except (HTTPException, JSONEncodeError) as error:
        raises = f"{type(error).__name__}: {error}"
    return secured(jsonify({"python": python, "curl": shlex.join(curl), "raises": raises}))


def _timings(data: DataSet, request: Request, **path: Any) -> Response:
    """What the response costs, and what others would."""
    # What a source waits for is no cost.
    query = request.args.to_dict() | ({"pause": "0"} if data.path == "/stream" else {})
    call, settings = _asked(data, query, path)
    return secured(jsonify({"timings": compare(call, settings)}))


def _form(request: Request) -> Response:
    """What the page has controls for."""
    data = [
        {
            "path": each.path,
            "title": each.title,
            "about": each.about,
            "parameters": [
                asdict(parameter) for parameter in each.parameters if parameter.name != "name"
            ],
        }
        for each in DATA_SETS
    ]
    return secured(jsonify(version=version_here(), data=data, settings=_SETTINGS))


def _source(request: Request, name: str) -> Response:
    """How far the source of a stream got, and who ended it."""
    source = source_named(name)
    if source is None:
        raise NotFound(f"There was no stream with the name {name!r} lately.")
    return secured(jsonify(name=name, rows=source.rows, state=source.state))


def _rule(path: str, view: Callable[..., Response]) -> Rule:
    return Rule(path, methods=["GET"], endpoint=view)


_routes = Map(
    [
        *(_rule(path, page) for path in FILES),
        _rule("/form", _form),
        _rule("/streams/<name>", _source),
        *(
            _rule(prefix + data.path, partial(view, data))
            for data in (*DATA_SETS, COUNTRY)
            for prefix, view in (
                ("", _send),
                ("/wire", _wire),
                ("/explain", _explain),
                ("/timings", _timings),
            )
        ),
    ]
)
