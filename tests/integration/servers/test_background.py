"""Background callables on real servers: after the last byte, in order."""

from __future__ import annotations

import pytest

from .running import Server, new_name, wait_until

MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_they_run_in_order_when_the_client_has_the_response(
    server: Server, mount: str, method: str
):
    """One that raises stops neither the others nor the connection."""
    before = len(server.log.read_text())
    for _ in range(2):
        name = new_name("background")
        if method == "HEAD":  # of which a server may send everything at the end
            server.notify(f"{name}-seen")
        answer = server.pool.request(method, f"{mount}/background?name={name}")
        assert answer.data == (b"" if method == "HEAD" else b'{"sent":true}\n')
        assert method == "HEAD" or server.recorded(name) == []
        server.notify(f"{name}-seen")
        assert wait_until(lambda name=name: server.recorded(name) == ["first", "second"], 5)
        assert server.pool.request("GET", "/value").status == 200
    logged = server.log.read_text()[before:]
    assert logged.count("RuntimeError: secret of a background callable") == 2


@MOUNTS
@pytest.mark.parametrize("view", ["background-of-rows", "endless-background"])
def test_they_run_after_the_body_was_closed_or_the_stream_was_abandoned(
    server: Server, mount: str, view: str
):
    name = new_name("background")
    path = f"{mount}/{view}?name={name}"
    response = server.new_pool().request("GET", path, preload_content=False)
    if view == "endless-background":
        assert response.read1(10)
        assert server.recorded(name) == []
        response.close()
    else:
        assert response.read()
    assert wait_until(lambda: server.recorded(name) == ["closed", "background"], 5)
