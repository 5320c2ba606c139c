"""When the items of a stream arrive, by the client's clock, which is also the server's."""

from __future__ import annotations

import json
import time

import pytest

from .app import PAUSE
from .running import Server

SERVERS = {"gthread", "waitress", "granian"}
MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])
#: An item that waits for the next one is at least PAUSE late.
LATE = 0.8 * PAUSE


def delays(server: Server, path: str) -> list[float]:
    """The seconds between the source and the client, of each item."""
    if server.name not in SERVERS:
        pytest.skip("measured on other servers")
    response = server.new_pool().request("GET", path, preload_content=False)
    found: list[float] = []
    rest = b""
    while part := response.read1():
        arrived = time.monotonic()
        *lines, rest = (rest + part).split(b"\n")
        found += [arrived - json.loads(line)["time"] for line in lines]
    assert rest == b""
    return found


def late(found: list[float]) -> int:
    return sum(delay > LATE for delay in found)


@pytest.mark.parametrize("path", ["/timed-slow", "/flask/timed-slow", "/flask/async-slow"])
def test_items_of_a_slow_source_arrive_as_they_come(server: Server, path: str):
    found = delays(server, path)
    assert len(found) == 6
    assert late(found) <= 1  # of a machine that is busy


@MOUNTS
def test_bursts_after_pauses_arrive_at_once(server: Server, mount: str):
    found = delays(server, f"{mount}/timed-bursts")
    assert len(found) == 204
    assert late(found) <= 51


@MOUNTS
def test_a_source_that_turns_from_fast_to_slow_and_back(server: Server, mount: str):
    found = delays(server, f"{mount}/timed-turns")
    assert len(found) == 4012
    assert late(found[2000:2006]) + late(found[4006:]) <= 1
    # At most one batch waits for the first slow item.
    assert late(found[:1000]) + late(found[2006:3006]) == 0
