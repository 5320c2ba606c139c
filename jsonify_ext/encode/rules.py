"""What each type becomes: one table from type to rule, resolved once per type.

A rule brings a value one step nearer to JSON. What comes out is a plain value, a
:class:`~jsonify_ext.encode.raw.Pairs`, an :class:`Unordered`, a ``RawJSON``, or
something that has a rule of its own.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
)
from operator import attrgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from ..errors import type_name
from . import libraries, quick
from .dates import http_date, iso_date, iso_duration
from .raw import Pairs, RawJSON, Unencodable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import JSONSettings
    from .quick import Quick

__all__ = ["Rule", "Rules", "Unordered"]

#: Classes made in a function, row classes above all, must not pile up in the table.
_MOST_TYPES = 2000

_TEXT = (Decimal, UUID, PurePath, IPv4Address, IPv6Address, IPv4Network, IPv6Network)
_BYTES: tuple[type[Any], ...] = (bytes, bytearray, memoryview)
_ARRAYS = (list, tuple, deque, range, Iterator, KeysView, ValuesView, ItemsView)
_PLAIN: tuple[type[Any], ...] = (str, int, float, list, tuple, dict)


class Unordered(list[Any]):
    """The items of a set; sorted by their encoded form where keys are sorted."""


class Rule(NamedTuple):
    """How values of one type become something nearer to JSON.

    :param convert: the step.
    :param asks: whose code it runs, as an error message names it; empty for ours.
    :param otherwise: the rule for another value of the same type that comes out.
    :param quick: the step for the fast path, or None where the walk has to look.
    """

    convert: Callable[[Any], Any]
    asks: str = ""
    otherwise: Rule | None = None
    quick: Quick | None = None


class Rules(dict[type, Rule | None]):
    """The rule of each type under certain settings; None for a type that has none."""

    def __init__(self, settings: JSONSettings) -> None:
        super().__init__()
        self.settings = settings
        self.http_dates: bool = settings.dates == "http"

    def __missing__(self, cls: type[Any]) -> Rule | None:
        if len(self) >= _MOST_TYPES:
            self.clear()
        rule = self[cls] = self._resolve(cls)
        return rule

    def _resolve(self, cls: type[Any]) -> Rule | None:
        settings = self.settings
        rule = self._built_in(cls)
        word = own_word(cls)
        if word and not (settings.like_flask and flask_knows(cls)):
            rule = Rule(_call(word), f"{type_name(cls)}.{word}()")
        if settings.default is not None and not issubclass(cls, _PLAIN):
            rule = Rule(_ask(settings.default, rule), f"default for {type_name(cls)}", rule)
        encoder = find_encoder(settings, cls)
        if encoder is not None:
            rule = Rule(encoder, f"the encoder for {type_name(cls)}", rule)
        return rule

    def _built_in(self, cls: type[Any]) -> Rule | None:
        """The table, top to bottom; the first row that fits."""
        if issubclass(cls, Enum):
            return Rule(attrgetter("value"))
        if issubclass(cls, RawJSON):
            return Rule(_raw)
        for plain, exact in _EXACT.items():
            if issubclass(cls, plain):
                return Rule(exact, quick=quick.Quick(exact))
        if issubclass(cls, (date, time)):
            as_http = self.http_dates and issubclass(cls, date)
            return Rule(self._date, quick=quick.leaf(cls, http_date if as_http else iso_date))
        if issubclass(cls, timedelta):
            return Rule(iso_duration, quick=quick.leaf(cls, iso_duration))
        if issubclass(cls, _TEXT):
            return Rule(str, quick=quick.leaf(cls, str))
        if issubclass(cls, re.Pattern):
            return Rule(attrgetter("pattern"))
        if issubclass(cls, _BYTES):
            return Rule(_utf8, quick=quick.leaf(cls, _utf8))
        if self.settings.like_flask and not issubclass(cls, _PLAIN) and flask_knows(cls):
            # Flask asks these two before it looks whether a class is a Mapping.
            return _declared(cls) or Rule(_html)
        if issubclass(cls, Mapping):
            return Rule(_mapping, quick=quick.mapping(cls))
        settings = self.settings
        known = libraries.rule_for(
            cls,
            strict_nan=settings.nan == "error",
            in_parts=settings.pretty or settings.sort_keys,
        )
        if known is not None:
            return Rule(known[0], quick=known[1])
        if issubclass(cls, (set, frozenset)):
            return Rule(Unordered, quick=None if settings.sort_keys else quick.array(cls))
        if issubclass(cls, _ARRAYS):
            return Rule(list, quick=quick.array(cls))
        return _declared(cls) or (Rule(_html) if hasattr(cls, "__html__") else None)

    def _date(self, value: Any) -> Any:
        if value != value:  # pandas.NaT, a datetime that is not one
            return math.nan
        if self.http_dates and isinstance(value, date):
            return http_date(value)
        return iso_date(value)


def find_encoder(settings: JSONSettings, cls: type[Any]) -> Callable[[Any], Any] | None:
    """The encoder of the nearest class in the method resolution order.

    An Enum is asked for as an Enum; classes mixed into it speak for its value.
    """
    for base in cls.__mro__ if settings.encoders else ():
        if base in settings.encoders:
            if issubclass(cls, Enum) and not (issubclass(base, Enum) or base is object):
                continue
            return settings.encoders[base]
    return None


def own_word(cls: type[Any]) -> str | None:
    """The name of the method with which instances of a class speak for themselves."""
    for name in ("__json__", "for_json"):
        if callable(getattr(cls, name, None)):
            return name
    return None


def flask_knows(cls: type[Any]) -> bool:
    """Whether stock Flask can encode a class, without asking ``__json__``."""
    return (
        issubclass(cls, (*_PLAIN, date, Decimal, UUID))
        or is_dataclass(cls)
        or hasattr(cls, "__html__")
    )


def _call(name: str) -> Callable[[Any], Any]:
    def call(value: object) -> Any:
        # Found on the class, as every special method is.
        return getattr(type(value), name)(value)

    return call


def _ask(default: Callable[[Any], Any], otherwise: Rule | None) -> Callable[[Any], Any]:
    def ask(value: Any) -> Any:
        try:
            return default(value)
        except TypeError:
            if otherwise is None:
                raise Unencodable from None
            return otherwise.convert(value)

    return ask


def _declared(cls: type[Any]) -> Rule | None:
    """The rule for a class that declares its fields: a dataclass or an attrs class."""
    if is_dataclass(cls):
        names = [each.name for each in fields(cls)]
    elif hasattr(cls, "__attrs_attrs__"):
        names = [each.name for each in cls.__attrs_attrs__]
    else:
        return None

    def declared(value: Any) -> Pairs:
        return Pairs([(name, getattr(value, name)) for name in names])

    return Rule(declared, quick=quick.declared(cls, names))


def _raw(value: RawJSON) -> RawJSON:
    return RawJSON(value.data, trusted=value.trusted is True)


def _utf8(value: bytes | bytearray | memoryview) -> str:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError:
        raise Unencodable(
            "holds bytes that are not UTF-8; choose a text form for them, "
            "for instance encoders={bytes: base64_text}"
        ) from None


def _mapping(value: Mapping[Any, Any]) -> Pairs:
    return Pairs((key, item) for key, item in value.items())


def _html(value: Any) -> str:
    return str(value.__html__())


#: Subclasses of the plain types, as the plain type, without asking the subclass.
_EXACT: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
}
