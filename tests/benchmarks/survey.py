"""``--survey``: many kinds of value, each in a stock Flask app and in one with ``Jsonify``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import geometric_mean

from . import kinds
from .measure import CannotMeasure, Progress, Task, interleave
from .peers import OURS
from .table import aligned
from .targets import wanted

__all__ = ["Row", "run", "survey"]

STOCK = "stock Flask"
#: The part of a ratio that may be noise.
NOISE = 0.1


@dataclass(frozen=True)
class Row:
    """The times of one kind in seconds, or the reason why there are none."""

    name: str
    stock: float = 0.0
    ours: float = 0.0
    ratio: float = 0.0
    error: str = ""

    @property
    def slower(self) -> bool:
        """Whether ours is slower than stock Flask, or can't do it."""
        return self.ratio < 1 - NOISE

    @property
    def verdict(self) -> str:
        """The mark in the table."""
        if self.error:
            return self.error
        return "SLOWER" if self.slower else "even" if self.ratio < 1 else ""


def run(progress: Callable[[str], Progress], only: Sequence[str] | None) -> bool:
    """Measure, print a table, and return whether no kind is slower.

    :raises CannotMeasure: if no kind has such a name.
    """
    names = [name for name in kinds.KINDS if wanted(name, only)]
    if not names:
        raise CannotMeasure(f"no kind of value is called {' or '.join(only or [])}")
    show = progress("the survey")
    rows: list[Row] = []
    for name in names:
        rows.append(survey(name))
        show(len(rows) / len(names))
    print(*_table(rows), sep="\n")
    slower, even = (sum(row.verdict == mark for row in rows) for mark in ("SLOWER", "even"))
    failed = sum(bool(row.error) for row in rows)
    mean = geometric_mean([row.ratio for row in rows if not row.error] or [1.0])
    print(f"\n{len(rows)} kinds: {slower} slower, {even} even, {failed} failed", end="")
    print(f"; geometric mean {mean:.2f} x")
    return not any(row.slower for row in rows)


def survey(name: str, seconds: float = 0.4) -> Row:
    """Measure one kind."""
    make = kinds.KINDS[name]
    try:
        tasks = {
            STOCK: Task.made_by(lambda: kinds.stock(make())),
            OURS: Task.made_by(lambda: kinds.ours(make())),
        }
        for task in tasks.values():
            task()
    except ModuleNotFoundError as error:
        return Row(name, error=f"NOT INSTALLED: {error.name}")
    except Exception as error:
        return Row(name, error=f"FAILED: {type(error).__name__}: {error}"[:99])
    measured = interleave(tasks, seconds=seconds, slice_seconds=0.002)
    stock, ours = measured.of(STOCK).median, measured.of(OURS).median
    return Row(name, stock, ours, measured.ratio(STOCK, to=OURS).median)


def _table(rows: Sequence[Row]) -> list[str]:
    cells = [("kind", "stock us", "ours us", "ratio"), *(_cells(row) for row in rows)]
    marks = ["", *(row.verdict for row in rows)]
    pairs = zip(aligned(cells), marks, strict=True)
    return [f"{line}  {mark}".rstrip() for line, mark in pairs]


def _cells(row: Row) -> tuple[str, ...]:
    if row.error:
        return row.name, "", "", ""
    digits = 1 if row.ratio >= 2 else 2
    times = (f"{seconds * 1e6:,.1f}" for seconds in (row.stock, row.ours))
    return row.name, *times, f"{row.ratio:.{digits}f} x"
