"""The soak in its short form, and the faults that it finds."""

from __future__ import annotations

import threading
from itertools import count, repeat

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from .__main__ import main
from .app import REQUESTS
from .client import Load, WrongResponse
from .processes import MAX_GROWTH, Usage, leaks


def test_a_short_soak(capsys):
    assert main(["--requests", "20000"]) == 0, capsys.readouterr().out


def test_a_single_wrong_response_is_found():
    counter = count()

    @Request.application
    def app(request: Request) -> Response:
        return Response("wrong" if next(counter) == 150 else "right")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    load = Load(server.port, 4)
    with pytest.raises(WrongResponse, match="wrong"):
        load.run(repeat(REQUESTS[0]), 500)
    server.shutdown()
    thread.join()
    server.server_close()


def test_leaks():
    before = Usage((1000, 1000), 10, 10)
    assert [*leaks(before, Usage((1000, 1000 + MAX_GROWTH), 10, 9))] == []
    assert len([*leaks(before, Usage((1000, 1001 + MAX_GROWTH), 12, 11))]) == 3
    assert len([*leaks(before, Usage((1000,), 10, 10))]) == 1
