"""``python -m jsonify_ext``: serve the playground."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence

from werkzeug.serving import make_server, select_address_family

from .playground import app
from .playground.database import connect

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the playground until Ctrl-C.

    :param arguments: those of the command line, by default the process's.
    :return: the exit code.
    """
    parser = argparse.ArgumentParser(
        prog="python -m jsonify_ext", description="Serve the jsonify_ext playground."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (%(default)s); 0: any free one"
    )
    options = parser.parse_args(arguments)
    listener = socket.socket(select_address_family(options.host, options.port))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((options.host, options.port))
        listener.listen()
    except OSError as error:
        listener.close()
        print(
            f"cannot listen on {options.host} port {options.port}: {error.strerror}; "
            "choose another with --host and --port",
            file=sys.stderr,
        )
        return 1
    with listener:
        connect().close()  # the database is made at the first start, not at a request
        host, port = listener.getsockname()[:2]
        server = make_server(host, port, app, threaded=True, fd=listener.fileno())
        shown = f"[{host}]" if ":" in host else host
        print(f"jsonify_ext playground: http://{shown}:{port}/ (Ctrl-C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        finally:
            server.server_close()
    return 0


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 65535")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
