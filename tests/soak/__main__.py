"""The command line: ``python -m tests.soak --help``."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..integration.servers.running import ROOT, Server, commands, running
from .client import Load, WrongResponse, mixed

#: Memory that programs share with other processes of the machine, such as libraries, is left out.
_MEMORY = re.compile(r"^Pss_Anon: +(\d+) kB$", re.M)
#: How many KiB more each process of a server may hold at the end than after the warm-up.
MAX_GROWTH = 2048


class Usage(NamedTuple):
    """What a server holds.

    :param memory: the KiB that each process has written; what they share is split among them.
    """

    memory: tuple[int, ...]
    files: int
    threads: int


def usage(session: int) -> Usage:
    """What the processes of a session hold, which one process has started."""
    folders = []
    for pid in sorted(filter(str.isdigit, os.listdir("/proc"))):
        with contextlib.suppress(OSError):
            if os.getsid(int(pid)) == session:
                folders.append(Path("/proc", pid))
    return Usage(
        tuple(int(_MEMORY.findall((each / "smaps_rollup").read_text())[0]) for each in folders),
        sum(len(os.listdir(each / "fd")) for each in folders),
        sum(len(os.listdir(each / "task")) for each in folders),
    )


def leaks(before: Usage, after: Usage) -> Iterator[str]:
    """What a server holds after the load and did not hold before."""
    if len(after.memory) != len(before.memory):
        yield "a process has ended or begun"
        return
    for first, last in zip(before.memory, after.memory, strict=True):
        if last - first > MAX_GROWTH:
            yield f"the memory of a process has grown by {last - first} KiB"
    if after.files > before.files:
        yield f"{after.files - before.files} files are still open"
    if after.threads > before.threads:
        yield f"{after.threads - before.threads} threads are left"


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
    load, specs = Load(server.port), mixed(count)
    errors_before = server.log.read_text().count("Traceback")
    # Allocators and caches grow at first.
    warm_up = min(count // 2, 100_000)
    load.run(specs[:warm_up])
    before = _settled(server)
    print(f"after {warm_up:,} requests: {before}", flush=True)
    for part in range(10):
        load.run(specs[warm_up + part :: 10])
        print(usage(server.process.pid), flush=True)
    after = _settled(server, before)
    print(f"in the end: {after}")
    yield from leaks(before, after)
    errors = server.log.read_text().count("Traceback") - errors_before
    if errors != sum(spec.logs for spec in specs):
        yield f"{errors} errors are in the log, not {sum(spec.logs for spec in specs)}"


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
