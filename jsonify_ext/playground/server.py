"""Werkzeug's server, with one plain line on the terminal for each request."""

from __future__ import annotations

import os
import socket
import sys
import time
from typing import TextIO

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server, select_address_family

from . import app

__all__ = ["address_of", "listen", "serve", "styled"]

_STYLES = {"address": 36, "error": 31, "2": 32, "3": 36, "4": 33, "5": 31}


def styled(text: str, style: str, stream: TextIO) -> str:
    """The text in colour, where it goes to a terminal whose user has nothing against it.

    :param style: ``"address"``, ``"error"``, or the first digit of a status code.
    """
    # https://no-color.org: any value but an empty one.
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or style not in _STYLES or not stream.isatty():
        return text
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    :raises OSError: where it cannot.
    """
    listener = socket.socket(select_address_family(host, port))
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def serve(listener: socket.socket) -> BaseWSGIServer:
    """The server, a thread for each request; ``serve_forever()`` starts it."""
    host, port = listener.getsockname()[:2]
    return make_server(
        host, port, app, threaded=True, request_handler=_Handler, fd=listener.fileno()
    )


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser on this machine."""
    host, port = listener.getsockname()[:2]
    here = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
    return f"http://[{here}]:{port}/" if ":" in here else f"http://{here}:{port}/"


class _Handler(WSGIRequestHandler):
    # With threads Werkzeug's server speaks HTTP/1.1, whose responses come in chunks.
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        status = str(int(code)) if isinstance(code, int) else code
        target = getattr(self, "path", self.requestline).translate(self._control_char_table)
        when = time.strftime("%H:%M:%S")
        shown = styled(status, status[:1], sys.stderr)
        # In one piece: threads write at the same time.
        sys.stderr.write(f"{when} {shown} {getattr(self, 'command', None) or '-'} {target}\n")
