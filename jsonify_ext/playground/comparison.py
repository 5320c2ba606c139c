"""The whole responses of two Flask apps, one with jsonify_ext and one without, and their cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from statistics import median
from threading import Lock
from time import perf_counter
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from .difference import Piece, mark
from .options import Options
from .views import flask_code, flask_config, flask_view, like_flask, our_code, our_view

__all__ = ["Comparison", "Side", "compare", "in_words", "printable"]

#: Seconds to measure in, and how often each response is made.
_SECONDS = 0.4
_WARM_UP, _MIN_ROUNDS, _MAX_ROUNDS = 3, 8, 1000
#: Characters of a body that are shown and compared.
_MAX_SHOWN = 20_000
#: One measurement at a time, because two would slow each other down.
_measuring = Lock()


@dataclass
class Side:
    """One of the two responses.

    :param body: the beginning of the body in pieces, with the differences marked.
    :param seconds: the median of a whole response.
    :param error: the exception that was raised instead.
    """

    name: str
    code: str
    status: str = ""
    size: int = 0
    body: list[Piece] = field(default_factory=list[Piece])
    seconds: float | None = None
    error: str | None = None


@dataclass
class Comparison:
    """Both sides and the result in words; no sides if Flask isn't installed."""

    verdict: str
    sides: list[Side]
    differences: int | None = None


def compare(options: Options) -> Comparison:
    """Send a value in both ways, compare the bodies, and measure both."""
    ours = Side("stream_json" if options.stream else "jsonify", our_code(options))
    theirs = Side(
        "a stream with Flask" if options.stream else "flask.jsonify", flask_code(options)
    )
    sides = [ours, theirs]
    with like_flask(options) as flask:
        if flask is None:
            return Comparison("Flask isn't installed, so there is no comparison", [])
        apps = [flask.Flask(__name__, static_folder=None) for _ in sides]
        apps[0].add_url_rule("/", "view", lambda: our_view(options))
        apps[1].add_url_rule("/", "view", lambda: flask_view(flask, options))
        apps[1].json.__dict__.update(flask_config(options))
        _measure(sides, apps)
    if not (ours.seconds and theirs.seconds):
        raised = [(each.name, each.error.partition(":")[0]) for each in sides if each.error]
        return Comparison(" and ".join(f"{name} raises {it}" for name, it in raised), sides)
    words = in_words(theirs.seconds / ours.seconds)
    ours.body, theirs.body, count = mark(ours.body[0][0], theirs.body[0][0])
    return Comparison(f"{ours.name} is {words} as {theirs.name}", sides, count)


def in_words(ratio: float) -> str:
    """How fast something is in comparison with Flask, which takes ``ratio`` as long.

    >>> [in_words(ratio) for ratio in (123, 2.14, 1.01, 0.7, 0.5)]
    ['123 x as fast', '2.1 x as fast', 'about as fast', '0.7 x as fast', 'half as fast']
    """
    if 0.45 <= ratio < 0.55:
        return "half as fast"
    if 0.95 <= ratio < 1.05:
        return "about as fast"
    return f"{ratio:{'.0f' if ratio >= 9.95 else '.2g'}} x as fast"


def printable(text: str) -> str:
    """The beginning of a message, without the lone surrogates that JSON can't have."""
    return text[:500].encode(errors="backslashreplace").decode()


def _measure(sides: list[Side], apps: list[Any]) -> None:
    """Send all responses in turns, so that what disturbs one disturbs both."""
    running: list[tuple[Side, partial[Any], list[float]]] = []
    with _measuring:
        for side, app in zip(sides, apps, strict=True):
            app.testing = True  # exceptions reach the caller
            send = partial(_send, app, EnvironBuilder().get_environ())
            try:
                side.status, body = send()
            except Exception as error:
                side.error = printable(f"{type(error).__name__}: {error}")
                continue
            side.size, text = len(body), body.decode(errors="replace")[:_MAX_SHOWN]
            side.body = [(text, False)]
            running.append((side, send, []))
        end = perf_counter() + _SECONDS
        for turn in range(_MAX_ROUNDS):
            for _side, send, times in running:
                start = perf_counter()
                send()
                times.append(perf_counter() - start)
            if turn >= _MIN_ROUNDS and perf_counter() > end:
                break
    for side, _, times in running:
        side.seconds = median(times[_WARM_UP:])


def _send(app: Any, environ: dict[str, Any]) -> tuple[str, bytes]:
    """The status and the whole body of a response, read as servers do."""
    body, status, _headers = run_wsgi_app(app, environ)
    return status, b"".join(body)
