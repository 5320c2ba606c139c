"""What orjson cannot encode by itself: collected on one pass, converted, filled in on another.

The steps in between are those of quick.py. Each of them is the rule of its type, so what
is written is what the careful walk would write; what they refuse is left to the walk.
"""

from __future__ import annotations

import sys
from datetime import datetime, time, timedelta, timezone
from functools import partial
from itertools import chain, starmap
from operator import attrgetter, eq, is_
from types import MethodDescriptorType
from typing import TYPE_CHECKING, Any

from ..optional import orjson
from .quick import DATES, Quick
from .raw import Unencodable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rules import Rules

__all__ = ["Filling"]

#: Ends the values that were found in one.
_END = object()
_tuple: type[tuple[Any, ...]] = tuple
_attributes = attrgetter("__dict__")
_zone = attrgetter("tzinfo")
_MINUTE = timedelta(minutes=1)


class Level:
    """Values that are equally deep, which may not be inside of themselves, without an end.

    Only an instance of a class that is also above may be; for others, it costs nothing.

    :param steps: the step of each type.
    :param above: the level that these values are in.
    :raises Unencodable: where one is the same as one above.
    """

    __slots__ = ("classes", "ids", "unread")

    def __init__(
        self, values: list[Any], steps: dict[type, Quick], above: Level | None = None
    ) -> None:
        classes = {cls for cls, step in steps.items() if step.deep}
        #: The classes of this level and those above that may hold values.
        self.classes: set[type] = classes
        #: The identities of their instances, but for the levels that are still unread.
        self.ids: set[int] = set()
        self.unread: list[tuple[list[Any], set[type]]] = [(values, classes)]
        if above is None:
            return
        self.classes, self.ids = classes | above.classes, above.ids
        self.unread = [*above.unread, (values, classes)]
        if not above.classes.isdisjoint(classes):
            upper = above.ids.union(*starmap(_ids_of, above.unread))
            ids = _ids_of(values, classes)
            if not upper.isdisjoint(ids):
                raise Unencodable
            upper.update(ids)
            self.ids, self.unread = upper, []


