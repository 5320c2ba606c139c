"""Time several functions, interleaved, so that noise affects all of them equally.

A round runs every function in random order, each for a slice of time. Two functions are
compared by the ratio of their times in the same round. The reported ratio is the median
of all rounds, with its quartiles.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

__all__ = ["Call", "CannotMeasure", "Measured", "Progress", "Spread", "Task", "interleave"]

Call = Callable[[], object]
Clock = Callable[[], int]
#: Called with the part that is done, from 0 to 1.
Progress = Callable[[float], None]


class CannotMeasure(Exception):
    """A measurement needs something that is missing; the message names it."""


#: The fewest and the most rounds, however long they take.
FEWEST, MOST = 5, 401


@dataclass(frozen=True)
class Spread:
    """A median with the quartiles around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """The spread of some values.

        >>> Spread.of([1.0, 9.0, 2.0, 3.0, 4.0])
        Spread(median=3.0, low=2.0, high=4.0)
        """
        found = list(values)
        if len(found) == 1:
            return cls(found[0], found[0], found[0])
        low, median, high = statistics.quantiles(found, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True)
class Task:
    """A call, and the context it runs in, such as the context of a Flask app."""

    call: Call
    context: Context = field(default_factory=copy_context)

    @classmethod
    def made_by(cls, factory: Callable[[], Call]) -> Task:
        """Make a task from a function that enters the context and returns the call."""
        context = copy_context()
        return cls(context.run(factory), context)

    def __call__(self) -> Any:
        return self.context.run(self.call)


@dataclass(frozen=True)
class Measured:
    """The measures of several functions by round; mostly seconds per call."""

    rounds: Mapping[str, list[float]]

    def of(self, name: str) -> Spread:
        """The measure of one function."""
        return Spread.of(self.rounds[name])

    def ratio(self, name: str, to: str) -> Spread:
        """The measure of one function as a multiple of another's.

        >>> Measured({"a": [2.0, 4.0, 9.0], "b": [1.0, 2.0, 3.0]}).ratio("a", to="b").median
        2.0
        """
        pairs = zip(self.rounds[name], self.rounds[to], strict=True)
        return Spread.of(one / other for one, other in pairs)


def interleave(
    tasks: Mapping[str, Task],
    *,
    seconds: float = 3.0,
    slice_seconds: float = 0.004,
    clock: Clock = time.process_time_ns,
    progress: Progress = lambda done: None,
) -> Measured:
    """Time some functions against each other.

    :param seconds: about how long to measure.
    :param slice_seconds: how long each function runs in a round.
    :param clock: returns nanoseconds; the default is processor time, which doesn't count
        other processes.
    :param progress: called with the part that is done, after each round.
    """
    rounds: dict[str, list[float]] = {name: [] for name in tasks}
    order = list(tasks)
    shuffle = random.Random(7).shuffle
    with _no_collections():
        loops = {name: _loops(task, slice_seconds, clock) for name, task in tasks.items()}
        begin = time.monotonic()
        for number in range(1, MOST + 1):
            shuffle(order)
            for name in order:
                rounds[name].append(_seconds(tasks[name], loops[name], clock))
            passed = time.monotonic() - begin
            if number >= FEWEST and passed >= seconds:
                break
            progress(max(number / MOST, passed / max(seconds, passed, 1e-9)))
    progress(1.0)
    return Measured(rounds)


@contextmanager
def _no_collections() -> Iterator[None]:
    """Disable garbage collection while measuring."""
    gc.collect()
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _seconds(task: Task, loops: int, clock: Clock) -> float:
    return task.context.run(_loop, task.call, loops, clock) / loops / 1e9


def _loop(call: Call, loops: int, clock: Clock) -> int:
    if loops > 1:
        call()  # refill the processor's caches
    turns = repeat(None, loops)
    begin = clock()
    for _ in turns:
        call()
    return clock() - begin


def _loops(task: Task, slice_seconds: float, clock: Clock) -> int:
    """How many calls fill a slice, after the first calls have filled the caches."""
    task()
    if _seconds(task, 1, clock) > 10 * slice_seconds:
        return 1
    loops = 1
    while True:
        taken = min(_seconds(task, loops, clock) for _ in range(3)) * loops
        if taken >= slice_seconds / 4:
            return max(1, round(loops * slice_seconds / taken))
        loops *= 4
