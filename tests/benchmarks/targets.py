"""The speed targets, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from . import fresh, works
from .measure import Measured, Progress, Spread, interleave
from .peers import FLOOR, OURS

__all__ = ["SERVER_TARGETS", "TARGETS", "Result", "Target", "judge", "measure", "wanted"]


@dataclass(frozen=True)
class Target:
    """One target.

    :param work: the piece of work.
    :param against: the peer to compare with; None: the measure itself counts.
    :param at_most: the most that our measure may be.
    :param at_least: how many times better than the peer ours must be.
    :param ours: the contestant that uses this package.
    :param unit: what follows the numbers in the table.
    :param noise: the part of the limit that a measure may miss it by and still meet it.
    """

    work: str
    against: str | None
    at_most: float | None = None
    at_least: float | None = None
    ours: str = OURS
    unit: str = "x"
    noise: float = 0.1

    @property
    def name(self) -> str:
        """What ``--only`` searches."""
        who = "" if self.ours == OURS else f", {self.ours}"
        against = "" if self.against is None else f", against {self.against}"
        return self.work + who + against

    def met_by(self, value: float, noise: float = 0.0) -> bool:
        """Whether a measure meets the target."""
        if self.at_most is not None and value > self.at_most * (1 + noise):
            return False
        return self.at_least is None or value >= self.at_least * (1 - noise)


TARGETS = (
    Target("hello, Flask request", "flask.jsonify", at_least=1.6),
    Target("hello, Flask request", "flask.jsonify", at_least=1.5, ours="flask.jsonify, Jsonify"),
    Target("hello, Flask request", "returned dict", at_least=1.5, ours="returned dict, Jsonify"),
    Target("hello", FLOOR, at_most=5),
    Target("hello", "Werkzeug, json", at_least=5),
    Target("hello", "Starlette", at_least=2),
    Target("hello", "Sanic", at_least=1.5),
    Target("100 users, sorted", "flask.jsonify", at_least=6.5),
    Target("100 users", FLOOR, at_most=1.10),
    Target("5,000 users", FLOOR, at_most=1.05),
    Target("typed rows, HTTP dates", "flask.jsonify", at_least=4),
    Target("typed rows, ISO dates", "flask.jsonify", at_least=5),
    Target("dataclasses", "flask.jsonify", at_least=8),
    Target("encoder in each of 100 users", "flask.jsonify", at_least=1.5),
    Target("__json__ in each of 100 users", "flask.jsonify", at_least=1.5),
    Target("app's default in each of 100 users", "flask.jsonify", at_least=1.5),
    Target("generator of users", "flask.jsonify", at_least=1.5),
    Target("sets in 100 users", "flask.jsonify", at_least=1.5),
    Target("read: 100 users", "flask.jsonify", at_least=1.5),
    Target("pydantic models", "flask.jsonify", at_least=3.5),
    Target("pydantic models, sorted", "flask.jsonify", at_least=2),
    Target("stream, json", "orjson.dumps", at_least=0.75),
    Target("stream, jsonl", "json.dumps", at_least=8),
    Target("memory, json", None, at_most=8, unit=" MiB"),
    Target("memory, jsonl", None, at_most=8, unit=" MiB"),
    Target("import", "werkzeug.wrappers", at_most=1.2),
)

SERVER_TARGETS = (
    Target("servers", "FastAPI, uvicorn", at_least=1, ours="Flask, jsonify_ext, granian"),
    Target("servers", "FastAPI, uvicorn", at_least=5, ours="WSGI, jsonify_ext, granian"),
)


def wanted(name: str, only: Sequence[str] | None) -> bool:
    """Whether ``--only`` selects it; without ``--only``, everything is selected."""
    return only is None or any(each.lower() in name.lower() for each in only)


#: Seconds to measure, if not the default.
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
    """What was measured for a target; the spread is None if it couldn't be measured."""

    target: Target
    spread: Spread | None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is met; one that could not be measured is not."""
        target = self.target
        return self.spread is not None and target.met_by(self.spread.median, target.noise)

    @property
    def within_noise(self) -> bool:
        """Whether the target is met only because of the slack for noise."""
        return self.spread is not None and self.met and not self.target.met_by(self.spread.median)


def judge(target: Target, measured: Measured | works.Missing) -> Result:
    """Compare what was measured with a target."""
    if not isinstance(measured, Measured):
        modules = ", ".join(sorted(set(measured.values())))
        return Result(target, None, f"not installed: {modules}")
    if target.against is None:
        return Result(target, measured.of(target.ours))
    if target.at_least is not None:
        return Result(target, measured.ratio(target.against, to=target.ours))
    return Result(target, measured.ratio(target.ours, to=target.against))
