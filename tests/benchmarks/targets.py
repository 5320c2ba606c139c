"""The speed targets."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from .measure import Rounds, ratio
from .peers import FLOOR, OURS

__all__ = ["SERVER_TARGETS", "TARGETS", "Target"]

#: The part of a limit that a measure may miss it by and still meet it.
NOISE = 0.1


@dataclass(frozen=True)
class Target:
    """One target.

    :param work: the piece of work.
    :param against: the peer to compare with; None: the measure itself counts.
    :param at_most: the most that our measure may be.
    :param at_least: how many times better than the peer ours must be.
    :param ours: the contestant that uses this package.
    """

    work: str
    against: str | None
    at_most: float | None = None
    at_least: float | None = None
    ours: str = OURS

    @property
    def name(self) -> str:
        """What ``--only`` searches."""
        return ", ".join(dict.fromkeys(filter(None, [self.work, self.ours, self.against])))

    def result(self, rounds: Rounds) -> tuple[str, ...]:
        """A row of the table, whose first column is the verdict."""
        names = self.ours, self.against or self.ours
        if not rounds.keys() >= {*names}:
            found, verdict = None, "NOT MEASURED"
        elif self.at_least is not None:
            found = ratio(rounds, names[1], to=names[0])
            verdict = _verdict(self.at_least / found)
        else:
            assert self.at_most is not None
            found = ratio(rounds, *names) if self.against else median(rounds[self.ours])
            verdict = _verdict(found / self.at_most)
        limit = f"<= {self.at_most:g}" if self.at_least is None else f">= {self.at_least:g}"
        measured = "" if found is None else f"{found:.2f}"
        return verdict, self.work, self.ours, self.against or "MiB", measured, limit


def _verdict(miss: float) -> str:
    if miss <= 1:
        return "met"
    return "within noise" if miss <= 1 + NOISE else "MISSED"


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
    Target("memory, json", None, at_most=8),
    Target("memory, jsonl", None, at_most=8),
    Target("import", "werkzeug.wrappers", at_most=1.2),
)

SERVER_TARGETS = (
    Target("servers", "FastAPI, uvicorn", at_least=1, ours="Flask, jsonify_ext, granian"),
    Target("servers", "FastAPI, uvicorn", at_least=5, ours="WSGI, jsonify_ext, granian"),
)
