"""Real servers, started with the commands that the docs show."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import urllib3

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "deploying.rst").read_text()


def commands() -> dict[str, str]:
    """The commands of the docs that start a server, by name."""
    page = re.sub(r"\\\n +", "", PAGE)
    found = re.findall(r"^ +\$ (?!curl)(.*\b8000\b.*)$", page, re.M)
    return {_name(command): command for command in found}


def _name(command: str) -> str:
    names = ("gthread", "gunicorn", "waitress", "uwsgi", "cheroot", "granian", "werkzeug")
    return next(name for name in names if name in command)


@dataclass
class Server:
    """A server that runs, and what its app has recorded."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    records: Path
    log: Path
    pool: urllib3.HTTPConnectionPool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = self.new_pool()

    def new_pool(self) -> urllib3.HTTPConnectionPool:
        return urllib3.HTTPConnectionPool(
            "127.0.0.1", self.port, retries=False, timeout=urllib3.Timeout(20)
        )

    def notify(self, name: str) -> None:
        """Report to the app that the client has received something."""
        (self.records / name).touch()

    def recorded(self, name: str) -> list[str]:
        """What the app has recorded under a name."""
        path = self.records / name
        return path.read_text().splitlines() if path.exists() else []


_numbers = count()


def new_name(what: str) -> str:
    """A name for what one request records."""
    return f"{what}-{next(_numbers)}"


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def running(name: str, folder: Path, module: str, cwd: Path) -> Iterator[Server]:
    """Run a server with an app until the end of the block.

    :param name: one of :func:`commands`.
    :param folder: where records and the log go.
    :param module: the module that has ``app``.
    :param cwd: the folder to start in.
    """
    port = free_port()
    command = commands()[name].replace("8000", str(port))
    command = command.replace("app:app", f"{module}:app")
    command = command.replace("from app import", f"from {module} import")
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {
        "RECORDS": str(folder),
        "PATH": scripts + os.pathsep + os.environ["PATH"],
        "PYTHONWARNINGS": "default",
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            shlex.split(command),
            cwd=cwd,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def accepts() -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return True
        return process.poll() is not None

    try:
        assert wait_until(accepts, 30), log.read_text()
        assert process.poll() is None, f"{command} ended:\n{log.read_text()}"
        yield Server(name, port, process, folder, log)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
