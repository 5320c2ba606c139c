"""Background callables on real servers: after the last byte, in order."""

from __future__ import annotations

import pytest

from .running import Server, new_name, wait_until

MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_they_run_in_order_when_the_client_has_all(server: Server, mount: str, method: str):
    name = new_name("background")
    answer = server.pool.request(method, f"{mount}/background?name={name}")
    assert answer.data == b'{"sent":true}\n'
    assert server.recorded(name) == []
    server.tell(f"{name}-seen")
    assert wait_until(lambda: server.recorded(name) == ["first", "second"], 5)


@MOUNTS
def test_they_also_run_for_a_head_request(server: Server, mount: str):
    name = new_name("background")
    server.tell(f"{name}-seen")
    assert server.pool.request("HEAD", f"{mount}/background?name={name}").status == 200
    assert wait_until(lambda: server.recorded(name) == ["first", "second"], 5)


@MOUNTS
def test_one_that_raises_stops_neither_the_others_nor_the_connection(server: Server, mount: str):
    before = len(server.log.read_text())
    for _ in range(3):
        name = new_name("background")
        answer = server.pool.request("GET", f"{mount}/background-fails?name={name}")
        assert answer.data == b'{"sent":true}\n'
        assert wait_until(lambda name=name: server.recorded(name) == ["second"], 5)
        assert server.pool.request("GET", "/value").status == 200
    assert (
        server.log.read_text()[before:].count("RuntimeError: secret of a background callable") == 3
    )


@MOUNTS
def test_they_run_after_the_body_was_closed(server: Server, mount: str):
    name = new_name("background")
    answer = server.pool.request("GET", f"{mount}/background-of-a-stream?name={name}")
    assert answer.data == b"0\n1\n2\n"
    assert wait_until(lambda: server.recorded(name) == ["closed", "background"], 5)


@MOUNTS
def test_they_run_when_a_stream_has_ended(server: Server, mount: str):
    name = new_name("background")
    answer = server.pool.request("GET", f"{mount}/background-of-stream-json?name={name}")
    assert len(answer.json()) == 3
    assert wait_until(lambda: server.recorded(name) == ["closed", "background"], 5)


@MOUNTS
def test_they_run_when_a_stream_was_abandoned(server: Server, mount: str):
    name = new_name("background")
    path = f"{mount}/endless-background?name={name}"
    answer = server.new_pool().request("GET", path, preload_content=False)
    assert answer.read1(10)
    assert server.recorded(name) == []
    answer.close()
    assert wait_until(lambda: server.recorded(name) == ["closed", "background"], 5)
