"""Classes whose methods raise, recurse, lie, or change the container being encoded."""

from __future__ import annotations

import enum
from collections import Counter, OrderedDict, UserDict, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pydantic

from jsonify_ext import RawJSON, encode

from ..samples import Alone, AttrsOfDict, Countdown, Items, Pairs


class World:
    """What the code of a value reaches while the value is encoded.

    :ivar containers: the lists, dicts, sets and deques that the value is made of.
    :ivar calls: how often its code has run; after many times it gives up, so that what
        goes on for ever costs no more than it must.
    :ivar hooks: how often each hook that is counted has run.
    :ivar app: the Flask app whose settings apply, if there is one.
    :ivar inside: how many calls of its code encode something just now, each for the one
        before; where these are many, only the end of the stack will stop them.
    """

    most_calls = 3000
    most_inside = 20

    def __init__(self) -> None:
        self.containers: list[Any] = []
        self.calls = 0
        self.hooks: Counter[Any] = Counter()
        self.app: Any = None
        self.inside = 0
        self.reached_the_end = False

    @property
    def gave_up(self) -> bool:
        return self.calls > self.most_calls

    @property
    def depends_on_the_stack(self) -> bool:
        """Whether its code has been stopped by something else than itself."""
        return self.gave_up or self.reached_the_end

    def encode(self, value: Any) -> bytes:
        """What a method does that encodes something, itself perhaps."""
        self.inside += 1
        self.reached_the_end |= self.inside > self.most_inside
        try:
            return encode(value)
        finally:
            self.inside -= 1


class OddError(Exception):
    """An exception that fails itself when it is looked at."""

    def __str__(self) -> str:
        raise ValueError("no text")

    __repr__ = __str__


#: What passes through encoding unchanged.
PASSED = (MemoryError, KeyboardInterrupt)
RAISED: tuple[type[BaseException], ...] = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, RecursionError),
    *(StopIteration, UnicodeError, OverflowError, SystemError, OddError),
    *PASSED,
)


def _pop(container: Any) -> None:
    container.popitem() if isinstance(container, dict) else container.pop()


def _grow(container: Any) -> None:
    if isinstance(container, dict):
        container[f"new{len(container)}"] = None
    elif isinstance(container, set):
        container.add(len(container) + 0.5)
    else:
        container.append(None)


def _replace(container: Any) -> None:
    """Other items, but as many."""
    if isinstance(container, dict):
        container.update(dict.fromkeys(container, "other"))
    elif not isinstance(container, set):
        for index in range(len(container)):
            container[index] = "other"


def _realloc(container: Any) -> None:
    """Grown until its memory is elsewhere, then as long as before."""
    if isinstance(container, (list, deque)):
        size = len(container)
        container.extend(range(5000))
        while len(container) > size:
            container.pop()


