"""Apps that use another Flask extension, each set up as its own documentation does."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import flask
import pydantic
import pytest
from sqlalchemy.pool import NullPool

import jsonify_ext
from jsonify_ext.flask import Jsonify

BIRTHDAY = date(2026, 1, 2)
ISO, HTTP = "2026-01-02", "Fri, 02 Jan 2026 00:00:00 GMT"
JSON = {"content_type": "application/json"}
_CHANGING = {"Set-Cookie", "Date", "X-RateLimit-Reset", "Retry-After"}


def require(name: str) -> Any:
    """A module of the dependency group ``integration``; a test without it is skipped.

    ``REQUIRE_INTEGRATION`` makes its absence an error.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError:
        if os.environ.get("REQUIRE_INTEGRATION"):
            raise
        reason = f"there is no {name}; pip install --group integration"
        pytest.skip(reason, allow_module_level=True)


@dataclass(frozen=True)
class Neighbour:
    """Another extension.

    :param set_up: installs it into an app, and adds views.
    :param requests: what a client sends, in this order: the status code of the response,
        method, path, and arguments of the test client.
    :param make: makes the app.
    """

    set_up: Callable[[Any], object]
    requests: Sequence[tuple[Any, ...]] = ()
    make: Callable[[], flask.Flask] = lambda: flask.Flask("tests")

    def build(self, extension: Jsonify | None = None, *, last: bool = False) -> flask.Flask:
        """The app; this package's extension, if any, is installed before the other or last.

        Three of its views send a date: a returned one, and by both ``jsonify``.
        """
        app = self.make()
        app.secret_key = "a key for tests that is as long as keys have to be"
        if extension is not None and not last:
            extension.init_app(app)
        self.set_up(app)
        if extension is not None and last:
            extension.init_app(app)
        views = {
            "born": lambda: {"born": BIRTHDAY},
            "stock": lambda: flask.jsonify(born=BIRTHDAY),
            "ours": lambda: jsonify_ext.jsonify(born=BIRTHDAY),
        }
        add_views(app, views)
        return app

    def answers(self, app: flask.Flask) -> list[tuple[Any, ...]]:
        """Status, headers and body of each response, without what is another each time."""
        client, answers = app.test_client(), []
        for status, method, path, *arguments in self.requests:
            response = client.open(path, method=method, **dict(*arguments))
            assert response.status_code == status, (method, path, response.data)
            headers = [pair for pair in response.headers if pair[0] not in _CHANGING]
            cookies = [text.split("=")[0] for text in response.headers.getlist("Set-Cookie")]
            body = response.data
            if response.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
                headers = [pair for pair in headers if pair[0] != "Content-Length"]
            body = re.sub(rb'"csrf_token":"[^"]+"', b'"csrf_token":""', body)
            answers.append((response.status, headers, cookies, body))
        return answers


def add_views(app: flask.Flask, views: Mapping[str, Callable[..., Any]], **options: Any) -> None:
    for name, view in views.items():
        app.add_url_rule(f"/{name}", f"view {name}", view, **options)


class Query(pydantic.BaseModel):
    page: int = 1


def headers_and_limits(app: flask.Flask, jsonify: Any = flask.jsonify) -> None:
    """Extensions that add headers, cookies and errors."""
    app.config |= {"COMPRESS_MIN_SIZE": 200, "RATELIMIT_HEADERS_ENABLED": True}
    require("flask_compress").Compress(app)
    require("flask_cors").CORS(app)
    address = require("flask_limiter.util").get_remote_address
    limiter = require("flask_limiter").Limiter(address, app=app, storage_uri="memory://")
    login = require("flask_login")
    user = login.UserMixin()
    user.id = "7"
    login.LoginManager(app).user_loader(lambda name: user)

    @require("flask_pydantic").validate(query=Query)
    def validated():
        return Query(page=flask.request.query_params.page)

    views = {
        "large": lambda: jsonify([{"n": n, "text": "é" * 9} for n in range(100)]),
        "limited": limiter.limit("1 per hour")(lambda: jsonify(ok=True)),
        "login": lambda: jsonify(ok=login.login_user(user)),
        "private": login.login_required(lambda: {"user": flask.session["_user_id"]}),
        "validated": validated,
    }
    add_views(app, views)


LIMITS = [
    (200, "GET", "/large"),
    (200, "GET", "/large", {"headers": {"Accept-Encoding": "gzip"}}),
    (200, "GET", "/large", {"headers": {"Origin": "https://example.com"}}),
    (200, "GET", "/limited"),
    (429, "GET", "/limited"),
    (401, "GET", "/private"),
    (200, "GET", "/login"),
    (200, "GET", "/private"),
    (200, "GET", "/validated?page=2"),
    (400, "GET", "/validated?page=x"),
    (404, "GET", "/nowhere"),
]


def cache(folder: Path, app: flask.Flask) -> None:
    app.config |= {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(folder)}  # which pickles
    cached, calls = require("flask_caching").Cache(app).cached(timeout=60), count(1)
    add_views(app, {"cached": cached(lambda: flask.jsonify(calls=next(calls)))})


