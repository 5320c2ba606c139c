"""What must come of a value: the JSON that the reference gives, each way it is encoded,
or an error whose path leads to something that can't be encoded."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Any

from jsonify_ext import JSONEncodeError, JSONSettings, encode, stream_json
from jsonify_ext.decode import loads

from .. import samples as s
from .hostile import PASSED, World
from .makers import Maker
from .reference import MAX_DEPTH, Reference, Refused, Unsure, strict


class _Unrelated(Enum):
    """No value is of this type; an encoder for it makes the encoder look for Enums."""


class Number(str):
    """The digits of a number."""

    __repr__ = str.__str__


def _line(value: Any, settings: JSONSettings) -> bytes:
    """As streams write it, which aren't indented."""
    logger = logging.getLogger("jsonify_ext")
    logger.disabled = True  # each error would be a page
    try:
        text = stream_json([1, value, 2], "jsonl", settings=settings).data
    finally:
        logger.disabled = False
    before, line, after = text.splitlines()
    assert (before, after) == (b"1", b"2")
    return line


def _changed(name: str, value: Any, settings: JSONSettings) -> bytes:
    return encode(value, replace(settings, **{name: not getattr(settings, name)}))


def _with_an_encoder(value: Any, settings: JSONSettings) -> bytes:
    return encode(value, replace(settings, encoders={**settings.encoders, _Unrelated: str}))


Way = Callable[[Any, JSONSettings], bytes]


def _inside(wrap: Callable[[Any], Any]) -> Way:
    return lambda value, settings: encode(wrap(value), settings)


def _itself(tree: Any) -> Any:
    return tree


_PYTHON = [s.Html(), s.Said([s.Said(1)]), {1}, s.Colour.RED]
#: Other places and other settings, which must not change what a value becomes; and where the
#: value is in the result, which has the same digits, or the same value.
WAYS: dict[str, tuple[Way, Callable[[Any], Any], bool]] = {
    "beside a long integer": (_inside(lambda it: [it, 2**70]), lambda tree: tree[0], True),
    "beside a model": (_inside(lambda it: [[it], s.Loose()]), lambda tree: tree[0][0], True),
    "beside objects": (_inside(lambda it: [it, *_PYTHON]), lambda tree: tree[0], True),
    "under an integer": (_inside(lambda it: {1: [it]}), lambda tree: tree["1"][0], True),
    "with an encoder": (_with_an_encoder, _itself, True),
    "in a line": (_line, _itself, False),
    "pretty": (partial(_changed, "pretty"), _itself, False),
    "ascii": (partial(_changed, "ensure_ascii"), _itself, False),
}


def check(value: Maker, settings: Maker) -> None:
    """Encode a value in each way.

    :raises AssertionError: when anything else happens than what is promised.
    """
    result, world, chosen = _result(encode, value, settings)
    if chosen is None or result is None:
        return
    if isinstance(result, bytes):
        _check_text_form(result, chosen)
    else:
        assert "secret" not in str(result)
    if value.is_stateful or settings.is_stateful or world.depends_on_the_stack:
        for way, _, _ in WAYS.values():
            _result(way, value, settings)
        return
    # Of an iterator in two places, either may be the one that is empty.
    unordered = value.is_unordered or value.has_shared_parts
    expected, expected_hooks, depth = _expected(value, settings)
    if isinstance(expected, Unsure):
        return  # deeper than what is promised
    if isinstance(expected, Refused):
        assert isinstance(result, JSONEncodeError), (result, "should be refused")
        if not unordered:
            _check_path(result, value, settings)
        if not value.has_shared_parts:
            numbered = [count for key, count in world.hooks.items() if isinstance(key, int)]
            assert max(numbered, default=0) <= 1, world.hooks
    else:
        assert isinstance(result, bytes), (result, expected)
        assert unordered or repr(by_value(result)) == repr(expected), (result, expected)
        assert world.hooks == expected_hooks, (world.hooks, expected_hooks)
    has_hooks = bool(chosen.encoders or chosen.default or world.app)
    for name, (way, part, same_digits) in WAYS.items():
        refused = name == "beside a long integer" and chosen.big_ints == "error"
        served = name in ("beside a model", "beside objects") and has_hooks
        if depth > MAX_DEPTH - 2 or refused or served:
            continue
        other, world, _ = _result(way, value, settings)
        assert type(other) is type(result), (name, other, result)
        if isinstance(result, bytes):
            form = by_text if same_digits else by_value
            same = unordered or repr(form(result)) == repr(part(form(other)))
            assert same, (name, other, result)
            assert world.hooks == expected_hooks, (name, world.hooks, expected_hooks)


