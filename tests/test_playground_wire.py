"""The playground's responses as they come over the wire, and what ends them."""

from __future__ import annotations

import json
import re
import socket
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from jsonify_ext.playground import app

from .playground_server import served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(str(tmp_path_factory.mktemp("cache"))) as address:
        yield address


def ask_raw(address: str, path: str, *headers: str) -> bytes:
    """What a server answers, byte for byte."""
    host = urlsplit(address)
    with socket.create_connection((host.hostname, host.port), timeout=10) as connection:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host.netloc}", "Connection: close", *headers]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def over_the_wire(address: str, path: str, **headers: str) -> bytes:
    request = urllib.request.Request(f"{address}wire{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "message/http"
        assert answer.headers["Cache-Control"] == "no-store"
        body: bytes = answer.read()
    return body


def undated(answer: bytes) -> bytes:
    return re.sub(rb"\r\nDate: [^\r]+", b"", answer)


@pytest.mark.parametrize(
    "path",
    ["/countries/CI?pretty=1", "/types?etag=1", "/error", "/problem", "/types?status=204"]
    + ["/stream?rows=3&pause=0&format=json", "/types?status=abc", "/countries/%C3%A9?dates=iso"]
    + ["/types?mimetype=text/plain%0d%0aX-Bad:1"],
)
def test_it_is_what_every_client_gets(address: str, path: str):
    shown = over_the_wire(address, path)
    assert shown.startswith(b"HTTP/1.1 ")
    assert undated(shown) == undated(ask_raw(address, path))
    assert b"\nX-Bad" not in shown


def test_if_none_match_is_sent_on(address: str):
    etag = re.search(rb"ETag: (.+)\r", over_the_wire(address, "/types?etag=1"))[1].decode()
    again = over_the_wire(address, "/types?etag=1", **{"If-None-Match": etag})
    assert again.startswith(b"HTTP/1.1 304 NOT MODIFIED\r\n")
    assert again.endswith(b"\r\n\r\n")


def test_rows_come_while_the_source_goes_on(address: str):
    url = f"{address}wire/stream?rows=1000&pause=50&name=goes-on"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.readline() == b"HTTP/1.1 200 OK\r\n"
        while not answer.readline().startswith(b"{"):
            pass
        source = state(address, "goes-on")
    assert source["state"] == "open"
    assert source["rows"] < 100


def test_the_source_is_closed_when_the_client_goes_away(address: str):
    url = f"{address}wire/stream?rows=1000&pause=20&name=leaves"
    with urllib.request.urlopen(url, timeout=10) as answer:
        answer.readline()
    end = time.monotonic() + 10
    while (source := state(address, "leaves"))["state"] == "open" and time.monotonic() < end:
        time.sleep(0.02)
    assert source["state"] == "closed"
    assert source["rows"] < 500


def state(address: str, name: str) -> dict:
    with urllib.request.urlopen(f"{address}streams/{name}", timeout=10) as answer:
        return json.load(answer)


def test_other_servers_say_that_they_cannot():
    answer = Client(app).get("/wire/types")
    assert (answer.status_code, answer.mimetype) == (501, "application/problem+json")


def test_only_its_own_paths_are_asked_for(address: str):
    for path in ("/wire/types", "/http://example.com/", "/nowhere"):
        answer = ask_raw(address, "/wire" + path)
        assert answer.startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    ("path", "header"),
    [("/wire/types?pretty=é", "Accept: */*"), ("/wire/types", "If-None-Match: a\x01b")],
)
def test_what_cannot_stand_in_a_request_is_refused(address: str, path: str, header: str):
    answer = ask_raw(address, path, header)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
