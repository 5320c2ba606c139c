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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import urllib3

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "deploying.rst").read_text()
_NAMES = ("gthread", "gunicorn", "waitress", "uwsgi", "cheroot", "granian", "werkzeug")


def commands() -> dict[str, str]:
    """The commands of the docs that start a server, by name."""
    page = re.sub(r"\\\n +", "", PAGE)
    found = re.findall(r"^ +\$ (?!curl)(.*\b8000\b.*)$", page, re.M)
    return {next(name for name in _NAMES if name in command): command for command in found}


@dataclass
class Server:
    """A server that runs, and what its app has recorded."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    records: Path
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cached_property
    def pool(self) -> urllib3.HTTPConnectionPool:
        return self.new_pool()

    def new_pool(self) -> urllib3.HTTPConnectionPool:
        import urllib3  # which the benchmarks don't need

        timeout = urllib3.Timeout(20)
        return urllib3.HTTPConnectionPool("127.0.0.1", self.port, retries=False, timeout=timeout)

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


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether a condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class NotStarted(Exception):
    """A program has ended, or accepts no connections."""


@contextlib.contextmanager
def started(
    command: Sequence[str | Path], port: int, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a program, wait until it accepts connections, and end it.

    :param options: those of ``Popen``; what the program has started ends too, if it is in a
        session of its own.
    :raises NotStarted: after 30 seconds.
    """
    process = subprocess.Popen(command, **options)

    def accepts() -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return True
        return process.poll() is not None

    try:
        if not wait_until(accepts) or process.poll() is not None:
            raise NotStarted(f"the server does not start: {command!r}")
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        with contextlib.suppress(ProcessLookupError):
            if options.get("start_new_session"):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
        process.wait()


@contextlib.contextmanager
def running(name: str, folder: Path, module: str, cwd: Path) -> Iterator[Server]:
    """Start a server by its command, and end it and its workers afterwards.

    :param folder: where it writes its log, and its app what it records.
    :param module: the one that has ``app``.
    :param cwd: the folder to start in.
    """
    port = free_port()
    command = commands()[name].replace("8000", str(port))
    command = command.replace("app:app", f"{module}:app")
    command = command.replace("from app import", f"from {module} import")
    environment = os.environ | {
        "RECORDS": str(folder),
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ["PATH"],
        "PYTHONWARNINGS": "default",
    }
    log = folder / "log"
    with log.open("wb") as output:
        options = {"stdout": output, "stderr": output, "start_new_session": True}
        try:
            with started(
                shlex.split(command), port, cwd=cwd, env=environment, **options
            ) as process:
                yield Server(name, port, process, folder, log)
        except NotStarted as error:
            raise AssertionError(log.read_text()) from error
