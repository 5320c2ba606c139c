"""What the processes of a server hold, as ``/proc`` tells."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import NamedTuple

#: What programs share with other processes of the machine, as their libraries, is left out.
_MEMORY = re.compile(r"^Pss_Anon: +(\d+) kB$", re.M)


class Held(NamedTuple):
    """What a server holds.

    :param memory: the bytes that each process has written; what they share is split among them.
    """

    processes: int
    memory: tuple[int, ...]
    files: int
    threads: int


def held_by(session: int) -> Held:
    """What the processes of a session hold, which one process has started."""
    pids = sorted(
        pid for pid in os.listdir("/proc") if pid.isdigit() and _session_of(pid) == session
    )
    folders = [Path("/proc", pid) for pid in pids]
    memory: list[int] = []
    files = threads = 0
    for folder in folders:
        (kilobytes,) = _MEMORY.findall((folder / "smaps_rollup").read_text())
        memory.append(int(kilobytes) * 1024)
        files += len(os.listdir(folder / "fd"))
        threads += len(os.listdir(folder / "task"))
    return Held(len(folders), tuple(memory), files, threads)


def _session_of(pid: str) -> int | None:
    with contextlib.suppress(OSError):
        return os.getsid(int(pid))
    return None
