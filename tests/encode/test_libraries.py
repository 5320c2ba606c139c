"""Types that their own library writes: models of pydantic, structs of msgspec."""

from __future__ import annotations

import datetime as dt
import gc
import json
import weakref
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import msgspec
import numpy
import pydantic
import pytest

from jsonify_ext import JSONSettings, encode

from .. import samples as s
from ..samples import SEVEN, Image, error_of

IMAGES = JSONSettings(encoders={Image: lambda image: "img"})
FORMS = [{}, {"pretty": True}, {"sort_keys": True}, {"ensure_ascii": True}]


class Siblings(pydantic.BaseModel):
    """Serializes in its own way what an encoder or a setting could change."""

    model_config = pydantic.ConfigDict(
        arbitrary_types_allowed=True, ser_json_timedelta="float", ser_json_bytes="base64"
    )
    password: str = "hunter2"
    day: dt.date = dt.date(2024, 2, 29)
    at: dt.datetime = SEVEN
    span: dt.timedelta = dt.timedelta(seconds=1.5)
    data: bytes = b"\xff"
    url: pydantic.HttpUrl = pydantic.HttpUrl("http://a.b")
    secret: pydantic.SecretStr = pydantic.SecretStr("x")
    number: float = 1e-07
    price: Decimal = Decimal("1.10")
    exact: int = 2**53 - 1
    text: str = "NaN, Infinity and -Infinity"
    renamed: int = pydantic.Field(1, serialization_alias="theName")
    hidden: str = pydantic.Field("hidden", exclude=True)
    avatar: Any = None

    @pydantic.field_serializer("password", when_used="json")
    def mask(self, value: str) -> str:
        return "***"

    @pydantic.computed_field
    def twice(self) -> int:
        return self.renamed * 2


def alone(model: Any) -> bytes:
    """The JSON of pydantic."""
    serializer = type(model).__pydantic_serializer__
    return serializer.to_json(model, by_alias=True, fallback=lambda value: "img")


