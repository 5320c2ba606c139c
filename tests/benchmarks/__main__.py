"""The command line: ``python -m tests.benchmarks --help``."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from . import works
from .about import about
from .measure import CannotMeasure, Measured, Progress, interleave
from .peers import FLOOR, OURS
from .table import peers_table, results_table
from .targets import TARGETS, Result, judge, measure, wanted

__all__ = ["main"]

_DESCRIPTION = "Measure this package and its peers, and compare it with its targets."


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit code."""
    options = _parser().parse_args(arguments)
    warnings.simplefilter("ignore")  # warnings of the peers
    print(*about(), sep="\n", end="\n\n")
    results: list[Result] = []
    faster = True
    try:
        if options.survey:
            from . import survey

            faster = survey.run(_progress, options.only)
        if options.servers:
            from . import servers

            results += servers.run(_progress)
        if options.growth:
            from . import growth

            results += growth.run(_progress, options.only, options.plot)
        if not (options.survey or options.servers or options.growth):
            results += _run(options.only, options.plot)
    except CannotMeasure as error:
        print(error, file=sys.stderr)
        return 2
    if results:
        _print_results(results)
    met = faster and all(result.met for result in results)
    return 1 if options.check and not met else 0


def _print_results(results: Sequence[Result]) -> None:
    print(*results_table(results, colours=sys.stdout.isatty()), sep="\n")
    met = sum(result.met for result in results)
    noise = sum(result.within_noise for result in results)
    print(f"\n{met} of {len(results)} targets met, {noise} of them within noise")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description=_DESCRIPTION)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if a target is missed or a kind slower"
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="only what has NAME in its name; repeatable",
    )
    parser.add_argument("--plot", type=Path, metavar="DIR", help="write pictures into DIR")
    parser.add_argument("--survey", action="store_true", help="compare many kinds of value")
    parser.add_argument("--servers", action="store_true", help="measure real servers, with wrk")
    parser.add_argument("--growth", action="store_true", help="measure how cost grows")
    return parser


def _run(only: Sequence[str] | None, plot: Path | None) -> list[Result]:
    """Measure every target that needs no server, and compare the peers."""
    targets = [each for each in TARGETS if wanted(each.name, only)]
    shared = [work for work in works.SHARED if wanted(work, only)]
    requests = wanted("whole requests", only)
    if not (targets or shared or requests):
        raise CannotMeasure(f"no target is called {' or '.join(only or [])}")
    measures: dict[str, Measured | works.Missing] = {}
    for work in dict.fromkeys(each.work for each in targets):
        those = [each for each in targets if each.work == work]
        measures[work] = measure(work, those, _progress(work))
    for work in shared:
        tasks, missing = works.make(work)
        measured = interleave(tasks, seconds=5.0, progress=_progress(f"{work}, all peers"))
        print(*peers_table(work, measured), sep="\n")
        if missing:
            print("not installed:", ", ".join(f"{name} ({it})" for name, it in missing.items()))
        print()
        if plot is not None and FLOOR in measured.rounds:
            from .plots import bars, write

            title = f"{work}: time to build and serve, as multiples of the floor"
            times = {name: measured.ratio(name, to=FLOOR).median for name in measured.rounds}
            write(plot, work, bars(title, times))
    if requests:
        _compare_requests(plot)
    if plot is not None and wanted("memory", only):
        _plot_memory(plot)
    return [judge(target, measures[target.work]) for target in targets]


#: The works that the README compares, and the ways of sending JSON in Flask.
_REQUESTS = {
    "hello, Flask request": "A small object",
    "100 users, Flask request": "100 users with 170 bytes each",
}
_WAYS = ("flask.jsonify", "flask-orjson", "orjson in the view", OURS)


def _compare_requests(plot: Path | None) -> None:
    """Compare whole Flask requests, with what Flask's developers use."""
    compared: dict[str, dict[str, float]] = {}
    for work, heading in _REQUESTS.items():
        tasks, _ = works.make(work, _WAYS)
        measured = interleave(tasks, seconds=10.0, progress=_progress(f"{work}, all ways"))
        stock = "flask.jsonify"
        compared[heading] = {
            name: measured.ratio(stock, to=name).median for name in _WAYS if name in tasks
        }
        print(*peers_table(work, measured), sep="\n")
        print(", ".join(f"{name} {value:.1f} x" for name, value in compared[heading].items()))
        print()
    if plot is not None:
        from .plots import groups, write

        title = "Whole Flask requests, flask.jsonify = 1 (more is faster)"
        write(plot, "flask requests", groups(title, compared))


def _plot_memory(directory: Path) -> None:
    from .fresh import extra_memory
    from .plots import Line, lines, write

    counts = [1_000, 10_000, 100_000, 1_000_000]
    progress = _progress("memory against rows")
    curves: list[Line] = []
    for number, (label, kind) in enumerate({"stream_json": "json", "jsonify": "list"}.items()):
        points = [(float(rows), max(extra_memory(kind, rows), 0.1)) for rows in counts]
        curves.append((label, points))
        progress((number + 1) / 2)
    write(directory, "memory", lines("MiB of extra peak memory of a response", "rows", curves))


def _progress(work: str) -> Progress:
    """Show progress on stderr."""
    stream = sys.stderr
    if not stream.isatty():
        print(f"measuring {work}", file=stream, flush=True)
        return lambda done: None

    def show(done: float) -> None:
        end = "\r\033[K" if done >= 1 else ""
        print(f"\r\033[Kmeasuring {work} {done:4.0%}{end}", end="", file=stream, flush=True)

    show(0.0)
    return show


if __name__ == "__main__":
    sys.exit(main())
