"""The command line of the playground: ``python -m jsonify_ext``."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from threading import Thread
from typing import NoReturn

from . import version_here
from .database import connect
from .server import address_of, listen, serve, styled

__all__ = ["main"]

_PROGRAM = "python -m jsonify_ext"
_EPILOG = """\
exit codes: 0 after Ctrl-C, 1 when it cannot serve, 2 for a wrong option.
NO_COLOR=1 in the environment keeps colours off the terminal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the playground until Ctrl-C.

    :param arguments: those of the command line, by default the process's.
    :return: the exit code.
    :raises SystemExit: after ``--help`` and ``--version``, and for a wrong option.
    """
    options = _parser().parse_args(arguments)
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        return _failed(
            f"cannot listen on {options.host} port {options.port}: {error.strerror or error}; "
            "choose another with --host and --port"
        )
    with listener:
        try:
            connect().close()  # the database is made at the first start, not at a request
        except OSError as error:
            return _failed(str(error))
        address = address_of(listener)
        shown = styled(address, "address", sys.stdout)
        print(f"jsonify_ext playground: {shown} (Ctrl-C stops it)", flush=True)
        if options.open:
            Thread(target=_open, args=[address], daemon=True).start()
        # Ends at Ctrl-C, and closes itself.
        serve(listener).serve_forever()
    print()
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        _failed(f"{message}; {_PROGRAM} --help lists the options")
        sys.exit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM,
        description="Serve the jsonify_ext playground, a page that shows what each setting does.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8000, help="port to listen on (%(default)s); 0: any free one"
    )
    parser.add_argument("--open", action="store_true", help="open it in a browser")
    parser.add_argument("--version", action="version", version=f"jsonify_ext {version_here()}")
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 65535")
    return int(text)


def _open(address: str) -> None:
    if not webbrowser.open(address):
        _failed(f"found no browser to open; go to {address} yourself")


def _failed(message: str) -> int:
    """Say on one line what is wrong; the exit code for it."""
    print(f"{styled('error', 'error', sys.stderr)}: {message}", file=sys.stderr)
    return 1
