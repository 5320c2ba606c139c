"""How each framework makes and serves a JSON response, following its documentation.

Every peer is a function that takes a value and returns a call. The call makes the
response, serves it, and returns the body. It doesn't include earlier work such as
routing. A peer imports its framework when it is made, so the others work without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from .measure import Call
from .wsgi import serve, start_response

OURS = "jsonify_ext"
FLOOR = "floor"


def jsonify_ext(value: Any) -> Call:
    """This package in a plain WSGI app."""
    from jsonify_ext import jsonify

    return lambda: serve(jsonify(value))


def by_hand(value: Any) -> Call:
    """The least a WSGI app can do to send a value."""
    dumps = import_module("orjson").dumps

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body: bytes = dumps(value)
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]

    return lambda: serve(app)


def flask_jsonify(value: Any, app: Any = None) -> Call:
    """``flask.jsonify`` with Flask's own settings, unless another app is given."""
    flask = import_module("flask")
    (app or flask.Flask("benchmark")).app_context().push()
    return lambda: serve(flask.jsonify(value))


def flask_orjson(value: Any) -> Call:
    """``flask.jsonify`` with the provider of flask-orjson."""
    provider = import_module("flask_orjson").OrjsonProvider
    app = import_module("flask").Flask("benchmark")
    app.json = provider(app)
    return flask_jsonify(value, app)


def werkzeug_json(value: Any) -> Call:
    """A Werkzeug response of the standard library's ``json``."""
    from werkzeug.wrappers import Response

    return lambda: serve(Response(json.dumps(value), mimetype="application/json"))


def werkzeug_orjson(value: Any) -> Call:
    """A Werkzeug response of orjson."""
    from werkzeug.wrappers import Response

    dumps = import_module("orjson").dumps
    return lambda: serve(Response(dumps(value), mimetype="application/json"))


def django(value: Any) -> Call:
    """Django's ``JsonResponse``, sent as its ``WSGIHandler`` does."""
    settings = import_module("django.conf").settings
    if not settings.configured:
        settings.configure(DEBUG=False)
    make = import_module("django.http").JsonResponse

    def call() -> bytes:
        response = make(value)
        response["Content-Length"] = str(len(response.content))  # as CommonMiddleware does
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, list(response.items()))
        body = b"".join(response)
        response.close()
        return body

    return call


def _asgi(make: Callable[[], Any]) -> Call:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    parts: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            parts.append(message["body"])

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    def call() -> bytes:
        parts.clear()
        _drive(make()(scope, receive, send))
        return b"".join(parts)

    return call


def _drive(coroutine: Coroutine[Any, Any, object]) -> None:
    """Run a coroutine that never waits, without the cost of an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("the coroutine waits for something")


def starlette(value: Any) -> Call:
    """Starlette's ``JSONResponse``, which is FastAPI's too."""
    response = import_module("starlette.responses").JSONResponse
    return _asgi(lambda: response(value))


def fastapi(value: Any) -> Call:
    """FastAPI with a declared return type: pydantic encodes, but need not validate here."""
    response = import_module("fastapi").Response
    dump = import_module("pydantic").TypeAdapter(dict[str, Any]).dump_json
    return _asgi(lambda: response(dump(value), media_type="application/json"))


def sanic(value: Any) -> Call:
    """Sanic's ``json()`` with orjson, and the headers that its server writes."""
    make = import_module("sanic.response").json
    dumps = import_module("orjson").dumps

    def call() -> bytes:
        response = make(value, dumps=dumps)
        response.headers["content-length"] = len(response.body)
        start_response("200 OK", list(response.processed_headers))
        return b"".join([response.body])

    return call


def falcon(value: Any) -> Call:
    """Falcon's ``resp.media`` with a handler that uses orjson, sent as its app does."""
    module = import_module("falcon")
    handler = import_module("falcon.media").JSONHandler(dumps=import_module("orjson").dumps)
    options = module.App().resp_options
    options.media_handlers.update({"application/json": handler})
    make, default = module.Response, options.default_media_type

    def call() -> bytes:
        response = make(options=options)
        response.media = value
        body: bytes = response.render_body()
        response._headers["content-length"] = str(len(body))
        start_response(
            module.code_to_http_status(response.status), response._wsgi_headers(default)
        )
        return b"".join([body])

    return call


def pyramid(value: Any) -> Call:
    """Pyramid's ``json`` renderer."""
    configurator = import_module("pyramid.config").Configurator()
    configurator.commit()
    registry = configurator.registry
    renderer = import_module("pyramid.renderers").RendererHelper("json", registry=registry)
    return lambda: serve(renderer.render_to_response(value, None))


def bottle(value: Any) -> Call:
    """Bottle's JSON plugin around a view that returns a dict (with ujson if installed)."""
    module = import_module("bottle")
    app = module.Bottle()
    view = module.JSONPlugin().apply(lambda: value, None)
    response = module.response

    def call() -> bytes:
        response.bind()
        sent = app._cast(view())
        start_response(response._wsgi_status_line(), response.headerlist)
        return b"".join(sent)

    return call


#: The peers by their names in the tables.
PEERS: dict[str, Callable[[Any], Call]] = {
    OURS: jsonify_ext,
    FLOOR: by_hand,
    "flask.jsonify": flask_jsonify,
    "Flask, flask-orjson": flask_orjson,
    "Werkzeug, json": werkzeug_json,
    "Werkzeug, orjson": werkzeug_orjson,
    "Django": django,
    "Starlette": starlette,
    "FastAPI": fastapi,
    "Sanic": sanic,
    "Falcon": falcon,
    "Pyramid": pyramid,
    "Bottle": bottle,
}
