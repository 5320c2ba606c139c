"""Recipes for values and settings, which make them anew as often as they are needed."""

from __future__ import annotations

import datetime as dt
import re
from collections import ChainMap, OrderedDict, UserDict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType, SimpleNamespace
from typing import Any
from uuid import UUID

import flask
import numpy as np
from hypothesis import strategies as st

from jsonify_ext import JSONSettings, RawJSON
from jsonify_ext.context import current_settings
from jsonify_ext.encoders import base64_text, decimal_number, epoch_millis, http_date

from ..samples import (
    Alone,
    AttrDict,
    Attrs,
    AttrsOfDict,
    Base,
    Bits,
    Both,
    Child,
    Colour,
    Countdown,
    CountingDown,
    DataDict,
    DataList,
    DataMapping,
    DataSequence,
    DataText,
    Day,
    Flags,
    Html,
    Items,
    Level,
    Listed,
    Loose,
    Members,
    Model,
    Nested,
    Numbers,
    Pairs,
    Point,
    Ratio,
    Real,
    Simple,
    Slotted,
    Struct,
    Tagged,
    Text,
    TextColour,
    Whole,
    sqlalchemy_rows,
    sqlite_row,
)
from ..strategies import library_values, zones
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

    @cached_property
    def kinds(self) -> set[Any]:
        """The functions that make the value and its parts."""
        kinds = {self.what}
        for part in _makers_in(self.parts):
            kinds |= part.kinds
        return kinds

    @property
    def is_stateful(self) -> bool:
        """Whether the value may be another one when it is read again."""
        if self.what is made_settings:
            hooks = [*self.parts[1].values(), self.parts[2], (self.parts[3] or {}).get("default")]
            return any(isinstance(hook, tuple) and hook[0] in _STATEFUL for hook in hooks)
        return _hostile in self.kinds or generated_to_an_end in self.kinds

    @property
    def has_shared_parts(self) -> bool:
        """Whether a container may be in two places."""
        return _earlier in self.kinds

    @property
    def is_unordered(self) -> bool:
        """Whether the order of a set's items may be another one: because of addresses, or
        because each engine writes some floats in its own form."""
        if self.what is collected:
            parts = _makers_in(self.parts)
            return any(part.what is not steady or type(part.parts[0]) is float for part in parts)
        return any(part.is_unordered for part in _makers_in(self.parts))


_STATEFUL = ("encode", "change", "nest", "recurse")


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


def _may_be_in_tuples(maker: Maker) -> bool:
    """A circle or deep nests through tuples may end the process, as docs/security.rst says."""
    return maker.kinds.isdisjoint({_earlier, nested})


def array_of(world: World, cls: Any, items: list[Maker]) -> Any:
    if cls is tuple and not all(map(_may_be_in_tuples, items)):
        cls = list
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
    if cls is _loose and _earlier in items[0].kinds:
        cls = Alone  # a circle through many of pydantic's models overflows the stack
    return cls(*(item(world) for item in items))


def view(world: World, name: str, maker: Maker) -> Any:
    return getattr(maker(world), name)()


def wrapped(world: World, wrap: Any, maker: Maker) -> Any:
    return wrap(maker(world))


def nested(world: World, cls: Any, depth: int, maker: Maker) -> Any:
    value = maker(world)
    if cls is tuple and not _may_be_in_tuples(maker):
        cls = list
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


def generated(world: World, items: list[Maker]) -> Any:
    return iter([item(world) for item in items])


def generated_to_an_end(world: World, items: list[Maker], end: Any) -> Any:
    """A generator that makes its items when they are read, and does something then."""
    for item in items:
        yield item(world)
    action, how, value = end
    yield act(world, action, how, value, iter(()))


def hooked(world: World, name: str, maker: Maker, error: Any = None) -> Any:
    """An object whose method is counted, and returns something or raises an error."""
    value = maker(world)
    number = len(world.containers)
    world.containers.append(value)

    def method(self: Any) -> Any:
        world.hooks[number] += 1
        if error is not None:
            raise error("secret")
        return value

    return type("Hooked", (), {name: method})()


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
            *(*Ratio, *Bits, *Day, Flags.A | Flags.B),
            *(Text("a\xe9"), Whole(7), Whole(2**64), Real(0.5), AttrDict(items=1, a=None)),
            *(CountingDown(1), DataSequence(1), DataMapping(1), DataDict(2), DataList(2)),
            *(DataText(), Pairs((1, 2), ("a", None)), Items(1, "a"), Members("ba")),
            *(Simple(), Both(), Html(), Numbers([1, 2**60]), {1: None, 10: 2, 9: 3}, {"b": None}),
            *(
                RawJSON(b"[1, 2]", trusted=True),
                2**53,
                -(2**53),
                np.int64(2**60),
                np.float64("nan"),
            ),
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


nothing = st.just(Maker(just, (None,)))
leaves = [
    making(just, st.one_of(plain, typed)),
    making(fresh, st.just(bytearray), st.binary(max_size=3)),
    making(released),
    making(power, st.just(4400)),
    making(fresh, st.just(Countdown), st.just(2)),
    making(hooked, st.just("__json__"), nothing, st.sampled_from(RAISED[:-2])),
]


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


