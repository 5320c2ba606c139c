"""Every kind of response is the same on every server as in Werkzeug's test client."""

from __future__ import annotations

import http.client
from collections.abc import Iterable

import pytest
from werkzeug.test import Client

from .app import ORDINARY, app
from .running import Server, new_name

#: Those that servers add themselves.
SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding"}
SIZED = ["/value", "/view", "/cookies", "/large", "/etag", "/error", "/missing", "/crash"]
#: Servers that keep a connection, at least after a response with a length.
KEEP_ALIVE = {"gthread", "waitress", "cheroot", "granian"}
MOUNTS = pytest.mark.parametrize("mount", ["", "/flask"])


@pytest.fixture(autouse=True)
def records(tmp_path, monkeypatch):
    """For the app in this process."""
    monkeypatch.setenv("RECORDS", str(tmp_path))


def essence(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    lowered = ((name.lower(), value) for name, value in headers)
    return sorted(pair for pair in lowered if pair[0] not in SERVERS_OWN)


def check(server: Server, method: str, path: str, headers: dict[str, str] | None = None) -> int:
    expected = Client(app).open(path, method=method, headers=headers, buffered=True)
    answer = server.pool.request(method, path, headers=headers)
    assert answer.status == expected.status_code
    assert answer.data == expected.data
    assert essence(answer.headers.items()) == essence(expected.headers.items())
    return answer.status


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_view_answers_as_in_the_test_client(server: Server, mount: str, method: str):
    for path in ORDINARY:
        check(server, method, f"{mount}{path}?name={new_name('answer')}")
    assert check(server, method, f"{mount}/no-such-view") == 404


def test_an_app_that_raises_only_when_it_is_read(server: Server):
    assert check(server, "GET", "/lazy-crash") == 500
    assert "secret of a lazy app" in server.log.read_text()


@MOUNTS
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests(server: Server, mount: str, method: str):
    path = mount + "/etag"
    etag = server.pool.request("GET", path).headers["ETag"]
    for header, value, status in [
        *(("If-None-Match", value, 304) for value in (etag, f'"a", W/{etag}', "*")),
        ("If-None-Match", '"a"', 200),
        ("If-Match", '"a"', 412),
        ("If-Match", etag, 200),
    ]:
        assert check(server, method, path, {header: value}) == status
    assert check(server, "POST", path, {"If-None-Match": etag}) == 200


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


@MOUNTS
def test_a_connection_can_be_used_again_after_every_kind_of_response(server: Server, mount: str):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)

    def ask(method: str, path: str, etag: str | None = None) -> bytes:
        headers = {"If-None-Match": etag} if etag else {}
        connection.request(method, f"{mount}{path}?name={new_name('again')}", headers=headers)
        return connection.getresponse().read()

    value = ask("GET", "/value")
    kinds = [(method, path, None) for method in ("HEAD", "GET") for path in ORDINARY]
    for method, path, etag in [*kinds, ("GET", "/etag", "*"), ("HEAD", "/etag", "*")]:
        ask(method, path, etag)
        if path in SIZED and not etag and server.name in KEEP_ALIVE:
            assert connection.sock is not None, (method, path)
        # The client has closed the connection where the server said that it would.
        assert ask("GET", "/value") == value
    connection.close()
