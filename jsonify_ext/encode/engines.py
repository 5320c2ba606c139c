"""The two engines: orjson, and the standard library's ``json``.

Both write the plain trees that the careful walk makes. orjson also gets the first try
at the value itself. What an engine refuses, ``write_text`` writes.

orjson reads containers without holding them: when one shrinks under it, it reads freed
memory, and an exception from a property that it asks (a ``tzinfo``'s, an Enum's) ends
the process. So no Python code of anybody runs while it does. What it cannot encode by
itself is collected by a function written in C, converted when orjson has returned, and
filled in on a second pass.
"""

from __future__ import annotations

import json
import marshal
import sys
from datetime import datetime, timezone
from enum import Enum
from functools import partial
from itertools import chain
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..optional import orjson
from .quick import DATES, Quick
from .raw import Fragment, Unencodable
from .rules import Rules, find_encoder, own_word
from .text import write_text

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["JSONEngine", "OrjsonEngine", "best_engine"]


class JSONEngine:
    """The standard library's encoder, for plain trees only.

    It knows no way to leave subclasses to anybody else, so it gets no first try.
    """

    fragment: type = Fragment

    def __init__(self, settings: JSONSettings) -> None:
        self.pretty = settings.pretty
        self._encode = json.JSONEncoder(
            ensure_ascii=False,
            check_circular=False,
            allow_nan=False,
            indent=2 if settings.pretty else None,
            separators=(",", ": ") if settings.pretty else (",", ":"),
        ).encode

    def first_try(self, value: Any, *, newline: bool) -> bytes | None:
        return None

    def write(self, tree: Any) -> bytes:
        """The JSON of a plain tree."""
        try:
            return self._encode(tree).encode()
        except (TypeError, RecursionError):
            return write_text(tree, pretty=self.pretty)


class OrjsonFragment(Fragment):
    """A fragment, and what it is to orjson."""

    __slots__ = ("native",)

    def __init__(self, contents: bytes | str) -> None:
        super().__init__(contents)
        self.native = orjson.Fragment(contents)


_native = attrgetter("native")
#: Ends the values that were found in one.
_END = object()


class OrjsonEngine:
    """orjson, for plain trees, and for values that it encodes by the rules alone."""

    fragment: type = OrjsonFragment

    def __init__(self, settings: JSONSettings, rules: Rules) -> None:
        self.pretty = settings.pretty
        self.rules = rules
        self.strict_nan = settings.nan == "error"
        self._tree_option = orjson.OPT_INDENT_2 if settings.pretty else 0
        option = (
            self._tree_option
            | (orjson.OPT_SORT_KEYS if settings.sort_keys else 0)
            | orjson.OPT_PASSTHROUGH_SUBCLASS
            | orjson.OPT_PASSTHROUGH_DATACLASS
        )
        self._option = option | orjson.OPT_PASSTHROUGH_DATETIME
        self._option_with_dates = option
        self._writes_dates = settings.dates == "iso" and not any(
            _asked(settings, cls) for cls in DATES
        )
        # orjson takes UUIDs and Enums without asking, so nobody else may have a say in them.
        self._writes_uuids_and_enums = not _asked(settings, UUID) and not any(
            issubclass(cls, Enum) or cls is object for cls in settings.encoders
        )

    def first_try(self, value: Any, *, newline: bool) -> bytes | None:
        """The JSON of any value, or None when the careful walk has to look at it."""
        alone = self._writes_uuids_and_enums and enums_are_silent()
        if not alone and not _has_plain_types_only(value):
            return None
        if _COUNTS_NO_TUPLES and _leads_into_tuples(value):
            return None
        end = orjson.OPT_APPEND_NEWLINE if newline else 0
        collected: list[Any] = []
        body: bytes | None
        try:
            body = orjson.dumps(value, collected.append, self._option | end)
        except TypeError:
            return None
        if collected:
            body = self._fill(value, collected, end)
        if body and self.strict_nan and b"null" in body:
            return None  # which may stand for a NaN
        return body

    def _fill(self, value: Any, collected: list[Any], end: int) -> bytes | None:
        """The second pass, with what the first one collected converted."""
        try:
            return self._filled(value, collected, end)
        except Exception:
            return None  # the walk says why

    def _filled(self, value: Any, collected: list[Any], end: int) -> bytes | None:
        steps = self._steps(collected)
        convertible, option = collected, self._option
        if self._writes_dates and not any(step.deep for step in steps.values()):
            rest = [item for item in collected if type(item) not in DATES]
            if all(_is_naive_or_utc(item) for item in collected if type(item) in DATES):
                convertible, option = rest, self._option_with_dates
        parts = iter([*chain.from_iterable(self._convert(convertible, steps))])
        if any(step.foreign for step in steps.values()) and self._differs(value, collected):
            return None
        # next(parts, item): the item itself, which is refused, when there is none.
        body: bytes = orjson.dumps(value, partial(next, parts), option | end)
        # A value that another thread changed meanwhile is left to the walk as well.
        return body if next(parts, None) is None else None

    def _steps(self, values: list[Any]) -> dict[type, Quick]:
        """The step of each type.

        :raises Unencodable: where one has none.
        """
        steps: dict[type, Quick] = {}
        for cls in set(map(type, values)):
            rule = self.rules[cls]
            if rule is None or rule.quick is None:
                raise Unencodable
            steps[cls] = rule.quick
        return steps

    def _convert(
        self, values: list[Any], steps: dict[type, Quick], above: frozenset[int] = frozenset()
    ) -> list[list[Any]]:
        """For each value what it becomes, followed by what the values in that become.

        :param above: the identities of the values that these are in.
        :raises Unencodable: where the walk has to look.
        """
        parts = [[steps[type(value)].convert(value)] for value in values]
        deep = [part for value, part in zip(values, parts, strict=True) if steps[type(value)].deep]
        if not deep:
            return parts
        ended = [each for part in deep for each in (part[0], _END)]
        found: list[Any] = []
        orjson.dumps(ended, found.append, self._option)
        inside = [each for each in found if each is not _END]
        if not inside:
            return parts
        inner = self._steps(inside)
        if any(step.foreign for step in inner.values()):
            raise Unencodable
        above = above.union(id(value) for value in values if steps[type(value)].deep)
        if not above.isdisjoint(id(each) for each in inside if inner[type(each)].deep):
            raise Unencodable  # which may contain itself
        filled, converted = iter(deep), iter(self._convert(inside, inner, above))
        part = next(filled)
        for each in found:
            if each is _END:
                part = next(filled, part)
            else:
                part.extend(next(converted))
        return parts

    def _differs(self, value: Any, collected: list[Any]) -> bool:
        """Whether a value is no longer what it was when it was collected from."""
        again: list[Any] = []
        orjson.dumps(value, again.append, self._option)
        return len(again) != len(collected) or not all(map(is_, again, collected))

    def write(self, tree: Any) -> bytes:
        """The JSON of a plain tree."""
        try:
            return orjson.dumps(tree, _native, self._tree_option)
        except TypeError:
            return write_text(tree, pretty=self.pretty)


