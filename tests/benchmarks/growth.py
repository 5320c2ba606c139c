"""How the cost of a response grows with its payload, settings and scopes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from . import payloads
from .measure import Call, CannotMeasure, Measured, Progress, Task, interleave
from .peers import OURS
from .table import aligned, duration
from .targets import Result, Target, judge, wanted
from .wsgi import serve

__all__ = ["CURVES", "Curve", "exponent", "run"]

#: The exponents of linear and of constant cost, with room for noise and for full caches.
LINEAR, FLAT = 1.15, 0.15


@dataclass(frozen=True)
class Curve:
    """One way to grow.

    :param make: makes a call for a size; its ``close``, if any, is called in the end.
    :param limit: the largest exponent allowed at the end of the curve.
    """

    name: str
    sizes: Sequence[int]
    make: Callable[[int], Call]
    limit: float

    @property
    def target(self) -> Target:
        """The target for it."""
        return Target(f"growth, {self.name}", None, at_most=self.limit, unit=" exponent", noise=0)


def _serve(value: Any, **options: Any) -> Call:
    from jsonify_ext import jsonify

    return lambda: serve(jsonify(value, **options))


def _payload(size: int) -> Call:
    return _serve([{"a": 1.5}] * (size // 10))


def _depth(size: int) -> Call:
    value: Any = 1
    for _ in range(size):
        value = [value]
    return _serve(value)


class Money:
    """A type of an app."""

    def __init__(self, cents: int) -> None:
        self.cents = cents


def _encoders(count: int) -> dict[type, Callable[[Any], Any]]:
    others: list[type] = [type(f"Other{number}", (), {}) for number in range(count - 1)]
    return {**dict.fromkeys(others, repr), Money: lambda money: money.cents}


def _values(size: int) -> Call:
    from jsonify_ext import JSONSettings

    values = [Money(number) for number in range(size)]
    return _serve(values, settings=JSONSettings(encoders=_encoders(1)))


def _registered(size: int) -> Call:
    from jsonify_ext import JSONSettings

    return _serve([Money(7)] * 10, settings=JSONSettings(encoders=_encoders(size)))


def _settings(size: int) -> Call:
    """Requests that take turns with so many different settings."""
    from jsonify_ext import JSONSettings, jsonify

    settings = cycle([JSONSettings(headers=[("X-Number", str(n))]) for n in range(size)])
    return lambda: serve(jsonify(payloads.HELLO, settings=next(settings)))


def _entered(size: int) -> Call:
    """A response that enters so many nested scopes."""
    from jsonify_ext import use_settings

    respond = _serve(payloads.HELLO)

    def call() -> object:
        with ExitStack() as scopes:
            for _ in range(size):
                scopes.enter_context(use_settings(etag=False))
            return respond()

    return call


class _InScopes:
    """A response inside so many scopes that are entered already."""

    def __init__(self, size: int) -> None:
        from jsonify_ext import use_settings

        self._respond = _serve(payloads.HELLO)
        self._scopes = ExitStack()
        for _ in range(size):
            self._scopes.enter_context(use_settings(etag=False))

    def __call__(self) -> object:
        return self._respond()

    def close(self) -> None:
        self._scopes.close()


_POWERS = tuple(10**power for power in range(9))

CURVES = (
    Curve("bytes of payload", _POWERS[1:], _payload, LINEAR),
    Curve("levels of nesting", (1, 4, 16, 64, 128, 254), _depth, LINEAR),
    Curve("values of custom types", _POWERS[:6], _values, LINEAR),
    Curve("registered encoders", _POWERS[:5], _registered, FLAT),
    Curve("settings used in turn", _POWERS[:4], _settings, FLAT),
    Curve("scopes in force", _POWERS[:4], _InScopes, FLAT),
    Curve("scopes entered", (1, 3, 10, 30, 100, 300), _entered, LINEAR),
)


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """The power of the size with which the time grows at the end of a curve.

    >>> exponent([1, 10, 100, 1000], [50, 100, 10_000, 1_000_000])
    2.0
    """
    xs = [math.log(size) for size in sizes[-3:]]
    ys = [math.log(each) for each in times[-3:]]
    return round(statistics.linear_regression(xs, ys).slope, 3)


def run(
    progress: Callable[[str], Progress], only: Sequence[str] | None, plot: Path | None
) -> list[Result]:
    """Measure the curves, print them, and judge their ends.

    :raises CannotMeasure: if no curve has such a name.
    """
    results: list[Result] = []
    for curve in CURVES:
        name = curve.target.name
        if not wanted(name, only):
            continue
        measured = _measure(curve, progress(name))
        times = [measured.of(str(size)).median for size in curve.sizes]
        print(*_table(curve, times), sep="\n", end="\n\n")
        rounds = zip(*(measured.rounds[str(size)] for size in curve.sizes), strict=True)
        found = Measured({OURS: [exponent(curve.sizes, each) for each in rounds]})
        results.append(judge(curve.target, found))
        if plot is not None:
            from .plots import lines, write

            points = [(float(x), y * 1e6) for x, y in zip(curve.sizes, times, strict=True)]
            picture = lines("Microseconds to build and serve", curve.name, [(OURS, points)])
            write(plot, name, picture)
    if not results:
        raise CannotMeasure(f"no curve is called {' or '.join(only or [])}")
    return results


def _measure(curve: Curve, progress: Progress) -> Measured:
    tasks = {str(size): Task.made_by(partial(curve.make, size)) for size in curve.sizes}
    try:
        return interleave(tasks, seconds=4.0, progress=progress)
    finally:
        for task in tasks.values():
            task.context.run(getattr(task.call, "close", bool))


def _table(curve: Curve, times: Sequence[float]) -> list[str]:
    rows = [(curve.name, "time", "each")]
    for size, each in zip(curve.sizes, times, strict=True):
        rows.append((f"{size:,}", duration(each), duration(each / size)))
    return aligned(rows, left=0)
