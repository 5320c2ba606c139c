"""The playground in a process of its own, started as a user does."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator


def default_signals() -> None:
    # Where the tests run in the background, Ctrl-C is ignored, and that is inherited.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start ``python -m jsonify_ext``."""
    return subprocess.Popen(
        [sys.executable, "-m", "jsonify_ext", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
        preexec_fn=default_signals if os.name == "posix" else None,
    )


def address_of(process: subprocess.Popen[str]) -> str:
    """The address that it prints when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+/", line)
    assert found, line
    return found[0]


@contextlib.contextmanager
def served(cache: str) -> Iterator[str]:
    """Serve it until the end of the block; the address."""
    process = start("--port", "0", XDG_CACHE_HOME=cache)
    try:
        yield address_of(process)
    finally:
        process.terminate()
        process.communicate(timeout=10)
