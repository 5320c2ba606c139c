"""Recipes for values and settings, which make them anew as often as they are needed."""

from __future__ import annotations

import datetime as dt
from collections import ChainMap, OrderedDict, UserDict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from functools import cached_property
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import flask
import numpy as np
from hypothesis import strategies as st

from jsonify_ext import JSONSettings, RawJSON
from jsonify_ext.context import current_settings
from jsonify_ext.encoders import base64_text, decimal_number, epoch_millis, http_date

from .. import samples as s
from ..values import VALUES
from .hostile import BASES, CHANGES, METHODS, RAISED, World, act, hostile


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
        return f"{self.what.__name__}({', '.join(map(repr, self.parts))})"

    @cached_property
    def kinds(self) -> set[Any]:
        """The functions that make the value and its parts."""
        return {self.what}.union(*(part.kinds for part in _makers_in(self.parts)))

    @property
    def is_stateful(self) -> bool:
        """Whether the value may be another one when it is read again."""
        if self.what is made_settings:
            hooks = [*self.parts[1].values(), self.parts[2], (self.parts[3] or {}).get("default")]
            return any(isinstance(hook, tuple) and hook[0] in _STATEFUL for hook in hooks)
        return not self.kinds.isdisjoint({hostile, generated})

    @property
    def has_shared_parts(self) -> bool:
        """Whether a container may be in two places."""
        return earlier in self.kinds

    @property
    def is_unordered(self) -> bool:
        """Whether the order of a set's items may be another one: because of addresses, or
        because each engine writes some floats in its own form."""
        parts = _makers_in(self.parts)
        if self.what is collected:
            return any(
                part.what is not just or type(part.parts[0]) not in _STEADY for part in parts
            )
        return any(part.is_unordered for part in parts)


#: Their hashes don't depend on where they are kept.
_STEADY = {str, int, bool, type(None), UUID, s.Colour}
_STATEFUL = ("encode", "change", "nest", "recurse")


def _makers_in(parts: Any) -> list[Maker]:
    if isinstance(parts, Maker):
        return [parts]
    if type(parts) not in (dict, list, tuple):
        return []
    items = parts.values() if type(parts) is dict else parts
    return [maker for part in items for maker in _makers_in(part)]


# What makers do.


def just(world: World, value: Any) -> Any:
    """The value; or, where an engine may use it up or a world may change it, a new one."""
    return s.made(value)


def array(world: World, cls: Any, items: list[Maker]) -> Any:
    """A container of items; the world has a list or deque before its items are made."""
    if cls is tuple and not all(map(_may_be_in_tuples, items)):
        cls = list
    container: Any = deque() if cls is deque else []
    if cls in (list, deque):
        world.containers.append(container)
    container.extend(item(world) for item in items)
    return container if cls is type(container) else cls(container)


def _may_be_in_tuples(maker: Maker) -> bool:
    """A circle or deep nests through tuples may end the process, as docs/security.rst says."""
    return maker.kinds.isdisjoint({earlier, nested})


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


def called(world: World, cls: Any, *items: Maker) -> Any:
    if cls is loose and earlier in items[0].kinds:
        cls = s.Alone  # a circle through many of pydantic's models overflows the stack
    return cls(*(item(world) for item in items))


def loose(value: Any) -> Any:
    return s.Loose(avatar=value)


def nested(world: World, cls: Any, depth: int, maker: Maker) -> Any:
    value = maker(world)
    if cls is tuple and not _may_be_in_tuples(maker):
        cls = list
    for _ in range(depth):
        value = {"a": value} if cls is dict else cls([value])
    return value


def list_of_dict(items: list[Any]) -> list[Any]:
    return [{"a": item} for item in items]


def generated(world: World, items: list[Maker], end: Any) -> Any:
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


def earlier(world: World, index: int) -> Any:
    """A container that this is in, or that is somewhere else."""
    return world.containers[index % len(world.containers)] if world.containers else None


def released() -> memoryview:
    view = memoryview(b"gone")
    view.release()
    return view


# Strategies.


