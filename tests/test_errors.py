"""Values that cannot be encoded: a clear error with a path, and nothing else."""

from __future__ import annotations

import dataclasses
import pickle
import sys
from collections import deque
from datetime import datetime, time, tzinfo
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any

import msgspec
import numpy
import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, jsonify, use_settings

from .test_types import Attrs, Listed, Mapped, Point, Slotted, Speaking


class Image:
    pass


class LooseModel(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    avatar: Any = pydantic.Field(serialization_alias="theAvatar")


class LooseStruct(msgspec.Struct, rename="camel", tag=True):
    the_avatar: Any


class PlainStruct(msgspec.Struct):
    avatar: Any


class StructOfItems(msgspec.Struct, array_like=True):
    avatar: Any


def error_of(value: Any, **settings: Any) -> JSONEncodeError:
    with use_settings(**settings), pytest.raises(JSONEncodeError) as caught:
        encode(value)
    return caught.value


@pytest.mark.parametrize(
    ("wrap", "path"),
    [
        (lambda image: image, "$"),
        (lambda image: {"users": [0, 1, 2, {"avatar": image}]}, "$.users[3].avatar"),
        (lambda image: {"a b": image}, '$["a b"]'),
        (lambda image: {"é b": image}, '$["é b"]'),
        (lambda image: {"": image}, '$[""]'),
        (lambda image: {'"\n': image}, '$["\\"\\n"]'),
        (lambda image: {"größe": image}, "$.größe"),
        (lambda image: {1: image, "b": 2}, '$["1"]'),
        (lambda image: (0, (image,)), "$[1][0]"),
        (lambda image: {image}, "$[0]"),
        (lambda image: frozenset([image]), "$[0]"),
        (lambda image: deque([0, image]), "$[1]"),
        (lambda image: {"a": image}.values(), "$[0]"),
        (lambda image: {"a": image}.items(), "$[0][1]"),
        (lambda image: (item for item in (0, image)), "$[1]"),
        (lambda image: Listed([image]), "$[0]"),
        (lambda image: Point(0, image), "$[1]"),
        (lambda image: Mapped(a=image), "$.a"),
        (lambda image: MappingProxyType({"a": [image]}), "$.a[0]"),
        (lambda image: [Slotted(0, Slotted(image))], "$[0].b.a"),
        (lambda image: Attrs(image), "$.a"),
        (lambda image: Attrs(0, [image]), "$._b[0]"),
        (lambda image: {"m": LooseModel(avatar=[image])}, "$.m.theAvatar[0]"),
        (lambda image: {"m": LooseStruct([image])}, "$.m.theAvatar[0]"),
        (lambda image: numpy.array([[0, image]]), "$[0][1]"),
        (lambda image: Enum("E", {"A": [image]}).A, "$[0]"),
        (lambda image: {"s": Said([image])}, "$.s[0]"),
    ],
)
def test_the_path_leads_to_what_cannot_be_encoded(place, wrap, path):
    error = error_of(wrap(Image()))
    assert error.path == path
    assert error.type_name == "Image"
    assert str(error) == (
        f"{path}: Image cannot be encoded as JSON; "
        "register an encoder for it, or give it a __json__() method"
    )


class Said:
    def __init__(self, said: Any) -> None:
        self.said = said

    def __json__(self) -> Any:
        return self.said


@pytest.mark.parametrize(
    "value", [object(), Image, Ellipsis, len, lambda: 0, 1j, sys, numpy.complex128(1j)], ids=str
)
def test_values_without_a_json_form(place, value):
    assert error_of([value]).path == "$[0]"


def test_libraries_types_are_encoded_when_an_encoder_knows_what_the_library_does_not(place):
    encoders = {Image: lambda image: "image"}
    with use_settings(encoders=encoders):
        assert encode(LooseModel(avatar=[Image()])) == b'{"theAvatar":["image"]}'
        assert encode(LooseStruct(Image())) == b'{"type":"LooseStruct","theAvatar":"image"}'
        assert encode(PlainStruct(Image())) == b'{"avatar":"image"}'
        assert encode(StructOfItems(Image())) == b'["image"]'


def test_it_is_a_type_error_and_a_value_error_and_pickles():
    error = error_of({"a": Image()})
    assert isinstance(error, TypeError)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert (again.path, again.type_name, str(again)) == (error.path, "Image", str(error))


def circles() -> list[tuple[Any, str]]:
    array: list[Any] = [0]
    array.append(array)
    table: dict[str, Any] = {}
    table["a"] = [table]
    data = Slotted(a := [])
    a.append(data)
    mapped = Mapped()
    mapped["me"] = mapped
    pair: list[Any] = []
    pair.append((pair,))
    numbers: dict[Any, Any] = {1: None}
    numbers[1] = numbers
    return [
        (array, "$[1]"),
        (table, "$.a[0]"),
        (data, "$.a[0]"),
        (mapped, "$.me"),
        (pair, "$[0][0]"),
        (numbers, '$["1"]'),
    ]


@pytest.mark.parametrize(("value", "path"), circles(), ids=lambda value: str(type(value)))
def test_circular_references(place, value, path):
    error = error_of(value)
    assert error.path == path
    assert "circular" in str(error)


def test_the_same_value_twice_is_no_circle(place):
    shared = {"a": [Decimal(1)]}
    assert encode([shared, shared, (shared,)]) == (b'[{"a":["1"]},{"a":["1"]},[{"a":["1"]}]]')


def nested(depth: int, wrap: Any, value: Any = 1) -> Any:
    for _ in range(depth):
        value = wrap(value)
    return value


WRAPS = [
    lambda v: [v],
    lambda v: {"a": v},
    lambda v: (v,),
    lambda v: (v, 0),
    lambda v: (0, v),
    Slotted,
    lambda v: {1: v},
    Said,
]


@pytest.mark.parametrize("wrap", WRAPS)
def test_nesting_100_000_deep_is_an_error(place, wrap):
    value = nested(100_000, wrap)
    error = error_of(value)
    assert "too deep" in str(error)
    assert error.path.startswith("$")
    unwind(value)


def unwind(value: Any) -> None:
    """Take a deep value apart, so that its end needs no deep stack."""
    while value != 1:
        inner = (
            value.pop()
            if isinstance(value, list)
            else value.popitem()[1]
            if isinstance(value, dict)
            else value[0] or value[-1]
            if isinstance(value, tuple)
            else value.said
            if isinstance(value, Said)
            else value.a
        )
        value = inner


@pytest.mark.parametrize("depth", [252, 253, 254, 300])
@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: (v,)])
def test_an_iterator_is_read_once_at_any_depth(depth, wrap):
    error = error_of(nested(depth, wrap, iter([Image()])))
    assert (error.path, error.type_name) == ("$" + "[0]" * (depth + 1), "Image")


