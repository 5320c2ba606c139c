"""Models of pydantic, many in one call: each is serialized once, and has its own error."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterable, Iterator
from typing import Any

import pydantic
import pytest

from jsonify_ext import JSONSettings, encode

from .. import samples as s
from ..samples import Image, error_of

FIELDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pretty": {"pretty": True},
    "sort_keys": {"sort_keys": True},
    "omit_none": {"omit_none": True},
    "big_ints": {"big_ints": "string"},
    "all": {"pretty": True, "sort_keys": True, "big_ints": "string"},
}


class Numbered(pydantic.BaseModel):
    """A model that can be read once, and knows how often it was."""

    id: int
    numbers: Iterable[int]
    read: Any = pydantic.Field(exclude=True)

    @pydantic.field_serializer("id")
    def count(self, value: int) -> int:
        self.read.append(value)
        return value


def numbered(read: list[int]) -> Iterator[Numbered]:
    return (Numbered(id=n, numbers=iter([n, 2**70]), read=read) for n in range(3))


@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
def test_each_model_of_a_list_is_serialized_once_and_whole(fields):
    settings = JSONSettings(**fields)
    long: Any = str(2**70) if "big_ints" in fields else 2**70
    expected = [{"id": n, "numbers": [n, long]} for n in range(3)]
    for others, forms in [
        ([], []),
        ([s.Said(1)], [1]),
        ([{1: 2}], [{"1": 2}]),
        ([s.Html()], ["<b>1</b>"]),
    ]:
        for _ in range(2):  # the second time with what is known of the class
            read: list[int] = []
            rows = [*numbered(read), *others]
            assert json.loads(encode(rows, settings)) == [*expected, *forms]
            assert read == [0, 1, 2]
            read.clear()
            rows = [{"row": row} for row in numbered(read)]
            body = json.loads(encode({"rows": [*rows, *others]}, settings))
            assert body["rows"] == [*({"row": row} for row in expected), *forms]
            assert read == [0, 1, 2]


class Forgiving(pydantic.BaseModel):
    """Leaves out what cannot be serialized."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    avatar: Any = None

    @pydantic.field_serializer("avatar", mode="wrap")
    def serialize(self, value: Any, handler: Any) -> Any:
        try:
            return handler(value)
        except Exception:
            return None


class Failing(pydantic.BaseModel):
    number: int = 1

    @pydantic.field_serializer("number")
    def fail(self, value: int) -> int:
        raise KeyError("secret")


def test_an_exception_that_a_serializer_handles_is_not_the_cause_of_a_later_error():
    def fail(image: Image) -> Any:
        raise LookupError

    class Both(pydantic.BaseModel):
        first: Forgiving
        second: Failing | None = None

    settings = JSONSettings(encoders={Image: fail})
    made = Both(first=Forgiving(avatar=Image()))
    assert encode([made, made], settings) == (
        b'[{"first":{"avatar":null},"second":null},{"first":{"avatar":null},"second":null}]'
    )
    broken = Both.model_construct(first=Forgiving(), second=Failing())
    for value in broken, [broken], [broken, broken], {"a": broken, "b": Image}:
        with pytest.raises(TypeError) as caught:
            encode(value, settings)
        causes, cause = [], caught.value.__cause__
        while cause is not None:
            causes.append(type(cause))
            cause = cause.__cause__
        assert LookupError not in causes
        assert causes


def test_an_exception_that_a_serializer_handles_keeps_nothing_alive():
    def fail(image: Image) -> Any:
        raise LookupError

    settings = JSONSettings(encoders={Image: fail})
    image = Image()
    gone = weakref.ref(image)
    assert encode([Forgiving(avatar=image)], settings) == b'[{"avatar":null}]'
    del image
    gc.collect()
    assert gone() is None


def test_the_error_of_a_model_has_the_exception_of_its_own_serializer():
    error = error_of([Forgiving(avatar=Image()), Failing()])
    assert error.path == "$[1]"
    assert "secret" not in str(error)
    assert "KeyError" in str(error.__cause__)