def tokens(app: flask.Flask) -> None:
    jwt = require("flask_jwt_extended")
    app.config["JWT_SECRET_KEY"] = app.secret_key
    jwt.JWTManager(app)
    login = partial(jwt.create_access_token, "Zoë", additional_claims={"b": BIRTHDAY})
    protected = jwt.jwt_required()(lambda: flask.jsonify(user=jwt.current_user))
    views = {"login": lambda: {"type": str(type(login()))}, "protected": protected}
    add_views(app, views)


TOKENS = [
    (200, "GET", "/login"),
    (401, "GET", "/protected"),
    (422, "GET", "/protected", {"headers": {"Authorization": "Bearer x"}}),
]
SESSION_VALUE = {"name": "Zoë", "big": 2**60, "at": [1.5, None]}


def session(folder: Path, app: flask.Flask, storage_format: str = "msgpack") -> None:
    app.config |= {
        "SESSION_TYPE": "cachelib",
        "SESSION_SERIALIZATION_FORMAT": storage_format,
        "SESSION_CACHELIB": require("cachelib").FileSystemCache(str(folder)),
    }
    require("flask_session").Session(app)
    views = {
        "set": lambda: flask.session.update(user=SESSION_VALUE) or {},
        "get": lambda: dict(flask.session),
    }
    add_views(app, views)


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "default": 7}},
    "required": ["name"],
}


def schema(app: flask.Flask) -> None:
    expects = require("flask_expects_json").expects_json(SCHEMA, fill_defaults=True)
    add_views(app, {"": expects(lambda: flask.g.data)}, methods=["POST"])


BODIES = [
    (200, "POST", "/", {"json": {"name": "Zoë"}}),
    (400, "POST", "/", {"json": {"name": 7}}),
    (400, "POST", "/", {"data": "{", **JSON}),
    (415, "POST", "/", {"data": "x"}),
]


def database(folder: Path, app: flask.Flask) -> Any:
    """Flask-SQLAlchemy, which keeps no connection."""
    folder = tempfile.mkdtemp(dir=folder)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/tests.db"
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    return require("flask_sqlalchemy").SQLAlchemy(app)


def security(folder: Path, app: flask.Flask) -> None:
    app.config |= {
        "SECURITY_PASSWORD_SALT": "146585145368132386173505678016728509634",
        "SECURITY_PASSWORD_HASH": "plaintext",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "WTF_CSRF_ENABLED": False,
    }
    flask_security, db = require("flask_security"), database(folder, app)
    fsqla = require("flask_security.models.fsqla_v3")
    fsqla.FsModels.set_db_info(db)

    class Role(db.Model, fsqla.FsRoleMixin):
        pass

    class User(db.Model, fsqla.FsUserMixin):
        pass

    users = flask_security.SQLAlchemyUserDatastore(db, User, Role)
    app.security = flask_security.Security(app, users)
    with app.app_context():
        db.create_all()
        users.create_user(email="zoe@example.com", password="a password for tests")
        db.session.commit()

    account = flask_security.auth_required()(lambda: {"email": flask_security.current_user.email})
    add_views(app, {"account": account})


LOGIN = {"email": "zoe@example.com", "password": "a password for tests"}
ACCEPT = {"headers": {"Accept": "application/json"}}
SECURITY = [
    (401, "GET", "/account", ACCEPT),
    (400, "POST", "/login", {"json": {**LOGIN, "password": "another password"}}),
    (400, "POST", "/login", {"json": {"email": "x"}}),
    (200, "POST", "/login", {"json": LOGIN}),
    (200, "GET", "/account"),
    (200, "GET", "/login", ACCEPT),
    (200, "POST", "/logout", {"json": {}}),
]


class Named:
    name = "Zoë"


def json_extension(app: flask.Flask) -> None:
    app.config["JSON_ADD_STATUS"] = False
    flask_json = require("flask_json")
    extension = flask_json.FlaskJSON(app)

    @extension.encoder
    def encode(value: Any) -> Any:
        return {"name": value.name} if isinstance(value, Named) else None

    def error():
        raise flask_json.JsonError(409, why="taken")

    views = {
        "as-json": flask_json.as_json(lambda: (flask.request.get_json(), 201)),
        "error": error,
        "named": lambda: {"named": Named()},
        "response": lambda: flask_json.json_response(202, {"X-A": "1"}, named=Named()),
    }
    add_views(app, views, methods=["GET", "POST"])


FLASK_JSON = [
    (201, "POST", "/as-json", {"json": {"name": "Zoë"}}),
    (400, "POST", "/as-json", {"data": "{", **JSON}),
    (202, "GET", "/response"),
    (409, "GET", "/error"),
    (200, "GET", "/named"),
]


def neighbours(folder: Path) -> dict[str, Neighbour]:
    """Extensions by their name; some write into the folder."""
    return {
        "headers and limits": Neighbour(headers_and_limits, LIMITS),
        "Flask-Caching": Neighbour(partial(cache, folder), [(200, "GET", "/cached")] * 2),
        "Flask-JWT-Extended": Neighbour(tokens, TOKENS),
        "Flask-Session": Neighbour(
            partial(session, folder), [(200, "GET", path) for path in ("/get", "/set", "/get")]
        ),
        "flask-expects-json": Neighbour(schema, BODIES),
        "Flask-Security": Neighbour(partial(security, folder), SECURITY),
        "Flask-JSON": Neighbour(json_extension, FLASK_JSON),
    }
