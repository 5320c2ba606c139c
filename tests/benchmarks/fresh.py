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

from .measure import Rounds
from .peers import OURS

ROOT = Path(__file__).parents[2]
_IMPORT = """
import time
begin = time.process_time()
import {module}
print(time.process_time() - begin)
"""


def _run(*arguments: str) -> float:
    command = [sys.executable, *arguments]
    # Installed packages have their bytecode.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, check=True)
    return float(run.stdout)


def import_times() -> Rounds:
    """Seconds of processor time of the imports, without the start of the interpreter."""
    modules = {OURS: "jsonify_ext", "werkzeug.wrappers": "werkzeug.wrappers"}
    times: dict[str, list[float]] = {name: [] for name in modules}
    for _ in range(26):
        for name, module in modules.items():
            times[name].append(_run("-c", _IMPORT.format(module=module)))
    # The first imports fill the bytecode caches.
    return {name: each[1:] for name, each in times.items()}


def extra_memory(kind: str, rows: int = 1_000_000) -> float:
    """By how many MiB sending so many rows raises the peak memory of a process."""
    return _run("-m", __spec__.name, kind, str(rows)) / 1024


def _peak() -> int:
    """The peak of this process in KiB; ``ru_maxrss`` may be the parent's (getrusage(2))."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


def _send(kind: Any, count: int) -> None:
    from jsonify_ext import jsonify, stream_json

    from .payloads import rows
    from .wsgi import environ, start_response

    response = jsonify(list(rows(count))) if kind == "list" else stream_json(rows(count), kind)
    for _ in response(environ(), start_response):
        pass


if __name__ == "__main__":
    kind, count = sys.argv[1:]
    _send(kind, 1000)
    before = _peak()
    _send(kind, int(count))
    print(_peak() - before)
