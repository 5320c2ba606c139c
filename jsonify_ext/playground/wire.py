"""Responses as they come over the wire: the server asks itself, through a socket."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from urllib.parse import quote

from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Request, Response

from ..http import check_header

__all__ = ["OtherServer", "relay", "target"]

#: Seconds without a byte after which the server gives up asking itself.
_TIMEOUT = 30


class OtherServer(HTTPException):
    """A server that does not tell an app through which socket a request came."""

    code: int | None = 501


def relay(request: Request, path: str) -> Response:
    """The bytes that this server answers to a GET request, from the first to the last,
    as they come.

    :param request: its query and its ``If-None-Match`` are sent on.
    :param path: what to ask for.
    :return: a ``message/http`` response (RFC 9112, section 10.1).
    :raises BadRequest: for what cannot stand in a request.
    :raises OtherServer: on a server that does not say where it listens.
    """
    connection = request.environ.get("werkzeug.socket")
    if connection is None:
        raise OtherServer("Only Werkzeug's own server can ask itself.")
    host, port = connection.getsockname()[:2]
    asked = _request(request, path, f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    upstream = socket.create_connection((host, port), timeout=_TIMEOUT)
    upstream.sendall(asked)
    return Response(_Received(upstream), mimetype="message/http")


def target(request: Request, path: str) -> str:
    """The request target (RFC 9112, section 3.2) of a path with a request's own query.

    :raises BadRequest: for a query that cannot stand in one.
    """
    query = request.environ.get("QUERY_STRING", "")
    if not re.fullmatch("[!-~]*", query):
        raise BadRequest("The query must be percent-encoded.")
    return quote(path) + ("?" + query if query else "")


def _request(request: Request, path: str, host: str) -> bytes:
    lines = [f"GET {target(request, path)} HTTP/1.1", f"Host: {host}", "Connection: close"]
    try:
        if "If-None-Match" in request.headers:
            name, value = check_header("If-None-Match", request.headers["If-None-Match"])
            lines.append(f"{name}: {value}")
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Received:
    """What comes through a socket; when it is closed, the other side sees that."""

    def __init__(self, upstream: socket.socket) -> None:
        self._upstream = upstream

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            received = self._upstream.recv(65536)
        except OSError:  # a connection that was cut: what came is all there is
            received = b""
        if not received:
            raise StopIteration
        return received

    def close(self) -> None:
        self._upstream.close()
