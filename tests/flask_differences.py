"""Values that jsonify_ext encodes differently from stock Flask."""

from __future__ import annotations

import enum
import math
import sys
import types
import weakref
from collections import UserString
from datetime import date, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any

from jsonify_ext.optional import orjson

from .samples import Html


class Labelled(int, enum.Enum):
    def __new__(cls, number: int, label: str):
        made = int.__new__(cls, number)
        made._value_ = label
        return made

    def __repr__(self):
        return self.name

    THREE = 3, "three"


class OwnValue(str, enum.Enum):
    A = "a"

    @property
    def value(self):
        return "own"


class Price(Decimal, enum.Enum):
    LOW = "1.10"


class HtmlEnum(Html, enum.Enum):
    A = 1


class HtmlError(Html, Exception):
    pass


class HtmlClass(type):
    def __html__(cls):
        return "class"


def html(base: type, *args: Any) -> Any:
    """An instance of a subclass that has ``__html__``."""
    return type("Own", (Html, base), {})(*args)


@cache
def html_module() -> types.ModuleType:
    module = types.ModuleType("html")
    module.__html__ = lambda: "module"
    return module


HTML = Html()
TWINS = [{1: "a", "1": "b"}, {True: 1, "true": 2}, {None: 1, "null": 2}]


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


def library_values() -> dict[int, list[Any]]:
    """Values of libraries that are installed, by the number of the item they are for."""
    found: dict[int, list[Any]] = {8: [], 9: []}
    if (attrs := optional("attrs")) is not None:
        found[9].append(attrs.make_class("Own", ["a"], bases=(Html,))(1))
    if (msgspec := optional("msgspec")) is not None:
        found[9].append(msgspec.defstruct("Own", [("a", int)], bases=(html_struct(),))(1))
    if (pydantic := optional("pydantic")) is not None:
        found[9].append(type("Own", (Html, pydantic.BaseModel), {})())
        cls = type("Own", (), {"__annotations__": {"day": date}})
        found[8].append(optional("pydantic.dataclasses").dataclass(cls)(date(2024, 1, 1)))
    return found


def optional(name: str) -> Any:
    try:
        __import__(name)
    except ImportError:
        return None
    return sys.modules[name]


def html_struct() -> Any:
    import msgspec

    class Base(msgspec.Struct):
        def __html__(self):
            return "struct"

    return Base


#: Values that differ, by the number of the item on the list.
DIFFERENT: dict[int, list[Any]] = {
    2: [math.nan, [math.inf], {"a": -math.inf}, Decimal("NaN"), Decimal("-Infinity")],
    3: [1e-07, 1e-05, 9.9e-05, [1.5e-09]],
    4: ["\ud800", {"a": ["x\udfff"]}, {"\ud800": 1}],
    5: TWINS,
    6: [nested(255), {"a": nested(300)}],
    7: [
        *(Labelled.THREE, OwnValue.A, {OwnValue.A: 1}, {Labelled.THREE: 1}, Price.LOW),
        HtmlEnum.A,
    ],
    9: [
        *(html(bytes, b"x"), html(bytearray, b"x"), html(time, 1), html(timedelta, 1)),
        *(html(PurePosixPath, "a"), html(Fraction, 1, 2), html(IPv4Address, "127.0.0.1")),
        *(html(UserString, "x"), weakref.proxy(HTML), HtmlError(), html_module()),
        HtmlClass("Own", (), {}),
    ],
}

for number, values in library_values().items():
    DIFFERENT.setdefault(number, []).extend(values)
#: Without orjson, floats are written as stock Flask writes them.
if orjson is None:
    del DIFFERENT[3]
