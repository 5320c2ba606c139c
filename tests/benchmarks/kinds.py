"""Kinds of value that an app sends or receives."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum, IntEnum
from importlib import import_module
from ipaddress import IPv4Address
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask.json.provider import DefaultJSONProvider
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.local import LocalProxy

from . import payloads
from .cases import Case


def usual(kind: type, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The ``default`` that an app writes for a class, with Flask's for everything else."""
    flasks = DefaultJSONProvider.default

    def default(value: Any) -> Any:
        return convert(value) if isinstance(value, kind) else flasks(value)

    return default


class Money:
    """A class of an app."""

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def to_dict(self) -> dict[str, Any]:
        return {"cents": self.cents, "currency": "EUR"}


class Price(Money):
    def __json__(self) -> dict[str, Any]:
        return self.to_dict()


class Link(Money):
    def __html__(self) -> str:
        return f'<a href="/{self.cents}">'


class Name(str):
    __slots__ = ()


Colour = Enum("Colour", {"RED": "red"})
Shape = Enum("Shape", {"ROUND": "round"}, type=str)
Level = IntEnum("Level", {"HIGH": 3})
Point = namedtuple("Point", ["x", "y", "label"])

_START = datetime(2024, 2, 29, 12, 30, 15)
_MONEY = usual(Money, Money.to_dict)
_ISO = usual(date, lambda value: value.isoformat())
_ENUM = usual(Enum, lambda member: member.value)
_PROXY = usual(LocalProxy, lambda proxy: proxy._get_current_object())
_SECONDS = timedelta.total_seconds


def _list(make: Callable[[int], Any], count: int = 100) -> list[Any]:
    return [make(number) for number in range(count)]


def _listed(make: Callable[[int], Any], **others: Any) -> Case:
    return Case(_list(make), **others)


def _users(make: Callable[[int], Any], **others: Any) -> Case:
    """100 users with one more member each."""
    users = payloads.users(100)["users"]
    more = [user | {"more": make(number)} for number, user in enumerate(users)]
    return Case({"users": more}, **others)


def _by_default(make: Callable[[int], Any], default: Callable[[Any], Any]) -> Case:
    """100 users in apps of which both have a ``default``."""
    return _users(make, provider={"default": default})


def _by_number() -> dict[int, Any]:
    return dict(enumerate(payloads.users(100)["users"]))


def _big_integer() -> Case:
    value = payloads.users(100)
    value["users"][50]["id"] = 2**70
    return Case(value)


def _generator() -> Case:
    users = payloads.users(100)["users"]
    return Case(fresh=lambda: (user for user in users), default=list)


def _comments(text: str) -> Case:
    return Case(_list(lambda n: {"id": n, "author": f"user{n}", "text": f"{n}: {text}"}, 300))


def _article(sentence: str) -> Case:
    return Case({"text": sentence * 800, "at": _START})


def _nested(levels: int) -> list[Any]:
    return [] if levels == 1 else [_nested(levels - 1)]


def _tree(levels: int) -> dict[str, Any]:
    if not levels:
        return {"name": "a leaf of the tree", "size": 1.5, "text": "text" * 10}
    return {f"member {number}": _tree(levels - 1) for number in range(10)}


def _moments(zone: tzinfo | None) -> Case:
    return _listed(lambda n: (_START + timedelta(n)).replace(tzinfo=zone))


def _numpy(dtype: str) -> Case:
    numpy = import_module("numpy")
    array = numpy.linspace(0, 10_000, 10_000).astype(dtype)
    return Case({"values": array}, default=usual(numpy.ndarray, numpy.ndarray.tolist))


def _numpy_scalars() -> Case:
    numpy = import_module("numpy")
    return _users(numpy.int64, default=usual(numpy.generic, numpy.generic.item))


_QUERY = """
    WITH RECURSIVE numbers(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM numbers WHERE id < 99)
    SELECT id, 'row ' || id AS name, id / 4.0 AS price, NULL AS note FROM numbers
"""


def _sqlite_rows() -> Case:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        return Case(connection.execute(_QUERY).fetchall(), default=usual(sqlite3.Row, dict))


def _sqlalchemy_rows() -> Case:
    sqlalchemy = import_module("sqlalchemy")
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text(_QUERY)).all()
    engine.dispose()
    return Case(rows, default=usual(sqlalchemy.Row, lambda row: dict(row._mapping)))


def _pydantic(*, sort_keys: bool) -> Case:
    return Case(
        payloads.customers(100, payloads.customer_models()),
        view=lambda models: [model.model_dump() for model in models],
        provider={"sort_keys": sort_keys},
    )


def _records(library: str, maker: str, base: str | None, converter: str) -> Case:
    """Instances of a class with three fields, which a function of a library makes."""
    module = import_module(library)
    made = getattr(module, maker)("Made", ["id", "name", "price"])
    default = usual(getattr(module, base) if base else made, getattr(module, converter))
    return _listed(lambda n: made(n, f"row {n}", n / 4), default=default)


