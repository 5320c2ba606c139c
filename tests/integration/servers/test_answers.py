"""Every kind of response is the same on every server as in Werkzeug's test client.

All requests of a test go through one connection, as long as the server keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection

import pytest
from werkzeug.test import Client

from .app import ORDINARY, app
from .running import Server

#: Those that servers add themselves.
SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding"}
#: Servers that keep a connection, at least after a response with a length.
KEEP_ALIVE = {"gthread", "waitress", "cheroot", "granian"}
MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])
Check = Callable[..., int]


def essence(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    lowered = ((name.lower(), value) for name, value in headers)
    return sorted(pair for pair in lowered if pair[0] not in SERVERS_OWN)


@pytest.fixture
def check(server: Server, tmp_path, monkeypatch) -> Iterator[Check]:
    """Compares a response with that of the app in this process, and returns its status."""
    monkeypatch.setenv("RECORDS", str(tmp_path))
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)

    def check(method: str, path: str, headers: dict[str, str] | None = None) -> int:
        expected = Client(app).open(path, method=method, headers=headers, buffered=True)
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        assert answer.status == expected.status_code
        assert answer.read() == expected.data
        assert essence(answer.getheaders()) == essence(expected.headers.items())
        # The client has closed the connection where the server said that it would.
        sized = "Content-Length" in answer.headers and method != "POST"
        assert connection.sock is not None or not sized or server.name not in KEEP_ALIVE
        return answer.status

    yield check
    connection.close()


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_view_answers_as_in_the_test_client(check: Check, mount: str, method: str):
    for path in ORDINARY:
        check(method, f"{mount}{path}?name=answer")
    assert check(method, f"{mount}/no-such-view") == 404


def test_an_app_that_raises_only_when_it_is_read(check: Check, server: Server):
    assert check("GET", "/lazy-crash") == 500
    assert "secret of a lazy app" in server.log.read_text()


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests(check: Check, server: Server, mount: str, method: str):
    path = mount + "/etag"
    etag = server.pool.request("GET", path).headers["ETag"]
    for header, value, status in [
        *(("If-None-Match", value, 304) for value in (etag, f'"a", W/{etag}', "*")),
        ("If-None-Match", '"a"', 200),
        ("If-Match", '"a"', 412),
        ("If-Match", etag, 200),
    ]:
        assert check(method, path, {header: value}) == status
    assert check("POST", path, {"If-None-Match": etag}) == 200


@MOUNTS
def test_an_unexpected_error_is_logged_once_and_tells_the_client_nothing(
    server: Server, mount: str
):
    before = len(server.log.read_text())
    answer = server.pool.request("GET", mount + "/crash")
    assert answer.json() == {"title": "Internal Server Error", "status": 500}
    assert b"secret" not in answer.data
    logged = server.log.read_text()[before:]
    assert logged.count("RuntimeError: secret of crash") == 1
    assert logged.count("Traceback") == 1