CHANGES: dict[str, Callable[[Any], None]] = {
    "clear": lambda container: container.clear(),
    "pop": _pop,
    "grow": _grow,
    "replace": _replace,
    "realloc": _realloc,
    "shrink": lambda container: [_pop(container) for _ in range(len(container) // 2)] and None,
}


def act(world: World, action: str, how: Any, value: Callable[[World], Any], me: Any) -> Any:
    """What a method does, and what it returns.

    :param how: an exception's class to raise, a change and its container, or nothing.
    :param value: makes the result, where the action has none.
    :param me: the object whose method it is.
    """
    world.calls += 1
    if world.gave_up:
        return None
    if action == "raise":
        raise how("secret")
    if action == "self":
        return me
    if action == "again":
        return type(me)()
    if action == "nest":
        return [type(me)()]
    if action == "recurse":
        return act(world, action, how, value, me)
    if action == "encode":
        return world.encode(me if how is None or not world.containers else world.containers[0])
    if action == "change" and world.containers:
        change, index = how
        with suppress(KeyError, IndexError):  # it is empty already
            CHANGES[change](world.containers[index % len(world.containers)])
    return value(world)


#: The special methods and attributes that encoding may run into.
METHODS = (
    *("__json__", "for_json", "__html__", "__iter__", "__next__", "__len__", "__getitem__"),
    *("keys", "items", "values", "__contains__", "__eq__", "__hash__", "__bool__", "__str__"),
    *("__repr__", "__int__", "__float__", "__index__", "__lt__", "__getattr__", "__bytes__"),
    *("__getattribute__", "__class__", "__dict__", "value", "name", "pattern", "isoformat"),
    *("utcoffset", "tzname", "dst", "fromutc", "total_seconds", "days", "_mapping", "_fields"),
    *("model_dump_json", "model_dump", "dtype", "tolist", "shape", "data", "a", "encode"),
    *("isascii", "isidentifier", "__sub__", "__ne__", "__instancecheck__", "hex", "tzinfo"),
)
_PROPERTIES = frozenset(
    {"__class__", "__dict__", "value", "name", "pattern", "days", "_mapping", "_fields"}
    | {"dtype", "shape", "data", "a", "hex", "tzinfo"}
)


class _Model(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, extra="allow")
    field_: Any = pydantic.Field(1, alias="field")


class _Struct(msgspec.Struct):
    field_: Any = 1


class _Array(np.ndarray[Any, Any]):
    def __new__(cls, *_: Any) -> Any:
        return np.array([1, 2]).view(cls)


class _Meta(type):
    """A metaclass, which can have methods that lie about its classes."""


#: What a hostile class is derived from, and how an object of it is made.
BASES: dict[str, tuple[type, tuple[Any, ...]]] = {
    cls.__name__: (cls, tuple(arguments))
    for cls, *arguments in (
        *((object,), (str, "text"), (int, 7), (float, 0.5), (dict, {"a": 1}), (list, [1, 2])),
        *((tuple, [1, 2]), (set, [1]), (frozenset, [1]), (deque, [1]), (bytes, b"a")),
        *((bytearray, b"a"), (OrderedDict, {"a": 1}), (UserDict, {"a": 1}), (Decimal, "1.5")),
        *((Fraction, 1, 3), (UUID, "0" * 32), (IPv4Address, "10.0.0.1"), (PurePosixPath, "a/b")),
        *((date, 2024, 2, 29), (datetime, 2024, 2, 29, 7, 8, 9, 0, timezone.utc), (time, 7, 8)),
        *((timedelta, 1), (RawJSON, b'{"b":1,"a":2}'), (Pairs, ("a", 1), ("b", 2)), (Items, 1, 2)),
        *((Countdown, 2), (tzinfo,), (Alone, 1), (AttrsOfDict, 1), (_Model,), (_Struct,)),
        *((_Array,), (np.float64, 0.5), (enum.Enum,), (enum.IntEnum,)),
    )
}
#: Where a new object is made by the class itself, these run before there is anything to encode.
_NOT_YET = {
    "_Array": {"dtype", "shape", "data", "__getattribute__", "__class__"},
    "Fraction": {"__eq__", "__lt__"},
    # An Enum's own value runs while orjson is in a container, so docs/security.rst forbids it
    # to do more than return something.
    "Enum": {
        *("value", "__hash__", "__eq__", "name", "__class__", "__dict__", "__getattribute__"),
        *("__getattr__", "__setattr__"),  # without _value_, Enum.value calls __getattr__()
    },
    "_Model": {"__dict__", "__class__", "__getattribute__", "__getattr__"},
}
_NOT_YET["IntEnum"] = _NOT_YET["Enum"]


def hostile(world: World, base: str, methods: dict[str, Any], metamethods: dict[str, Any]) -> Any:
    """An object of a new class with certain methods.

    :param methods: what each method does: the first parameters of :func:`act`.
    :param metamethods: the same for the class of the class.
    """
    parent, arguments = BASES[base]
    namespace: dict[str, Any] = {}
    for name, (action, how, value) in methods.items():
        if name not in _NOT_YET.get(base, ()):
            namespace[name] = _method(world, name, action, how, value)
    if "__eq__" in namespace and "__hash__" not in namespace:
        namespace["__hash__"] = parent.__hash__
    if "enum" in parent.__module__:
        return _member(parent, namespace)
    if issubclass(parent, (pydantic.BaseModel, msgspec.Struct, Mapping, Sequence)):
        metamethods = {}  # these have another metaclass
    kind = type(parent)
    if metamethods:
        kind = type("Meta", (_Meta,), {})
    cls: Any = kind("Hostile", (parent,), {"__init__": _init(parent, arguments), **namespace})
    if issubclass(parent, (msgspec.Struct, pydantic.BaseModel)):
        cls = kind("Hostile", (parent,), namespace)
        arguments = ()
    value = cls.__new__(cls, *arguments)
    cls.__init__(value)
    for name, (action, how, make) in metamethods.items():
        setattr(kind, name, _method(world, name, action, how, make))
    return value


def _init(parent: type, arguments: tuple[Any, ...]) -> Callable[..., None]:
    def init(self: Any, *_: Any) -> None:
        if parent.__init__ is not object.__init__:
            parent.__init__(self, *arguments)

    return init


def _member(parent: Any, namespace: dict[str, Any]) -> Any:
    class_namespace = type(parent).__prepare__("Hostile", (parent,))
    for name, function in {"MEMBER": 5, **namespace}.items():
        class_namespace[name] = function
    cls: Any = type(parent)("Hostile", (parent,), class_namespace)
    return cls["MEMBER"]


def _method(world: World, name: str, action: str, how: Any, value: Any) -> Any:
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        if name == "__next__" and world.gave_up:
            raise StopIteration
        if name == "__getitem__" and world.gave_up:
            raise IndexError  # the end of what has no length
        return act(world, action, how, value, self)

    return property(method) if name in _PROPERTIES else method
