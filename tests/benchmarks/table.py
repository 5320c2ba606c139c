"""Plain text tables, with colours on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .measure import Measured
from .peers import FLOOR
from .targets import Result

__all__ = ["aligned", "duration", "peers_table", "results_table"]

_RED, _GREEN, _YELLOW, _PLAIN = "\033[1;31m", "\033[32m", "\033[33m", "\033[0m"


def aligned(rows: Iterable[Sequence[str]], left: int = 1) -> list[str]:
    """Lines with aligned columns.

    :param left: how many columns are aligned to the left; the others are numbers.

    >>> aligned([("work", "time"), ("hello", "9")])
    ['work   time', 'hello     9']
    """
    cells = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def duration(seconds: float) -> str:
    """A time with three digits and its unit.

    >>> duration(0.00000123), duration(0.0456)
    ('1.23 us', '45.6 ms')
    """
    units = (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9))
    unit, size = next((each for each in units if seconds >= each[1]), units[-1])
    number = seconds / size
    return f"{number:.{2 if number < 10 else 1 if number < 100 else 0}f} {unit}"


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 2 else f"{value:.2f}"


def results_table(results: Sequence[Result], *, colours: bool = False) -> list[str]:
    """Every target, its measure, and whether it is met."""
    rows = [("", "work", "ours", "against", "measured", "quartiles", "target")]
    for result in results:
        target, spread = result.target, result.spread
        limit = target.at_most if target.at_most is not None else target.at_least
        sign = "<=" if target.at_most is not None else ">="
        rows.append(
            (
                _verdict(result),
                target.work,
                target.ours,
                target.against or "",
                result.note if spread is None else _number(spread.median) + target.unit,
                "" if spread is None else f"{_number(spread.low)} - {_number(spread.high)}",
                f"{sign} {limit:g}{target.unit}",
            )
        )
    lines = aligned(rows, left=4)
    if colours:
        marks = ["", *map(_colour, results)]
        lines = [
            mark + line + _PLAIN * bool(mark) for mark, line in zip(marks, lines, strict=True)
        ]
    return lines


def _verdict(result: Result) -> str:
    if result.met:
        return "within noise" if result.within_noise else "met"
    return "NOT MEASURED" if result.spread is None else "MISSED"


def _colour(result: Result) -> str:
    if result.within_noise:
        return _YELLOW
    return _GREEN if result.met else _RED


def peers_table(work: str, measured: Measured) -> list[str]:
    """The peers that did the same work, the fastest first."""
    names = sorted(measured.rounds, key=lambda name: measured.of(name).median)
    rows = [(work, "time", "quartiles", "x floor")]
    for name in names:
        spread = measured.of(name)
        rows.append(
            (
                name,
                duration(spread.median),
                f"{duration(spread.low)} - {duration(spread.high)}",
                f"{measured.ratio(name, to=FLOOR).median:.2f}" if FLOOR in names else "",
            )
        )
    return aligned(rows)
