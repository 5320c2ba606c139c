"""Requests a second of real servers with one worker each, measured with wrk."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

from .fresh import ROOT
from .measure import CannotMeasure, Measured, Progress
from .table import aligned
from .targets import SERVER_TARGETS, Result, judge

__all__ = ["SERVERS", "run"]

ROUNDS, SECONDS = 5, 2

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


def run(progress: Callable[[str], Progress]) -> list[Result]:
    """Measure all servers, print their table, and judge the targets.

    :raises CannotMeasure: if wrk or a server is not installed.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise CannotMeasure("wrk is not installed; on Debian: apt-get install wrk")
    modules = ("granian", "gunicorn", "uvicorn", "uvloop", "httptools", "flask", "fastapi")
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise CannotMeasure(f"not installed: {', '.join(missing)}; pip install jsonify_ext[bench]")
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    show = progress("servers")
    with ExitStack() as stack:
        urls = {name: stack.enter_context(_served(*SERVERS[name])) for name in SERVERS}
        for number in range(ROUNDS):
            for place, (name, url) in enumerate(urls.items(), start=1):
                rates[name].append(_load(wrk, url))
                show((number + place / len(urls)) / ROUNDS)
    print(*_table(Measured(rates)), sep="\n", end="\n\n")
    seconds = {name: [1 / rate for rate in each] for name, each in rates.items()}
    return [judge(target, Measured(seconds)) for target in SERVER_TARGETS]


@contextmanager
def _served(command: str, app: str) -> Iterator[str]:
    """Start a server, and yield its URL once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = f"{__package__}.server_apps:{app}"
    arguments = command.format(port=port, app=path).split()
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise CannotMeasure(f"the server does not start: {process.args!r}")


def _load(wrk: str, url: str) -> float:
    """Requests a second.

    :raises CannotMeasure: if the server sent anything but 200.
    """
    command = [wrk, "--threads", "1", "--connections", "16", "--duration", f"{SECONDS}s", url]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if found is None or "Non-2xx" in report or float(found[1]) == 0:
        raise CannotMeasure(f"the server at {url} does not answer as it should:\n{report}")
    return float(found[1])


def _table(rates: Measured) -> list[str]:
    rows = [("requests a second", "median", "quartiles", "x FastAPI, uvicorn")]
    for name in sorted(SERVERS, key=lambda name: -rates.of(name).median):
        spread = rates.of(name)
        rows.append(
            (
                name,
                f"{spread.median:,.0f}",
                f"{spread.low:,.0f} - {spread.high:,.0f}",
                f"{rates.ratio(name, to='FastAPI, uvicorn').median:.2f}",
            )
        )
    return aligned(rows)
