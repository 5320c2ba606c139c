"""Requests a second of real servers with one worker each, measured with wrk."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from importlib import import_module
from statistics import median
from typing import Any

from ..integration.servers.running import free_port, started
from .fresh import ROOT
from .measure import CannotMeasure, Rounds, aligned
from .payloads import HELLO
from .wsgi import Application

_GRANIAN = "granian --workers 1 --no-ws --http 1 --no-log --port {port} --factory "
_ON_GRANIAN = _GRANIAN + "--interface wsgi --blocking-threads 1 {app}"
_ON_GUNICORN = "gunicorn --workers 1 --log-level critical --bind 127.0.0.1:{port} {app}()"
_WSGI_APPS = {
    "WSGI, jsonify_ext": "wsgi_jsonify_ext",
    "WSGI, Werkzeug": "wsgi_werkzeug",
    "Flask, jsonify_ext": "flask_jsonify_ext",
    "Flask, flask.jsonify": "flask_jsonify",
}
#: The commands, and the functions that make the apps, by their names in the table.
SERVERS = {
    **{f"{name}, granian": (_ON_GRANIAN, app) for name, app in _WSGI_APPS.items()},
    **{f"{name}, gunicorn": (_ON_GUNICORN, app) for name, app in _WSGI_APPS.items()},
    "FastAPI, uvicorn": (
        "uvicorn --workers 1 --loop uvloop --http httptools --no-access-log "
        "--log-level critical --port {port} --factory {app}",
        "fastapi",
    ),
    "FastAPI, granian": (_GRANIAN + "--interface asgi --loop uvloop {app}", "fastapi"),
}


def wsgi_jsonify_ext() -> Application:
    from jsonify_ext import jsonify

    return lambda environ, start_response: jsonify(HELLO)(environ, start_response)


def wsgi_werkzeug() -> Application:
    from werkzeug.wrappers import Response

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        response = Response(json.dumps(HELLO), mimetype="application/json")
        return response(environ, start_response)

    return app


def flask_jsonify_ext() -> Any:
    return _flask("jsonify_ext")


def flask_jsonify() -> Any:
    return _flask("flask")


def _flask(module: str) -> Any:
    """A Flask app with the ``jsonify`` of a module."""
    jsonify = import_module(module).jsonify
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


def run() -> Rounds:
    """Measure all servers, print their table, and return the seconds per request.

    :raises CannotMeasure: if wrk is not installed, or a server sends anything but 200.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("wrk is not installed; on Debian: apt-get install wrk")
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    urls: dict[str, str] = {}
    with ExitStack() as stack:
        for name, (command, app) in SERVERS.items():
            port = free_port()
            arguments = command.format(port=port, app=f"{__name__}:{app}").split()
            stack.enter_context(started([sys.executable, "-m", *arguments], port, cwd=ROOT))
            urls[name] = f"http://127.0.0.1:{port}/"
        for number in range(5):
            print(f"measuring the servers, round {number + 1}", file=sys.stderr, flush=True)
            for name, url in urls.items():
                rates[name].append(_load(wrk, url))
    medians = {name: median(each) for name, each in rates.items()}
    rows = [(name, f"{medians[name]:,.0f}") for name in sorted(medians, key=medians.__getitem__)]
    print(aligned([("app and server", "requests a second"), *rows]), end="\n\n")
    return {name: [1 / rate for rate in each] for name, each in rates.items()}


def _load(wrk: str, url: str) -> float:
    """Requests a second."""
    command = [wrk, "--threads", "1", "--connections", "16", "--duration", "2s", url]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if found is None or "Non-2xx" in report or float(found[1]) == 0:
        raise CannotMeasure(f"the server at {url} does not answer as it should:\n{report}")
    return float(found[1])
