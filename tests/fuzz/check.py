"""What may come of a value: JSON that all read as the same value, or an error with a path."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from jsonify_ext import JSONEncodeError, JSONSettings
from jsonify_ext.encode.engines import JSONEngine
from jsonify_ext.encode.keys import key_text
from jsonify_ext.encode.plan import Plan
from jsonify_ext.encode.raw import Pairs
from jsonify_ext.encode.rules import Rules, Unordered
from jsonify_ext.encode.text import escape_non_ascii, write_text
from jsonify_ext.optional import orjson

from .hostile import World, failing_exception
from .makers import Maker

__all__ = ["check", "parsed"]

#: What the path leads to is the culprit itself, and fails alone as it did inside.
_ALONE = re.compile("cannot be encoded|surrogate|is nan|is inf|is -inf|valid JSON|bytes that are")
_ADDRESS = re.compile(rb" at 0x[0-9a-f]+")


def check(value: Maker, settings: Maker) -> None:
    """Encode a value in each way.

    :raises AssertionError: when anything else happens than what is promised.
    """
    worlds = [World() for _ in range(3)]
    ways = zip((_best, _json, _walked), worlds, strict=True)
    results = [_result(way, world, value, settings) for way, world in ways]
    texts = [result for result in results if isinstance(result, bytes)]
    errors = [result for result in results if isinstance(result, JSONEncodeError)]
    stateful = value.is_stateful or settings.is_stateful
    unordered = value.is_unordered or settings.is_unordered
    for text in texts:
        parsed(text)
    for error in errors:
        assert _STEPS.fullmatch(error.path[1:]), error.path
        names = [step["name"] for step in _STEP.finditer(error.path) if step["name"]]
        assert all(map(str.isidentifier, names)), error.path
        assert "secret" not in str(error)
        if not stateful and not unordered:
            _check_path(error, value, settings)
    # What comes of it depends on who comes first; or on the depth of the stack, after how
    # many calls of how many its code was stopped.
    if (unordered and stateful) or any(world.depends_on_the_stack for world in worlds):
        return
    assert not (texts and errors), results
    if unordered:
        return
    # What has no text of its own may stand there with its address, which is another one.
    texts = [_ADDRESS.sub(b"", text) for text in texts]
    if texts:
        assert all(same(parsed(text), parsed(texts[0])) for text in texts), texts
    kinds = {(error.path, error.type_name, error.reason) for error in errors}
    assert len(kinds) <= 1, kinds


def _result(way: Callable[[Plan, Any], bytes], world: World, value: Maker, settings: Maker) -> Any:
    """JSON, an error, or None where the value's code raised what goes through."""
    try:
        made, chosen = value(world), settings(world)
    except Exception:
        return None  # there is no such value
    except KeyboardInterrupt:
        return None
    try:
        return way(Plan(chosen), made)
    except JSONEncodeError as error:
        return error
    except BaseException as error:
        if failing_exception(error):
            return None
        raise


def _best(plan: Plan, value: Any) -> bytes:
    return plan.encode(value)


def _json(plan: Plan, value: Any) -> bytes:
    plan.use(JSONEngine(plan.settings))
    return plan.encode(value)


def _walked(plan: Plan, value: Any) -> bytes:
    plan.use(JSONEngine(plan.settings))
    text = write_text(plan.walk(value), pretty=plan.settings.pretty)
    return escape_non_ascii(text) if plan.settings.ensure_ascii else text


def parsed(text: bytes) -> Any:
    """The value of JSON, which every strict parser reads as the same one."""
    exact = json.loads(
        text.decode(), parse_constant=_refused, object_pairs_hook=_object, parse_float=_number
    )
    as_floats = json.loads(text)
    for loads in (msgspec.json.decode, orjson and orjson.loads):
        if loads:
            assert same(loads(text), as_floats), (loads, text)
    return exact


def _refused(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


def _number(text: str) -> Decimal:
    return Decimal(text).normalize()


def _object(pairs: list[tuple[str, Any]]) -> Any:
    table = dict(pairs)
    assert len(table) == len(pairs), f"a key twice: {pairs}"
    return table


def same(one: Any, other: Any) -> bool:
    """Whether two values of JSON are the same, to the order of the keys.

    Integers past 64 bits are floats to some parsers. Deep values need no deep stack.
    """
    pairs = [(one, other)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is float and type(other) is int and abs(other) >= 2**63:
            other = float(other)
        if type(one) is not type(other):
            return False
        if isinstance(one, dict) and list(one) == list(other):
            pairs += [(one[key], other[key]) for key in one]
        elif isinstance(one, list) and len(one) == len(other):
            pairs += zip(one, other, strict=True)
        elif isinstance(one, (dict, list)) or one != other:
            return False
    return True


_STEP = re.compile(r'\.(?P<name>[^.\[\]"]+)|\[(?P<index>\d+)\]|\[(?P<key>"(?:[^"\\]|\\.)*")\]')
_STEPS = re.compile(
    rf"(?:{_STEP.pattern})*".replace("?P<name>", "")
    .replace("?P<index>", "")
    .replace("?P<key>", "")
)


def _check_path(error: JSONEncodeError, value: Maker, settings: Maker) -> None:
    """Follow the path through the value: it leads to what fails, alone too."""
    if not _ALONE.search(error.reason):
        return
    world = World()
    found, chosen = value(world), settings(world)
    for step in _STEP.finditer(error.path):
        name, index, key = step["name"], step["index"], step["key"]
        found = _item(found, chosen, name or (json.loads(key) if key else int(index)))
    again = _error_of(found, chosen)
    assert (again.path, again.type_name, again.reason) == ("$", error.type_name, error.reason)


def _item(value: Any, settings: JSONSettings, step: str | int) -> Any:
    """What is one step below a value, seen as what it becomes."""
    rules, rule = Rules(settings), None
    while type(value) not in (dict, list, tuple, Pairs):
        rule = rule or rules[type(value)]
        assert rule is not None, f"{type(value)} has no items"
        result = [*value] if rule.convert is list else rule.convert(value)
        rule = rule.otherwise if type(result) is type(value) else None
        value = [*result] if isinstance(result, Unordered) else result
    if isinstance(step, int):
        return value[step]
    options = {"http_dates": settings.dates == "http", "strict_nan": settings.nan == "error"}
    pairs = value.items() if isinstance(value, dict) else value
    return next(item for key, item in pairs if key_text(key, **options) == step)


def _error_of(value: Any, settings: JSONSettings) -> JSONEncodeError:
    try:
        Plan(settings).encode(value)
    except JSONEncodeError as error:
        return error
    raise AssertionError("what the path leads to can be encoded")
