"""The extensions that people have already, all in one app, with and without Jsonify."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask
import marshmallow
import pydantic
import pytest
from flask_caching import Cache
from flask_compress import Compress
from flask_cors import CORS
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_pydantic import validate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

import jsonify_ext
from jsonify_ext.flask import Jsonify


class User(UserMixin):
    def __init__(self, name: str) -> None:
        self.id = name


class Item(pydantic.BaseModel):
    name: str
    price: float = 1.5


class Query(pydantic.BaseModel):
    page: int = 1


class ItemSchema(marshmallow.Schema):
    name = marshmallow.fields.String()
    price = marshmallow.fields.Decimal(as_string=True)


def build(folder: Path, jsonify: Any, *, extension: bool, late: bool) -> flask.Flask:
    """One app with all of them; ours comes first or last."""
    app = flask.Flask("tests")
    app.config |= {
        "SECRET_KEY": "tests",
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/database.sqlite3",
        "CACHE_TYPE": "FileSystemCache",  # which pickles
        "CACHE_DIR": str(folder / "cache"),
        "COMPRESS_MIN_SIZE": 200,
        "RATELIMIT_HEADERS_ENABLED": True,
    }
    if extension and not late:
        Jsonify(app, problems=False)
    Compress(app)
    CORS(app)
    cache = Cache(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    login = LoginManager(app)
    login.user_loader(User)
    database = SQLAlchemy()

    class Product(database.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    database.init_app(app)
    with app.app_context():
        database.create_all()
        if not database.session.scalar(select(Product.id)):
            database.session.add_all([Product(name=name) for name in ("é", "b")])
            database.session.commit()
        database.session.remove()
        database.engine.dispose()
    if extension and late:
        Jsonify(app)

    @app.get("/large")
    def large():
        return jsonify([{"n": n, "text": "é" * 9} for n in range(100)])

    calls = []

    @app.get("/cached")
    @cache.cached(timeout=60)
    def cached():
        calls.append(1)
        return jsonify(calls=len(calls))

    @app.get("/limited")
    @limiter.limit("1 per hour")
    def limited():
        return jsonify(ok=True)

    @app.get("/rows")
    def rows():
        found = database.session.execute(select(Product.id, Product.name)).all()
        return jsonify([dict(row._mapping) for row in found])

    @app.get("/scalars")
    def scalars():
        return jsonify(database.session.scalars(select(Product.name)).all())

    @app.get("/straight")
    def straight():
        return jsonify(database.session.execute(select(Product.id, Product.name)).all())

    @app.get("/login")
    def log_in():
        login_user(User("7"))
        return jsonify(user=flask.session["_user_id"])

    @app.get("/private")
    @login_required
    def private():
        return {"private": True}

    @app.get("/validated")
    @validate(query=Query)
    def validated():
        return Item(name=f"é{flask.request.query_params.page}")

    @app.get("/marshmallow")
    def marshalled():
        return jsonify(ItemSchema(many=True).dump([{"name": "é", "price": "1.10"}]))

    @app.get("/pydantic")
    def models():
        return jsonify([Item(name="é").model_dump()])

    return app


REQUESTS: list[tuple[str, dict[str, str]]] = [
    ("/large", {}),
    ("/large", {"Accept-Encoding": "gzip"}),
    ("/large", {"Origin": "https://example.com"}),
    ("/cached", {}),
    ("/cached", {}),
    ("/limited", {}),
    ("/limited", {}),
    ("/rows", {}),
    ("/scalars", {}),
    ("/private", {}),
    ("/login", {}),
    ("/private", {}),
    ("/validated?page=2", {}),
    ("/validated?page=x", {}),
    ("/marshmallow", {}),
    ("/pydantic", {}),
    ("/nowhere", {}),
]


def answers(app: flask.Flask) -> list[Any]:
    client = app.test_client()
    made = []
    for path, headers in REQUESTS:
        answer = client.get(path, headers=headers)
        body = answer.data
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        changing = {"Date", "X-RateLimit-Reset", "Retry-After", "Set-Cookie", "Content-Length"}
        kept = [pair for pair in answer.headers if pair[0] not in changing]
        cookies = [name.split("=")[0] for name in answer.headers.getlist("Set-Cookie")]
        made.append((path, answer.status, kept, cookies, body))
    return made


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., flask.Flask]]:
    """Makes apps, and closes their databases in the end."""
    apps = []

    def make(jsonify: Any, folder: str = "ours", **options: bool) -> flask.Flask:
        (tmp_path / folder).mkdir(exist_ok=True)
        apps.append(build(tmp_path / folder, jsonify, **options))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def stock(make) -> list[Any]:
    made = answers(make(flask.jsonify, "stock", extension=False, late=False))
    others = [answer[1][:3] for answer in made if answer[1] != "200 OK"]
    assert others == ["429", "401", "400", "404"]
    return made


@pytest.mark.parametrize("late", [False, True], ids=["installed first", "installed last"])
def test_an_app_with_all_of_them_answers_as_with_stock_flask(make, stock, late):
    assert answers(make(flask.jsonify, extension=True, late=late)) == stock


def test_so_it_does_with_another_import_only(make, stock):
    assert answers(make(jsonify_ext.jsonify, extension=False, late=False)) == stock


def test_rows_and_models_go_straight_in(make):
    app = make(flask.jsonify, extension=True, late=False)
    assert app.test_client().get("/straight").get_json() == [
        {"id": 1, "name": "é"},
        {"id": 2, "name": "b"},
    ]
    with app.app_context():
        assert flask.jsonify([Item(name="é")]).get_json() == [{"name": "é", "price": 1.5}]


def test_a_cached_response_is_read_back_from_another_process_as_what_it_was(make):
    app = make(flask.jsonify, extension=True, late=False)
    first = app.test_client().get("/cached")
    again = make(flask.jsonify, extension=True, late=False)
    seen = []
    again.after_request(lambda response: seen.append(response) or response)
    assert again.test_client().get("/cached").data == first.data == b'{"calls":1}\n'
    assert isinstance(seen[0], jsonify_ext.JSONResponse)