def _result(way: Way, value: Maker, settings: Maker) -> tuple[Any, World, Any]:
    """JSON, an error, or None where the value's code raised what goes through."""
    world = World()
    try:
        chosen = settings(world)
        made = value(world)
        world.hooks.clear()
    except (Exception, KeyboardInterrupt):
        return None, world, None  # there is no such value
    try:
        return way(made, chosen), world, chosen
    except JSONEncodeError as error:
        return error, world, chosen
    except PASSED:
        return None, world, chosen


def _expected(value: Maker, settings: Maker) -> tuple[Any, Counter[Any], int]:
    """The reference's tree, Refused or Unsure; the calls of hooks; and the depth."""
    world = World()
    reference = Reference(settings(world))
    made = value(world)
    world.hooks.clear()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + 10_000)
    try:
        tree: Any = reference.tree(made)
    except (Refused, Unsure) as error:
        tree = error
    except (RecursionError, MemoryError, KeyboardInterrupt):
        tree = Unsure()
    finally:
        sys.setrecursionlimit(limit)
    return tree, world.hooks, reference.depth


def by_value(text: bytes, **parse: Any) -> Any:
    """The value of JSON, with the order of keys."""
    parse = {"parse_int": _integer, "object_pairs_hook": _object, **parse}
    return json.loads(text, parse_constant=_refused, **parse)


def by_text(text: bytes) -> Any:
    """The same with the digits of its numbers."""
    return by_value(text, parse_int=Number, parse_float=Number)


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < 4000 else Number(digits)


def _refused(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> Any:
    table = dict(pairs)
    assert len(table) == len(pairs), f"a key twice: {pairs}"
    return table


def _check_text_form(text: bytes, settings: JSONSettings) -> None:
    """Compare a text with what the standard library makes of it under the same settings."""

    def marked(digits: str) -> str:
        return f"number {digits} number"

    def whole(digits: str) -> str:
        assert settings.big_ints == "number" or abs(int(digits)) < 2**53, text
        return marked(digits)

    def members(pairs: list[tuple[str, Any]]) -> Any:
        omits = settings.omit_none
        return _object([pair for pair in pairs if pair[1] is not None or not omits])

    with suppress(RecursionError):  # embedded values may be nested deeper than 254 levels
        again = json.dumps(
            by_value(text, parse_int=whole, parse_float=marked, object_pairs_hook=members),
            ensure_ascii=settings.ensure_ascii,
            indent=2 if settings.pretty else None,
            separators=(",", ": ") if settings.pretty else (",", ":"),
            sort_keys=settings.sort_keys and not hasattr(settings, "flask_default"),
        )
        again = re.sub(r'"number ([-+.\deE]+) number"', r"\1", again)
        assert text.decode() == (
            again.replace("\x7f", "\\u007f") if settings.ensure_ascii else again
        )


def _check_path(error: JSONEncodeError, value: Maker, settings: Maker) -> None:
    """Follow the path through the value: what it leads to fails alone, too."""
    world = World()
    chosen = settings(world)
    reference, found, keys = Reference(chosen), value(world), [*error.keys]
    if "two keys" in error.reason:
        keys.pop()
    for key in keys:
        form = reference.form(found)
        if isinstance(form, (str, int, float)) or form is None:
            raise AssertionError(f"{error} leads into {form!r}")
        if isinstance(key, int):
            found = [*form][key]
        else:
            pairs = form.items() if isinstance(form, dict) else form
            found = next(item for each, item in pairs if reference.key(each) == key)
    if "too deep" in error.reason:
        return
    again = _result(lambda v, s: encode(v, chosen), Maker(lambda _: found, ()), settings)[0]
    assert isinstance(again, JSONEncodeError), (error, again)
    if "contains itself" not in error.reason and "two keys" not in error.reason:
        # Without the name of the type, which may be that of what a hook returned.
        reasons = error.reason.partition(" ")[2], again.reason.partition(" ")[2]
        assert not again.keys, (error, again)
        assert reasons[0] == reasons[1], (error, again)


def check_text(text: str | bytes) -> None:
    """Parse what may be JSON: as the standard library, if strictly.

    :raises AssertionError: when the results differ.
    """
    try:
        encoding = "utf-8" if isinstance(text, str) else json.detect_encoding(text)
        expected = repr(strict(text if isinstance(text, str) else text.decode(encoding)))
    except RecursionError:
        return
    except ValueError:
        expected = "error"
    try:
        result = repr(loads(text))
    except ValueError:
        result = "error"
    assert result == expected, (text, result, expected)