def _lazy() -> Case:
    functional = import_module("django.utils.functional")
    make = functional.lazystr
    return _users(lambda n: make(f"label {n}"), default=usual(functional.Promise, str))


def _json(value: Any, **options: Any) -> Case:
    return Case(body=json.dumps(value, **options).encode())


def _text(item: str) -> Case:
    """A body of an array whose items are written as they are."""
    return Case(body=("[" + ",".join(item % number for number in range(1_000)) + "]").encode())


#: Functions that make the cases, by the name of the kind; some import a library.
KINDS: dict[str, Callable[[], Case]] = {
    # Plain values
    "hello": lambda: Case(payloads.HELLO),
    "None": lambda: Case(None),
    "an integer": lambda: Case(7),
    "a string": lambda: Case("Hello, World!"),
    "an empty list": lambda: Case([]),
    "an empty dict": lambda: Case({}),
    "100 users": lambda: Case(payloads.users(100)),
    "100 users, not sorted": lambda: Case(payloads.users(100), provider={"sort_keys": False}),
    "100 users, pretty": lambda: Case(payloads.users(100), provider={"compact": False}),
    "5,000 users": lambda: Case(payloads.users(5000)),
    "1 MB of nested dicts": lambda: Case(_tree(4)),
    "10,000 integers": lambda: Case(list(range(10_000))),
    "10,000 floats": lambda: Case(_list(lambda n: n / 7, 10_000)),
    "1,000 short strings": lambda: Case(_list("item {}".format, 1_000)),
    "1,000 bools": lambda: Case(_list(lambda n: n % 3 == 0, 1_000)),
    "NaN in a list": lambda: Case([1.5, float("nan")] * 50),
    "lists 20 deep": lambda: Case(_nested(20)),
    "lists 100 deep": lambda: Case(_nested(100)),
    "tuples of tuples": lambda: Case(tuple(_list(lambda n: (n, f"row {n}", n / 4, None)))),
    # Text, which Flask escapes
    "a string of 100 kB": lambda: Case("text " * 20_000),
    "text with quotes and newlines": lambda: _comments('He said: "Yes",\n\tand left. ' * 5),
    "100 users in København": lambda: Case(payloads.users(100, "København")),
    "300 comments with emoji": lambda: _comments("What a day \N{PARTY POPPER}, isn't it?"),
    "mostly ASCII": lambda: _comments("We met at the café near the station, and talked. " * 5),
    "1 MB of accented text": lambda: Case("Où êtes-vous né, à l'été? " * 33_000),
    "Cyrillic": lambda: _comments("Съешь же ещё этих мягких булок"),
    "Chinese": lambda: _comments("天地玄黃宇宙洪荒日月盈昃辰宿列張"),
    "Hindi": lambda: _comments("ऋषियों को सताने वाले दुष्ट राक्षसों के राजा"),
    "20,000 rare characters": lambda: Case("".join(map(chr, range(0x20000, 0x20000 + 20_000)))),
    "French article with a date": lambda: _article("Où êtes-vous né, à l'été? "),
    "Cyrillic article with a date": lambda: _article("Съешь же ещё этих мягких булок. "),
    "article with emoji and a date": lambda: _article("What a day \N{PARTY POPPER}, isn't it? "),
    # Keys and long integers
    "integer keys of the root": lambda: Case(_by_number()),
    "integer keys of a member": lambda: Case({"users": _by_number()}),
    "integer keys in each of 100 users": lambda: _users(lambda n: {n: 1, n + 1: 2}),
    "float keys in each of 100 users": lambda: _users(lambda n: {n / 4: 1, n + 0.5: 2}),
    "None keys in each of 100 users": lambda: _users(lambda n: {None: n}),
    "integer keys beside deep rows": lambda: Case(
        {"a": {"b": {"c": {"rows": payloads.users(100)["users"], "by": {1: 2}}}}}
    ),
    "one integer beyond 64 bits": _big_integer,
    "1,000 rows with integers of 128 bits": lambda: Case(
        _list(lambda n: {"id": 2**127 + n, "name": f"row {n}", "price": n / 4}, 1_000)
    ),
    "100 integers beyond 64 bits": lambda: _users(lambda n: 2**70 + n),
    # Hooks
    "encoder in each of 100 users": lambda: _users(
        Money, default=_MONEY, settings={"encoders": {Money: Money.to_dict}}
    ),
    "__json__ in each of 100 users": lambda: _users(Price, default=_MONEY),
    "app's default in each of 100 users": lambda: _by_default(Money, _MONEY),
    "app's default beside dates": lambda: _by_default(lambda n: _START + timedelta(n), _ISO),
    "app's default beside Enums": lambda: _by_default(lambda n: Colour.RED, _ENUM),
    "app's default beside OrderedDicts": lambda: _by_default(
        lambda n: OrderedDict(a=n, b=2), _MONEY
    ),
    "app's default, 100 users": lambda: Case(payloads.users(100), provider={"default": _MONEY}),
    "generator of users": _generator,
    "sets in 100 users": lambda: _users(lambda n: {1, 2, 3}, default=usual(set, list)),
    "__html__ in each of 100 users": lambda: _users(Link),
    "Markup in each of 100 users": lambda: _users(lambda n: Markup(f"<b>{n}</b>")),
    "lazy strings": _lazy,
    "LocalProxy of a dict": lambda: Case(LocalProxy(lambda: payloads.HELLO), default=_PROXY),
    "LocalProxy in each of 100 users": lambda: _users(
        lambda n: LocalProxy(lambda: {"number": n}), default=_PROXY
    ),
    # Dates and other types of the standard library
    "typed rows, HTTP dates": lambda: Case(payloads.typed_rows(100)),
    "typed rows, ISO dates": lambda: Case(
        payloads.typed_rows(100), default=_ISO, settings={"dates": "iso"}
    ),
    "naive datetimes": lambda: _moments(None),
    "aware datetimes": lambda: _moments(timezone(timedelta(hours=2))),
    "datetimes with ZoneInfo": lambda: _moments(ZoneInfo("Europe/Paris")),
    "dates": lambda: _listed(lambda n: date(2024, 1, 1) + timedelta(n)),
    "times": lambda: _listed(lambda n: time(12, n % 60), default=usual(time, time.isoformat)),
    "timedeltas": lambda: _listed(
        lambda n: timedelta(n, 90),
        default=usual(timedelta, _SECONDS),
        settings={"encoders": {timedelta: _SECONDS}},
    ),
    "Decimals": lambda: _listed(lambda n: Decimal(n) / 100),
    "UUIDs": lambda: _listed(lambda n: UUID(int=n * 2**96 + 7)),
    "bytes": lambda: _listed(b"item %d".__mod__, default=usual(bytes, bytes.decode)),
    "paths": lambda: _listed(
        lambda n: PurePosixPath("/srv", str(n)), default=usual(PurePosixPath, str)
    ),
    "IP addresses": lambda: _listed(IPv4Address, default=usual(IPv4Address, str)),
    "Enums": lambda: _users(lambda n: Colour.RED, default=_ENUM),
    "Enums of str": lambda: _users(lambda n: Shape.ROUND),
    "IntEnums": lambda: _users(lambda n: Level.HIGH),
    "subclass of str": lambda: _users(lambda n: Name(f"user {n}")),
    # Containers and records
    "namedtuples": lambda: _listed(lambda n: Point(n, n / 4, f"point {n}")),
    "OrderedDicts": lambda: _listed(lambda n: OrderedDict(id=n, name=f"row {n}")),
    "defaultdict": lambda: Case(defaultdict(list, {f"user {n}": [n, n + 1] for n in range(100)})),
    "Counter": lambda: Case(Counter({f"word {n}": n for n in range(100)})),
    "MultiDicts": lambda: _listed(lambda n: MultiDict([("id", n), ("id", 0), ("b", "c")])),
    "deque": lambda: Case(deque(_by_number().values()), default=usual(deque, list)),
    "dataclasses": lambda: Case(payloads.customers(100)),
    "attrs classes": lambda: _records("attrs", "make_class", None, "asdict"),
    "msgspec structs": lambda: _records("msgspec", "defstruct", "Struct", "to_builtins"),
    "pydantic models": lambda: _pydantic(sort_keys=False),
    "pydantic models, sorted": lambda: _pydantic(sort_keys=True),
    "sqlite3 rows": _sqlite_rows,
    "SQLAlchemy rows": _sqlalchemy_rows,
    "numpy float32": lambda: _numpy("float32"),
    "numpy float64": lambda: _numpy("float64"),
    "numpy int64": lambda: _numpy("int64"),
    "numpy integer in each of 100 users": _numpy_scalars,
    # Request bodies
    "read: hello": lambda: _json(payloads.HELLO),
    "read: 100 users": lambda: _json(payloads.users(100)),
    "read: accented text": lambda: _json(payloads.users(100, "København"), ensure_ascii=False),
    "read: \\u escapes": lambda: _json(["Où êtes-vous né, à l'été? " * 10] * 20),
    "read: random floats": lambda: _json(_list(lambda n: random.Random(n).random(), 1_000)),
    "read: floats of 25 digits": lambda: _text("3.1415926535897932384626%03d"),
    "read: exponents": lambda: _text("%d.5e-17"),
    "read: integers of 19 digits": lambda: _text("1234567890123456%03d"),
    "read: integers of 25 digits": lambda: _text("1234567890123456789012%03d"),
    "read: lists 200 deep": lambda: _json(_nested(200)),
}
