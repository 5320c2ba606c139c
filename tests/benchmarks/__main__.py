"""The command line: ``python -m tests.benchmarks --help``."""

from __future__ import annotations

import argparse
import platform
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path
from statistics import geometric_mean, median

from ..integration.servers.running import NotStarted
from . import cases, fresh, growth, kinds, plots, servers, works
from .measure import CannotMeasure, Rounds, Task, aligned, interleave, ratio, wanted
from .peers import FLOOR, OURS

_PEERS = (
    *("bottle", "django", "falcon", "fastapi", "flask", "flask-orjson", "granian", "gunicorn"),
    *("orjson", "pydantic", "pyramid", "sanic", "starlette", "ujson", "uvicorn", "werkzeug"),
)
#: The works that the README compares, and the ways of sending JSON in Flask.
_REQUESTS = {
    "hello, Flask request": "A small object",
    "100 users, Flask request": "100 users with 170 bytes each",
}
_WAYS = ("flask.jsonify", "flask-orjson", "orjson in the view", OURS)
#: The works that every peer can do.
_SHARED = ("hello", "100 users", "5,000 users")


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(
        "python -m tests.benchmarks",
        description="Measure this package and its peers, and compare it with its targets.",
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="only what has NAME in its name"
    )
    parser.add_argument("--plot", type=Path, metavar="DIR", help="write pictures into DIR")
    parser.add_argument("--survey", action="store_true", help="compare many kinds of value")
    parser.add_argument("--servers", action="store_true", help="measure real servers, with wrk")
    parser.add_argument("--growth", action="store_true", help="measure how cost grows")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # warnings of the peers
    found = {each.name.lower(): each.version for each in distributions()}
    print("Python", platform.python_version(), *(f"{k} {found.get(k)}" for k in _PEERS), sep=", ")
    met = True
    try:
        if options.survey:
            met = _survey(options.only)
        elif options.growth:
            growth.run(options.plot)
        elif options.servers:
            rates = servers.run()
            met = _judge([target.result(rates) for target in works.SERVER_TARGETS])
        else:
            met = _judge(_compare(options.only, options.plot))
    except (CannotMeasure, NotStarted) as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if options.check and not met else 0


def _judge(results: Sequence[Sequence[str]]) -> bool:
    """Print the results, and return whether all targets are met."""
    print(aligned([("", "work", "ours", "against", "measured", "target"), *results], left=4))
    return {result[0] for result in results} <= {"met", "within noise"}


def _survey(only: Sequence[str] | None) -> bool:
    """Compare each kind of value in a stock Flask app and in one with ``Jsonify``: print a
    table, and return whether no kind is slower.

    :raises CannotMeasure: if no kind has such a name.
    """
    names = [name for name in kinds.KINDS if wanted(name, only)]
    if not names:
        raise CannotMeasure(f"no kind of value is called {' or '.join(only or [])}")
    print(f"{'kind':36} {'stock us':>11} {'ours us':>11} {'ratio':>7}")
    ratios: list[float] = []
    for name in names:
        try:
            case = kinds.KINDS[name]()
        except ModuleNotFoundError as error:
            print(f"{name:36} {error.name} is not installed")
            ratios.append(0)
            continue
        tasks = {each.__name__: Task.made_by(each, case) for each in (cases.stock, cases.ours)}
        rounds = interleave(tasks, seconds=0.4, slice_seconds=0.002)
        ratios.append(ratio(rounds, "stock", to="ours"))
        stock, ours = (median(rounds[each]) * 1e6 for each in tasks)
        mark = "" if ratios[-1] >= 1 else "  even" if ratios[-1] >= 1 - works.NOISE else "  SLOWER"
        print(f"{name:36} {stock:11,.1f} {ours:11,.1f} {ratios[-1]:5.2f} x{mark}", flush=True)
    slower = sum(each < 1 - works.NOISE for each in ratios)
    mean = geometric_mean([each for each in ratios if each])
    print(f"\n{len(names)} kinds, {slower} slower; geometric mean {mean:.2f} x")
    return not slower


def _compare(only: Sequence[str] | None, directory: Path | None) -> list[tuple[str, ...]]:
    """Measure what has a target, and compare all peers in the work that they share."""
    chosen = [target for target in works.TARGETS if wanted(target.name, only)]
    results: list[tuple[str, ...]] = []
    for work in dict.fromkeys(target.work for target in chosen):
        targets = [target for target in chosen if target.work == work]
        print(f"measuring {work}", file=sys.stderr, flush=True)
        rounds: Rounds
        if work == "import":
            rounds = fresh.import_times()
        elif work.startswith("memory, "):
            kind = work.removeprefix("memory, ")
            rounds = {OURS: [fresh.extra_memory(kind) for _ in range(3)]}
        elif work in _SHARED:
            rounds = interleave(works.make_tasks(work), seconds=10)
            _compare_peers(work, rounds, directory)
        else:
            names = {name for each in targets for name in (each.ours, each.against)}
            rounds = interleave(works.make_tasks(work, names))
        results += [target.result(rounds) for target in targets]
    if wanted("whole requests", only):
        _compare_requests(directory)
    elif not results:
        raise CannotMeasure(f"no target is called {' or '.join(only or [])}")
    if directory is not None and wanted("memory", only):
        curves = {
            label: [
                (rows, max(fresh.extra_memory(kind, rows), 0.1))
                for rows in (10**3, 10**4, 10**5, 10**6)
            ]
            for label, kind in (("stream_json", "json"), ("jsonify", "list"))
        }
        plots.lines(directory, "memory", "MiB of extra peak memory of a response", "rows", curves)
    return results


def _compare_requests(directory: Path | None) -> None:
    """Compare whole Flask requests, with what Flask's developers use."""
    compared: dict[str, dict[str, float]] = {}
    for work, heading in _REQUESTS.items():
        print(f"measuring {work}, all ways", file=sys.stderr, flush=True)
        rounds = interleave(works.make_tasks(work, _WAYS), seconds=10)
        compared[heading] = {
            name: ratio(rounds, "flask.jsonify", to=name) for name in _WAYS if name in rounds
        }
        print(f"{work}:", ", ".join(f"{k} {v:.1f} x" for k, v in compared[heading].items()))
    if directory is not None:
        title = "Whole Flask requests, flask.jsonify = 1 (more is faster)"
        plots.groups(directory, "flask requests", title, compared)


def _compare_peers(work: str, rounds: Rounds, directory: Path | None) -> None:
    times = {name: median(each) * 1e6 for name, each in rounds.items()}
    floors = {name: ratio(rounds, name, to=FLOOR) for name in sorted(times, key=times.__getitem__)}
    rows = [(name, f"{times[name]:,.2f}", f"{each:.2f}") for name, each in floors.items()]
    print(aligned([(work, "us", "x floor"), *rows]), end="\n\n")
    if directory is not None:
        title = f"{work}: time to build and serve, as multiples of the floor"
        shortest_first = dict(sorted(floors.items(), key=lambda item: item[1]))
        plots.groups(directory, work, title, {"": shortest_first}, digits=2)


if __name__ == "__main__":
    sys.exit(main())
