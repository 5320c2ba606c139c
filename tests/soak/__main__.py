"""The command line: ``python -m tests.soak --help``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..integration.servers.running import ROOT, Server, commands, running
from .client import Load, RequestSpec, WrongResponse, mixed
from .processes import Usage, leaks, usage


def main(arguments: list[str] | None = None) -> int:
    """Send requests, compare, measure, and return the exit code."""
    parser = argparse.ArgumentParser("python -m tests.soak", description="Look for leaks.")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--server", choices=sorted(commands()), default="granian")
    options = parser.parse_args(arguments)
    app = "tests.integration.servers.app"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(options.server, Path(folder), app, ROOT) as server,
    ):
        try:
            faults = [*_soak(server, options.requests)]
        except WrongResponse as wrong:
            faults = [str(wrong)]
    for fault in faults:
        print("FAILED:", fault)
    return 1 if faults else 0


def _soak(server: Server, count: int) -> Iterator[str]:
    """What goes wrong under the load."""
    load, expected_errors = Load(server.port), 0
    # Allocators and caches grow at first.
    warm_up = min(count // 2, 100_000)
    errors_before = server.log.read_text().count("Traceback")

    def requests() -> Iterator[RequestSpec]:
        nonlocal expected_errors
        for spec in mixed(seed=1):
            expected_errors += spec.logs
            yield spec

    source = requests()
    load.run(source, warm_up)
    before = _settled(server)
    print(f"after {warm_up:,} requests: {before}", flush=True)
    for _ in range(10):
        load.run(source, (count - warm_up) // 10)
        print(f"{usage(server.process.pid)}", flush=True)
    after = _settled(server, before)
    print(f"in the end: {after}")
    yield from leaks(before, after)
    errors = server.log.read_text().count("Traceback") - errors_before
    if errors != expected_errors:
        yield f"{errors} errors are in the log, not {expected_errors}"


def _settled(server: Server, before: Usage | None = None) -> Usage:
    """What the server holds when all connections are closed; it gets time to let go."""
    time.sleep(1)
    for _ in range(100):
        found = usage(server.process.pid)
        if before is None or not [*leaks(before, found)]:
            break
        time.sleep(0.1)
    return found


if __name__ == "__main__":
    sys.exit(main())