def making(what: Callable[..., Any], *parts: Any) -> Any:
    """A strategy for makers; parts that aren't strategies stay as they are."""
    strategies = (part if isinstance(part, st.SearchStrategy) else st.just(part) for part in parts)
    return st.builds(Maker, st.just(what), st.tuples(*strategies))


_texts = st.one_of(
    st.text(max_size=6),
    st.text('\ud800\udfffaé"\\\x7f\0', max_size=3),
    st.text('\\xXuU0\x7f\x1e\xe9\u0448\U0001f600"', max_size=8),
)
_plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**63, 2**64, -(2**63) - 1, 2**53, -(2**53), 5e-324, 1e308, 1e16, 1e-5]),
    st.floats(),
    _texts,
)
_objects: list[Any] = [
    *[value for value, _ in VALUES.values()],
    *(s.Whole(2**64), s.AttrDict(items=1, a=None), s.Pairs((1, 2), ("a", None)), s.Members("ba")),
    *(s.Numbers([1, 2**60]), s.Model(userId=1, at="2024-02-29T07:08:09Z"), *s.sqlalchemy_rows()),
    *(s.sqlite_row(), s.sqlite_row("SELECT 1 AS a, 2 AS a"), {1: None, 10: 2, 9: 3}, {"b": None}),
    RawJSON('{"b":[1.10,"é"],"a":12345678901234567890}'),
    *(RawJSON(b"[1,2]", trusted=True), RawJSON("[1e5,NaN]"), RawJSON('"\ud800"')),
    *(np.array(["\ud800"]), np.array([b"\xff"]), np.complex64(1j), np.int64(2**60)),
    *(s.Account(), PurePosixPath("a/\udcff"), object(), len, int, Ellipsis, 1j, s.Colour),
]
_zones = st.one_of(
    st.sampled_from([None, s.UTC, ZoneInfo("Europe/Amsterdam"), ZoneInfo("Africa/Monrovia")]),
    st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(dt.timezone),
)
_moments = st.datetimes(timezones=_zones)
_typed = st.one_of(
    *(st.decimals(), st.uuids(), _moments, st.times(timezones=_zones), st.dates()),
    *(st.timedeltas(), st.fractions(), st.binary(max_size=4), st.ip_addresses()),
    st.binary(max_size=4).map(lambda data: s.Lazy(lambda: bytearray(data))),
    st.binary(max_size=4).map(memoryview),
    st.sampled_from(_objects),
)
_keys = st.one_of(
    _texts,
    st.sampled_from(["a", "b", 1, "1", True, "true", None, "null", 1.0, (1,), b"a"]),
    st.sampled_from([*s.Colour, *s.Level, *s.TextColour]),
    *(st.floats(), st.uuids(), st.dates(), _moments, st.decimals()),
)
_nothing = st.just(Maker(just, (None,)))
_values = making(just, st.one_of(_plain, _typed))
_leaves = [
    _values,
    making(just, st.sampled_from([s.Lazy(released), 10**4400])),  # more digits than are printed
    making(hooked, "__json__", _nothing, st.sampled_from(RAISED[:-2])),
]


def _actions(values: Any) -> Any:
    """What a method does: the parameters of :func:`act`."""
    changes = st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 5))
    return st.one_of(
        st.tuples(st.just("return"), st.none(), values),
        st.tuples(st.just("raise"), st.sampled_from(RAISED), _nothing),
        st.tuples(st.sampled_from(["self", "again", "nest", "recurse"]), st.none(), _nothing),
        st.tuples(st.just("encode"), st.sampled_from([None, 0]), _nothing),
        st.tuples(st.just("change"), changes, values),
    )


