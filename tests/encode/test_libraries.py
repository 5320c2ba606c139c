"""Types of libraries: models of pydantic, structs of msgspec, and rows of databases."""

from __future__ import annotations

import datetime as dt
import gc
import json
import sys
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import UUID

import attr
import msgspec
import numpy
import pydantic
import pytest
import sqlalchemy
from sqlalchemy import orm

from jsonify_ext import JSONSettings, encode
from jsonify_ext.encoders import orm_columns

from .. import samples as s
from ..fuzz.check import check
from ..fuzz.makers import Maker, just
from ..samples import SEVEN, Image, error_of
from .conftest import FIELDS, misplaced
from .test_settings_matrix import FORMS

IMAGES = {Image: lambda image: "img"}


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


class Optional(msgspec.Struct, omit_defaults=True, rename="camel"):
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    data: bytes = b""
    day: dt.date | None = None
    span: dt.timedelta = dt.timedelta(0)
    number: float = 0.0
    avatar: Any = None


class Keyed(msgspec.Struct):
    numbers: dict[int, str]
    ids: dict[UUID, Any]
    days: Any = None


def alone(value: Any) -> bytes:
    """The JSON that the library of a value writes."""
    if isinstance(value, msgspec.Struct):
        return msgspec.json.encode(value, enc_hook=lambda value: "img")
    serializer = type(value).__pydantic_serializer__
    return serializer.to_json(value, by_alias=True, fallback=lambda value: "img")


