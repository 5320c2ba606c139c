"""When the items of a stream arrive, by the client's clock, which is also the server's."""

from __future__ import annotations

import json
import time

import pytest

from .app import PAUSE
from .running import Server

#: An item that waits for the next one is at least PAUSE late.
LATE = 0.8 * PAUSE


def late_items(server: Server, path: str) -> list[bool]:
    """Which items take long from the source to the client."""
    if server.name not in {"gthread", "waitress", "granian"}:
        pytest.skip("measured on other servers")
    response = server.new_pool().request("GET", path, preload_content=False)
    late: list[bool] = []
    rest = b""
    while part := response.read1():
        arrived = time.monotonic()
        *lines, rest = (rest + part).split(b"\n")
        late += [arrived - json.loads(line)["time"] > LATE for line in lines]
    assert rest == b""
    return late


@pytest.mark.parametrize(
    ("path", "count", "at_most"),
    [
        ("/timed-slow", 6, 1),  # of a machine that is busy
        ("/flask/timed-slow", 6, 1),
        ("/flask/async-slow", 6, 1),
        ("/timed-bursts", 204, 51),
        ("/flask/timed-bursts", 204, 51),
    ],
)
def test_items_of_a_slow_source_and_bursts_after_pauses_arrive_at_once(
    server: Server, path: str, count: int, at_most: int
):
    late = late_items(server, path)
    assert len(late) == count
    assert sum(late) <= at_most


@pytest.mark.parametrize("mount", ["", "/flask"])
def test_a_source_that_turns_from_fast_to_slow_and_back(server: Server, mount: str):
    late = late_items(server, f"{mount}/timed-turns")
    assert len(late) == 4012
    assert sum(late[2000:2006] + late[4006:]) <= 1
    # At most one batch waits for the first slow item.
    assert not any(late[:1000] + late[2006:3006])