def _makers(*, with_hostile: bool) -> Any:
    """A strategy for values.

    :param with_hostile: whether code of the values does more than return something.
    """
    # Deferred, because it is made of itself.
    values: Any = st.deferred(lambda: st.one_of(*_leaves, *[_values] * 12, *containers))
    lists = st.lists(values, max_size=4)
    members = st.lists(st.tuples(st.text(max_size=4), values), max_size=4)
    hashed = making(just, st.one_of(_plain, st.uuids(), st.sampled_from([*s.Colour])))
    sets, keys = st.sampled_from([set, frozenset]), _keys
    depths = [3, 9, 30, 100, 127, 200, 253, 254, 255, 600, 1200]
    pairs = st.sampled_from([s.Slotted, s.Point, s.Items])
    records = [s.Attrs, s.AttrsOfDict, s.Base, s.Struct, s.Tagged, s.Alone, s.Said, s.Child, loose]
    wraps = st.sampled_from([dict, list, list_of_dict])
    views = [dict.keys, dict.values, dict.items, MappingProxyType, ChainMap]
    containers = [
        making(array, st.sampled_from([list, list, deque]), lists),
        making(array, st.sampled_from([tuple, s.Listed]), lists),
        making(array, iter, lists),
        making(hooked, st.sampled_from(["__json__", "for_json"]), values),
        making(table, st.sampled_from([dict, dict, dict, OrderedDict, UserDict]), members),
        making(collected, sets, st.lists(hashed, max_size=4)),
        making(called, pairs, values, values),
        making(called, st.sampled_from(records), values),
        making(called, st.sampled_from(views), making(table, dict, members)),
        making(nested, wraps, st.sampled_from(depths), values),
        # Beyond 254 of them orjson may write past its memory, as the docs say.
        making(nested, tuple, st.sampled_from(depths[:4]), values),
        making(earlier, st.integers(0, 5)),
    ]
    if with_hostile:
        names = st.sampled_from(METHODS)
        methods = st.dictionaries(names, _actions(values), min_size=1, max_size=3)
        metamethods = st.one_of(*[st.just({})] * 3, methods)
        hostile_ones = making(hostile, st.sampled_from(sorted(BASES)), methods, metamethods)
        keys = st.one_of(_keys, hostile_ones)
        containers += [hostile_ones] * 3
        containers += [making(generated, lists, _actions(values)), making(collected, sets, lists)]
    containers.append(making(table, dict, st.lists(st.tuples(keys, values), max_size=3)))
    return values


calm_makers = _makers(with_hostile=False)
value_makers = st.one_of(*[calm_makers] * 3, _makers(with_hostile=True))


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
    for name in flask_app.keys() - {"default", "cls"}:
        setattr(app.json, name, flask_app[name])
    if "default" in flask_app:
        stock, own = app.json.default, doing(flask_app["default"])
        cls = flask_app["cls"]
        app.json.default = lambda me: own(me) if isinstance(me, cls) else stock(me)
    with app.app_context():
        return current_settings({name: value for name, value in changes.items() if value})


def _refuse(value: Any) -> Any:
    raise TypeError


#: The values of the settings that aren't functions.
CHOICES: dict[str, list[Any]] = {
    **{name: [False, True] for name in ["pretty", "sort_keys", "ensure_ascii", "omit_none"]},
    "big_ints": ["number", "string", "error"],
    "nan": ["null", "error"],
    "dates": ["iso", "utc", "http"],
}
_simple: Any = {name: st.sampled_from(choices) for name, choices in CHOICES.items()}
_bools = st.booleans()
_classes = st.sampled_from(
    [object, Decimal, s.Colour, Enum, OrderedDict, dt.date, dt.datetime, bytes, s.Base, UserDict]
    + [set, UUID, s.Listed, Mapping]
)
_encoders = st.one_of(
    st.sampled_from([{}, {}, {Decimal: decimal_number}, {bytes: base64_text}]),
    st.sampled_from([{dt.datetime: epoch_millis}, {dt.date: http_date}]),
    st.dictionaries(_classes, _actions(_values), max_size=2),
)
_app = {"sort_keys": _bools, "compact": _bools, "ensure_ascii": _bools}
_default = {"default": _actions(_values), "cls": _classes}
settings_makers = making(
    made_settings,
    st.fixed_dictionaries({}, optional=_simple),
    _encoders,
    st.one_of(st.none(), st.none(), st.just(_refuse), _actions(_values)),
    st.one_of(
        *(st.none(), st.none(), st.fixed_dictionaries({}, optional=_app)),
        st.fixed_dictionaries(_default, optional=_app),
    ),
)
