"""Classes of attrs, and rows of databases."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import attr
import pytest
import sqlalchemy
from sqlalchemy import orm

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encoders import orm_columns

from .. import samples as s
from ..samples import error_of


def test_classes_of_the_older_attrs():
    @attr.s
    class Old:
        a = attr.ib()
        _b = attr.ib(default=2)

    assert encode([Old(Decimal(1))]) == b'[{"a":"1","_b":2}]'


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
    engine.dispose()
    with pytest.raises(JSONEncodeError, match="orm_columns"):
        encode(post)