@pytest.mark.parametrize("depth", [254, 255, 300, 900])
@pytest.mark.parametrize("settings", [{}, {"pretty": True}, {"sort_keys": True}], ids=str)
def test_nesting_that_parsers_accept_is_encoded(depth, settings):
    with use_settings(**settings):
        text = encode(nested(depth, lambda v: [v])).decode()
    assert "".join(text.split()) == "[" * depth + "1" + "]" * depth


@pytest.mark.parametrize("text", ["\ud800", "ok \udfff", "\udc80é"])
def test_lone_surrogates(place, text):
    for value, path in ([text], "$[0]"), ({"a": (text, Decimal(1))}, "$.a[0]"):
        error = error_of(value)
        assert error.path == path
        assert "surrogate" in str(error)


def test_ints_too_long_to_print(place):
    error = error_of({"n": [10**5000]})
    assert error.path == "$.n[0]"
    assert "digits" in str(error)
    assert error_of({10**5000: 1}).path == "$"
    assert error_of(10**5000).path == error_of(-(10**5000)).path == "$"
    assert error_of([Image()], encoders={Image: lambda image: 10**5000}).path == "$[0]"
    assert encode(10**4000) == b"1" + b"0" * 4000


class Fails(Exception):
    pass


def failing(*_: Any) -> Any:
    raise Fails("secret")


class FailingWord:
    __json__ = failing


