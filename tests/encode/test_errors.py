"""Values that cannot be encoded: an error with a path and a remedy, and nothing is sent."""

from __future__ import annotations

import dataclasses
import io
import pickle
import socket
import sys
import weakref
from collections import UserDict, deque
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy as np
import pydantic.v1
import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, use_settings

from .. import samples as s
from ..samples import Image, Lazy, Said, error_of
from .places import PLACES, assert_refused

#: What wraps a value, and the path to it, besides those in ``places``.
PATHS: dict[str, tuple[Any, str]] = {
    **{place: (wrap, path) for place, (wrap, _, path) in PLACES.items()},
    "dict and list": (lambda it: {"users": [0, 1, 2, {"avatar": it}]}, "$.users[3].avatar"),
    "key with a space": (lambda it: {"a b": it}, '$["a b"]'),
    "key outside ASCII": (lambda it: {"é b": it}, '$["é b"]'),
    "empty key": (lambda it: {"": it}, '$[""]'),
    "key to escape": (lambda it: {'"\n': it}, '$["\\"\\n"]'),
    "identifier outside ASCII": (lambda it: {"größe": it}, "$.größe"),
    "Enum key": (lambda it: {s.Colour.RED: it}, "$.red"),
    "tuples": (lambda it: (0, (it,)), "$[1][0]"),
    "set": (lambda it: {it}, "$[0]"),
    "deque": (lambda it: deque([0, it]), "$[1]"),
    "values": (lambda it: {"a": it}.values(), "$[0]"),
    "items": (lambda it: {"a": it}.items(), "$[0][1]"),
    "generator": (lambda it: (item for item in (0, it)), "$[1]"),
    "list subclass": (lambda it: s.Listed([it]), "$[0]"),
    "proxy of a mapping": (lambda it: MappingProxyType({"a": [it]}), "$.a[0]"),
    "dataclasses": (lambda it: [s.Slotted(0, s.Slotted(it))], "$[0].b.a"),
    "private name": (lambda it: s.Attrs(0, [it]), "$._b[0]"),
    "array of objects": (lambda it: np.array([[0, it]]), "$[0][1]"),
    "Enum": (lambda it: Enum("E", {"A": [it]}).A, "$[0]"),
    "LocalProxy": (lambda it: [LocalProxy(lambda: {"a": it})], "$[0].a"),
}


@pytest.mark.parametrize(("wrap", "path"), PATHS.values(), ids=PATHS)
def test_the_path_leads_to_the_value(place, wrap, path, fields):
    with use_settings(**fields), pytest.raises(JSONEncodeError) as caught:
        encode(wrap(Image()))
    error = caught.value
    assert (error.path, error.type_name) == (path, "Image")
    assert str(error).startswith(f"{path}: Image")
    for beside in [2**70, wrap(Image())], [s.Html(), wrap(Image()), 2**70]:
        assert error_of(beside, **fields).path == path.replace("$", "$[1]", 1)


def test_the_error_is_a_type_error_and_can_be_pickled():
    error = error_of({"a": Image()})
    assert isinstance(error, TypeError)
    assert not isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (again.path, again.type_name, str(again)) == (error.path, "Image", str(error))


class Needy:
    def __json__(self, request: Any) -> Any:
        return 1


class LazyFrame:
    """Looks like a class of polars, which these tests don't need."""

    __module__ = "polars.lazyframe.frame"


class OldModel(pydantic.v1.BaseModel):
    a: int


class Fails(Exception):
    pass


def failing(*_: Any) -> Any:
    raise Fails("secret")


class FailingMapping(s.Mapped):
    __getitem__ = failing


class FailingSequence(s.Items):
    __getitem__ = __iter__ = failing


class FailingText(Decimal):
    __str__ = failing


@dataclasses.dataclass
class FailingData:
    a: int

    def __getattribute__(self, name: str) -> Any:
        raise Fails("secret")


async def rows() -> Any:
    yield 1


#: What weak proxies point to. It would be encodable itself.
HELD, TABLE = Said(1), UserDict(a=1)

