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

import numpy
import pydantic.v1
import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, use_settings

from .. import samples as s
from ..samples import Image, Said, error_of

PATHS: dict[str, tuple[Any, str]] = {
    "alone": (lambda image: image, "$"),
    "dict and list": (
        lambda image: {"users": [0, 1, 2, {"avatar": image}]},
        "$.users[3].avatar",
    ),
    "key with a space": (lambda image: {"a b": image}, '$["a b"]'),
    "key outside ASCII": (lambda image: {"é b": image}, '$["é b"]'),
    "empty key": (lambda image: {"": image}, '$[""]'),
    "key to escape": (lambda image: {'"\n': image}, '$["\\"\\n"]'),
    "identifier outside ASCII": (lambda image: {"größe": image}, "$.größe"),
    "integer key": (lambda image: {1: image, "b": 2}, '$["1"]'),
    "Enum key": (lambda image: {s.Colour.RED: image}, "$.red"),
    "tuples": (lambda image: (0, (image,)), "$[1][0]"),
    "set": (lambda image: {image}, "$[0]"),
    "frozenset": (lambda image: frozenset([image]), "$[0]"),
    "deque": (lambda image: deque([0, image]), "$[1]"),
    "values": (lambda image: {"a": image}.values(), "$[0]"),
    "items": (lambda image: {"a": image}.items(), "$[0][1]"),
    "generator": (lambda image: (item for item in (0, image)), "$[1]"),
    "list subclass": (lambda image: s.Listed([image]), "$[0]"),
    "Sequence": (lambda image: s.Items(0, image), "$[1]"),
    "namedtuple": (lambda image: s.Point(0, image), "$[1]"),
    "UserDict": (lambda image: s.Mapped(a=image), "$.a"),
    "proxy of a mapping": (lambda image: MappingProxyType({"a": [image]}), "$.a[0]"),
    "dataclasses": (lambda image: [s.Slotted(0, s.Slotted(image))], "$[0].b.a"),
    "attrs": (lambda image: s.Attrs(0, [image]), "$._b[0]"),
    "array of objects": (lambda image: numpy.array([[0, image]]), "$[0][1]"),
    "Enum": (lambda image: Enum("E", {"A": [image]}).A, "$[0]"),
    "__json__": (lambda image: {"s": Said([image])}, "$.s[0]"),
    "LocalProxy": (lambda image: [LocalProxy(lambda: {"a": image})], "$[0].a"),
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


class Holder:
    """Something that a weak proxy can point to, and that would be encodable itself."""

    def __json__(self) -> int:
        return 1


HELD = Holder()
TABLE = UserDict(a=1)

#: A value, the name of its type, and a word of its message.
REFUSED: dict[str, tuple[Any, str | None, str]] = {
    "object": (object(), "object", "encoder"),
    "class": (Image, "type", "class"),
    "class with __json__": (Said, "type", "class"),
    "module": (sys, "module", "module"),
    "exception": (ValueError("secret"), "ValueError", "exception"),
    "function": (len, "builtin_function_or_method", "encod"),
    "lambda": (lambda: 0, "function", "encod"),
    "complex": (1j, "complex", "encod"),
    "complex of numpy": (numpy.complex128(1j), None, "encod"),
    "StringIO": (io.StringIO("a\nb"), "StringIO", "read"),
    "BytesIO": (io.BytesIO(b"a\nb"), "BytesIO", "read"),
    "query of polars": (LazyFrame(), "LazyFrame", "collect()"),
    "mock": (Mock(), "Mock", "real value"),
    "MagicMock": (MagicMock(), "MagicMock", "real value"),
    "mock of a dict": (MagicMock(spec=dict), "MagicMock", "real value"),
    "weak proxy": (weakref.proxy(HELD), None, "weak"),
    "weak proxy of a mapping": (weakref.proxy(TABLE), None, "weak"),
    "ORM instance": (s.User(id=1, name="secret"), "User", "orm_columns"),
    "__json__ with an argument": (Needy(), "Needy", "argument"),
    "model of pydantic 1": (OldModel(a=1), "OldModel", "pydantic"),
    "bytes": (b"\xff", "bytes", "base64_text"),
    "bytearray": (bytearray(b"\xff"), "bytearray", "base64_text"),
    "memoryview": (memoryview(b"\xff"), "memoryview", "base64_text"),
}


@pytest.mark.parametrize(("value", "name", "word"), REFUSED.values(), ids=REFUSED)
def test_values_without_a_json_form_name_the_remedy(value, name, word, fields):
    for around, path in [
        (value, "$"),
        ({"a": [0, value]}, "$.a[1]"),
        ({"a": [2**70, value, 1]}, "$.a[1]"),
        ([value, s.Html()], "$[0]"),
    ]:
        error = error_of(around, **fields)
        assert error.path == path
        assert name in (None, error.type_name)
        text = str(error).lower()
        assert word.lower() in text
        assert "secret" not in text
    if isinstance(value, bytes | bytearray | memoryview):
        assert f"{type(value).__name__} " in str(error)


def test_open_files_and_sockets(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("a\nb\n")
    for mode in "r", "rb", "a":
        with path.open(mode) as file:
            error = error_of({"u": file})
            assert error.path == "$.u"
            assert "read" in str(error) or "file" in str(error)
    with socket.socket() as one:
        assert error_of([one]).path == "$[0]"


def test_the_error_for_coroutines_reminds_of_await():
    async def load() -> int:
        return 1

    async def rows() -> Any:
        yield 1

    coroutine = load()
    error = error_of({"user": coroutine})
    coroutine.close()
    assert (error.path, error.type_name) == ("$.user", "coroutine")
    assert "await" in str(error)
    assert error_of([rows()]).path == "$[0]"


def test_an_unbound_proxy_is_an_error():
    def unbound() -> Any:
        raise RuntimeError("secret")

    error = error_of({"a": LocalProxy(unbound)})
    assert error.path == "$.a"
    assert isinstance(error.__cause__, RuntimeError)


@pytest.mark.parametrize("text", ["\ud800", "ok \udfff", "\udc80é"], ids=ascii)
def test_lone_surrogates(text, fields):
    for value, path in [
        (text, "$"),
        ([text], "$[0]"),
        ({"a": (text, Decimal(1))}, "$.a[0]"),
        ([2**70, {"a": s.Text(text)}], "$[1].a"),
        ([Said(text)], "$[0]"),
        ([s.Base(text)], "$[0].id"),
    ]:
        error = error_of(value, **fields)
        assert error.path == path
        assert "surrogate" in str(error)


def test_integers_too_long_to_print():
    for value in 10**5000, -(10**5000), s.Whole(10**5000):
        error = error_of({"n": [value]})
        assert error.path == "$.n[0]"
        assert "digits" in str(error)
        assert error_of(value).path == "$"
    assert error_of([Image()], encoders={Image: lambda image: 10**5000}).path == "$[0]"
    assert encode([10**4000]) == b"[1" + b"0" * 4000 + b"]"


@pytest.mark.parametrize(
    "number",
    [float("nan"), float("inf"), -float("inf"), s.Real("nan"), Decimal("nan"), Decimal("-inf"),
     numpy.float64("nan"), numpy.float32("inf"), numpy.float16("nan")],
    ids=repr,
)  # fmt: skip
def test_nan_and_infinity_can_be_errors(number):
    word = "nan" if number != number else "inf"
    for value, path in [
        (number, "$"),
        ({"a": [1.5, None, number]}, "$.a[2]"),
        ([2**70, Said(number)], "$[1]"),
        (s.Slotted(number), "$.a"),
        (numpy.array([1, float(number)]), "$[1]"),
    ]:
        error = error_of(value, nan="error")
        assert error.path == path
        assert word in str(error).lower()


@pytest.mark.parametrize("limit", [2**53, -(2**53), 2**64, 2**70, s.Whole(2**60)], ids=repr)
def test_integers_that_javascript_rounds_can_be_errors(limit):
    for value, path in (limit, "$"), ({"a": [1, limit]}, "$.a[1]"), ([Said(limit)], "$[0]"):
        error = error_of(value, big_ints="error")
        assert error.path == path
    text = b"[9007199254740991,-9007199254740991]"
    assert encode([2**53 - 1, 1 - 2**53], JSONSettings(big_ints="error")) == text


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"\xff", b'"\\ud800"', '"\ud800"', b"[1,]", b"1 2"], ids=ascii
)
def test_raw_json_that_is_not_json(data, fields):
    error = error_of({"a": RawJSON(data)}, **fields)
    assert (error.path, error.type_name) == ("$.a", "RawJSON")


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


@pytest.mark.parametrize(
    "make",
    [lambda: FailingMapping(a=1), lambda: FailingSequence(1), lambda: FailingText(1),
     lambda: FailingData(1)],
    ids=["mapping", "sequence", "text", "dataclass"],
)  # fmt: skip
def test_objects_that_fail_when_they_are_read(make):
    for value, path in ({"a": [0, make()]}, "$.a[1]"), ([2**70, make()], "$[1]"):
        error = error_of(value)
        assert error.path == path
        assert isinstance(error.__cause__, Fails)
        assert "secret" not in str(error)


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

    error = error_of([Image()], encoders={Image: encoder})
    assert "Odd" in str(error)


@pytest.mark.parametrize("raised", [MemoryError, KeyboardInterrupt, SystemExit])
def test_exceptions_of_the_process_pass_through(raised):
    def encoder(value: Any) -> Any:
        raise raised

    for value in [Image()], [Image(), 2**70], {Image(): 1}:
        with pytest.raises(raised):
            encode(value, JSONSettings(encoders={Image: encoder}))
