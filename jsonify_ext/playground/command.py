"""The command line of the playground: ``python -m jsonify_ext``."""

from __future__ import annotations

import argparse
import webbrowser
from collections.abc import Sequence
from threading import Thread

from werkzeug.serving import make_server

from . import app

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the playground to this machine until Ctrl-C.

    :param arguments: the command line's, by default the process's.
    :return: the exit code.
    :raises SystemExit: after ``--help``, for a wrong option, and if the port is in use.
    """
    parser = argparse.ArgumentParser(
        prog="python -m jsonify_ext",
        description="Serve the jsonify_ext playground: what a value becomes, here and with Flask.",
        allow_abbrev=False,
    )
    about = "port to listen on (%(default)s); 0: any free port"
    parser.add_argument("--port", type=int, default=8000, help=about)
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    options = parser.parse_args(arguments)
    if not 0 <= options.port <= 65535:
        parser.error("argument --port: must be from 0 to 65535")
    server = make_server("127.0.0.1", options.port, app, threaded=True)
    address = f"http://{server.host}:{server.port}/"
    print(f"jsonify_ext playground: {address} (Ctrl-C stops it)", flush=True)
    if options.open:
        Thread(target=webbrowser.open, args=[address], daemon=True).start()
    server.serve_forever()  # ends at Ctrl-C, and closes the server
    print()
    return 0