#: A value, the name of its type, and words of its message.
REFUSED: dict[str, tuple[Any, ...]] = {
    "object": (object(), "object", "encoder"),
    "class": (Image, "type", "class"),
    "class with __json__": (Said, "type", "class"),
    "module": (sys, "module", "module"),
    "exception": (ValueError("secret"), "ValueError", "exception"),
    "function": (len, "builtin_function_or_method", "function"),
    "lambda": (lambda: 0, "function", "function"),
    "method": (HELD.__json__, "method", "method"),
    "complex": (1j, "complex", "encoder"),
    "StringIO": (io.StringIO("a\nb"), "StringIO", "read"),
    "BytesIO": (io.BytesIO(b"a\nb"), "BytesIO", "read"),
    "socket": (socket.socket(), "socket", "encoder"),
    "async generator": (rows(), "async_generator", "asynchronous"),
    "query of polars": (LazyFrame(), "LazyFrame", "collect()"),
    "mock": (Mock(), "Mock", "real value"),
    "MagicMock": (MagicMock(), "MagicMock", "real value"),
    "mock of a dict": (MagicMock(spec=dict), "MagicMock", "real value"),
    "weak proxy": (weakref.proxy(HELD), "", "weak"),
    "weak proxy of a mapping": (weakref.proxy(TABLE), "", "weak"),
    "unbound proxy": (Lazy(lambda: LocalProxy(failing)), "LocalProxy", "raised Fails"),
    "ORM instance": (s.User(id=1, name="secret"), "User", "orm_columns"),
    "__json__ with an argument": (Needy(), "Needy", "argument"),
    "model of pydantic 1": (OldModel(a=1), "OldModel", "pydantic"),
    "bytes": (b"\xff", "bytes", "base64_text", "bytes "),
    "bytearray": (bytearray(b"\xff"), "bytearray", "base64_text", "bytearray "),
    "memoryview": (memoryview(b"\xff"), "memoryview", "base64_text", "memoryview "),
    "failing mapping": (Lazy(lambda: FailingMapping(a=1)), "FailingMapping", "raised Fails"),
    "failing sequence": (FailingSequence(1), "FailingSequence", "raised Fails"),
    "failing text": (FailingText(1), "FailingText", "raised Fails"),
    "failing dataclass": (Lazy(lambda: FailingData(1)), "FailingData", "raised Fails"),
    "lone high surrogate": ("\ud800", "", "surrogate"),
    "lone low surrogate": ("ok \udfff", "", "surrogate"),
    "surrogate that escapes a byte": (s.Text("\udc80é"), "", "surrogate"),
    "too many digits": (10**5000, "", "digits"),
    "too many digits below zero": (-(10**5000), "", "digits"),
    "too many digits of a subclass": (s.Whole(10**5000), "", "digits"),
    "complex of numpy": (np.complex128(1j), "", "encoder"),
    **{f"raw {data!a}": (RawJSON(data), "RawJSON", "valid JSON") for data in
       (b"", b"{", b"NaN", b"\xff", b'"\\ud800"', '"\ud800"', b"[1,]", b"1 2")},
    **{repr(value): (value, type(value).__name__, "range") for value in [
        *(np.datetime64("10000-01-01"), np.datetime64("10000-01-01T00:00:00")),
        *(np.datetime64("0000-12-31"), np.datetime64(2**62, "s"), np.datetime64(2**40, "Y")),
        *(np.timedelta64(2**62, "s"), np.timedelta64(-(2**40), "D")),
    ]},
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED.values(), ids=REFUSED)
def test_values_without_a_json_form_name_the_remedy(row, fields):
    value, name, *words = row
    cause = Fails if words == ["raised Fails"] else Exception
    assert_refused(value, *words, name=name, cause=cause, **fields)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (np.array([1j]), "$[0]"),
        (np.array([(1j,)], [("a", "c16")]), "$[0].a"),
        (np.array([np.datetime64("10000-01-01")]), "$[0]"),
        (np.array([(1, np.datetime64(2**62, "s"))], [("n", "i4"), ("d", "M8[s]")]), "$[0].d"),
        ({np.timedelta64(2**62, "s"): 1}, "$"),
        (s.Base("\ud800"), "$.id"),
        (("a", (Decimal(1), "\ud800")), "$[1][1]"),
    ],
    ids=repr,
)
def test_the_path_leads_into_the_value(value, path, fields):
    assert_refused(value, path=path, **fields)


def test_open_files(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("a\nb\n")
    for mode in "r", "rb", "a":
        with path.open(mode) as file:
            error = error_of({"u": file})
            assert error.path == "$.u"
            assert "it is an open file; read it first" in str(error)


def test_the_error_for_coroutines_reminds_of_await():
    async def load() -> int:
        return 1

    coroutine = load()
    assert_refused(coroutine, "await", name="coroutine")
    coroutine.close()


def test_integers_of_many_digits():
    assert error_of([Image()], encoders={Image: lambda image: 10**5000}).path == "$[0]"
    assert encode([10**4000]) == b"[1" + b"0" * 4000 + b"]"


NOT_FINITE = [
    *(float("nan"), float("inf"), -float("inf"), s.Real("nan"), Decimal("nan"), Decimal("-inf")),
    *(np.float64("nan"), np.float32("inf"), np.float16("nan")),
]


@pytest.mark.parametrize("number", NOT_FINITE, ids=repr)
def test_nan_and_infinity_can_be_errors(number):
    word = "nan" if number != number else "inf"
    assert_refused(number, word, "nan='error'", nan="error")
    for kind in "f2", "f4", "f8":
        array = np.array([[1, 0.5], [2, float(number)]], kind)
        assert_refused(array, word, path="$[1][1]", nan="error")


@pytest.mark.parametrize("limit", [2**53, -(2**53), 2**64, 2**70, s.Whole(2**60)], ids=repr)
def test_integers_that_javascript_rounds_can_be_errors(limit):
    for value, path in (limit, "$"), ({"a": [1, limit]}, "$.a[1]"), ([Said(limit)], "$[0]"):
        assert error_of(value, big_ints="error").path == path
    assert error_of([np.array([1, 2**60])], big_ints="error").path == "$[0][1]"
    text = b"[9007199254740991,-9007199254740991]"
    assert encode([2**53 - 1, 1 - 2**53], JSONSettings(big_ints="error")) == text


@pytest.mark.parametrize("name", ["__hash__", "__eq__", "__name__", "__getattribute__"])
def test_a_metaclass_that_fails_gives_an_error(name):
    fails = property(failing) if name == "__name__" else failing
    value = type("Meta", (type,), {"__hash__": type.__hash__, name: fails})("Failing", (), {})()
    error = error_of({"a": [0, value]})
    assert error.path.startswith("$")
    assert "secret" not in str(error)


def test_an_exception_that_fails_itself():
    class Odd(Exception):
        __str__ = __repr__ = failing

    def encoder(value: Any) -> Any:
        raise Odd

    assert "Odd" in str(error_of([Image()], encoders={Image: encoder}))


@pytest.mark.parametrize("raised", [MemoryError, KeyboardInterrupt, SystemExit])
def test_exceptions_of_the_process_pass_through(raised):
    def encoder(value: Any) -> Any:
        raise raised

    for value in [Image()], [Image(), 2**70], {Image(): 1}:
        with pytest.raises(raised):
            encode(value, JSONSettings(encoders={Image: encoder}))
