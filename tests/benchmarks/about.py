"""The machine, and the versions of everything measured."""

from __future__ import annotations

import os
import platform
import textwrap
from importlib.metadata import PackageNotFoundError, version

__all__ = ["about"]

_DISTRIBUTIONS = (
    *("bottle", "Django", "falcon", "fastapi", "Flask", "flask-orjson", "granian", "gunicorn"),
    *("orjson", "pydantic", "pyramid", "sanic", "starlette", "ujson", "uvicorn", "Werkzeug"),
)


def about() -> list[str]:
    """Lines that name the interpreter, the machine, and the installed peers."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    peers = ", ".join(f"{name} {_version(name)}" for name in _DISTRIBUTIONS)
    return [f"{python}, {machine}", *textwrap.wrap(peers, 99)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"
