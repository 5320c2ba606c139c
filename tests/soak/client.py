"""A client that keeps many connections busy and compares every byte."""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Lock
from typing import NamedTuple

#: What differs from one response to the next.
_DATE = re.compile(rb"\r\ndate: [^\r]{29}\r\n", re.I)
TIMEOUT = 60


class RequestSpec(NamedTuple):
    """One kind of request.

    :param weight: how often it is made, compared with the others.
    :param raw: what is sent.
    :param logs: how many tracebacks the server logs for it.
    """

    weight: int
    raw: bytes
    logs: int


def _spec(
    weight: int, method: str, path: str, *, body: str = "", header: str = "", logs: int = 0
) -> RequestSpec:
    headers = ["Host: soak", header] if header else ["Host: soak"]
    if body:
        headers += ["Content-Type: application/json", f"Content-Length: {len(body.encode())}"]
    lines = [f"{method} {path} HTTP/1.1", *headers, "", body]
    return RequestSpec(weight, "\r\n".join(lines).encode(), logs)


_BODY = '{"text":"é","numbers":[1,2.5,12345678901234567890]}'
REQUESTS = [
    spec
    for mount in ("", "/flask")
    for spec in (
        _spec(20, "GET", f"{mount}/value"),
        _spec(10, "GET", f"{mount}/users"),
        _spec(5, "GET", f"{mount}/error"),
        _spec(1, "GET", f"{mount}/unsendable", logs=1),
        _spec(5, "GET", f"{mount}/nowhere"),
        _spec(1, "GET", f"{mount}/jsonl"),
        _spec(5, "GET", f"{mount}/envelope"),
        _spec(10, "GET", f"{mount}/etag", header="If-None-Match: *"),
        _spec(5, "GET", f"{mount}/etag"),
        _spec(10, "HEAD", f"{mount}/users"),
        _spec(10, "POST", f"{mount}/echo", body=_BODY),
        _spec(5, "POST", f"{mount}/echo", body='{"number":NaN}'),
    )
]


def mixed(seed: int) -> Iterator[RequestSpec]:
    """Requests of all kinds without end, in the same order for the same seed."""
    choose = random.Random(seed).choices
    weights = [spec.weight for spec in REQUESTS]
    while True:
        yield from choose(REQUESTS, weights, k=1000)


class WrongResponse(Exception):
    """A response that isn't what it was the first time."""


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def _first_response(request: bytes, port: int) -> tuple[bytes, bool]:
    """The response to expect, and whether the server closes the connection then."""
    received = b""
    with _connect(port) as connection:
        connection.sendall(request)
        with contextlib.suppress(TimeoutError):  # that was all
            while part := connection.recv(1 << 20):
                received += part
                connection.settimeout(0.5)
            return received, True
    return received, False


class Load:
    """Connections that send requests at the same time.

    :param port: where the server listens, on this machine.
    """

    def __init__(self, port: int, connections: int = 32) -> None:
        self.port = port
        self.connections = connections
        self.expected = {spec: _first_response(spec.raw, port) for spec in REQUESTS}
        self.lock = Lock()

    def run(self, requests: Iterator[RequestSpec], count: int) -> None:
        """Send requests on fresh connections.

        :raises WrongResponse: for one that isn't what is expected.
        """
        taken = islice(requests, count)
        with ThreadPoolExecutor(self.connections) as pool:
            done = [pool.submit(self._send, taken) for _ in range(self.connections)]
        for each in done:
            each.result()

    def _send(self, requests: Iterator[RequestSpec]) -> None:
        connection = _connect(self.port)
        try:
            while True:
                with self.lock:
                    batch = [*islice(requests, 100)]
                if not batch:
                    return
                for spec in batch:
                    if self._closes(connection, spec):
                        connection.close()
                        connection = _connect(self.port)
        finally:
            connection.close()

    def _closes(self, connection: socket.socket, spec: RequestSpec) -> bool:
        """Check a response, and return whether the server closes the connection then."""
        (expected, closes), received = self.expected[spec], b""
        connection.sendall(spec.raw)
        while len(received) < len(expected) and (part := connection.recv(1 << 18)):
            received += part
        if _DATE.sub(b"", received, count=1) != _DATE.sub(b"", expected, count=1):
            raise WrongResponse(f"to {spec.raw!r}\nexpected {expected!r}\nreceived {received!r}")
        return closes
