"""The soak in its short form, and that it notices what it is there to notice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import count, repeat
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from .__main__ import MOST_GROWTH, left_over, lost_logs, main
from .app import ASKS
from .client import Load, WrongAnswer
from .processes import Held


def test_a_short_soak(capsys):
    # The rest of the growth is what allocators and caches need at first.
    assert main(["--requests", "20000", "--warm-up", "10000"]) == 0, capsys.readouterr().out


@pytest.fixture
def serve() -> Iterator[Callable[[Any], Any]]:
    """Serves an app in a thread."""
    servers = []

    def start(app: Any) -> int:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        servers.append((server, threading.Thread(target=server.serve_forever)))
        servers[-1][1].start()
        return server.port

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def response(body: bytes = b"right", status: int = 200, headers: Any = None) -> Response:
    return Response(body, status, headers)


@pytest.mark.parametrize(
    "answer",
    [response(b"wrong"), response(b"righ"), response(status=500), response(headers={"X": "1"})],
)
def test_an_answer_that_differs_once_is_noticed(serve, answer):
    counter = count()

    @Request.application
    def app(request: Request) -> Response:
        return answer if next(counter) == 150 else response()

    load = Load(serve(app), 4)
    assert list(load.run(repeat(ASKS[0]), 50)) == [50]
    with pytest.raises(WrongAnswer, match="received"):
        list(load.run(repeat(ASKS[0]), 500))


@pytest.mark.parametrize(
    ("held", "fault"),
    [
        ({}, None),
        ({"memory": (1000, 1000 + MOST_GROWTH)}, None),
        ({"memory": (0, 1001 + MOST_GROWTH)}, "the memory of a process has grown by 2.0 MiB"),
        ({"files": 12}, "2 files are still open"),
        ({"threads": 11}, "1 threads are left"),
        ({"processes": 1, "memory": (1000,)}, "a process has ended or begun"),
    ],
)
def test_what_is_left_over(held, fault):
    before = Held(2, (1000, 1000), 10, 10)
    after = before._replace(**held)
    assert list(left_over(before, after)) == ([] if fault is None else [fault])


def test_lost_logs():
    assert list(lost_logs(3, 3)) == []
    assert list(lost_logs(3, 2)) == ["2 errors are in the log, not 3"]