class Filling:
    """Later passes over a value.

    :param rules: the rule of each type.
    :param option: orjson's options, with which it leaves all but plain types alone.
    :param writes_dates: whether orjson may write dates and times, if it asks no Python code.
    """

    def __init__(self, rules: Rules, option: int, *, writes_dates: bool) -> None:
        self.rules = rules
        #: What is only looked through needs no indent, and mostly not the order of the text.
        self.option: int = option & ~orjson.OPT_INDENT_2
        self.unsorted: int = self.option & ~orjson.OPT_SORT_KEYS
        self.writes_dates = writes_dates

    def fill(self, value: Any, collected: list[Any], option: int) -> bytes:
        """The JSON of a value.

        :param collected: what orjson could not encode, in its order.
        :param option: orjson's options for the text.
        :raises Exception: where the walk has to look.
        """
        steps = self._steps(collected)
        level = Level(collected, steps)
        while _is_list_of(value, collected):
            # A list of nothing else: what its items become is looked at in its place.
            (step, *others) = steps.values()
            if step.texts is not None and not others:
                newline = b"\n" if option & orjson.OPT_APPEND_NEWLINE else b""
                return step.texts(collected) + newline
            value, found = self._trees(collected, steps), list[Any]()
            body: bytes = orjson.dumps(value, found.append, option)
            if not found:
                return body
            collected, steps = found, self._steps(found)
            level = Level(collected, steps, level)
        if self._are_attributes(collected, steps, level):
            return orjson.dumps(value, _attributes, option)
        if any(step.deep for step in steps.values()):
            parts: Iterator[Any] = chain.from_iterable(self._parts(collected, steps, level))
        else:
            leaves = collected
            # Not where there are times: orjson drops the first zero of .010000.
            if self.writes_dates and time not in steps and not DATES.isdisjoint(steps):
                dates = [each for each in collected if type(each) in DATES]
                if _orjson_may_ask(dates):
                    leaves = [each for each in collected if type(each) not in DATES]
                    option &= ~orjson.OPT_PASSTHROUGH_DATETIME
            parts = iter(self._trees(leaves, steps))
        if any(step.foreign for step in steps.values()):
            self._check_that_nothing_changed(value, collected)
        # next(parts, item): the item itself, which is refused, when there is none.
        body = orjson.dumps(value, partial(next, parts), option)
        if next(parts, None) is not None:
            raise Unencodable  # another thread has changed it meanwhile
        return body

    def _steps(self, values: list[Any]) -> dict[type, Quick]:
        """The step of each type."""
        steps: dict[type, Quick] = {}
        for cls in set(map(type, values)):
            rule = self.rules[cls]
            if rule is None or rule.quick is None:
                raise Unencodable
            steps[cls] = rule.quick
        return steps

    def _trees(self, values: list[Any], steps: dict[type, Quick]) -> list[Any]:
        """What values become."""
        trees = _attributes_of(values, steps)
        if trees is None:
            convert = {cls: step.convert for cls, step in steps.items()}
            trees = [convert[type(value)](value) for value in values]
        return trees

    def _are_attributes(self, values: list[Any], steps: dict[type, Quick], level: Level) -> bool:
        """Whether all values, and all in them, become what their ``__dict__`` is."""
        while True:
            trees = _attributes_of(values, steps)
            if trees is None:
                return False
            found: list[Any] = []
            orjson.dumps(trees, found.append, self.unsorted)
            if not found:
                return True
            values, steps = found, self._steps(found)
            level = Level(values, steps, level)

    def _parts(self, values: list[Any], steps: dict[type, Quick], level: Level) -> list[list[Any]]:
        """For each value what it becomes, followed by what the values in that become."""
        parts = [[tree] for tree in self._trees(values, steps)]
        deep = [part for value, part in zip(values, parts, strict=True) if steps[type(value)].deep]
        if not deep:
            return parts
        found: list[Any] = []
        orjson.dumps(
            [each for part in deep for each in (part[0], _END)], found.append, self.option
        )
        inside = [each for each in found if each is not _END]
        if not inside:
            return parts
        inner = self._steps(inside)
        if any(step.foreign for step in inner.values()):
            raise Unencodable
        below = Level(inside, inner, level)
        filled, converted = iter(deep), iter(self._parts(inside, inner, below))
        part = next(filled)
        for each in found:
            if each is _END:
                part = next(filled, part)
            else:
                part.extend(next(converted))
        return parts

    def _check_that_nothing_changed(self, value: Any, collected: list[Any]) -> None:
        again: list[Any] = []
        orjson.dumps(value, again.append, self.option)
        if not _are_the_same(again, collected):
            raise Unencodable


def _is_list_of(value: Any, items: list[Any]) -> bool:
    kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
    return kind is list and _are_the_same(value, items)


def _are_the_same(first: list[Any], second: list[Any]) -> bool:
    return len(first) == len(second) and all(map(is_, first, second))


def _attributes_of(values: list[Any], steps: dict[type, Quick]) -> list[Any] | None:
    """The ``__dict__`` of each value, if each has its fields and nothing else."""
    fields = {cls: step.fields for cls, step in steps.items()}
    if None in fields.values():
        return None
    trees = [*map(_attributes, values)]
    expected = map(fields.__getitem__, map(type, values))
    return trees if all(map(eq, map(_tuple, trees), expected)) else None


def _ids_of(values: list[Any], classes: set[type]) -> list[int]:
    return [id(value) for value in values if type(value) in classes]


def _orjson_may_ask(dates: list[Any]) -> bool:
    """Whether dates have no zones, or zones whose offsets come from C code.

    It refuses times with zones without asking them, and writes offsets with seconds
    wrongly, which a ``timezone`` may have, and those of the tz database had until 1972.
    """
    moments = [each for each in dates if type(each) is datetime]
    zones: set[Any] = {*map(_zone, moments)} - {None}
    if all(type(zone) is timezone for zone in zones):
        return not any(zone.utcoffset(None) % _MINUTE for zone in zones)
    zone_info: Any = getattr(sys.modules.get("zoneinfo"), "ZoneInfo", None)
    return (
        all(type(zone) is zone_info for zone in zones)
        and type(zone_info.utcoffset) is MethodDescriptorType
        and all(each.year > 1972 for each in moments)
    )
