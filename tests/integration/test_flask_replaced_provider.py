"""Extensions that replace ``app.json``: Flask-Security and Flask-JSON."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import flask
import flask_json
import flask_sqlalchemy
import pytest

import jsonify_ext
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .neighbours import HTTP, ISO, Neighbour, add_born, installed, require

flask_security = require("flask_security")
fsqla = require("flask_security.models.fsqla_v3")

_engines: list[Any] = []


@pytest.fixture(autouse=True)
def close_databases() -> Iterator[None]:
    yield
    while _engines:
        _engines.pop().dispose()


def security(app: flask.Flask) -> None:
    app.config |= {
        "SECURITY_PASSWORD_SALT": "146585145368132386173505678016728509634",
        "SECURITY_PASSWORD_HASH": "plaintext",
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SQLALCHEMY_DATABASE_URI": "sqlite://",
        "WTF_CSRF_ENABLED": False,
    }
    database = flask_sqlalchemy.SQLAlchemy(app)
    fsqla.FsModels.set_db_info(database)

    class Role(database.Model, fsqla.FsRoleMixin):
        pass

    class User(database.Model, fsqla.FsUserMixin):
        pass

    users = flask_security.SQLAlchemyUserDatastore(database, User, Role)
    app.security = flask_security.Security(app, users)
    with app.app_context():
        database.create_all()
        users.create_user(email="zoe@example.com", password="a password for tests")
        database.session.commit()
        _engines.append(database.engine)
    add_born(app)

    @app.get("/account")
    @flask_security.auth_required()
    def account():
        return flask.jsonify(email=flask_security.current_user.email)


LOGIN = {"email": "zoe@example.com", "password": "a password for tests"}
ACCEPT = {"headers": {"Accept": "application/json"}}
SECURITY = [
    (401, "GET", "/account", ACCEPT),
    (400, "POST", "/login", {"json": {**LOGIN, "password": "another password"}}),
    (400, "POST", "/login", {"json": {"email": "x"}}),
    (200, "POST", "/login", {"json": LOGIN}),
    (200, "GET", "/account", {}),
    (200, "GET", "/login", ACCEPT),
    (200, "POST", "/logout", {"json": {}}),
]


def json_extension(app: flask.Flask) -> None:
    app.config["JSON_ADD_STATUS"] = False
    extension = flask_json.FlaskJSON(app)

    @extension.encoder
    def encode(value: Any) -> Any:
        return {"name": value.name} if isinstance(value, Named) else None

    add_born(app)
    app.add_url_rule("/named", "named", lambda: {"named": Named("Zoë")})

    @app.post("/as-json")
    @flask_json.as_json
    def as_json():
        return flask.request.get_json(), 201

    @app.get("/response")
    def response():
        return flask_json.json_response(202, {"X-A": "1"}, named=Named("Zoë"))

    @app.get("/error")
    def error():
        raise flask_json.JsonError(409, why="taken")


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


FLASK_JSON = [
    (201, "POST", "/as-json", {"json": {"name": "Zoë"}}),
    (400, "POST", "/as-json", {"data": "{", "content_type": "application/json"}),
    (202, "GET", "/response", {}),
    (409, "GET", "/error", {}),
    (200, "GET", "/named", {}),
]
NEIGHBOURS = {
    "Flask-Security": Neighbour(security, SECURITY),
    "Flask-JSON": Neighbour(json_extension, FLASK_JSON),
}


@pytest.fixture(params=NEIGHBOURS)
def neighbour(request: pytest.FixtureRequest) -> Neighbour:
    return NEIGHBOURS[request.param]


@pytest.mark.filterwarnings("ignore:app.json was replaced")
@installed
def test_responses_are_the_same(neighbour: Neighbour, last: bool):
    stock, ours = (
        neighbour.answers(neighbour.build(each, last=last)) for each in (None, Jsonify())
    )
    assert ours == stock


def test_settings_apply_when_the_extension_is_installed_last(neighbour: Neighbour):
    app = neighbour.build(Jsonify(dates="iso"), last=True)
    client = app.test_client()
    assert {client.get(path).json["born"] for path in ("/born", "/stock", "/ours")} == {ISO}
    assert isinstance(app.json, JsonifyProvider)


@pytest.mark.parametrize("path", ["/born", "/stock", "/ours"])
def test_replacing_the_provider_later_is_a_warning_that_names_the_cure(
    neighbour: Neighbour, path: str
):
    app = neighbour.build(Jsonify(dates="iso", sort_keys=False))
    cure = r"Call Jsonify\(app\) after the provider is set"
    with pytest.warns(UserWarning, match=rf"^app\.json was replaced .*{cure}$"):
        first = app.test_client().get(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # only once
        again = app.test_client().get(path)
    # The settings given to Jsonify keep applying to this package's jsonify.
    assert first.json == again.json == {"born": ISO if path == "/ours" else HTTP}


def test_the_cure_works(neighbour: Neighbour):
    extension = Jsonify(dates="iso")
    app = neighbour.build(extension)
    extension.init_app(app)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.test_client().get("/born").json == {"born": ISO}


@pytest.mark.filterwarnings("ignore:app.json was replaced")
def test_all_settings_apply_to_this_packages_jsonify_when_the_provider_is_replaced_later(
    neighbour: Neighbour,
):
    settings = {"sort_keys": False, "pretty": True, "ensure_ascii": False, "omit_none": True}
    app = neighbour.build(Jsonify(**settings, mimetype="application/vnd.api+json"))
    with app.app_context():
        response = jsonify_ext.jsonify(b="é", a=None, c=1)
    assert response.get_data(as_text=True) == '{\n  "b": "é",\n  "c": 1\n}\n'
    assert response.mimetype == "application/vnd.api+json"


def test_a_provider_class_of_this_package_stays_when_flask_security_extends_it():
    class App(flask.Flask):
        json_provider_class = JsonifyProvider

    app = App("tests")
    app.secret_key = "tests"
    Jsonify(app)
    security(app)
    assert isinstance(app.json, JsonifyProvider)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert app.test_client().get("/born").json == {"born": HTTP}
