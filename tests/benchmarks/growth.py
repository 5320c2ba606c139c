"""How the cost of a response grows with its payload."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from . import plots
from .measure import Call, Task, aligned, interleave
from .peers import OURS
from .wsgi import serve


class Money:
    """A type of an app."""


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def _encoders(count: int) -> Call:
    others: list[type] = [type(f"Other{number}", (), {}) for number in range(count - 1)]
    return _served([Money()] * 10, {**dict.fromkeys(others, repr), Money: lambda money: 7})


def _served(value: Any, encoders: dict[type, Callable[[Any], Any]] | None = None) -> Call:
    from jsonify_ext import JSONSettings, jsonify

    settings = JSONSettings(encoders=encoders or {})
    return lambda: serve(jsonify(value, settings=settings))


_POWERS = tuple(10**power for power in range(9))
#: Sizes, and a function that makes a call for a size, by what grows.
CURVES: dict[str, tuple[Sequence[int], Callable[[int], Call]]] = {
    "bytes of payload": (_POWERS[1:], lambda size: _served([{"a": 1.5}] * (size // 10))),
    "levels of nesting": ((1, 4, 16, 64, 128, 254), lambda size: _served(_nested(size))),
    "values of custom types": (
        _POWERS[:6],
        lambda size: _served([Money() for _ in range(size)], {Money: lambda money: 7}),
    ),
    "registered encoders": (_POWERS[:5], _encoders),
}


def run(directory: Path | None) -> None:
    """Measure the curves, print them, and draw them into a directory."""
    for name, (sizes, make) in CURVES.items():
        print(f"measuring {name}", file=sys.stderr, flush=True)
        rounds = interleave({str(size): Task.made_by(make, size) for size in sizes})
        times = [median(rounds[str(size)]) * 1e6 for size in sizes]
        rows = [(f"{size:,}", f"{each:,.2f}") for size, each in zip(sizes, times, strict=True)]
        print(aligned([(name, "us"), *rows], left=0), end="\n\n")
        if directory is not None:
            curve = {OURS: [*zip(sizes, times, strict=True)]}
            title = "Microseconds to build and serve"
            plots.lines(directory, f"growth, {name}", title, name, curve)
