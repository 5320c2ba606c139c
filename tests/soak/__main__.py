"""``python -m tests.soak``: ask, compare, measure, and say whether all is well."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ..integration.servers.running import ROOT, Server, commands, running
from .app import Ask, mixed
from .client import Load, WrongAnswer
from .processes import Held, held_by

MIB = 1 << 20
#: How much more memory each process of a server may hold at the end than after the warm-up.
MOST_GROWTH = 2 * MIB


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m tests.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--warm-up", type=int, help="requests of the first part (a tenth)")
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--server", choices=sorted(commands()), default="granian")
    parser.add_argument("--app", choices=["app", "bare"], default="app")
    options = parser.parse_args(arguments)
    warm_up = options.requests // 10 if options.warm_up is None else options.warm_up
    with (
        tempfile.TemporaryDirectory() as folder,
        running(options.server, Path(folder), f"tests.soak.{options.app}", ROOT) as server,
    ):
        soak = Soak(server, options.concurrency)
        try:
            soak.run(warm_up, "warm-up")
            before = soak.settled()
            soak.run(options.requests - warm_up, "soak")
        except WrongAnswer as wrong:
            print(f"FAILED: {wrong}")
            return 1
        after = soak.settled(before)
        logged = server.log.read_text().count("Traceback")
        told = soak.logs if options.app == "app" else logged
        faults = [*left_over(before, after), *lost_logs(told, logged)]
    print(f"{options.server}, {options.app}: {soak.answered:,} answers, all as expected")
    for name, first, last in zip(Held._fields, before, after, strict=True):
        print(f"  {name}: {first} after the warm-up, {last} at the end")
    for fault in faults:
        print(f"FAILED: {fault}")
    if not faults:
        print("passed")
    return 1 if faults else 0


class Soak:
    """The load on one server."""

    def __init__(self, server: Server, concurrency: int) -> None:
        self.server = server
        self.load = Load(server.port, concurrency)
        self.asks = self._counted(mixed(seed=1))
        self.answered = 0
        #: The tracebacks that the log should have.
        self.logs = server.log.read_text().count("Traceback")

    def _counted(self, asks: Iterator[Ask]) -> Iterator[Ask]:
        for ask in asks:
            self.logs += ask.logs
            yield ask

    def run(self, count: int, name: str) -> None:
        """Make so many requests."""
        start = told = time.monotonic()
        for done in self.load.run(self.asks, count):
            now = time.monotonic()
            if now - told > 5 or done == count:
                told = now
                held = held_by(self.server.process.pid)
                memory = sum(held.memory) / MIB
                print(
                    f"{name}: {done:,} of {count:,}, {done / (now - start):,.0f} a second, "
                    f"{memory:.1f} MiB, {held.files} files, {held.threads} threads",
                    flush=True,
                )
        self.answered += count

    def settled(self, before: Held | None = None) -> Held:
        """What the server holds when all connections are closed; it gets time to let go."""
        time.sleep(1)
        for _ in range(100):
            held = held_by(self.server.process.pid)
            if before is None or not list(left_over(before, held)):
                break
            time.sleep(0.1)
        return held


def left_over(before: Held, after: Held) -> Iterator[str]:
    """What a server holds now and did not hold before."""
    if after.processes != before.processes:
        yield "a process has ended or begun"
        return
    for first, last in zip(before.memory, after.memory, strict=True):
        if last - first > MOST_GROWTH:
            yield f"the memory of a process has grown by {(last - first) / MIB:.1f} MiB"
    if after.files > before.files:
        yield f"{after.files - before.files} files are still open"
    if after.threads > before.threads:
        yield f"{after.threads - before.threads} threads are left"


def lost_logs(expected: int, logged: int) -> Iterator[str]:
    """Whether each error is in the log, once."""
    if logged != expected:
        yield f"{logged} errors are in the log, not {expected}"


if __name__ == "__main__":
    sys.exit(main())
