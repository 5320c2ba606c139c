"""What is promised, and whether it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from . import fresh, works
from .measure import Measured, Progress, Spread, interleave
from .peers import FLOOR, OURS

__all__ = ["SERVER_TARGETS", "TARGETS", "Result", "Target", "judge", "measure", "wanted"]


@dataclass(frozen=True)
class Target:
    """One promise.

    :param work: the piece of work.
    :param against: whose measure is the unit; None: the measure counts as it is.
    :param at_most: the most that this package's measure may be.
    :param at_least: how many times better than the other's it has to be.
    :param ours: who stands for this package.
    :param unit: what is written after the numbers.
    """

    work: str
    against: str | None
    at_most: float | None = None
    at_least: float | None = None
    ours: str = OURS
    unit: str = "x"

    @property
    def name(self) -> str:
        """What ``--only`` looks into."""
        return self.work if self.against is None else f"{self.work}, against {self.against}"

    def met_by(self, value: float) -> bool:
        """Whether a measure keeps the promise."""
        if self.at_most is not None and value > self.at_most:
            return False
        return self.at_least is None or value >= self.at_least


TARGETS = (
    Target("hello", FLOOR, at_most=2.5),
    Target("hello", "Werkzeug, json", at_most=0.15),
    Target("hello", "Sanic", at_least=1),
    Target("hello", "Starlette", at_least=1),
    Target("hello in Flask", "flask.jsonify", at_least=9),
    Target("hello, Flask request", "flask.jsonify", at_least=1.6),
    Target("100 users", FLOOR, at_most=1.08),
    Target("100 users, sorted", "flask.jsonify", at_least=8),
    Target("100 users, sorted, not ASCII", "flask.jsonify", at_least=2),
    Target("100 users, posted and sent back", "flask.jsonify", at_least=2),
    Target("5,000 users", FLOOR, at_most=1.03),
    Target("typed rows, ISO dates", "flask.jsonify", at_least=9),
    Target("typed rows, HTTP dates", "flask.jsonify", at_least=4),
    Target("dataclasses", "flask.jsonify", at_least=15),
    Target("pydantic models", "dump_json", at_most=1.5),
    Target("stream, json", "orjson.dumps", at_least=0.9),
    Target("stream, jsonl", "json.dumps", at_least=8),
    Target("memory, json", None, at_most=8, unit=" MiB"),
    Target("memory, jsonl", None, at_most=8, unit=" MiB"),
    Target("import", "werkzeug.wrappers", at_most=1.15),
)

SERVER_TARGETS = (
    Target("servers", "FastAPI, uvicorn", at_least=1, ours="Flask, jsonify_ext, granian"),
    Target("servers", "FastAPI, uvicorn", at_least=5, ours="WSGI, jsonify_ext, granian"),
)


def wanted(name: str, only: Sequence[str] | None) -> bool:
    """Whether ``--only`` asks for it, or for everything."""
    return only is None or any(each.lower() in name.lower() for each in only)


#: Seconds to measure, where it is not the default.
_SECONDS = {"5,000 users": 8.0, "stream, json": 10.0, "stream, jsonl": 20.0}

_SPECIAL: dict[str, Callable[[Progress], Measured]] = {
    "import": fresh.import_times,
    "memory, json": lambda progress: fresh.memory_of("json", works.ROWS, progress),
    "memory, jsonl": lambda progress: fresh.memory_of("jsonl", works.ROWS, progress),
}


def measure(work: str, targets: Iterable[Target], progress: Progress) -> Measured | works.Missing:
    """Measure what some targets need, all of one piece of work.

    :return: the measures, or the modules that are missing.
    """
    if work in _SPECIAL:
        return _SPECIAL[work](progress)
    names = {name for each in targets for name in (each.ours, each.against) if name is not None}
    tasks, missing = works.make(work, names)
    if missing:
        return missing
    return interleave(tasks, seconds=_SECONDS.get(work, 4.0), progress=progress)


@dataclass(frozen=True)
class Result:
    """What was measured for a target; a spread of None says that it could not be."""

    target: Target
    spread: Spread | None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is met; one that could not be measured is not."""
        return self.spread is not None and self.target.met_by(self.spread.median)


def judge(target: Target, measured: Measured | works.Missing) -> Result:
    """Hold what was measured against a target."""
    if not isinstance(measured, Measured):
        modules = ", ".join(sorted(set(measured.values())))
        return Result(target, None, f"not installed: {modules}")
    if target.against is None:
        return Result(target, measured.of(target.ours))
    if target.at_least is not None:
        return Result(target, measured.ratio(target.against, to=target.ours))
    return Result(target, measured.ratio(target.ours, to=target.against))
