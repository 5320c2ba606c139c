"""Streams on real servers, until the client, the source or the server ends them; and what
runs after a response."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
from importlib.metadata import version

import pytest
import urllib3

from .running import Server, new_name, wait_until

MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])
#: These end a response properly whose body raises; the body is an incomplete document.
END_PROPERLY_AFTER_AN_ERROR = {"uwsgi"}
if tuple(map(int, version("granian").split(".")[:3])) < (2, 8, 9):
    END_PROPERLY_AFTER_AN_ERROR.add("granian")
#: It sends no length and no chunks, so that the end of the connection is the end.
ENDS_PROPERLY_WHEN_KILLED = {"uwsgi"}


def open_stream(server: Server, path: str) -> urllib3.BaseHTTPResponse:
    return server.new_pool().request("GET", path, preload_content=False)


def read_to_the_end(response: urllib3.BaseHTTPResponse) -> tuple[bytes, bool]:
    """What was sent, and whether the client takes it for complete."""
    body = b""
    try:
        while part := response.read1():
            body += part
    except (urllib3.exceptions.HTTPError, OSError):
        return body, False
    return body, True


def is_document(kind: str, body: bytes) -> bool:
    """Whether a client that has this would think that it is all."""
    try:
        for each in [body] if kind == "json" else body.splitlines():
            json.loads(each)
    except ValueError:
        return False
    return True


@MOUNTS
def test_headers_and_events_arrive_while_the_source_waits_for_the_next(server: Server, mount: str):
    name = new_name("events")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", f"{mount}/events?name={name}")
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.read(3) == b":\n\n"
    server.notify(f"{name}-0")
    for number in range(1, 4):
        event = [response.readline() for _ in range(4)]
        expected = b'event: count\nid: %d\ndata: {"number":%d}\n\n' % (number, number)
        assert b"".join(event) == expected
        assert server.recorded(name) == []
        server.notify(f"{name}-{number}")
    assert response.read() == b""
    assert wait_until(lambda: server.recorded(name) == ["closed"])
    connection.close()


def test_memory_does_not_grow_with_the_rows(own_server: Server):
    name = new_name("million")
    response = open_stream(own_server, f"/million?name={name}")
    size = sum(map(len, response.stream(2**16)))
    assert size > 30_000_000
    assert wait_until(lambda: bool(own_server.recorded(name)))
    assert int(own_server.recorded(name)[0]) < 8 * 1024


ENDLESS = ["/endless", "/trickle", "/endless-background"]


@pytest.mark.parametrize(
    "path", [*ENDLESS, *(f"/flask{path}" for path in ENDLESS), "/flask/async-endless"]
)
def test_the_source_is_closed_when_the_client_goes_away(server: Server, path: str):
    """And background callables run then."""
    name = new_name("gone")
    response = open_stream(server, f"{path}?name={name}")
    start = b""
    while b"{" not in start:
        start += response.read1(100)
    assert server.recorded(name) == []
    response.close()
    expected = ["closed", "background"] if "background" in path else ["closed"]
    assert wait_until(lambda: server.recorded(name) == expected)
    assert server.pool.request("GET", "/value").status == 200


@MOUNTS
@pytest.mark.parametrize("kind", ["json", "jsonl", "sse", "later"])
def test_a_source_that_fails_never_leaves_a_whole_document(server: Server, mount: str, kind: str):
    name = new_name("cut")
    before = len(server.log.read_text())
    body, complete = read_to_the_end(open_stream(server, f"{mount}/cut-{kind}?name={name}"))
    assert complete == (server.name in END_PROPERLY_AFTER_AN_ERROR)
    # granian breaks the connection before it has sent all that it was given.
    has_all = complete or server.name != "granian"
    if kind == "sse" and has_all:  # which ends after the last whole event
        assert body.count(b"data: ") == 5
        assert body.endswith(b"\n\n")
    elif has_all:
        assert b'"id":4,' in body
        assert not is_document(kind, body)
    assert b"secret" not in body
    assert wait_until(lambda: server.recorded(name) == ["closed"])
    count = 20_000 if kind == "later" else 5
    assert f"a JSON stream was cut at item {count}" in server.log.read_text()[before:]
    assert server.pool.request("GET", "/value").status == 200


@MOUNTS
def test_a_source_whose_close_raises_harms_nobody(server: Server, mount: str):
    for _ in range(3):
        name = new_name("close-raises")
        body, complete = read_to_the_end(open_stream(server, f"{mount}/close-raises?name={name}"))
        assert complete
        assert [row["id"] for row in json.loads(body)] == [0, 1, 2]
        assert wait_until(lambda name=name: server.recorded(name) == ["closed"])
        assert server.pool.request("GET", "/value").status == 200


@MOUNTS
def test_a_worker_that_is_killed_leaves_no_whole_document(own_server: Server, mount: str):
    name = new_name("killed")
    response = open_stream(own_server, f"{mount}/endless?name={name}")
    start = response.read1(100)
    found = re.search(rb'"pid":(\d+)', start)
    assert found
    os.kill(int(found[1]), signal.SIGKILL)
    body, complete = read_to_the_end(response)
    assert complete == (own_server.name in ENDS_PROPERLY_WHEN_KILLED)
    assert not is_document("json", start + body)


# Background callables


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_background_callables_run_in_order_when_the_client_has_the_response(
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
        assert wait_until(lambda name=name: server.recorded(name) == ["first", "second"])
        assert server.pool.request("GET", "/value").status == 200
    logged = server.log.read_text()[before:]
    assert logged.count("RuntimeError: secret of a background callable") == 2


@MOUNTS
def test_background_callables_run_after_the_body_was_closed(server: Server, mount: str):
    name = new_name("background")
    assert server.pool.request("GET", f"{mount}/background-of-rows?name={name}").data
    assert wait_until(lambda: server.recorded(name) == ["closed", "background"])