PYDANTIC = tuple(map(int, pydantic.VERSION.split(".")[:2]))
DAY = dt.date(2024, 2, 29)
MODELS: dict[str, Any] = {
    "model": s.Model(userId=1, at=SEVEN),
    "siblings": Siblings(),
    "siblings of what has an encoder": Siblings(avatar=Image()),
    "siblings of a list": Siblings(avatar=[Image(), SEVEN, {"a": Image()}, None]),
    "siblings of known types": Siblings(avatar=[SEVEN, dt.timedelta(1), b"\xff", UUID(int=1)]),
    "model to form": s.Loose(avatar={"b": None, "a": [2**70, "é"], "z": 2**53}),
    "root model": s.Numbers([1, 2**62]),
    "pydantic dataclass": s.Account(),
    "model in a model": s.Loose(avatar=Siblings(avatar=Image())),
    "pydantic dataclass in a model": s.Loose(avatar=s.Account()),
    "dataclass in a model": s.Loose(avatar=s.Slotted(Image(), SEVEN)),
    "struct of defaults": Optional(),
    "struct": Optional("é", b"\xff", DAY, dt.timedelta(1), 0.5),
    "struct of what has an encoder": Optional(data=b"\xff", day=DAY, avatar=Image()),
    "struct in a struct": s.Struct(2**60, at=SEVEN, inner=s.Struct(2, inner={"b": None})),
    "struct as an array": s.Tagged([s.Tagged(1), Image()]),
    "tagged struct": s.LooseStruct({"a": Image(), "b": SEVEN}),
    "struct of NaN": s.Tagged([float("nan"), float("inf")]),
    "dataclass in a struct": s.Tagged(s.Slotted(Image(), dt.timedelta(1))),
    "struct with keys of any type": Keyed(
        {10: "b", 9: "a"}, {UUID(int=2): {"b": 1, "a": 2}, UUID(int=1): 0}
    ),
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_models_and_structs_are_as_their_library_writes_them(model):
    text = alone(model)
    assert misplaced(model, text, encoders=IMAGES) == {}
    for others, before in ([model], text), ([s.Numbers([3])], b"[3]"), ([Image()], b'"img"'):
        assert misplaced([*others, model], b"[%s,%s]" % (before, text), encoders=IMAGES) == {}
    for fields in FORMS[::23]:
        settings = JSONSettings(encoders=IMAGES, **fields)
        check(Maker(just, (model,)), Maker(just, (settings,)))


#: Values that the libraries don't know, and their forms.
UNKNOWN: list[tuple[Any, Any]] = [
    *((Fraction(1, 3), "1/3"), (numpy.int64(1), 1), (numpy.array([0.5]), [0.5])),
    *((s.Said({"a": Decimal(1)}), {"a": "1"}), (s.Pairs(("a", 1)), {"a": 1}), (range(2), [0, 1])),
    *((s.Html(), "<b>1</b>"), (s.Loose(avatar=1), {"theAvatar": 1})),
    *((s.sqlite_row("SELECT 1 AS a"), {"a": 1}), (numpy.float32(0.5), 0.5)),
    (s.LooseStruct(1), {"type": "LooseStruct", "theAvatar": 1}),
]


@pytest.mark.parametrize(("value", "form"), UNKNOWN, ids=lambda it: type(it).__name__)
def test_what_a_library_does_not_know_goes_through_the_rules(value, form):
    assert json.loads(encode([s.Loose(avatar=value)])) == [{"theAvatar": form}]
    assert json.loads(encode(s.Loose(avatar=[value]))) == {"theAvatar": [form]}
    assert json.loads(encode([s.Tagged([value])])) == [["t", [form]]]


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
    for wrap in (lambda it: it), (lambda it: {"row": it}):
        expected = [wrap({"id": n, "numbers": [n, long]}) for n in range(3)]
        for beside, form in (s.Numbers([1]), [1]), (s.Said(1), 1), ({1: 2}, {"1": 2}):
            read: list[int] = []
            rows = [wrap(Numbered(id=n, numbers=iter([n, 2**70]), read=read)) for n in range(3)]
            assert json.loads(encode(rows, JSONSettings(**fields))) == expected
            rows = [wrap(Numbered(id=n, numbers=iter([n, 2**70]), read=read)) for n in range(3)]
            body = encode({"rows": [*rows, beside]}, JSONSettings(**fields))
            assert json.loads(body)["rows"] == [*expected, form]
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
    for fields in FIELDS[:4]:
        body = json.loads(encode(value, JSONSettings(**fields)), parse_constant=pytest.fail)
        assert body["m"] == expected
        assert body["l"][0]["value"] == (form and "-Infinity")
        if numbers == "constants":
            error = error_of(value, nan="error", **fields)
            assert error.path.startswith("$.m")
        else:
            assert json.loads(encode(value, JSONSettings(nan="error", **fields))) == body

    class Alone(pydantic.RootModel[float], ser_json_inf_nan=numbers):
        pass

    for number, text in (float("nan"), b'["NaN"]'), (float("inf"), b'["Infinity"]'):
        assert encode([Alone(number)]) == (text if form else b"[null]")
    assert json.loads(encode([Measured(value=1.5)], JSONSettings(nan="error")))[0]["value"] == 1.5


def test_a_dataclass_whose_base_is_of_pydantic_has_its_own_fields():
    @pydantic.dataclasses.dataclass
    class Base:
        x: Annotated[int, pydantic.Field(serialization_alias="X")]

    @dataclass
    class Child(Base):
        y: int

    class Plain(Base):
        pass

    assert misplaced([Base(1), Child(1, 2), Plain(1)], '[{"X":1},{"x":1,"y":2},{"X":1}]') == {}


def test_text_of_a_library_that_is_not_json_is_an_error_at_its_model(fields):
    models = [s.Loose(avatar=1), s.Loose(avatar=10**4300), s.Loose(avatar=3)]
    structs = [msgspec.defstruct("Raw", ["raw"])(msgspec.Raw(text)) for text in (b"1", b"{", b"3")]
    for values in [models, structs] if fields in ({"sort_keys": True}, {"pretty": True}) else []:
        assert error_of({"a": values}, **fields).path == "$.a[1]"


def test_colliding_keys_in_a_model_stay():
    class Limits(pydantic.BaseModel):
        low: int = pydantic.Field(1, serialization_alias="limit")
        high: int = pydantic.Field(2, serialization_alias="limit")

    assert encode([Limits()]) == b'[{"limit":1,"limit":2}]'


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


def test_texts_before_the_one_that_fails_are_given_to_no_hook():
    class Odd(pydantic.BaseModel):
        number: int

        @pydantic.model_serializer
        def odd(self) -> int:
            return 1 // (self.number - 2)

    encoders = {bytes: lookup_fails}
    error = error_of([Odd(number=number) for number in range(3)], encoders=encoders)
    assert (error.path, error.type_name) == ("$[2]", "Odd")


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
    error = error_of([Forgiving(avatar=Image()), Failing()])
    assert error.path == "$[1]"
    assert "secret" not in str(error)
    assert "KeyError" in str(error.__cause__)


@pytest.mark.skipif(PYDANTIC < (2, 12), reason="older ones keep the last exception")
def test_an_exception_that_a_serializer_handles_keeps_nothing_alive():
    image = Image()
    gone = weakref.ref(image)
    settings = JSONSettings(encoders={Image: lookup_fails})
    assert encode([Forgiving(avatar=image)], settings) == b'[{"avatar":null}]'
    del image
    gc.collect()
    assert gone() is None


# attrs, and rows of databases


def test_classes_of_the_older_attrs():
    @attr.s
    class Old:
        a = attr.ib()
        _b = attr.ib(default=2)

    assert encode([Old(Decimal(1)), s.Loose(avatar=s.Attrs(1))]) == (
        b'[{"a":"1","_b":2},{"theAvatar":{"a":1,"_b":"b"}}]'
    )


def test_rows_of_sqlite():
    row = s.sqlite_row("SELECT 1 AS id, x'ff' AS data, 1.5 AS number")
    assert error_of([row]).path == "$[0].data"
    settings = JSONSettings(encoders={bytes: lambda value: value.hex()})
    assert encode([row], settings) == b'[{"id":1,"data":"ff","number":1.5}]'


def test_records_of_asyncpg(monkeypatch):
    class Record:
        """Like that of asyncpg, which needs a server: it iterates over its values."""

        def __init__(self, *pairs: tuple[str, Any]) -> None:
            self.pairs = pairs

        def items(self) -> Any:
            return iter(self.pairs)

        def __iter__(self) -> Any:
            return (value for _, value in self.pairs)

    monkeypatch.setitem(sys.modules, "asyncpg", SimpleNamespace(Record=Record))
    assert encode([Record(("id", 1), ("price", Decimal("1.5")))]) == b'[{"id":1,"price":"1.5"}]'
    assert error_of([Record(("id", 1), ("id", 2))]).path == "$[0].id"


class Post(s.Table):
    __tablename__ = "post"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    price: orm.Mapped[Decimal] = orm.mapped_column(sqlalchemy.Numeric(5, 2))
    body: orm.Mapped[str] = orm.mapped_column(deferred=True)
    user_id: orm.Mapped[int] = orm.mapped_column(sqlalchemy.ForeignKey("user.id"))
    user: orm.Mapped[s.User] = orm.relationship()


@pytest.mark.filterwarnings("ignore:Dialect sqlite")
def test_rows_and_instances_of_sqlalchemy():
    engine = sqlalchemy.create_engine("sqlite://")
    s.Table.metadata.create_all(engine)
    settings = JSONSettings(encoders={s.Table: orm_columns})
    with orm.Session(engine) as session:
        post = Post(id=1, price=Decimal("1.50"), body="long", user=s.User(id=7, name="é"))
        session.add(post)
        session.commit()
        row = session.execute(sqlalchemy.select(s.User.id, s.User.name)).one()
        assert encode([row, row._mapping]).decode() == '[{"id":7,"name":"é"},{"id":7,"name":"é"}]'
        whole = session.execute(sqlalchemy.select(s.User)).one()
        assert "orm_columns" in str(error_of([whole]))
        assert encode([whole], settings).decode() == '[{"User":{"id":7,"name":"é"}}]'
        session.expire_all()
        assert encode(post, settings) == b"{}"  # nothing is loaded for it
        (post,) = session.scalars(sqlalchemy.select(Post))
        assert post.user.name == "é"
        body = json.loads(encode([post], settings))
        assert body == [{"id": 1, "price": "1.50", "user_id": 7}]
    assert encode(s.User(name="x"), settings) == b'{"name":"x"}'
    with pytest.raises(TypeError, match="an instance of a mapped class, not Image"):
        orm_columns(s.Image())
    engine.dispose()
