"""The rules' steps for the fast path, which asks nobody and leaves no trace.

orjson is called twice on the same value, with these steps in between (engines.py). So a
step must not run the app's code, which might change the value: what is exactly of a
known class has one, and subclasses only where they take over what is read.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from operator import attrgetter
from pathlib import PosixPath, PurePosixPath, PureWindowsPath, WindowsPath
from types import MemberDescriptorType
from typing import Any, NamedTuple
from uuid import UUID

from .raw import Unencodable

__all__ = ["DATES", "Quick", "array", "declared", "leaf", "mapping", "row"]

_DICT: type[Any] = dict
_SEQUENCES: tuple[type[Any], ...] = (tuple, list)
_NOTHING: dict[str, Any] = {}
_VIEWS: set[type[Any]] = {*map(type, (_NOTHING.keys(), _NOTHING.values(), _NOTHING.items()))}
_ARRAYS: set[type[Any]] = {set, frozenset, deque, range} | _VIEWS
DATES = frozenset({date, datetime, time})
_LEAVES = DATES | {
    timedelta,
    Decimal,
    UUID,
    IPv4Address,
    IPv6Address,
    IPv4Network,
    IPv6Network,
    PosixPath,
    PurePosixPath,
    PureWindowsPath,
    WindowsPath,
    bytes,
    bytearray,
    memoryview,
}


class Quick(NamedTuple):
    """A step of the fast path.

    :param convert: the step; may raise anything, and the careful walk says why.
    :param deep: whether what comes out may hold values that need a step themselves.
    :param foreign: whether the app's code may run in spite of all.
    :param fields: the attributes that an instance's ``__dict__`` has, in order, where that
        is what it becomes.
    :param texts: the JSON of a list of such values, where one call makes all of it.
    """

    convert: Callable[[Any], Any]
    deep: bool = False
    foreign: bool = False
    fields: tuple[str, ...] | None = None
    texts: Callable[[list[Any]], bytes] | None = None


def leaf(cls: type, convert: Callable[[Any], Any]) -> Quick | None:
    """For the standard library's classes that become text."""
    return Quick(convert) if cls in _LEAVES else None


def array(cls: Any) -> Quick | None:
    """For what becomes a list as it is, and can be read twice."""
    known = cls in _ARRAYS
    inherits = any(issubclass(cls, base) and cls.__iter__ is base.__iter__ for base in _SEQUENCES)
    return Quick(list, deep=True) if known or inherits else None


def mapping(cls: Any) -> Quick | None:
    """For subclasses of dict that leave reading to dict."""
    if not issubclass(cls, _DICT):
        return None
    names = ("__iter__", "keys", "items", "__getitem__")
    if cls is not OrderedDict and any(
        getattr(cls, name) is not getattr(_DICT, name) for name in names
    ):
        return None
    return Quick(dict, deep=True)


def declared(cls: type[Any], names: list[str]) -> Quick | None:
    """For a class with fields that are kept as ordinary attributes or slots."""
    reads: object = cls.__getattribute__
    if reads is not object.__getattribute__ or hasattr(cls, "__getattr__"):
        return None
    for name in names:
        found: object = next(
            (vars(base)[name] for base in cls.__mro__ if name in vars(base)), None
        )
        if type(found) is not MemberDescriptorType and hasattr(type(found), "__get__"):
            return None
    if not names:
        return Quick(_nothing)
    if len(names) == 1:
        (name,) = names

        def convert_one(value: Any) -> dict[str, Any]:
            return {name: getattr(value, name)}

        return Quick(convert_one, deep=True)
    read = attrgetter(*names)

    def convert(value: Any) -> dict[str, Any]:
        return dict(zip(names, read(value), strict=True))

    in_dict = not any("__slots__" in vars(base) for base in cls.__mro__)
    return Quick(convert, deep=True, fields=tuple(names) if in_dict else None)


def _nothing(value: Any) -> dict[str, Any]:
    return {}


def row(names: Callable[[Any], Iterable[str]]) -> Quick:
    """For a database's row; refused where two columns have the same name."""

    def convert(value: Any) -> dict[str, Any]:
        result = dict(zip(names(value), value, strict=True))
        if len(result) != len(value):
            raise Unencodable
        return result

    return Quick(convert, deep=True)
