"""``--survey``: many kinds of value, each in a stock Flask app and in one with ``Jsonify``."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import geometric_mean, median

from . import cases
from .kinds import KINDS
from .measure import CannotMeasure, Task, interleave, ratio, wanted
from .works import NOISE


def run(only: Sequence[str] | None) -> bool:
    """Measure, print a table, and return whether no kind is slower.

    :raises CannotMeasure: if no kind has such a name.
    """
    names = [name for name in KINDS if wanted(name, only)]
    if not names:
        raise CannotMeasure(f"no kind of value is called {' or '.join(only or [])}")
    print(f"{'kind':36} {'stock us':>11} {'ours us':>11} {'ratio':>7}")
    ratios: list[float] = []
    for name in names:
        try:
            case = KINDS[name]()
        except ModuleNotFoundError as error:
            print(f"{name:36} {error.name} is not installed")
            ratios.append(0)
            continue
        tasks = {each.__name__: Task.made_by(each, case) for each in (cases.stock, cases.ours)}
        rounds = interleave(tasks, seconds=0.4, slice_seconds=0.002)
        ratios.append(ratio(rounds, "stock", to="ours"))
        stock, ours = (median(rounds[each]) * 1e6 for each in tasks)
        mark = "" if ratios[-1] >= 1 else "  even" if ratios[-1] >= 1 - NOISE else "  SLOWER"
        print(f"{name:36} {stock:11,.1f} {ours:11,.1f} {ratios[-1]:5.2f} x{mark}", flush=True)
    slower = sum(each < 1 - NOISE for each in ratios)
    mean = geometric_mean([each for each in ratios if each])
    print(f"\n{len(names)} kinds, {slower} slower; geometric mean {mean:.2f} x")
    return not slower