def makers(hostile_too: bool) -> Any:
    """A strategy for values.

    :param hostile_too: whether code of the values does more than return something.
    """
    # Deferred, because it is made of itself.
    values: Any = st.deferred(lambda: st.one_of(*leaves, *leaves[:1] * 12, *containers))
    lists = st.lists(values, max_size=4)
    tables = st.lists(st.tuples(st.text(max_size=4), values), max_size=4)
    steady_ones = making(steady, st.one_of(plain, st.uuids(), st.sampled_from([*Colour])))
    any_keys = keys
    containers = [
        making(array, st.sampled_from([list, list, deque]), lists),
        making(array_of, st.sampled_from([tuple, Listed]), lists),
        making(generated, lists),
        making(hooked, st.sampled_from(["__json__", "for_json"]), values),
        making(table, st.sampled_from([dict, dict, dict, OrderedDict, UserDict]), tables),
        making(collected, st.sampled_from([set, frozenset]), st.lists(steady_ones, max_size=4)),
        making(
            fields,
            st.sampled_from([Slotted, Point, Nested, AttrsOfDict]),
            st.lists(values, min_size=2, max_size=2),
        ),
        making(
            fields,
            st.sampled_from([Attrs, Base, Struct, Tagged, Alone, Child, _loose]),
            st.lists(values, min_size=1, max_size=1),
        ),
        making(
            view,
            st.sampled_from(["keys", "values", "items"]),
            making(table, st.just(dict), tables),
        ),
        making(
            wrapped,
            st.sampled_from([MappingProxyType, ChainMap]),
            making(table, st.just(dict), tables),
        ),
        making(
            nested,
            st.sampled_from([dict, list, _list_of_dict]),
            st.sampled_from([3, 9, 30, 100, 127, 200, 253, 254, 255, 600, 1200]),
            values,
        ),
        # Beyond 254 of them orjson may write past its memory, as the docs say.
        making(nested, st.just(tuple), st.sampled_from([3, 9, 30, 100]), values),
        making(_earlier, st.integers(0, 5)),
    ]
    if hostile_too:
        methods = st.dictionaries(
            st.sampled_from(METHODS), actions(values), min_size=1, max_size=3
        )
        hostile_ones = making(
            _hostile,
            st.sampled_from(sorted(BASES)),
            methods,
            st.one_of(*[st.just({})] * 3, methods),
        )
        any_keys = st.one_of(keys, hostile_ones)
        containers += [
            *[hostile_ones] * 3,
            making(generated_to_an_end, lists, actions(values)),
            making(collected, st.sampled_from([set, frozenset]), lists),
        ]
    containers.append(
        making(table, st.just(dict), st.lists(st.tuples(any_keys, values), max_size=3))
    )
    return values


def _loose(value: Any) -> Any:
    return Loose(avatar=value)


value_makers = st.one_of(*[makers(hostile_too=False)] * 3, makers(hostile_too=True))


def made_settings(
    world: World, simple: dict[str, Any], encoders: Any, default: Any, flask_app: Any
) -> JSONSettings:
    """Settings whose hooks do what hostile methods do, perhaps those of a Flask app."""

    def doing(what: Any) -> Any:
        if not isinstance(what, tuple):
            return what
        action, how, value = what

        def hook(me: Any) -> Any:
            world.hooks[action] += 1
            return act(world, action, how, value, me)

        return hook

    changes = {
        **simple,
        "encoders": {cls: doing(what) for cls, what in encoders.items()},
        "default": doing(default),
    }
    if flask_app is None:
        return JSONSettings(**changes)
    world.app = app = flask.Flask("fuzz")
    for name in ("sort_keys", "compact", "ensure_ascii"):
        if name in flask_app:
            setattr(app.json, name, flask_app[name])
    if "default" in flask_app:
        stock, own = app.json.default, doing(flask_app["default"])
        cls = flask_app["cls"]
        app.json.default = lambda me: own(me) if isinstance(me, cls) else stock(me)
    with app.app_context():
        return current_settings({name: value for name, value in changes.items() if value})


def _refuse(value: Any) -> Any:
    raise TypeError


simple_settings = st.fixed_dictionaries(
    {},
    optional={
        "sort_keys": st.booleans(),
        "pretty": st.booleans(),
        "ensure_ascii": st.booleans(),
        "omit_none": st.booleans(),
        "dates": st.sampled_from(["iso", "utc", "http"]),
        "nan": st.sampled_from(["null", "error"]),
        "big_ints": st.sampled_from(["number", "string", "error"]),
    },
)
encoded_classes = st.sampled_from(
    [object, Decimal, Colour, Enum, OrderedDict, dt.date, dt.datetime, bytes, Base, UserDict, set]
    + [UUID, Listed, Mapping]
)
hooks = st.one_of(st.none(), st.none(), st.just(_refuse), actions(leaves[0]))
flask_apps = st.fixed_dictionaries(
    {},
    optional={
        "sort_keys": st.booleans(),
        "compact": st.booleans(),
        "ensure_ascii": st.booleans(),
    },
)
settings_makers = making(
    made_settings,
    st.one_of(st.just({}), simple_settings, simple_settings),
    st.one_of(
        st.just({}),
        st.just({}),
        st.sampled_from(
            [{Decimal: decimal_number}, {bytes: base64_text}, {dt.datetime: epoch_millis}]
        ),
        st.just({dt.date: http_date}),
        st.dictionaries(encoded_classes, actions(leaves[0]), max_size=2),
    ),
    hooks,
    st.one_of(
        st.none(),
        st.none(),
        flask_apps,
        st.builds(
            lambda app, default, cls: {**app, "default": default, "cls": cls},
            flask_apps,
            actions(leaves[0]),
            encoded_classes,
        ),
    ),
)
