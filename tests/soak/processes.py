"""What the processes of a server hold, by ``/proc``."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
