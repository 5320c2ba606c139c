"""Recipes for values and settings, which make them anew as often as they are needed."""

from __future__ import annotations

import datetime as dt
import re
from collections import ChainMap, OrderedDict, UserDict, deque
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from jsonify_ext import JSONSettings, RawJSON
from jsonify_ext.encoders import base64_text, decimal_number, epoch_millis, http_date

from ..test_engines import library_values, zones
from ..test_types import (
    Attrs,
    Base,
    Colour,
    Flags,
    Level,
    Model,
    Point,
    Slotted,
    Struct,
    Tagged,
    TextColour,
    sqlalchemy_rows,
    sqlite_row,
)
from .hostile import BASES, CHANGES, METHODS, RAISED, World, act, hostile

__all__ = ["Maker", "settings_makers", "value_makers"]


class Maker:
    """How to make a value.

    :param what: makes it, given a world and the parts.
    :param parts: makers themselves, or what does not change.
    """

    def __init__(self, what: Callable[..., Any], parts: tuple[Any, ...]) -> None:
        self.what = what
        self.parts = parts

    def __call__(self, world: World) -> Any:
        return self.what(world, *self.parts)

    def __repr__(self) -> str:
        return f"{self.what.__name__.strip('_')}({', '.join(map(repr, self.parts))})"

    @property
    def is_stateful(self) -> bool:
        """Whether the value may be another one when it is looked at again."""
        return self.what in (_hostile, _earlier) or any(
            part.is_stateful for part in _makers_in(self.parts)
        )

    @property
    def is_unordered(self) -> bool:
        """Whether the order of the value's items may be another one when it is made again."""
        parts = _makers_in(self.parts)
        if self.what is collected:
            # By their text, and each engine spells some floats its own way.
            return any(part.what is not steady or type(part.parts[0]) is float for part in parts)
        return any(part.is_unordered for part in parts)


def _makers_in(parts: Any) -> list[Maker]:
    if isinstance(parts, Maker):
        return [parts]
    items = parts.values() if isinstance(parts, dict) else parts
    if not isinstance(parts, (dict, list, tuple)):
        return []
    return [maker for part in items for maker in _makers_in(part)]


def making(what: Callable[..., Any], *parts: Any) -> Any:
    """A strategy for makers."""
    return st.builds(Maker, st.just(what), st.tuples(*parts))


def just(world: World, value: Any) -> Any:
    return value


def steady(world: World, value: Any) -> Any:
    """A value whose hash does not depend on where it is kept."""
    return value


def fresh(world: World, cls: Callable[..., Any], *arguments: Any) -> Any:
    """What an engine may use up, or a world may change."""
    return cls(*arguments)


def array(world: World, cls: Any, items: list[Maker]) -> Any:
    """A list or a deque, known to the world before its items are made."""
    container = cls()
    world.containers.append(container)
    container.extend(item(world) for item in items)
    return container


def array_of(world: World, cls: Any, items: list[Maker]) -> Any:
    return cls(item(world) for item in items)


def table(world: World, cls: Any, items: list[tuple[Any, Maker]]) -> Any:
    container = cls()
    world.containers.append(container)
    for key, item in items:
        container[key(world) if isinstance(key, Maker) else key] = item(world)
    return container


def collected(world: World, cls: Any, items: list[Maker]) -> Any:
    container: set[Any] = set()
    world.containers.append(container)
    for item in items:
        with suppress(Exception):  # it has no hash
            container.add(item(world))
    return container if cls is set else cls(container)


def fields(world: World, cls: Any, items: list[Maker]) -> Any:
    return cls(*(item(world) for item in items))


def view(world: World, name: str, maker: Maker) -> Any:
    return getattr(maker(world), name)()


def wrapped(world: World, wrap: Any, maker: Maker) -> Any:
    return wrap(maker(world))


def nested(world: World, cls: Any, depth: int, maker: Maker) -> Any:
    value = maker(world)
    for _ in range(depth):
        value = {"a": value} if cls is dict else cls([value])
    return value


def _list_of_dict(items: list[Any]) -> list[Any]:
    return [{"a": item} for item in items]


def released(world: World) -> memoryview:
    view = memoryview(b"gone")
    view.release()
    return view


def power(world: World, exponent: int) -> int:
    return int(10**exponent)  # Python prints no more than 4,300 digits


def generated(world: World, items: list[Maker], end: Any) -> Any:
    def generator() -> Any:
        for item in items:
            yield item(world)
        if end is not None:
            action, how, value = end
            yield act(world, action, how, value, iter(()))

    return generator()


def _earlier(world: World, index: int) -> Any:
    """A container that this is in, or that is somewhere else."""
    return world.containers[index % len(world.containers)] if world.containers else None


def _hostile(world: World, base: str, methods: Any, metamethods: Any) -> Any:
    return hostile(world, base, methods, metamethods)


