"""What a value contains, found by C code: none of the app's code runs."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable, Collection, Iterator
from enum import Enum
from gc import is_tracked
from itertools import chain, islice
from typing import Any
from uuid import UUID

from ..errors import MAX_DEPTH

PLAIN = frozenset({str, int, float, bool, type(None)})
_DICTS, _ARRAYS = frozenset({dict}), frozenset({list, tuple})
_CONTAINERS = _DICTS | _ARRAYS
_VALUES: Callable[[Any], Any] = dict.values  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of Any
#: How many levels are looked at, and how many members of each container. Of longer arrays
#: it's the first item.
_LEVELS, _MAX, _MAX_ITEMS = 3, 8, 4


def has_enum_or_uuid(value: Any) -> bool:
    """Whether orjson would write an Enum or a UUID without calling its hook."""
    try:
        marshal.dumps(value)  # succeeds for the built-in types only
    except ValueError:
        return any(map(_has_such_type, chain(_first_members(value), _levels([value]))))
    return False


def _has_such_type(values: Any) -> bool:
    return any(issubclass(cls, (Enum, UUID)) for cls in {*map(type, values)})


def _first_members(value: Any) -> Iterator[Any]:
    """What is in the first container of each level, where an Enum in each row is found fast."""
    level: Any = [value]
    for _ in range(_LEVELS + 1):
        container: Any = next((each for each in level if type(each) in _CONTAINERS), ())
        level = _VALUES(container) if type(container) in _DICTS else container[:1]
        yield level


def tuples_may_overflow(value: Any) -> bool:
    """Whether tuples near the root are in a circle, or nested too deep.

    orjson compares the depth with its limit in lists and dicts only, so that a circle
    through tuples ends the process. This looks at the first members, three levels deep.
    """
    near: list[Any] = []
    if type(value) in _CONTAINERS:
        _find_tuples(value, _LEVELS, near)
    return bool(near) and sum(1 for _ in _levels(near)) > MAX_DEPTH


def _find_tuples(value: Any, levels: int, found: list[Any]) -> None:
    """Collect the tuples among the first members, so many levels deep."""
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
    if kind is tuple:
        found.append(value)
        return
    if kind is dict:
        members = value.values() if len(value) <= _MAX else [*islice(value.values(), _MAX)]
    elif len(value) <= _MAX_ITEMS:
        members = value
    else:
        members = value[:1]
        if type(value[-1]) is tuple:
            found.append(value[-1])
    if levels == 1:
        if tuple in map(type, members):
            found += members
        return
    for each in members:
        if type(each) in _CONTAINERS:
            _find_tuples(each, levels - 1, found)


def json_writes_alike(value: Any, others: set[type]) -> bool:
    """Whether ``json`` writes a value with the same bytes as orjson: plain types only, and
    no floats that are spelled with an exponent.

    :param others: types that it calls its ``default`` for.
    """
    known = PLAIN | _CONTAINERS | others
    if any(issubclass(cls, float) for cls in others):
        return False
    for level in _levels([value], leaves=True):
        if not known.issuperset(map(type, level)):
            return False
        for text in [repr(each) for each in level if type(each) is float]:
            if "e" in text or "n" in text:  # 1e-07, nan, inf
                return False
    return True


def _levels(level: list[Any], *, leaves: bool = False) -> Iterator[list[Any]]:
    """What values contain, level by level, up to one that is too deep.

    :param leaves: whether numbers and text are in it.
    """
    keep = type if leaves else may_contain
    yield level
    for _ in range(MAX_DEPTH):
        dicts, arrays = _each_once(level, _DICTS), _each_once(level, _ARRAYS)
        if not dicts and not arrays:
            break
        level = [*filter(keep, chain.from_iterable((*map(_VALUES, dicts), *arrays)))]
        yield level


def _each_once(level: list[Any], kinds: frozenset[type]) -> Collection[Any]:
    if kinds.isdisjoint(map(type, level)):  # in a third of the time
        return ()
    return {id(each): each for each in level if type(each) in kinds}.values()


#: Whether a value may contain a container, an Enum or a UUID: the garbage collector tracks
#: only values that may. Python 3.13.0 to 3.13.3 don't track some dicts (python/cpython#133543);
#: there the result is a type: always true.
_TRACKS_DICTS = not (3, 13) <= sys.version_info < (3, 13, 4)
may_contain: Callable[[Any], object] = is_tracked if _TRACKS_DICTS else type