def best_engine(settings: JSONSettings, rules: Rules) -> JSONEngine | OrjsonEngine:
    """orjson where it is installed."""
    return JSONEngine(settings) if orjson is None else OrjsonEngine(settings, rules)


def _asked(settings: JSONSettings, cls: type) -> bool:
    """Whether somebody else than the built-in rules is asked about a class."""
    return settings.default is not None or find_encoder(settings, cls) is not None


def _is_naive_or_utc(value: Any) -> bool:
    """Whether orjson may ask a date or time for its offset; true for other leaves."""
    zone = getattr(value, "tzinfo", None)
    return zone is None or (zone is timezone.utc and type(value) is datetime)


def _has_plain_types_only(value: Any) -> bool:
    """Whether a value holds nothing but built-in types, exactly; told by C code alone."""
    try:
        marshal.dumps(value)
    except ValueError:
        return False
    return True


def _counts_no_tuples() -> bool:
    """Whether this orjson takes tuples in tuples without a limit, and so past its memory."""
    value: Any = ()
    for _ in range(300):
        value = (value,)
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


_COUNTS_NO_TUPLES = orjson is not None and _counts_no_tuples()


def _leads_into_tuples(value: Any) -> bool:
    """Whether the way along the last items ends in tuples, more than orjson may be given.

    To look at every item would cost more than to encode it. Tuples this deep come from
    programs, not from data, and programs build them one around the other.
    """
    for _ in range(254):
        kind = type(value)
        if not (kind is dict or kind is list or kind is tuple) or not value:
            return False
        if kind is dict:
            value = next(reversed(value.values()))
        else:
            first = value[0]
            value = first if type(first) is tuple else value[-1]
    return True


_enums = (0, True)


def enums_are_silent() -> bool:
    """Whether no Enum class has a ``__json__`` or a ``value`` that orjson would pass over
    or stumble on.

    Every new subclass refers to Enum, so the classes are looked through again when the
    number of references has changed. That costs a hundredth of looking each time.
    """
    global _enums
    references = sys.getrefcount(Enum)
    seen, silent = _enums
    if references != seen:
        silent = not any(map(_speaks, _subclasses(Enum)))
        _enums = (sys.getrefcount(Enum), silent)
    return silent


def _subclasses(cls: type) -> set[type]:
    direct: list[type] = type.__subclasses__(cls)
    return set(direct).union(*map(_subclasses, direct))


def _speaks(cls: type) -> bool:
    if own_word(cls) is not None:
        return True
    return any("value" in vars(base) for base in cls.__mro__ if base is not Enum)