PYDANTIC = tuple(map(int, pydantic.VERSION.split(".")[:2]))
MODELS: dict[str, Any] = {
    "model": s.Model(userId=1, at=SEVEN),
    "siblings": Siblings(),
    "siblings of what has an encoder": Siblings(avatar=Image()),
    "siblings of a list": Siblings(avatar=[Image(), SEVEN, {"a": Image()}, None]),
    "siblings of what pydantic knows": Siblings(
        avatar=[SEVEN, dt.timedelta(1), b"\xff", UUID(int=1)]
    ),
    "root model": s.Numbers([1, 2]),
    "pydantic dataclass": s.Account(),
    "model in a model": s.Loose(avatar=Siblings(avatar=Image())),
    "pydantic dataclass in a model": s.Loose(avatar=s.Account()),
    "dataclass in a model": s.Loose(avatar=s.Slotted(Image(), SEVEN)),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_are_as_their_serializer_writes_them(name):
    model = MODELS[name]
    text = alone(model)
    other = alone(s.Numbers([3]))
    for value, expected in [
        (model, b"%s"),
        ([model], b"[%s]"),
        ([model, model], b"[%s," + text.replace(b"%", b"%%") + b"]"),
        ([s.Numbers([3]), model], b"[" + other + b",%s]"),
        ({"m": model, "i": Image()}, b'{"m":%s,"i":"img"}'),
        ({1: [model], "n": 2**70}, b'{"1":[%s],"n":1180591620717411303424}'),
        (s.Said([s.Alone(model)]), b'[{"a":%s}]'),
    ]:
        assert encode(value, IMAGES) == expected % text


@pytest.mark.parametrize("name", MODELS)
def test_settings_of_form_leave_the_values_of_models_alone(name, fields):
    model = MODELS[name]
    expected = json.loads(alone(model))
    if fields.get("omit_none"):
        expected = s.without_none(expected)
    settings = JSONSettings(encoders=IMAGES.encoders, dates="http", **fields)
    assert json.loads(encode([model, s.Html()], settings)) == [expected, "<b>1</b>"]
    assert json.loads(encode(model, settings)) == expected


class Numbered(pydantic.BaseModel):
    """A model that can be read once, and counts how often it is."""

    id: int
    numbers: Iterable[int]
    read: Any = pydantic.Field(exclude=True)

    @pydantic.field_serializer("id")
    def count(self, value: int) -> int:
        self.read.append(value)
        return value


def test_each_model_of_a_list_is_serialized_once(fields):
    long: Any = str(2**70) if "big_ints" in fields else 2**70
    expected = [{"id": n, "numbers": [n, long]} for n in range(3)]
    for others, forms in [
        ([], []),
        ([s.Said(1)], [1]),
        ([{1: 2}], [{"1": 2}]),
        ([s.Html()], ["<b>1</b>"]),
    ]:
        read: list[int] = []
        rows = [Numbered(id=n, numbers=iter([n, 2**70]), read=read) for n in range(3)]
        assert json.loads(encode([*rows, *others], JSONSettings(**fields))) == [*expected, *forms]
        assert read == [0, 1, 2]
        rows = [{"row": Numbered(id=n, numbers=iter([n, 2**70]), read=read)} for n in range(3)]
        body = json.loads(encode({"rows": [*rows, *others]}, JSONSettings(**fields)))
        assert body["rows"] == [*({"row": row} for row in expected), *forms]
        assert read == [0, 1, 2] * 2


@pytest.mark.parametrize("numbers", ["null", "constants", "strings"])
def test_nan_of_models(numbers):
    class Measured(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(ser_json_inf_nan=numbers)
        value: float
        text: str = '"NaN": NaN, Infinity'

    form = "NaN" if numbers == "strings" else None
    expected = {"value": form, "text": '"NaN": NaN, Infinity'}
    value = {"m": Measured(value=float("nan")), "l": [Measured(value=-float("inf"))]}
    for fields in FORMS:
        body = json.loads(encode(value, JSONSettings(**fields)), parse_constant=pytest.fail)
        assert body["m"] == expected
        assert body["l"][0]["value"] == (form and "-Infinity")
        if numbers == "constants":
            error = error_of(value, nan="error", **fields)
            assert error.path.startswith("$.m")
        else:
            assert json.loads(encode(value, JSONSettings(nan="error", **fields))) == body
    assert json.loads(encode([Measured(value=1.5)], JSONSettings(nan="error")))[0]["value"] == 1.5


def test_colliding_keys_in_a_model_stay():
    class Limits(pydantic.BaseModel):
        low: int = pydantic.Field(1, serialization_alias="limit")
        high: int = pydantic.Field(2, serialization_alias="limit")

    assert encode([Limits()]) == b'[{"limit":1,"limit":2}]'


def test_types_that_pydantic_does_not_know_in_a_model():
    values = [Fraction(1, 3), numpy.int64(1), numpy.array([0.5]), s.Said({"a": 1}), s.Html(),
              s.Attrs(1), s.LooseStruct(1), s.Pairs(("a", 1)),
              s.sqlite_row("SELECT 1 AS a")]  # fmt: skip
    forms = ["1/3", 1, [0.5], {"a": 1}, "<b>1</b>", {"a": 1, "_b": "b"},
             {"type": "LooseStruct", "theAvatar": 1}, {"a": 1}, {"a": 1}]  # fmt: skip
    for value, form in zip(values, forms, strict=True):
        assert json.loads(encode([s.Loose(avatar=value)])) == [{"theAvatar": form}]
        assert json.loads(encode(s.Loose(avatar=[value]))) == {"theAvatar": [form]}


@pytest.mark.parametrize(
    "value", [s.Loose(avatar=[Image()]), s.LooseStruct({"a": Image()})], ids=["model", "struct"]
)
def test_the_path_ends_at_the_model(value, fields):
    for around in {"m": value}, {"m": value, "n": 2**70}, {"m": [value]}:
        error = error_of(around, **fields)
        assert error.path.startswith("$.m[0]" if around["m"] is not value else "$.m")
        assert "Image" in f"{error} {error.__cause__}"

    def fail(image: Image) -> Any:
        raise KeyError("secret")

    error = error_of({"m": value}, encoders={Image: fail}, **fields)
    assert KeyError in causes_of(error)
    assert "secret" not in str(error)


def causes_of(error: BaseException) -> list[type]:
    causes, cause = [], error
    while cause := cause.__cause__:
        causes.append(type(cause))
    return causes


class Forgiving(pydantic.BaseModel):
    """Writes null for a value that can't be serialized."""

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


class Both(pydantic.BaseModel):
    first: Forgiving
    second: Failing | None = None


def lookup_fails(image: Image) -> Any:
    raise LookupError


def test_an_exception_that_a_serializer_handles_is_not_the_cause_of_a_later_error():
    settings = JSONSettings(encoders={Image: lookup_fails})
    made = Both(first=Forgiving(avatar=Image()))
    text = b'{"first":{"avatar":null},"second":null}'
    assert encode([made, made], settings) == b"[%s,%s]" % (text, text)
    broken = Both.model_construct(first=Forgiving(), second=Failing())
    for value in broken, [broken, broken], {"a": broken, "b": Image}, [made, broken]:
        causes = causes_of(error_of(value, encoders=settings.encoders))
        assert causes
        assert LookupError not in causes


@pytest.mark.skipif(PYDANTIC < (2, 12), reason="older ones keep the last exception")
def test_an_exception_that_a_serializer_handles_keeps_nothing_alive():
    image = Image()
    gone = weakref.ref(image)
    settings = JSONSettings(encoders={Image: lookup_fails})
    assert encode([Forgiving(avatar=image)], settings) == b'[{"avatar":null}]'
    del image
    gc.collect()
    assert gone() is None


def test_the_error_of_a_model_has_the_exception_of_its_own_serializer():
    error = error_of([Forgiving(avatar=Image()), Failing()])
    assert error.path == "$[1]"
    assert "secret" not in str(error)
    assert "KeyError" in str(error.__cause__)


# msgspec


class Optional(msgspec.Struct, omit_defaults=True, rename="camel"):
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    data: bytes = b""
    day: dt.date | None = None
    span: dt.timedelta = dt.timedelta(0)
    number: float = 0.0
    avatar: Any = None


STRUCTS: dict[str, Any] = {
    "defaults": Optional(),
    "all": Optional("é", b"\xff", dt.date(2024, 2, 29), dt.timedelta(1), 0.5),
    "beside what has an encoder": Optional(data=b"\xff", day=dt.date(2024, 2, 29), avatar=Image()),
    "renamed": s.Struct(1, at=SEVEN, inner=s.Struct(2)),
    "array": s.Tagged([s.Tagged(1), Image()]),
    "tagged": s.LooseStruct({"a": Image(), "b": SEVEN}),
    "NaN": s.Tagged([float("nan"), float("inf")]),
    "dataclass inside": s.Tagged(s.Slotted(Image(), dt.timedelta(1))),
}


@pytest.mark.parametrize("name", STRUCTS)
def test_structs_are_as_msgspec_writes_them(name):
    struct = STRUCTS[name]
    text = msgspec.json.encode(struct, enc_hook=lambda value: "img")
    for value, expected in [
        (struct, b"%s"),
        ([struct, Image()], b'[%s,"img"]'),
        ({1: struct, "b": 2**70}, b'{"1":%s,"b":1180591620717411303424}'),
        (s.Slotted([struct]), b'{"a":[%s],"b":null}'),
    ]:
        assert encode(value, IMAGES) == expected % text
    for fields in FORMS:
        settings = JSONSettings(encoders=IMAGES.encoders, dates="utc", **fields)
        assert json.loads(encode({"s": struct}, settings)) == {"s": json.loads(text)}


def test_keys_of_any_type_in_a_struct():
    class Table(msgspec.Struct):
        numbers: dict[int, str]
        ids: dict[UUID, Any]
        days: Any = None

    made = Table({10: "b", 9: "a"}, {UUID(int=2): {"b": 1, "a": 2}, UUID(int=1): 0})
    text = msgspec.json.encode(made)
    for value, around in (made, b"%s"), ([made, made], b"[%s," + text + b"]"):
        assert encode(value) == around % text
    ids = f'"{UUID(int=1)}":0,"{UUID(int=2)}":{{"a":2,"b":1}}'
    body = f'{{"days":null,"ids":{{{ids}}},"numbers":{{"10":"b","9":"a"}}}}'
    settings = JSONSettings(sort_keys=True)
    assert encode(made, settings).decode() == body
    assert encode([made, made], settings).decode() == f"[{body},{body}]"
    assert encode({"t": made, "n": 2**70}, settings).decode() == f'{{"n":{2**70},"t":{body}}}'


def test_types_that_msgspec_does_not_know_in_a_struct():
    values = [Fraction(1, 3), PurePosixPath("a"), numpy.float32(0.5), s.Said([Decimal(1)]),
              s.Html(), s.Loose(avatar=1), range(2)]  # fmt: skip
    forms = ["1/3", "a", 0.5, ["1"], "<b>1</b>", {"theAvatar": 1}, [0, 1]]
    assert json.loads(encode([s.Tagged(values)])) == [["t", forms]]
