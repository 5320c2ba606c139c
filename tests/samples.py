"""Sample types that several test modules share, and functions that build values."""

from __future__ import annotations

import dataclasses
import functools
import sqlite3
from collections import Counter, UserDict, namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag
from typing import Any, ClassVar
from uuid import UUID

import attrs
import msgspec
import pydantic
import pydantic.dataclasses
import sqlalchemy
from sqlalchemy import orm

from jsonify_ext import JSONEncodeError, JSONSettings, encode

UTC = timezone.utc
SEVEN = datetime(2024, 2, 29, 7, 8, 9, tzinfo=UTC)

# Subclasses of the plain types.


class Text(str): ...


class Whole(int):
    def __str__(self) -> str:
        return "not this"

    __repr__ = __str__


class Real(float):
    __repr__ = __str__ = Whole.__str__


class Listed(list): ...


class Mapped(UserDict): ...


class AttrDict(dict):
    """A dict whose items are attributes, which hide its methods."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__ = self


class OwnItems(dict):
    """A dict whose keys have no hash."""

    def items(self) -> Any:
        return [(bytearray(key.upper(), "ascii"), value) for key, value in super().items()]


class OwnIter(dict):
    def __iter__(self) -> Iterator[Any]:
        return iter(["not called"])

    def __getitem__(self, key: Any) -> Any:
        return "not called"


Point = namedtuple("Point", "x y")

# Enums.


class Colour(Enum):
    RED = "red"
    RGB = (1, 2)
    AMOUNT = Decimal("1.5")
    TABLE = {"b": [UUID(int=1)]}  # noqa: RUF012  # a member, which nothing changes
    NUMBER = 7


TextColour = Enum("TextColour", {"RED": "red"}, type=str)
Level = IntEnum("Level", {"HIGH": 3})
Ratio = Enum("Ratio", {"HALF": 0.5}, type=float)
Flags = IntFlag("Flags", "A B")
Bits = Flag("Bits", "A B")
Day = Enum("Day", {"FIRST": (2024, 1, 1)}, type=date)

# Dataclasses and attrs classes.


@dataclasses.dataclass
class Base:
    id: Any
    _private: str = "p"
    derived: int = dataclasses.field(init=False, default=7)
    constant: ClassVar[int] = 1

    @functools.cached_property
    def cached(self) -> str:
        return "not a field"

    @property
    def computed(self) -> str:
        return "not a field"


@dataclasses.dataclass(slots=True, frozen=True)
class Slotted:
    a: Any
    b: Any = None


@dataclasses.dataclass
class Alone:
    a: Any


@dataclasses.dataclass
class Nothing: ...


@dataclasses.dataclass
class Child(Base):
    extra: int = 1


@dataclasses.dataclass
class Behind:
    """A field that a property reads."""

    a: int


Behind.a = property(lambda self: 7, lambda self, value: vars(self).update(a=value))


@dataclasses.dataclass
class Doubled:
    """Has its own way to read a field."""

    a: int

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return 2 * value if name == "a" else value


@attrs.define
class Attrs:
    a: Any
    _b: Any = "b"


@attrs.frozen(slots=False)
class AttrsOfDict:
    a: Any
    b: int = attrs.field(init=False, default=2)


# Containers.


class Pairs(Mapping):
    """A mapping that isn't a dict."""

    def __init__(self, *pairs: tuple[Any, Any]) -> None:
        self.pairs = dict(pairs)

    def __getitem__(self, key: Any) -> Any:
        return self.pairs[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)


class Items(Sequence):
    """A sequence that isn't a list."""

    def __init__(self, *items: Any) -> None:
        self.items = items

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)


class Members(Set):
    """A set that isn't a ``set``, and keeps its order."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.items = list(items)

    def __contains__(self, item: object) -> bool:
        return item in self.items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Countdown:
    """An iterator that isn't a generator."""

    left = 0

    def __init__(self, start: int) -> None:
        self.left = start

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.left


#: Dataclasses that are something else too.
CountingDown, DataSequence, DataMapping, DataDict, DataList, DataText = (
    dataclasses.make_dataclass(f"Data{base.__name__}", [("a", Any, 1)], bases=(base,))
    for base in (Countdown, Items, Pairs, dict, list, str)
)

# Objects with their own method.


class Said:
    """Becomes its argument."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __json__(self) -> Any:
        return self.value


class Simple:
    def for_json(self) -> Any:
        return ["simple"]


def _with_request(method: Callable[[Any, int], Any]) -> Callable[[Any], Any]:
    @functools.wraps(method)
    def wrapped(self: Any) -> Any:
        return method(self, 5)

    return wrapped


class Wrapped:
    @_with_request
    def __json__(self, request: Any) -> Any:
        return {"request": request}


class Both(Simple):
    def __json__(self) -> Any:
        return "__json__"


class Html:
    def __html__(self) -> str:
        return "<b>1</b>"


class Image:
    """Has no JSON form."""

    def __init__(self, name: str = "") -> None:
        self.name = name


# Libraries.


class Model(pydantic.BaseModel):
    user_id: int = pydantic.Field(alias="userId")
    at: datetime
    price: Decimal = Decimal("1.10")
    name: str = "é"


class Loose(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    avatar: Any = pydantic.Field(None, serialization_alias="theAvatar")


class Numbers(pydantic.RootModel[list[int]]): ...


@pydantic.dataclasses.dataclass
class Account:
    a: int = pydantic.Field(1, serialization_alias="A")
    password: str = pydantic.Field("secret", exclude=True)


class Struct(msgspec.Struct, rename="camel", omit_defaults=True):
    user_id: int
    at: datetime | None = None
    inner: Any = None


class Tagged(msgspec.Struct, tag="t", array_like=True):
    a: Any


class LooseStruct(msgspec.Struct, rename="camel", tag=True):
    the_avatar: Any


class Table(orm.DeclarativeBase): ...


class User(Table):
    __tablename__ = "user"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]


def sqlite_row(query: str = "SELECT 1 AS id, 'é' AS name, NULL AS gap") -> sqlite3.Row:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute(query).fetchone()
    connection.close()
    return row


def sqlalchemy_rows(query: str = "SELECT 1 AS id, 'x' AS name") -> Any:
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text(query)).all()
    engine.dispose()
    return rows


# Functions that build and encode values.


class Lazy:
    """A value that is made for each use, because it can be used once or needs several steps."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def made(value: Any) -> Any:
    return value.make() if isinstance(value, Lazy) else value


class Counting:
    """A hook that counts its calls by the argument's name."""

    def __init__(self, form: Callable[[Any], Any]) -> None:
        self.form = form
        self.calls: Counter[Any] = Counter()

    def __call__(self, value: Any) -> Any:
        self.calls[getattr(value, "name", value)] += 1
        return self.form(value)


def nested(depth: int, wrap: Callable[[Any], Any], value: Any = 1) -> Any:
    for _ in range(depth):
        value = wrap(value)
    return value


def error_of(value: Any, **settings: Any) -> JSONEncodeError:
    """The error that encoding the value raises."""
    try:
        body = encode(value, JSONSettings(**settings))
    except JSONEncodeError as error:
        return error
    raise AssertionError(f"no error, but {body[:200]!r}")
