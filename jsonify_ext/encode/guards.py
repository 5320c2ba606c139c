"""What has to be known of a value before orjson may have it."""

from __future__ import annotations

import marshal
from enum import Enum
from sys import getrefcount
from types import WrapperDescriptorType
from typing import Any
from weakref import ref

from .rules import own_word

__all__ = ["enums_are_silent", "has_plain_types_only"]


def has_plain_types_only(value: Any) -> bool:
    """Whether a value holds nothing but built-in types, exactly; told by C code alone."""
    try:
        marshal.dumps(value)
    except ValueError:
        return False
    return True


_ASKED_FOR_VALUE = frozenset({"value", "_value_", "__getattr__"})

#: How many references to Enum there were when its subclasses were last looked through,
#: and nobody spoke; and when somebody did.
silent_at: int = 0
spoken_at: int = 0
#: Watches over the subclasses that were looked through.
_watched: list[ref[type]] = []


def enums_are_silent() -> bool:
    """Whether no Enum class has a ``__json__`` or a ``value`` that orjson would pass over
    or stumble on.

    Every new subclass refers to Enum, so the classes are looked through again when the
    number of references has changed, which costs a hundredth of looking each time; and
    when one of the classes is no more, because the next one would make up the number.
    """
    global silent_at, spoken_at, _watched
    references = getrefcount(Enum)
    if references in (silent_at, spoken_at):
        return references == silent_at
    try:
        classes = _subclasses(Enum)
        silent = not any(map(_speaks, classes))
        _watched = [ref(cls, _look_again) for cls in classes]
    except Exception:  # a metaclass fails
        return False
    references = getrefcount(Enum)
    silent_at, spoken_at = (references, 0) if silent else (0, references)
    return silent


def _look_again(_: ref[type]) -> None:
    global silent_at, spoken_at
    silent_at = spoken_at = 0


def _subclasses(cls: type) -> set[type]:
    direct: list[type] = type.__subclasses__(cls)
    return set(direct).union(*map(_subclasses, direct))


def _speaks(cls: type) -> bool:
    if own_word(cls) is not None or type(cls.__getattribute__) is not WrapperDescriptorType:
        return True
    return any(
        not _ASKED_FOR_VALUE.isdisjoint(vars(base)) for base in cls.__mro__ if base is not Enum
    )