texts = st.one_of(st.text(max_size=6), st.text('\ud800\udfffaé"\\\x7f\0', max_size=3))
plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**63, 2**64, -(2**63) - 1, 5e-324, 1e308]),
    st.floats(),
    texts,
)
typed = st.one_of(
    *library_values,
    st.fractions(),
    st.binary(max_size=4),
    st.binary(max_size=4).map(memoryview),
    st.ip_addresses(),
    st.sampled_from(
        [
            *Colour,
            *TextColour,
            *Level,
            *Flags,
            PurePosixPath("a/\udcff"),
            Fraction(1, 3),
            re.compile("a"),
            re.compile(b"\xff"),
            sqlite_row(),
            sqlite_row("SELECT 1 AS a, 2 AS a"),
            *sqlalchemy_rows(),
            Model(userId=1, at="2024-02-29T07:08:09Z"),
            RawJSON(b'{"b": [1.10, "\\u00e9"], "a": 12345678901234567890}'),
            RawJSON("[1e5, NaN]"),
            RawJSON('"\ud800"'),
            np.float32(0.1),
            np.arange(4).reshape(2, 2).T,
            np.array([0.1, float("inf")], "f4"),
            np.array("NaT", "M8[ms]"),
            np.array([(1, 2.0)], "i4,f4"),
            np.array([b"\xff"]),
            np.array(["\ud800"]),
            np.ma.masked_array([1, 2], [True, False]),
            np.complex64(1j),
            range(3),
            object(),
            SimpleNamespace(a=1),
            len,
            int,
            Ellipsis,
            1j,
            Colour,
        ]
    ),
)
keys = st.one_of(
    st.text(max_size=4),
    texts,
    st.sampled_from(["a", "b", 1, "1", True, "true", None, "null", 1.0, (1,), b"a"]),
    st.sampled_from([*Colour, *Level, *TextColour]),
    st.floats(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=zones),
    st.decimals(),
)


leaves = [
    making(just, st.one_of(plain, typed)),
    making(fresh, st.just(bytearray), st.binary(max_size=3)),
    making(released),
    making(power, st.just(4400)),
]
nothing = st.just(Maker(just, (None,)))


def actions(values: Any) -> Any:
    """What a method does: the parameters of :func:`act`."""
    return st.one_of(
        st.tuples(st.just("return"), st.none(), values),
        st.tuples(st.just("raise"), st.sampled_from(RAISED), nothing),
        st.tuples(st.sampled_from(["self", "again", "nest", "recurse"]), st.none(), nothing),
        st.tuples(st.just("encode"), st.sampled_from([None, 0]), nothing),
        st.tuples(
            st.just("change"),
            st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 5)),
            values,
        ),
    )


#: Deferred, because it is made of itself.
value_makers: Any = st.deferred(lambda: st.one_of(*leaves, *leaves[:1] * 12, *containers))
_lists = st.lists(value_makers, max_size=4)
_tables = st.lists(st.tuples(st.text(max_size=4), value_makers), max_size=4)
_methods = st.dictionaries(st.sampled_from(METHODS), actions(value_makers), min_size=1, max_size=3)
_hostile_ones = making(
    _hostile,
    st.sampled_from(sorted(BASES)),
    _methods,
    st.one_of(*[st.just({})] * 3, _methods),
)
_steady_ones = making(steady, st.one_of(plain, st.uuids(), st.sampled_from([*Colour])))
containers = [
    making(array, st.sampled_from([list, list, deque]), _lists),
    making(array_of, st.just(tuple), _lists),
    making(generated, _lists, st.one_of(st.none(), actions(value_makers))),
    making(table, st.sampled_from([dict, dict, dict, OrderedDict, UserDict]), _tables),
    making(
        table,
        st.just(dict),
        st.lists(st.tuples(st.one_of(keys, _hostile_ones), value_makers), max_size=3),
    ),
    making(collected, st.sampled_from([set, frozenset]), st.lists(_steady_ones, max_size=4)),
    making(collected, st.sampled_from([set, frozenset]), _lists),
    making(
        fields,
        st.sampled_from([Slotted, Point]),
        st.lists(value_makers, min_size=2, max_size=2),
    ),
    making(
        fields,
        st.sampled_from([Attrs, Base, Struct, Tagged]),
        st.lists(value_makers, min_size=1, max_size=1),
    ),
    making(
        view, st.sampled_from(["keys", "values", "items"]), making(table, st.just(dict), _tables)
    ),
    making(
        wrapped,
        st.sampled_from([MappingProxyType, ChainMap]),
        making(table, st.just(dict), _tables),
    ),
    making(
        nested,
        st.sampled_from([dict, _list_of_dict]),
        st.sampled_from([3, 100, 127, 200, 253, 254, 255, 600, 800, 1200]),
        value_makers,
    ),
    # From 30 to 254 of them orjson may write past its memory, which the docs say.
    making(
        nested,
        st.sampled_from([list, tuple]),
        st.sampled_from([3, 9, 255, 600, 800, 1200]),
        value_makers,
    ),
    making(_earlier, st.integers(0, 5)),
    *[_hostile_ones] * 3,
]


def made_settings(world: World, simple: dict[str, Any], encoders: Any, default: Any) -> Any:
    """Settings whose encoders do what hostile methods do."""

    def doing(what: Any) -> Any:
        if not isinstance(what, tuple):
            return what
        action, how, value = what
        return lambda me: act(world, action, how, value, me)

    return JSONSettings(
        **simple,
        encoders={cls: doing(what) for cls, what in encoders.items()},
        default=doing(default),
    )


def _refuse(value: Any) -> Any:
    raise TypeError


simple_settings = st.fixed_dictionaries(
    {},
    optional={
        "sort_keys": st.booleans(),
        "pretty": st.booleans(),
        "ensure_ascii": st.booleans(),
        "dates": st.sampled_from(["iso", "http"]),
        "nan": st.sampled_from(["null", "error"]),
    },
)
encoded_classes = st.sampled_from(
    [object, Decimal, Colour, Enum, OrderedDict, dt.date, dt.datetime, bytes, Base, UserDict, set]
)
settings_makers = making(
    made_settings,
    simple_settings,
    st.one_of(
        st.just({}),
        st.just({}),
        st.sampled_from(
            [{Decimal: decimal_number}, {bytes: base64_text}, {dt.datetime: epoch_millis}]
        ),
        st.just({dt.date: http_date}),
        st.dictionaries(encoded_classes, actions(leaves[0]), max_size=2),
    ),
    st.one_of(st.none(), st.none(), st.just(_refuse), actions(leaves[0])),
)
