"""Measurements that need a new process: the time of an import, the peak of memory.

``python -m tests.benchmarks.fresh KIND ROWS`` sends rows as a stream of the format
``KIND``, or as one response if it is ``list``. It prints by how many KiB this raised the
peak memory of the process.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import payloads
from .measure import Measured, Progress
from .peers import OURS

__all__ = ["extra_memory", "import_times", "memory_of"]

ROOT = Path(__file__).parents[2]

_IMPORT = """
import time
begin = time.process_time_ns()
import {module}
print(time.process_time_ns() - begin)
"""


def _run(*arguments: str) -> int:
    command = [sys.executable, *arguments]
    # Installed packages have their bytecode.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True)
    return int(run.stdout)


def import_times(progress: Progress, rounds: int = 25) -> Measured:
    """Seconds of processor time of the imports, without the start of the interpreter."""
    modules = {OURS: "jsonify_ext", "werkzeug.wrappers": "werkzeug.wrappers"}
    times: dict[str, list[float]] = {name: [] for name in modules}
    for number in range(-1, rounds):  # one more, for the bytecode caches
        for name, module in modules.items():
            nanoseconds = _run("-c", _IMPORT.format(module=module))
            if number >= 0:
                times[name].append(nanoseconds / 1e9)
        progress((number + 1) / rounds)
    return Measured(times)


def extra_memory(kind: str, rows: int) -> float:
    """By how many MiB sending so many rows raises the peak memory of a process."""
    return _run("-m", __spec__.name, kind, str(rows)) / 1024


def memory_of(kind: str, rows: int, progress: Progress, rounds: int = 3) -> Measured:
    """The same, several times."""
    found: list[float] = []
    for number in range(rounds):
        found.append(extra_memory(kind, rows))
        progress((number + 1) / rounds)
    return Measured({OURS: found})


def _peak() -> int:
    """The peak of this process in KiB; ``ru_maxrss`` may be the parent's (getrusage(2))."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        raise RuntimeError("/proc/self/status has no peak memory")
    return int(found[1])


def _send(kind: Any, rows: int) -> None:
    from jsonify_ext import jsonify, stream_json

    from .wsgi import ENVIRON, start_response

    source = payloads.rows(rows)
    response = jsonify(list(source)) if kind == "list" else stream_json(source, kind)
    for _ in response(ENVIRON, start_response):
        pass


if __name__ == "__main__":
    kind, rows = sys.argv[1:]
    _send(kind, 1000)
    before = _peak()
    _send(kind, int(rows))
    print(_peak() - before)
