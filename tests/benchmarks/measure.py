"""Time several functions, interleaved, so that noise affects all of them equally.

A round runs every function in random order, each for a slice of time. Two functions are
compared by the ratio of their times in the same round; the median of all rounds counts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import Context, copy_context
from statistics import median
from timeit import Timer
from typing import Any, NamedTuple

Call = Callable[[], Any]
#: Seconds per call of each function, by round.
Rounds = Mapping[str, list[float]]

MIN_ROUNDS, MAX_ROUNDS = 5, 401


class CannotMeasure(Exception):
    """A measurement needs something that is missing; the message names it."""


class Task(NamedTuple):
    """A call, and the context it runs in, such as the context of a Flask app."""

    call: Call
    context: Context

    @classmethod
    def made_by(cls, factory: Callable[..., Call], *args: Any, **kwargs: Any) -> Task:
        """Make a task by a function that enters the context and returns the call."""
        context = copy_context()
        return cls(context.run(factory, *args, **kwargs), context)

    def __call__(self) -> Any:
        return self.context.run(self.call)

    def seconds(self, loops: int) -> float:
        """Seconds of processor time per call, which doesn't count other processes."""
        # The call before the loop fills the processor's caches.
        timer = Timer(self.call, self.call if loops > 1 else "pass", time.process_time)
        return self.context.run(timer.timeit, loops) / loops

    def loops(self, slice_seconds: float) -> int:
        """How many calls fill a slice, after the first calls have filled the caches."""
        self()
        loops = 1
        while True:
            each = min(self.seconds(loops) for _ in range(1 if loops == 1 else 3))
            if each * loops >= slice_seconds / 4:
                return max(1, round(slice_seconds / each))
            loops *= 4


def interleave(
    tasks: Mapping[str, Task], seconds: float = 4.0, slice_seconds: float = 0.004
) -> Rounds:
    """Time some functions against each other.

    :param seconds: about how long to measure.
    :param slice_seconds: how long each function runs in a round.
    """
    rounds: dict[str, list[float]] = {name: [] for name in tasks}
    loops = {name: task.loops(slice_seconds) for name, task in tasks.items()}
    order = list(tasks)
    shuffle = random.Random(7).shuffle
    end = time.monotonic() + seconds
    for number in range(MAX_ROUNDS):
        if number >= MIN_ROUNDS and time.monotonic() > end:
            break
        shuffle(order)
        for name in order:
            rounds[name].append(tasks[name].seconds(loops[name]))
    return rounds


def ratio(rounds: Rounds, name: str, to: str) -> float:
    """The time of one function as a multiple of another's.

    >>> ratio({"a": [2.0, 4.0, 9.0], "b": [1.0, 2.0, 3.0]}, "a", to="b")
    2.0
    """
    return median(one / other for one, other in zip(rounds[name], rounds[to], strict=True))


def wanted(name: str, only: Sequence[str] | None) -> bool:
    """Whether ``--only`` selects it; without ``--only``, everything is selected."""
    return only is None or any(each.lower() in name.lower() for each in only)


def aligned(rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """A table with aligned columns.

    :param left: how many columns are aligned to the left; the others are numbers.
    """
    cells = [*rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        pairs = enumerate(zip(row, widths, strict=True))
        return "  ".join(f"{it:{'<' if at < left else '>'}{width}}" for at, (it, width) in pairs)

    return "\n".join(line(row).rstrip() for row in cells)