class FailingMapping(Mapped):
    def __getitem__(self, key: Any) -> Any:
        raise Fails("secret")


class FailingHtml:
    __html__ = failing


class FailingZone(tzinfo):
    utcoffset = failing


class WrongZone(tzinfo):
    def utcoffset(self, when: Any) -> Any:
        return 5


@dataclasses.dataclass
class FailingData:
    a: int

    def __getattribute__(self, name: str) -> Any:
        raise Fails("secret")


def of_a_failing_class() -> Any:
    class Meta(type):
        def __getattr__(cls, name: str) -> Any:
            raise Fails("secret")

    return Meta("Failing", (), {})()


def failing_generator() -> Any:
    yield 1
    raise Fails("secret")


@pytest.mark.parametrize(
    "make",
    [
        FailingWord,
        lambda: FailingMapping(a=1),
        FailingHtml,
        lambda: datetime(2024, 1, 1, tzinfo=FailingZone()),
        lambda: time(1, tzinfo=FailingZone()),
        lambda: FailingData(1),
        failing_generator,
        of_a_failing_class,
    ],
)
def test_code_that_raises_is_chained_and_its_text_kept_out(place, make):
    with use_settings(dates="iso"):
        error = error_of({"a": [0, make()]})
    assert error.path == "$.a[1]"
    assert isinstance(error.__cause__, Fails)
    assert "secret" not in str(error)


@pytest.mark.parametrize("name", ["__hash__", "__eq__", "__name__", "__getattribute__"])
def test_a_metaclass_that_fails(place, name):
    fails = property(failing) if name == "__name__" else failing
    value = type("Meta", (type,), {"__hash__": type.__hash__, name: fails})("Failing", (), {})()
    error = error_of({"a": [0, value]})
    assert (error.path, error.type_name) == ("$.a[1]", "Failing")
    assert "secret" not in str(error)


def test_an_exception_that_fails_itself(place):
    class Odd(Exception):
        __str__ = __repr__ = failing

    def encoder(value):
        raise Odd

    error = error_of([Image()], encoders={Image: encoder})
    assert str(error).endswith("the encoder for Image raised Odd")


def test_a_zone_that_returns_no_timedelta(place):
    for style in ("iso", "http"):
        error = error_of([datetime(2024, 1, 1, tzinfo=WrongZone())], dates=style)
        assert isinstance(error.__cause__, TypeError)


@pytest.mark.parametrize("raised", [Fails, ValueError, KeyError, RecursionError, StopIteration])
def test_an_encoder_that_raises_is_chained(place, raised):
    def encoder(value):
        raise raised("secret")

    error = error_of({"a": [Image()]}, encoders={Image: encoder})
    assert error.path == "$.a[0]"
    assert str(error).endswith(f"the encoder for Image raised {raised.__name__}")
    assert type(error.__cause__) is raised


@pytest.mark.parametrize("raised", [MemoryError, KeyboardInterrupt, SystemExit])
def test_what_is_no_error_of_the_value_goes_through(place, raised):
    def encoder(value):
        raise raised

    with use_settings(encoders={Image: encoder}), pytest.raises(raised):
        encode([Image()])


def test_code_that_returns_what_it_was_given(place):
    itself = Said(None)
    itself.said = itself
    assert "returned what it was given" in str(error_of([itself]))
    assert error_of([itself]).path == "$[0]"
    error = error_of([Image()], encoders={Image: lambda image: image})
    assert "the encoder for Image returned what it was given" in str(error)
    assert "returned what it was given" in str(error_of([Image()], default=lambda value: value))


def test_objects_that_return_each_other(place):
    first, second = Said(None), Attrs(None)
    first.said = second
    second.__class__.__json__ = lambda self: self.a
    try:
        second.a = first
        assert "circular" in str(error_of({"a": first}))
    finally:
        del Attrs.__json__


def test_code_that_returns_each_other_without_end(place):
    class Ping:
        def __json__(self):
            return Pong()

    class Pong:
        def __json__(self):
            return Ping()

    class Deeper:
        def __json__(self):
            return [Deeper()]

    assert "too deep" in str(error_of({"a": Ping()}))
    assert "too deep" in str(error_of({"a": Deeper()}))


