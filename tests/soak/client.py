"""A client that keeps many connections busy and compares every byte."""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
import time
from collections.abc import Iterator

from .app import ASKS, Ask

#: What differs from one answer to the next, always in the same place.
_DATE = re.compile(rb"\r\ndate: ([^\r]{29})\r\n", re.I)
#: How long an answer may take.
SECONDS = 60


class WrongAnswer(Exception):
    """An answer that is not what it was the first time, or none."""


def _raw(ask: Ask) -> bytes:
    headers = {"Host": "soak", **ask.headers}
    if ask.body:
        headers["Content-Length"] = str(len(ask.body))
    lines = [f"{ask.method} {ask.path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + ask.body


class Expected:
    """The answer to one kind of request, as the server gave it the first time."""

    def __init__(self, ask: Ask, port: int) -> None:
        self.request = _raw(ask)
        self.answer = b""
        #: Whether the server closes the connection then.
        self.closes = False
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(self.request)
            with contextlib.suppress(TimeoutError):  # that was all
                while part := connection.recv(1 << 20):
                    self.answer += part
                    connection.settimeout(0.5)
                self.closes = True
        date = _DATE.search(self.answer)
        start, end = date.span(1) if date else (0, 0)
        self.date = slice(start, end)
        self.before_date, self.after_date = self.answer[:start], self.answer[end:]

    def matches(self, answer: bytearray) -> bool:
        """Whether an answer is this one, but for its date."""
        return (
            answer[: self.date.start] == self.before_date
            and answer[self.date.stop :] == self.after_date
        )


class _Connection:
    """One connection, and what it waits for."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def ask(self, expected: Expected) -> None:
        self.expected = expected
        self.received = bytearray()
        self.since = time.monotonic()
        self.socket.sendall(expected.request)

    def receive(self) -> bool:
        """Whether the answer is here."""
        part = self.socket.recv(1 << 18)
        self.received += part
        if part and len(self.received) < len(self.expected.answer):
            return False
        if not self.expected.matches(self.received):
            raise WrongAnswer(
                f"to {self.expected.request!r}\nexpected {self.expected.answer!r}\n"
                f"received {bytes(self.received)!r}"
            )
        return True


class Load:
    """Many connections that ask at once.

    :param port: where the server listens, on this machine.
    :param concurrency: how many connections.
    """

    def __init__(self, port: int, concurrency: int) -> None:
        self.port = port
        self.concurrency = concurrency
        self.expected = {ask.path + ask.method: Expected(ask, port) for ask in ASKS}

    def run(self, asks: Iterator[Ask], count: int) -> Iterator[int]:
        """Make requests on fresh connections, and say now and then how many are answered.

        :raises WrongAnswer: for the first one that is not what is expected.
        """
        with selectors.DefaultSelector() as selector:
            connections = [_Connection(self.port) for _ in range(min(self.concurrency, count))]
            try:
                for connection in connections:
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                    self._ask(connection, next(asks))
                yield from self._go_on(selector, asks, count, len(connections))
            finally:
                for connection in connections:
                    connection.socket.close()

    def _ask(self, connection: _Connection, ask: Ask) -> None:
        connection.ask(self.expected[ask.path + ask.method])

    def _go_on(
        self, selector: selectors.BaseSelector, asks: Iterator[Ask], count: int, asked: int
    ) -> Iterator[int]:
        done = 0
        while done < count:
            ready = selector.select(SECONDS)
            if not ready:
                raise WrongAnswer(f"no answer for {SECONDS} seconds")
            for key, _ in ready:
                connection = key.data
                if not connection.receive():
                    continue
                done += 1
                if connection.expected.closes:
                    selector.unregister(connection.socket)
                    connection.socket.close()
                    connection.connect()
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                if done % 1000 == 0 or done == count:
                    yield done
                if asked < count:
                    asked += 1
                    self._ask(connection, next(asks))
