"""Values that cannot be encoded: an error with a path and a remedy, and nothing is sent."""

from __future__ import annotations

import codecs
import io
import pickle
import socket
import sys
import weakref
from collections import UserDict, deque
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from tempfile import NamedTemporaryFile
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy as np
import pydantic.v1
import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from werkzeug.datastructures import FileStorage
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, jsonify, use_settings

from .. import samples as s
from ..samples import Image, Lazy, Said, error_of
from .conftest import PLACES, assert_refused

#: What wraps a value, and the path to it, besides those in ``conftest``.
PATHS: dict[str, tuple[Any, str]] = {
    **{place: (wrap, path) for place, (wrap, _, path) in PLACES.items()},
    "dict and list": (lambda it: {"users": [0, 1, 2, {"avatar": it}]}, "$.users[3].avatar"),
    "key with a space": (lambda it: {"a b": it}, '$["a b"]'),
    "key outside ASCII": (lambda it: {"é b": it}, '$["é b"]'),
    "empty key": (lambda it: {"": it}, '$[""]'),
    "key that isn't Unicode": (lambda it: {"\ud800é": it}, '$["\\ud800é"]'),
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


class OldModel(pydantic.v1.BaseModel):
    a: int


class Base(DeclarativeBase): ...


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)


class Fails(Exception): ...


def failing(*_: Any) -> Any:
    raise Fails("secret")


def failing_when(base: type, *methods: str) -> type:
    """A class that fails when it is read."""
    return type("Failing", (base,), dict.fromkeys(methods, failing))


async def rows() -> Any:
    yield 1


#: What weak proxies point to. It would be encodable itself.
HELD, TABLE = Said(1), UserDict(a=1)

NAN, BIG = {"nan": "error"}, {"big_ints": "error"}
NOT_FINITE = [
    *(float("nan"), float("inf"), -float("inf"), s.Real("nan"), Decimal("nan"), Decimal("-inf")),
    *(np.float64("nan"), np.float32("inf"), np.float16("nan")),
]
OUT_OF_RANGE = [
    *(np.datetime64("10000-01-01"), np.datetime64("10000-01-01T00:00:00")),
    *(np.datetime64("0000-12-31"), np.datetime64(2**62, "s"), np.datetime64(2**40, "Y")),
    *(np.timedelta64(2**62, "s"), np.timedelta64(-(2**40), "D"), np.longdouble("1e4000")),
]
NOT_JSON = (
    *(b"", b"{", b"NaN", b"\xff", b'"\\ud800"', '"\ud800"', b"[1,]", b"1 2"),
    *("[1]".encode("utf-16"), b"\xef\xbb\xbf[1]", "\ufeff[1]"),
)
LONG = 10**5000

