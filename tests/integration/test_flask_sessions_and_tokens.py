"""Extensions for sessions, tokens and validation, with this package's and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cachelib
import flask
import pytest

from jsonify_ext.flask import Jsonify

from .neighbours import BIRTHDAY, HTTP, ISO, Neighbour, add_born, require

flask_expects_json = require("flask_expects_json")
flask_jwt_extended = require("flask_jwt_extended")
flask_session = require("flask_session")

JSON = {"content_type": "application/json"}


# Flask-JWT-Extended


def jwt(app: flask.Flask) -> None:
    app.config["JWT_SECRET_KEY"] = "a key for tests that is as long as keys have to be"
    flask_jwt_extended.JWTManager(app)
    add_born(app)

    @app.post("/login")
    def login():
        token = flask_jwt_extended.create_access_token(
            identity=flask.request.json["username"],
            additional_claims={"born": BIRTHDAY, "name": "Zoë"},
        )
        return flask.jsonify(type=str(type(token)))

    @app.get("/protected")
    @flask_jwt_extended.jwt_required()
    def protected():
        claims = flask_jwt_extended.get_jwt()
        return flask.jsonify(user=flask_jwt_extended.current_user, name=claims["name"])


def bearer(app: flask.Flask, **claims: Any) -> dict[str, str]:
    """The header with a token that an app makes."""
    with app.app_context():
        token = flask_jwt_extended.create_access_token("Zoë", additional_claims=claims)
    return {"Authorization": f"Bearer {token}"}


JWT = Neighbour(
    set_up=jwt,
    requests=[
        ("POST", "/login", {"json": {"username": "Zoë"}}),
        ("GET", "/protected", {}),
        ("GET", "/protected", {"headers": {"Authorization": "Bearer x"}}),
    ],
    statuses=[200, 401, 422],
)


def test_tokens_are_exchanged_with_an_app_without_the_extension():
    stock, ours = JWT.build(), JWT.build(Jsonify(dates="iso"))
    for maker in (stock, ours):
        header = bearer(maker, born=BIRTHDAY, name="Zoë")
        for reader in (stock, ours):
            with reader.test_request_context(headers=header):
                flask_jwt_extended.verify_jwt_in_request()
                # It uses app.json_provider_class, not app.json.
                assert flask_jwt_extended.get_jwt()["born"] == HTTP
                assert flask_jwt_extended.get_jwt()["name"] == "Zoë"


# Flask-Session


def server_side_session(folder: Path, storage_format: str) -> Callable[[flask.Flask], None]:
    def set_up(app: flask.Flask) -> None:
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

        @app.get("/get")
        def read():
            return dict(flask.session)

    return set_up


def session_neighbour(folder: Path, storage_format: str = "msgpack") -> Neighbour:
    return Neighbour(
        set_up=server_side_session(folder, storage_format),
        requests=[("GET", "/get", {}), ("GET", "/set", {}), ("GET", "/get", {})],
        statuses=[200, 200, 200],
    )


@pytest.mark.parametrize("storage_format", ["msgpack", "json"])
def test_server_side_sessions_stay_readable(tmp_path: Path, storage_format: str):
    neighbour = session_neighbour(tmp_path, storage_format)
    stock, ours = neighbour.build(), neighbour.build(Jsonify(dates="iso", omit_none=False))
    for writer in (stock, ours):
        client = writer.test_client()
        client.get("/set")
        cookie = client.get_cookie("session").value
        for reader in (stock, ours):
            other = reader.test_client()
            other.set_cookie("session", cookie)
            session = other.get("/get").json
            assert session["user"] == {"name": "Zoë", "big": 2**60, "at": [1.5, None]}


# flask-expects-json

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


EXPECTS_JSON = Neighbour(
    set_up=expects_json,
    requests=[
        ("POST", "/", {"json": {"name": "Zoë"}}),
        ("POST", "/", {"json": {"name": 7}}),
        ("POST", "/", {"data": "{", **JSON}),
        ("POST", "/", {"data": "x"}),
    ],
    statuses=[200, 400, 400, 415],
)


def test_the_reason_why_a_body_does_not_match_its_schema_is_the_detail_of_the_problem():
    client = EXPECTS_JSON.build(Jsonify(problems=True)).test_client()
    answer = client.post("/", json={"name": 7})
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"].startswith("7 is not of type 'string'")
    answer = client.post("/", data="{", **JSON)
    assert answer.json["detail"].startswith("The request body is not valid JSON: ")


# All of them


@pytest.fixture(params=["Flask-JWT-Extended", "Flask-Session", "flask-expects-json"])
def neighbour(request: pytest.FixtureRequest, tmp_path: Path) -> Neighbour:
    return {
        "Flask-JWT-Extended": JWT,
        "Flask-Session": session_neighbour(tmp_path),
        "flask-expects-json": EXPECTS_JSON,
    }[request.param]


@pytest.mark.parametrize("last", [False, True], ids=["installed first", "installed last"])
def test_it_answers_as_without_the_extension(neighbour: Neighbour, last: bool):
    stock = neighbour.answers(neighbour.build())
    assert neighbour.answers(neighbour.build(Jsonify(), last=last)) == stock


@pytest.mark.parametrize("last", [False, True], ids=["installed first", "installed last"])
def test_a_setting_applies_to_its_views(neighbour: Neighbour, last: bool):
    client = neighbour.build(Jsonify(dates="iso"), last=last).test_client()
    assert client.get("/born").json["born"] == client.get("/ours").json["born"] == ISO
