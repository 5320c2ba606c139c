"""A client that keeps many connections busy and compares every response."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple

CONNECTIONS = 32


class Spec(NamedTuple):
    """One kind of request.

    :param weight: how often it is made, compared with the others.
    :param logs: how many tracebacks the server logs for it.
    """

    weight: int
    method: str
    path: str
    body: str = ""
    if_none_match: str = ""
    logs: int = 0


_BODY = '{"text":"é","numbers":[1,2.5,12345678901234567890]}'
SPECS = [
    each._replace(path=mount + each.path)
    for mount in ("", "/flask")
    for each in (
        Spec(20, "GET", "/value"),
        Spec(10, "GET", "/rows"),
        Spec(5, "GET", "/error"),
        Spec(1, "GET", "/unsendable", logs=1),
        Spec(5, "GET", "/nowhere"),
        Spec(1, "GET", "/jsonl"),
        Spec(5, "GET", "/envelope"),
        Spec(10, "GET", "/etag", if_none_match="*"),
        Spec(5, "GET", "/etag"),
        Spec(10, "HEAD", "/rows"),
        Spec(10, "POST", "/echo", _BODY),
        Spec(5, "POST", "/echo", '{"number":NaN}'),
    )
]


def mixed(seed: int) -> Iterator[Spec]:
    """Requests of all kinds without end, in the same order for the same seed."""
    choose = random.Random(seed).choices
    weights = [spec.weight for spec in SPECS]
    while True:
        yield from choose(SPECS, weights, k=1000)


class WrongResponse(Exception):
    """A response that isn't what it was the first time."""


class Load:
    """Connections that send requests at the same time.

    :param port: where the server listens, on this machine.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.lock = Lock()
        self.expected: dict[Spec, Any] = {}
        self._send(iter(SPECS))

    def run(self, requests: Iterator[Spec], count: int) -> None:
        """Send requests on fresh connections.

        :raises WrongResponse: for one that isn't what is expected.
        """
        taken = islice(requests, count)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            done = [pool.submit(self._send, taken) for _ in range(CONNECTIONS)]
        for each in done:
            each.result()

    def _send(self, requests: Iterator[Spec]) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        while True:
            with self.lock:
                batch = [*islice(requests, 100)]
            if not batch:
                break
            for spec in batch:
                received = self._ask(connection, spec)
                expected = self.expected.setdefault(spec, received)
                if received != expected:
                    raise WrongResponse(f"to {spec}\nexpected {expected}\nreceived {received}")
        connection.close()

    def _ask(self, connection: HTTPConnection, spec: Spec) -> tuple[Any, ...]:
        """The status, the headers except for the date, and the body."""
        headers = {"If-None-Match": spec.if_none_match} if spec.if_none_match else {}
        headers |= {"Content-Type": "application/json"} if spec.body else {}
        connection.request(spec.method, spec.path, spec.body.encode() or None, headers)
        response = connection.getresponse()
        sent = [pair for pair in response.getheaders() if pair[0].lower() != "date"]
        return response.status, sent, response.read()
