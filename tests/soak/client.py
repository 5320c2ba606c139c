"""A client that keeps many connections busy and compares every response."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
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


def mixed(count: int) -> list[Spec]:
    """Requests of all kinds, the same each time."""
    return random.Random(1).choices(SPECS, [spec.weight for spec in SPECS], k=count)


class WrongResponse(Exception):
    """A response that isn't what it was the first time."""


class Load:
    """Connections that send requests at the same time.

    :param port: where the server listens, on this machine.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.expected: dict[Spec, Any] = {}
        self._send(SPECS)

    def run(self, specs: list[Spec]) -> None:
        """Send requests, 100 by each connection.

        :raises WrongResponse: for a response that isn't what is expected.
        """
        batches = [specs[first : first + 100] for first in range(0, len(specs), 100)]
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(self._send, batches):
                pass

    def _send(self, specs: list[Spec]) -> None:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            for spec in specs:
                received = self._ask(connection, spec)
                expected = self.expected.setdefault(spec, received)
                if received != expected:
                    raise WrongResponse(f"to {spec}\nexpected {expected}\nreceived {received}")

    def _ask(self, connection: HTTPConnection, spec: Spec) -> tuple[Any, ...]:
        """The status, the headers except for the date, and the body."""
        headers = {"If-None-Match": spec.if_none_match} if spec.if_none_match else {}
        headers |= {"Content-Type": "application/json"} if spec.body else {}
        connection.request(spec.method, spec.path, spec.body.encode() or None, headers)
        response = connection.getresponse()
        sent = [pair for pair in response.getheaders() if pair[0].lower() != "date"]
        return response.status, sent, response.read()
