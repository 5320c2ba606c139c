"""Apps with other Flask extensions respond with this package's as without it."""

from __future__ import annotations

import json
import logging
import warnings
from functools import partial
from pathlib import Path

import flask
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

import jsonify_ext
from jsonify_ext.flask import Jsonify, JsonifyProvider

from .frameworks import FRAMEWORKS, NUMBER, rest, with_recipe
from .neighbours import (
    BIRTHDAY,
    HTTP,
    ISO,
    Neighbour,
    database,
    headers_and_limits,
    neighbours,
    require,
    security,
    session,
)

installed = pytest.mark.parametrize("last", [False, True], ids=["installed first", "last"])
#: Two of them replace ``app.json``.
REPLACING = ["Flask-Security", "Flask-JSON"]
NAMES = [*neighbours(Path()), *FRAMEWORKS]
REPLACED = pytest.mark.filterwarnings("ignore:app.json was replaced")


@pytest.fixture
def neighbour(request: pytest.FixtureRequest, tmp_path: Path) -> Neighbour:
    return (neighbours(tmp_path) | FRAMEWORKS)[request.param]


def each(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("neighbour", names, indirect=True)


def born(app: flask.Flask) -> dict[str, str]:
    """The dates that its views send."""
    client = app.test_client()
    return {path: client.get(f"/{path}").json["born"] for path in ("born", "stock", "ours")}


@REPLACED
@installed
@each(NAMES)
def test_responses_are_the_same(neighbour: Neighbour, last: bool):
    stock = neighbour.answers(neighbour.build())
    assert neighbour.answers(neighbour.build(Jsonify(), last=last)) == stock


@REPLACED
@installed
@each(NAMES)
def test_a_setting_applies_to_its_views(
    neighbour: Neighbour, last: bool, request: pytest.FixtureRequest
):
    dates = born(neighbour.build(Jsonify(dates="iso"), last=last))
    replaced = not last and request.node.callspec.params["neighbour"] in REPLACING
    assert dates == {"born": HTTP, "stock": HTTP, "ours": ISO} if replaced else {ISO}
    assert set(born(neighbour.build()).values()) == {HTTP}


# Headers, sessions and tokens


def test_responses_are_the_same_with_another_import_only(tmp_path: Path):
    stock = neighbours(tmp_path)["headers and limits"]
    ours = Neighbour(partial(headers_and_limits, jsonify=jsonify_ext.jsonify), stock.requests)
    assert ours.answers(ours.build()) == stock.answers(stock.build())


def test_a_cached_response_is_the_same_in_another_process(tmp_path: Path):
    neighbour = neighbours(tmp_path)["Flask-Caching"]
    first = neighbour.build(Jsonify()).test_client().get("/cached")
    again, seen = neighbour.build(Jsonify()), []
    again.after_request(lambda response: seen.append(response) or response)
    assert again.test_client().get("/cached").data == first.data == b'{"calls":1}\n'
    assert isinstance(seen[0], jsonify_ext.JSONResponse)


def test_tokens_are_exchanged_with_an_app_without_the_extension(tmp_path: Path):
    jwt, neighbour = require("flask_jwt_extended"), neighbours(tmp_path)["Flask-JWT-Extended"]
    apps = neighbour.build(), neighbour.build(Jsonify(dates="iso"))
    for maker in apps:
        with maker.app_context():
            claims = {"born": BIRTHDAY, "name": "Zoë"}
            token = jwt.create_access_token("Zoë", additional_claims=claims)
        for reader in apps:
            with reader.test_request_context(headers={"Authorization": f"Bearer {token}"}):
                jwt.verify_jwt_in_request()
                # It uses app.json_provider_class, not app.json.
                assert jwt.get_jwt()["born"] == HTTP
                assert jwt.get_jwt()["name"] == "Zoë"


@pytest.mark.parametrize("storage_format", ["msgpack", "json"])
def test_server_side_sessions_stay_readable(tmp_path: Path, storage_format: str):
    neighbour = Neighbour(partial(session, tmp_path, storage_format=storage_format))
    apps = neighbour.build(), neighbour.build(Jsonify(dates="iso", omit_none=False))
    for writer in apps:
        client = writer.test_client()
        client.get("/set")
        for reader in apps:
            other = reader.test_client()
            other.set_cookie("session", client.get_cookie("session").value)
            user = other.get("/get").json["user"]
            assert user == {"name": "Zoë", "big": 2**60, "at": [1.5, None]}


def test_a_body_that_does_not_match_its_schema_is_a_problem_with_the_reason(tmp_path: Path):
    app = neighbours(tmp_path)["flask-expects-json"].build(Jsonify(problems=True))
    answer = app.test_client().post("/", json={"name": 7})
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"].startswith("7 is not of type 'string'")
    answer = app.test_client().post("/", data="{", content_type="application/json")
    assert answer.json["detail"].startswith("The request body is not valid JSON: ")


def test_rows_of_flask_sqlalchemy(tmp_path: Path):
    app = flask.Flask("tests")
    Jsonify(app)
    db = database(tmp_path, app)

    class Product(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]

    with app.app_context():
        db.create_all()
        db.session.add_all([Product(name=name) for name in ("é", "b")])
        db.session.commit()
        rows = db.session.execute(select(Product.id, Product.name)).all()
        assert flask.jsonify(rows).json == [{"id": 1, "name": "é"}, {"id": 2, "name": "b"}]
        assert flask.jsonify(db.session.scalars(select(Product.name)).all()).json == ["é", "b"]


# Providers that are replaced


@each(REPLACING)
def test_replacing_the_provider_later_is_a_warning_that_names_the_cure(neighbour: Neighbour):
    extension = Jsonify(dates="iso", sort_keys=False)
    app = neighbour.build(extension)
    cure = r"Call Jsonify\(app\) after the provider is set"
    with pytest.warns(UserWarning, match=rf"^app\.json was replaced .*{cure}$"):
        app.test_client().get("/born")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # only once
        # The settings given to Jsonify keep applying to this package's jsonify.
        assert born(app) == {"born": HTTP, "stock": HTTP, "ours": ISO}
        extension.init_app(app)
        assert set(born(app).values()) == {ISO}
    assert isinstance(app.json, JsonifyProvider)


def test_a_provider_class_of_this_package_stays_when_flask_security_extends_it(tmp_path: Path):
    class App(flask.Flask):
        json_provider_class = JsonifyProvider

    app = Neighbour(partial(security, tmp_path), make=lambda: App("tests")).build(Jsonify())
    assert isinstance(app.json, JsonifyProvider)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(born(app).values()) == {HTTP}


# Frameworks


@pytest.mark.parametrize("name", ["Flask-Smorest", "APIFlask"])
def test_what_its_schemas_make_follows_the_settings(name: str):
    app = FRAMEWORKS[name].build(Jsonify(dates="iso", sort_keys=False))
    answer = app.test_client().get("/pets/1")
    assert answer.text == '{"id":1,"name":"Zo\\u00eb","born":"2026-01-02"}\n'
    assert ("ETag" in answer.headers) == (name == "Flask-Smorest")


@pytest.mark.parametrize("name", ["Flask-RESTful", "Flask-RESTX", "Flask-Smorest", "APIFlask"])
def test_its_own_error_handlers_come_before_problems(name: str):
    path = "/todos/7" if "REST" in name else "/pets/7"
    stock, ours = (
        FRAMEWORKS[name].build(extension).test_client().get(path).json
        for extension in (None, Jsonify(problems=True))
    )
    assert stock == ours
    assert "message" in stock


modules = pytest.mark.parametrize("module", ["flask_restful", "flask_restx"])


@modules
@pytest.mark.parametrize("extension", [None, Jsonify()], ids=["alone", "with the extension"])
def test_with_the_recipe_values_and_headers_stay(module: str, extension: Jsonify | None):
    ours = with_recipe(module)
    stock = Neighbour(partial(rest, module), ours.requests)

    def essence(answer):
        status, headers, _, body = answer
        is_json = "json" in dict(headers).get("Content-Type", "") and body
        headers = [pair for pair in headers if pair[0] != "Content-Length"]
        return status, sorted(headers), json.loads(body) if is_json else None

    answers = stock.answers(stock.build()), ours.answers(ours.build(extension))
    assert [*map(essence, answers[1])] == [*map(essence, answers[0])]


@modules
def test_with_the_recipe_a_resource_may_return_any_value(module: str, caplog):
    def native(neighbour: Neighbour, extension: Jsonify | None = None):
        return neighbour.build(extension).test_client().get("/native")

    stock, ours = Neighbour(partial(rest, module)), with_recipe(module)
    with caplog.at_level(logging.ERROR):
        assert native(stock).status_code == 500
        assert native(stock, Jsonify(dates="iso")).status_code == 500
    assert caplog.text.count("date is not JSON serializable") == 2
    assert native(ours).json == {"born": HTTP, "id": NUMBER}
    answer = native(ours, Jsonify(dates="iso"))
    assert answer.text == f'{{"born":"{ISO}","id":"{NUMBER}"}}\n'
    assert answer.headers["Content-Type"] == "application/json"
