"""Functions and methods of the app that encoding calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from inspect import ismethod
from types import MappingProxyType
from typing import Any
from uuid import UUID

from ..errors import JSONEncodeError, NotEncodable
from .raw import Rule

Convert = Callable[[Any], Any]

_NO_RULES: Mapping[type, Rule] = MappingProxyType({})
#: How often a function is called with its own result.
_MAX_CALLS = 20


def hook(
    function: Convert,
    rules: Mapping[type, Rule] = _NO_RULES,
    declines: type[Exception] | tuple[()] = (),
) -> Convert:
    """A function of the app, which leaves the value to its rule by raising ``declines``.

    It may mend a value (its time zone, say): a result whose type is in ``rules`` isn't given
    to it again, but to its rule. A function that can decline is called with the mended value
    first, as ``json`` does.
    """

    def call(value: Any) -> Any:
        try:
            result = function(value)
        except JSONEncodeError:
            raise
        except declines:
            return rules[type(value)].convert(value)
        # Nearly always; the loop takes three times as long.
        if result is not value and type(result) not in rules:
            return result
        return mended(value, result)

    def mended(given: Any, result: Any) -> Any:
        for _ in range(_MAX_CALLS):
            if result is given:
                raise NotEncodable("cannot be encoded as JSON: its hook returned it unchanged")
            if type(result) not in rules:
                return result
            value = result
            if not declines:
                break
            try:
                result = function(value)
            except JSONEncodeError:
                raise
            except declines:
                break
            if result is value:
                break
        else:
            raise NotEncodable("cannot be encoded as JSON: its default never ends")
        return rules[type(value)].convert(value)

    return call


def acts_like(refused: Rule) -> Convert:
    """What stock Flask sends for a proxy: it looks at the object where we look at its class."""

    def convert(value: Any) -> Any:
        if isinstance(value, (Decimal, UUID)):
            return str(value)
        method = getattr(value, "__html__", None)
        # The function that a class defines is the method of its instances.
        is_own = ismethod(method) if isinstance(value, type) else method is not None
        return html_text(value) if is_own else refused.convert(value)

    return convert


def last_resort(default: Convert, rule: Rule | None) -> Convert:
    """The ``default`` setting, for what ``rule`` refuses."""
    by_default = hook(default)

    def call(value: Any) -> Any:
        if rule is not None:
            with suppress(NotEncodable):
                return rule.convert(value)
        return by_default(value)

    return call


def html_text(value: Any) -> str:
    """The text of an object with ``__html__()``."""
    return str(value.__html__())
