"""What one response costs, next to what others need for the same value."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time
from enum import Enum
from importlib import import_module
from time import perf_counter
from typing import Any, NoReturn

from ..context import use_settings
from ..errors import JSONEncodeError
from ..problems import problem
from ..streaming import stream_json
from .calls import Call

__all__ = ["Timing", "compare"]

#: Seconds to spend on all of them together, and how often each is made.
_SECONDS = 0.4
_LEAST_ROUNDS, _MOST_ROUNDS = 5, 1000

_ROW_BY_ROW = "row by row, as it is streamed; the others make all of it at once"

_Make = Callable[[], bytes]


@dataclasses.dataclass
class Timing:
    """What one way to make a body needs.

    :param name: what makes it.
    :param seconds: the fastest of many; None where it cannot be made.
    :param bytes: the size of the body; None where it cannot be made.
    :param note: what else one has to know, if anything.
    """

    name: str
    seconds: float | None = None
    bytes: int | None = None
    note: str = ""


def compare(call: Call, settings: Mapping[str, Any]) -> list[Timing]:
    """Time a call of this package, ``flask.jsonify`` and ``json.dumps`` with its value.

    Those that refuse a type of the value get a function for ``default=``, as one writes
    it by hand.

    :param call: makes a response; what it is called with is made before.
    :param settings: those in force, which the others are told as far as they have them.
    :return: all three; of a value without a JSON form, only what is wrong with it.
    """
    call = _repeatable(call.prepared())
    with use_settings(**settings):
        try:
            body = call().get_data()
        except JSONEncodeError as error:
            return [Timing("jsonify_ext", note=f"{type(error).__name__}: {error}")]
        value = json.loads(body) if call.function is problem else call.arguments[0]
        note = _ROW_BY_ROW if call.function is stream_json else ""
        found = [
            (Timing("jsonify_ext", bytes=len(body), note=note), lambda: call().get_data()),
            _first_that_works("flask.jsonify", _flask_jsonify(value, settings)),
            _first_that_works("json.dumps", _json_dumps(value, settings)),
        ]
        _time(found)
    return [timing for timing, _ in found]


def _repeatable(call: Call) -> Call:
    """A call that takes no iterators, which would be empty at the second time."""
    arguments = (_kept(each) for each in call.arguments)
    return dataclasses.replace(call, arguments=tuple(arguments))


def _kept(value: Any) -> Any:
    return [*value] if isinstance(value, Iterator) else value


def _first_that_works(
    name: str, makes: Iterable[tuple[_Make, str]]
) -> tuple[Timing, _Make | None]:
    """The first of several ways that makes the body, with what there is to say of it."""
    timing = Timing(name, note="not installed")
    refusal = ""
    for make, note in makes:
        try:
            body = make()
        except (TypeError, ValueError) as error:
            refusal = refusal or f"{type(error).__name__}: {error}"
            timing.note = f"{type(error).__name__}: {error}"
            continue
        notes = [note] if refusal else []
        if not _is_json(body):
            notes.append("what it writes is not JSON: NaN")
        return Timing(name, bytes=len(body), note="; ".join(notes)), make
    return timing, None


def _is_json(body: bytes) -> bool:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        json.loads(body, parse_constant=refuse)
    except ValueError:
        return False
    return True


def _time(found: list[tuple[Timing, _Make | None]]) -> None:
    """Time all in turns, so that what disturbs one disturbs each."""
    makes = [(timing, make, list[float]()) for timing, make in found if make is not None]
    end = perf_counter() + _SECONDS
    for turn in range(_MOST_ROUNDS):
        for _timing, make, seconds in makes:
            start = perf_counter()
            make()
            seconds.append(perf_counter() - start)
        if turn + 1 >= _LEAST_ROUNDS and perf_counter() > end:
            break
    for timing, _make, seconds in makes:
        timing.seconds = min(seconds)


def _by_hand(value: Any) -> Any:
    """What one writes for ``default=`` in the end."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if dataclasses.is_dataclass(value):
        return vars(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.decode()
    if hasattr(value, "keys"):
        return dict(value)
    if hasattr(value, "__iter__") and not hasattr(value, "hosts"):  # as networks are
        return [*value]
    return str(value)


_WITH_DEFAULT = "with a default= function, because it refuses types of this value"


def _json_dumps(value: Any, settings: Mapping[str, Any]) -> Iterator[tuple[_Make, str]]:
    pretty = settings.get("pretty", False)
    for default, note in ((None, ""), (_by_hand, _WITH_DEFAULT)):
        encoder = json.JSONEncoder(
            sort_keys=settings.get("sort_keys", False),
            ensure_ascii=settings.get("ensure_ascii", False),
            indent=2 if pretty else None,
            separators=(",", ": " if pretty else ":"),
            default=default,
        )
        yield lambda encoder=encoder: encoder.encode(value).encode(), note  # type: ignore[misc]  # bound now


def _flask_jsonify(value: Any, settings: Mapping[str, Any]) -> Iterator[tuple[_Make, str]]:
    """Flask is asked for here and nowhere else; no way at all where it is not installed."""
    try:
        flask = import_module("flask")
    except ImportError:
        return
    app = flask.Flask("playground")
    app.json.sort_keys = settings.get("sort_keys", False)
    app.json.ensure_ascii = settings.get("ensure_ascii", False)
    app.json.compact = not settings.get("pretty", False)

    def make() -> bytes:
        with app.app_context():
            body: bytes = flask.jsonify(value).get_data()
        return body

    yield make, ""
    app.json.default = _by_hand
    yield make, _WITH_DEFAULT
