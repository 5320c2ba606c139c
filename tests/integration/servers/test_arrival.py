"""When the items of a stream arrive, by the client's clock, which is also the server's."""

from __future__ import annotations

import json
import time

import pytest

from .app import PAUSE
from .running import Server

pytestmark = pytest.mark.parametrize("server", ["gthread", "waitress", "granian"], indirect=True)
#: An item that waits for the next one is at least PAUSE late.
LATE = 0.8 * PAUSE


def late_items(server: Server, path: str) -> list[bool]:
    """Which items take long from the source to the client."""
    response = server.new_pool().request("GET", path, preload_content=False)
    late: list[bool] = []
    rest = b""
    while part := response.read1():
        arrived = time.monotonic()
        *lines, rest = (rest + part).split(b"\n")
        late += [arrived - json.loads(line)["time"] > LATE for line in lines]
    assert rest == b""
    return late


@pytest.mark.parametrize("path", ["/timed-slow", "/flask/timed-slow", "/flask/async-slow"])
def test_items_of_a_slow_source_arrive_as_they_come(server: Server, path: str):
    late = late_items(server, path)
    assert len(late) == 6
    assert sum(late) <= 1  # of a machine that is busy


@pytest.mark.parametrize("mount", ["", "/flask"])
def test_bursts_after_pauses_arrive_at_once(server: Server, mount: str):
    late = late_items(server, f"{mount}/timed-bursts")
    assert len(late) == 204
    assert sum(late) <= 51


@pytest.mark.parametrize("mount", ["", "/flask"])
def test_a_source_that_turns_from_fast_to_slow_and_back(server: Server, mount: str):
    late = late_items(server, f"{mount}/timed-turns")
    assert len(late) == 4012
    assert sum(late[2000:2006] + late[4006:]) <= 1
    # At most one batch waits for the first slow item.
    assert not any(late[:1000] + late[2006:3006])