def changing(change: Any) -> Any:
    class Changes:
        def __json__(self):
            change()
            return 1

    return Changes()


def test_containers_changed_while_they_are_encoded(place):
    table: dict[str, Any] = {}
    array: list[Any] = []
    numbers: dict[Any, Any] = {}
    ring: deque[Any] = deque()
    for container, add in (
        (table, lambda: table.__setitem__(f"new{len(table)}", 1)),
        (table, table.clear),
        (array, lambda: array.append(1)),
        (array, array.clear),
        (numbers, lambda: numbers.__setitem__(len(numbers), 1)),
    ):
        container.clear()
        item = changing(add)
        if isinstance(container, dict):
            container.update({"a": 1, "b": item, "c": 2})
        else:
            container.extend([item, *range(1000)])
        error = error_of({"outer": [container]})
        assert (error.path, error.type_name) == ("$.outer[0]", type(container).__name__)
        assert error.reason == f"{error.type_name} was changed while it was being encoded"
    ring.extend([changing(lambda: ring.append(1)), 1])
    assert encode(ring) == b"[1,1]"  # it was copied first, so nothing is lost


def test_a_stack_that_is_nearly_full_is_no_changed_container():
    def at_depth(depth: int) -> Any:
        return at_depth(depth - 1) if depth else encode({1: {2**70, "a"}}, settings)

    settings = JSONSettings(sort_keys=True)

    outcomes = set()
    for depth in range(sys.getrecursionlimit() - 150, sys.getrecursionlimit()):
        try:
            outcomes.add(at_depth(depth))
        except RecursionError:
            outcomes.add("the caller's recursion")
        except JSONEncodeError as error:
            outcomes.add(str(error).partition(": ")[2].partition(" to encode")[0])
    text = b'{"1":["a",1180591620717411303424]}'
    assert {text, "the caller's recursion"} <= outcomes
    too_deep = {"dict is nested too deep", "set is nested too deep"}
    assert outcomes <= too_deep | {text, "the caller's recursion"}


def test_an_encoder_that_changes_the_dict_does_not_crash_the_engine(place):
    table: dict[str, Any] = {str(i): Image() for i in range(100)}
    error = error_of(table, encoders={Image: lambda image: table.clear()})
    assert error.path == "$"


def test_nan_under_error_says_where(place):
    for number in (float("nan"), float("inf"), -float("inf"), numpy.float64("nan")):
        error = error_of({"a": [1.5, None, number]}, nan="error")
        assert error.path == "$.a[2]"
        assert f" is {number}, which JSON lacks" in str(error)
    error = error_of(numpy.array([1, float("nan")]), nan="error")
    assert error.path == "$[1]"


def test_bytes_that_are_no_text_point_to_base64(place):
    for value in (b"\xff", bytearray(b"\xff"), memoryview(b"\xff")):
        error = error_of([value])
        assert error.path == "$[0]"
        assert "encoders={bytes: base64_text}" in str(error)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"NaN", b"\xff", b'"\\ud800"', '"\ud800"', b"[1,]", b"1 2"]
)
def test_raw_json_that_is_not_json(place, data):
    for settings in ({}, {"pretty": True}, {"sort_keys": True}, {"ensure_ascii": True}):
        error = error_of({"a": RawJSON(data)}, **settings)
        assert (error.path, error.type_name) == ("$.a", "RawJSON")


def test_errors_in_a_view_make_no_response(send):
    seen = []

    def view():
        try:
            return jsonify({"a": Image()})
        except JSONEncodeError as error:
            seen.append(error.path)
            return jsonify(error=str(error), at=error.path)

    assert send(view).get_json()["at"] == "$.a"
    assert seen == ["$.a"]


def test_encode_of_something_that_is_no_settings():
    with pytest.raises(TypeError, match="settings must be JSONSettings"):
        encode(1, {"pretty": True})


def test_own_word_is_not_asked_on_the_class(place):
    assert error_of([Speaking]).type_name == "type"
    assert encode(Speaking(), JSONSettings()) == b'{"said":"1"}'
