"""The two engines: orjson, and the standard library's ``json``.

Both write the plain trees that the careful walk makes. orjson also gets the first try
at the value itself. What an engine refuses, ``write_text`` writes.

orjson reads containers without holding them: when one shrinks under it, it reads freed
memory, and an exception from a property that it asks (a ``tzinfo``'s, an Enum's) ends
the process. So no Python code of anybody runs while it does. What it cannot encode by
itself is collected by a function written in C, converted when orjson has returned, and
filled in on another pass (filling.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum
from operator import attrgetter
from sys import getrefcount
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from ..decode import loads
from ..optional import orjson
from . import guards
from .filling import Filling
from .guards import enums_are_silent, has_plain_types_only
from .quick import DATES
from .raw import Fragment
from .rules import Rules, find_encoder
from .text import write_text

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["LINE_END", "JSONEngine", "OrjsonEngine", "best_engine"]

#: A byte that no valid JSON has, not even in a string; as a value, it is the engine's separator.
LINE_END = b"\x1e"


T = TypeVar("T")
Otherwise = Callable[[Any], T]
FirstTry = Callable[[Any], "bytes | T"]


class JSONEngine:
    """The standard library's encoder, for plain trees only.

    It knows no way to leave subclasses to anybody else, so it gets no first try.
    """

    fragment: type = Fragment
    separator: Any = None

    def __init__(self, settings: JSONSettings) -> None:
        self.pretty: bool = settings.pretty
        self._encode = json.JSONEncoder(
            ensure_ascii=False,
            check_circular=False,
            allow_nan=False,
            indent=2 if settings.pretty else None,
            separators=(",", ": ") if settings.pretty else (",", ":"),
        ).encode

    def first_try(self, otherwise: Otherwise[T], *, newline: bool) -> FirstTry[T]:
        return otherwise

    def write(self, tree: Any) -> bytes:
        """The JSON of a plain tree."""
        try:
            return self._encode(tree).encode()
        except (TypeError, RecursionError):
            return write_text(tree, pretty=self.pretty)


class OrjsonFragment(Fragment):
    """A fragment, and what it is to orjson."""

    __slots__ = ("native",)
    #: Held, because orjson's instances do not hold it: at Python's exit it might go first.
    native_type: Any = orjson and orjson.Fragment

    def __init__(self, contents: bytes | str) -> None:
        super().__init__(contents)
        self.native: Any = orjson.Fragment(contents)


_native = attrgetter("native")
#: What orjson says of keys that are no strings.
_KEYS = "Dict key must be str"


class OrjsonEngine:
    """orjson, for plain trees, and for values that it encodes by the rules alone."""

    fragment: type = OrjsonFragment
    separator: Any = orjson and orjson.Fragment(LINE_END)

    def __init__(self, settings: JSONSettings, rules: Rules) -> None:
        self.pretty: bool = settings.pretty
        self.strict_nan: bool = settings.nan == "error"
        self._tree_option = orjson.OPT_INDENT_2 if settings.pretty else 0
        self._option = (
            self._tree_option
            | (orjson.OPT_SORT_KEYS if settings.sort_keys else 0)
            | orjson.OPT_PASSTHROUGH_SUBCLASS
            | orjson.OPT_PASSTHROUGH_DATACLASS
            | orjson.OPT_PASSTHROUGH_DATETIME
        )
        as_flask = settings.sort_keys and settings.like_flask  # keys as they are, not as text
        self._order = ~orjson.OPT_SORT_KEYS if as_flask else ~0
        self._encode_keys = json.JSONEncoder(
            ensure_ascii=False,
            check_circular=False,
            allow_nan=False,
            sort_keys=as_flask,
            separators=(",", ":"),
        ).encode
        writes_dates = settings.dates == "iso" and not any(_asked(settings, cls) for cls in DATES)
        self._filling = Filling(rules, self._option, writes_dates=writes_dates)
        # orjson takes UUIDs and Enums without asking, so nobody else may have a say in them.
        self._writes_uuids_and_enums = not _asked(settings, UUID) and not any(
            issubclass(cls, Enum) or cls is object for cls in settings.encoders
        )

    def first_try(self, otherwise: Otherwise[T], *, newline: bool) -> FirstTry[T]:
        """What makes the JSON of any value.

        A closure, because it runs for every response: nothing is looked up on the way.

        :param otherwise: called with a value that the careful walk has to look at.
        :param newline: whether a newline follows.
        """
        option = self._option | (orjson.OPT_APPEND_NEWLINE if newline else 0)
        leaves_alone, strict_nan = self._writes_uuids_and_enums, self.strict_nan
        dumps, fill, with_text_keys = orjson.dumps, self._filling.fill, self._with_text_keys

        def encode(value: Any) -> bytes | T:
            silent = getrefcount(Enum) == guards.silent_at or enums_are_silent()
            if not (leaves_alone and silent) and not has_plain_types_only(value):
                return otherwise(value)
            collected: list[Any] = []
            body: bytes | None
            try:
                body = dumps(value, collected.append, option)
            except TypeError as refusal:
                collected = []
                body = with_text_keys(value, option) if str(refusal) == _KEYS else None
            except (RuntimeError, IndexError):  # another thread has changed it
                body = None
            if body is None:
                return otherwise(value)
            if collected:
                try:
                    body = fill(value, collected, option)
                except Exception:  # the walk says why
                    return otherwise(value)
            if strict_nan and b"null" in body and (collected or not _is_the_same(body, value)):
                return otherwise(value)  # a null may stand for a NaN
            return body

        return encode

    def _with_text_keys(self, value: Any, option: int) -> bytes | None:
        """The JSON of plain values, of which some are keys; None where the walk has to look.

        The standard library, which knows them, spells the keys. What it has written is read
        as less than it is where two of them have become the same.
        """
        try:
            if not has_plain_types_only(value):
                return None
            text = self._encode_keys(value)
            body: bytes = orjson.dumps(loads(text), None, option & self._order)
        except (TypeError, ValueError, RuntimeError):
            return None
        return body if body.count(b'":') == text.count('":') else None

    def write(self, tree: Any) -> bytes:
        """The JSON of a plain tree."""
        try:
            return orjson.dumps(tree, _native, self._tree_option)
        except TypeError:
            return write_text(tree, pretty=self.pretty)


def _is_the_same(body: bytes, value: Any) -> bool:
    """Whether a value is plain, and what its JSON is read as."""
    try:
        return has_plain_types_only(value) and bool(orjson.loads(body) == value)
    except Exception:  # another thread has changed it, or the stack is full
        return False


def best_engine(settings: JSONSettings, rules: Rules) -> JSONEngine | OrjsonEngine:
    """orjson where it is installed."""
    return JSONEngine(settings) if orjson is None else OrjsonEngine(settings, rules)


def _asked(settings: JSONSettings, cls: type) -> bool:
    """Whether somebody else than the built-in rules is asked about a class."""
    return settings.default is not None or find_encoder(settings, cls) is not None