#: A value, the name of its type, a part of the message; and the path and the settings, if any.
REFUSED: list[tuple[Any, ...]] = [
    *((object(), "object", "encoder"), (1j, "complex", "encoder"), (sys, "module", "module sys;")),
    *((Image, "type", "class Image;"), (HELD.__json__, "method", "method __json__;")),
    (ValueError("secret"), "ValueError", "exception"),
    *((len, "builtin_function_or_method", "function len;"), (lambda: 0, "function", "function")),
    *((io.StringIO("a\nb"), "StringIO", "read"), (io.BytesIO(b"a\nb"), "BytesIO", "read")),
    *((socket.socket(), "socket", "encoder"), (rows(), "async_generator", "asynchronous")),
    (type("LazyFrame", (), {"__module__": "polars.lazyframe.frame"})(), "LazyFrame", "collect()"),
    *((Mock(), "Mock", "real value"), (MagicMock(), "MagicMock", "real value")),
    (MagicMock(spec=dict), "MagicMock", "real value"),
    *((weakref.proxy(HELD), "", "weak"), (weakref.proxy(TABLE), "", "weak")),
    (Lazy(lambda: LocalProxy(failing)), "LocalProxy", "raised Fails"),
    (s.User(id=1, name="secret"), "User", "encoders={User: orm_columns}"),
    (Item(id=1), "Item", "encoders={Base: orm_columns}"),
    *(
        (type("Needy", (), {"__json__": lambda self, request: 1})(), "Needy", "argument"),
        (OldModel(a=1), "OldModel", "pydantic"),
    ),
    *((each, type(each).__name__, "pass the value itself") for each in (Response(), jsonify(1))),
    (b"\xff", "bytes", "encoders={bytes: base64_text}"),
    (bytearray(b"\xff"), "bytearray", "encoders={bytearray: base64_text}"),
    (memoryview(b"\xff"), "memoryview", "encoders={memoryview: base64_text}"),
    (failing_when(s.Pairs, "__getitem__")(("a", 1)), "Failing", "raised Fails"),
    (failing_when(s.Items, "__getitem__", "__iter__")(1), "Failing", "raised Fails"),
    (failing_when(Decimal, "__str__")(1), "Failing", "raised Fails"),
    (Lazy(lambda: failing_when(s.Alone, "__getattribute__")(1)), "Failing", "raised Fails"),
    *((LONG, "", "digits"), (-LONG, "", "digits"), (s.Whole(LONG), "", "digits")),
    *((RawJSON(data), "RawJSON", "valid JSON") for data in NOT_JSON),
    *((value, type(value).__name__, "range") for value in OUT_OF_RANGE),
    (np.array(OUT_OF_RANGE[:1]), "", "range", "$[0]"),
    (np.array([(1, OUT_OF_RANGE[3])], [("n", "i4"), ("d", "M8[s]")]), "", "range", "$[0].d"),
    ({OUT_OF_RANGE[5]: 1}, "", "range"),
    *((np.complex128(1j), "", "encoder"), (np.array([1j]), "", "encoder", "$[0]")),
    (np.array([(1j,)], [("a", "c16")]), "", "encoder", "$[0].a"),
    *((number, "", "nan='error'", "$", NAN) for number in NOT_FINITE),
    *((np.array([[1], [np.inf]], kind), "", "inf", "$[1][0]", NAN) for kind in ("f2", "f4", "f8")),
    *((number, "", "2**53", "$", BIG) for number in (2**53, -(2**53), 2**64, 2**70)),
    *((s.Whole(2**60), "", "2**53", "$", BIG), (np.array([1, 2**60]), "", "2**53", "$[1]", BIG)),
]


@pytest.mark.parametrize("row", REFUSED, ids=[repr(type(value)) for value, *_ in REFUSED])
def test_values_without_a_json_form_name_the_remedy(row, fields):
    value, name, word, *more = row
    path, settings = [*more, *("$", {})[len(more) :]]
    cause = Fails if word == "raised Fails" else Exception
    assert_refused(value, word, name=name, path=path, cause=cause, **{**fields, **settings})


@pytest.mark.parametrize(
    ("value", "path"),
    [
        *(
            ("\ud800", "$"),
            ("ok \udfff", "$"),
            (s.Text("\udc80é"), "$"),
            (s.Base("\ud800"), "$.id"),
        ),
        (("a", (Decimal(1), "\ud800")), "$[1][1]"),
        *(({"\ud800"}, "$[0]"), ({("a", "\ud800")}, "$[0][1]")),
    ],
    ids=repr,
)
def test_lone_surrogates(value, path, fields):
    assert_refused(value, "surrogate", path=path, **fields)


def test_open_files(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("a\nb\n")
    for mode in "r", "rb", "a":
        with path.open(mode) as file:
            assert_refused(file, "it is an open file; read it first")
    with NamedTemporaryFile() as file, codecs.open(str(path), encoding="utf-8") as reader:
        for other in file, reader, FileStorage(file):
            assert_refused(other, "it is an open file; read it first")

    class Reader(Iterator[int]):
        def __next__(self) -> int:
            raise StopIteration

        def read(self) -> str:
            return "not a file"

    assert encode([Reader(), type("FileStorage", (UserDict,), {})(a=1)]) == b'[[],{"a":1}]'


def test_the_error_for_coroutines_reminds_of_await():
    async def load() -> int:
        return 1

    coroutine = load()
    assert_refused(coroutine, "await", name="coroutine")
    coroutine.close()


def test_integers_of_many_digits():
    assert error_of([Image()], encoders={Image: lambda image: 10**5000}).path == "$[0]"
    assert encode([10**4000]) == b"[1" + b"0" * 4000 + b"]"
    text = b"[9007199254740991,-9007199254740991]"
    assert encode([2**53 - 1, 1 - 2**53], JSONSettings(big_ints="error")) == text
    # In an encoder's result, beside what orjson can't write.
    settings = JSONSettings(big_ints="error", encoders={Image: lambda image: int(image.name)})
    value = [Image(str(2**53 - 1)), Image(str(1 - 2**53))]
    assert encode({1: value}, settings) == b'{"1":%s}' % text


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
