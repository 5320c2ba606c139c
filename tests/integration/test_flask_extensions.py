"""Apps with other Flask extensions respond with this package's as without it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cachelib
import flask
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

from .neighbours import BIRTHDAY, HTTP, ISO, Neighbour, add_born, installed, require

flask_expects_json = require("flask_expects_json")
flask_jwt_extended = require("flask_jwt_extended")
flask_session = require("flask_session")

JSON = {"content_type": "application/json"}


class User(UserMixin):
    def __init__(self, name: str) -> None:
        self.id = name


class Item(pydantic.BaseModel):
    name: str
    price: float = 1.5


class Query(pydantic.BaseModel):
    page: int = 1


def cors_login_and_limits(app: flask.Flask, jsonify: Any = flask.jsonify) -> None:
    """Extensions that add headers, cookies and errors."""
    app.config |= {"COMPRESS_MIN_SIZE": 200, "RATELIMIT_HEADERS_ENABLED": True}
    Compress(app)
    CORS(app)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    LoginManager(app).user_loader(User)
    add_born(app)

    @app.get("/large")
    def large():
        return jsonify([{"n": n, "text": "é" * 9} for n in range(100)])

    @app.get("/limited")
    @limiter.limit("1 per hour")
    def limited():
        return jsonify(ok=True)

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


LIMITS = [
    (200, "GET", "/large", {}),
    (200, "GET", "/large", {"headers": {"Accept-Encoding": "gzip"}}),
    (200, "GET", "/large", {"headers": {"Origin": "https://example.com"}}),
    (200, "GET", "/limited", {}),
    (429, "GET", "/limited", {}),
    (401, "GET", "/private", {}),
    (200, "GET", "/login", {}),
    (200, "GET", "/private", {}),
    (200, "GET", "/validated?page=2", {}),
    (400, "GET", "/validated?page=x", {}),
    (404, "GET", "/nowhere", {}),
]


def cache(folder: Path, app: flask.Flask) -> None:
    app.config |= {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(folder)}  # which pickles
    calls = []
    add_born(app)

    @app.get("/cached")
    @Cache(app).cached(timeout=60)
    def cached():
        calls.append(1)
        return flask.jsonify(calls=len(calls))


def jwt(app: flask.Flask) -> None:
    app.config["JWT_SECRET_KEY"] = "a key for tests that is as long as keys have to be"
    flask_jwt_extended.JWTManager(app)
    add_born(app)

    @app.post("/login")
    def login():
        token = flask_jwt_extended.create_access_token("Zoë", additional_claims={"b": BIRTHDAY})
        return flask.jsonify(type=str(type(token)))

    @app.get("/protected")
    @flask_jwt_extended.jwt_required()
    def protected():
        return flask.jsonify(user=flask_jwt_extended.current_user)


TOKENS = [
    (200, "POST", "/login", {}),
    (401, "GET", "/protected", {}),
    (422, "GET", "/protected", {"headers": {"Authorization": "Bearer x"}}),
]


def session(folder: Path, app: flask.Flask, storage_format: str = "msgpack") -> None:
    app.config |= {
        "SESSION_TYPE": "cachelib",
        "SESSION_SERIALIZATION_FORMAT": storage_format,
        "SESSION_CACHELIB": cachelib.FileSystemCache(str(folder)),
    }
    flask_session.Session(app)
    add_born(app)

    @app.get("/set")
    def write():
        flask.session["user"] = {"name": "Zoë", "big": 2**60, "at": [1.5, None]}
        return {}

    app.add_url_rule("/get", "read", lambda: dict(flask.session))


SESSION = [(200, "GET", path, {}) for path in ("/get", "/set", "/get")]
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "default": 7}},
    "required": ["name"],
}


def expects_json(app: flask.Flask) -> None:
    add_born(app)

    @app.post("/")
    @flask_expects_json.expects_json(SCHEMA, fill_defaults=True)
    def view():
        return flask.g.data


BODIES = [
    (200, "POST", "/", {"json": {"name": "Zoë"}}),
    (400, "POST", "/", {"json": {"name": 7}}),
    (400, "POST", "/", {"data": "{", **JSON}),
    (415, "POST", "/", {"data": "x"}),
]


@pytest.fixture(params=["limits", "Caching", "JWT-Extended", "Session", "expects-json"])
def neighbour(request: pytest.FixtureRequest, tmp_path: Path) -> Neighbour:
    return {
        "limits": Neighbour(cors_login_and_limits, LIMITS),
        "Caching": Neighbour(partial(cache, tmp_path), [(200, "GET", "/cached", {})] * 2),
        "JWT-Extended": Neighbour(jwt, TOKENS),
        "Session": Neighbour(partial(session, tmp_path), SESSION),
        "expects-json": Neighbour(expects_json, BODIES),
    }[request.param]


@installed
def test_responses_are_the_same(neighbour: Neighbour, last: bool):
    stock = neighbour.answers(neighbour.build())
    assert neighbour.answers(neighbour.build(Jsonify(), last=last)) == stock


@installed
def test_a_setting_applies_to_its_views(neighbour: Neighbour, last: bool):
    client = neighbour.build(Jsonify(dates="iso"), last=last).test_client()
    assert client.get("/born").json["born"] == client.get("/ours").json["born"] == ISO


def test_responses_are_the_same_with_another_import_only():
    stock, ours = (
        Neighbour(partial(cors_login_and_limits, jsonify=jsonify), LIMITS)
        for jsonify in (flask.jsonify, jsonify_ext.jsonify)
    )
    assert ours.answers(ours.build()) == stock.answers(stock.build())


def test_a_cached_response_is_the_same_in_another_process(tmp_path: Path):
    neighbour = Neighbour(partial(cache, tmp_path), ())
    first = neighbour.build(Jsonify()).test_client().get("/cached")
    again, seen = neighbour.build(Jsonify()), []
    again.after_request(lambda response: seen.append(response) or response)
    assert again.test_client().get("/cached").data == first.data == b'{"calls":1}\n'
    assert isinstance(seen[0], jsonify_ext.JSONResponse)


def test_tokens_are_exchanged_with_an_app_without_the_extension():
    neighbour = Neighbour(jwt, TOKENS)
    stock, ours = neighbour.build(), neighbour.build(Jsonify(dates="iso"))
    for maker in (stock, ours):
        with maker.app_context():
            claims = {"born": BIRTHDAY, "name": "Zoë"}
            token = flask_jwt_extended.create_access_token("Zoë", additional_claims=claims)
        for reader in (stock, ours):
            with reader.test_request_context(headers={"Authorization": f"Bearer {token}"}):
                flask_jwt_extended.verify_jwt_in_request()
                # It uses app.json_provider_class, not app.json.
                assert flask_jwt_extended.get_jwt()["born"] == HTTP
                assert flask_jwt_extended.get_jwt()["name"] == "Zoë"


@pytest.mark.parametrize("storage_format", ["msgpack", "json"])
def test_server_side_sessions_stay_readable(tmp_path: Path, storage_format: str):
    neighbour = Neighbour(partial(session, tmp_path, storage_format=storage_format), SESSION)
    apps = neighbour.build(), neighbour.build(Jsonify(dates="iso", omit_none=False))
    for writer in apps:
        client = writer.test_client()
        client.get("/set")
        for reader in apps:
            other = reader.test_client()
            other.set_cookie("session", client.get_cookie("session").value)
            user = other.get("/get").json["user"]
            assert user == {"name": "Zoë", "big": 2**60, "at": [1.5, None]}


def test_a_body_that_does_not_match_its_schema_is_a_problem_with_the_reason():
    client = Neighbour(expects_json, BODIES).build(Jsonify(problems=True)).test_client()
    answer = client.post("/", json={"name": 7})
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"].startswith("7 is not of type 'string'")
    answer = client.post("/", data="{", **JSON)
    assert answer.json["detail"].startswith("The request body is not valid JSON: ")


@pytest.fixture
def database() -> Iterator[flask.Flask]:
    app = flask.Flask("tests")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    Jsonify(app)
    database = SQLAlchemy()

    class Product(database.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    database.init_app(app)
    columns = select(Product.id, Product.name)
    app.add_url_rule(
        "/rows", "rows", lambda: flask.jsonify(database.session.execute(columns).all())
    )
    names = select(Product.name)
    app.add_url_rule(
        "/names", "names", lambda: flask.jsonify(database.session.scalars(names).all())
    )
    with app.app_context():
        database.create_all()
        database.session.add_all([Product(name=name) for name in ("é", "b")])
        database.session.commit()
        yield app
        database.session.remove()
        database.engine.dispose()


def test_rows_of_flask_sqlalchemy(database: flask.Flask):
    client = database.test_client()
    assert client.get("/rows").json == [{"id": 1, "name": "é"}, {"id": 2, "name": "b"}]
    assert client.get("/names").json == ["é", "b"]
