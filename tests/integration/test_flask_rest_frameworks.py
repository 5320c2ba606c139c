"""Frameworks for APIs that build on Flask, with the extension and without."""

from __future__ import annotations

import json
import logging
from functools import partial
from importlib import import_module
from typing import Any
from uuid import UUID

import flask
import marshmallow
import pydantic
import pytest
from flask.views import MethodView
from werkzeug.exceptions import abort

import jsonify_ext
from jsonify_ext.flask import Jsonify

from ..docs.samples import check_answers
from .neighbours import BIRTHDAY, HTTP, ISO, Neighbour, installed, require

apiflask = require("apiflask")
flask_openapi3 = require("flask_openapi3")
flask_restful = require("flask_restful")
flask_restx = require("flask_restx")
flask_smorest = require("flask_smorest")

NUMBER = "00000000-0000-0000-0000-000000000001"
JSON = {"content_type": "application/json"}


class PetSchema(marshmallow.Schema):
    id = marshmallow.fields.Int(dump_only=True)
    name = marshmallow.fields.String(required=True)
    born = marshmallow.fields.Raw(dump_only=True)


class Pet(pydantic.BaseModel):
    name: str


class PetId(pydantic.BaseModel):
    id: int


PET = {"id": 1, "name": "Zoë", "born": BIRTHDAY}


def rest(module: Any, app: flask.Flask, *, recipe: bool = False) -> None:
    """Flask-RESTful or Flask-RESTX, whose apps look the same."""
    api = module.Api(app)
    if recipe:

        @api.representation("application/json")
        def output_json(data, code, headers=None):
            return jsonify_ext.jsonify(data, status=code, headers=headers)

    class Todos(module.Resource):
        def get(self):
            return [{"task": "Zoë", "id": 1}]

        def post(self):
            parser = import_module(f"{module.__name__}.reqparse").RequestParser()
            parser.add_argument("task", required=True, location="json")
            return parser.parse_args(), 201, {"Location": "/todos/2", "X-A": "1"}

        def put(self):
            return flask.request.get_json()

        def delete(self):
            return "", 204

    class Todo(module.Resource):
        def get(self, number):
            module.abort(404, message="no such todo")

    class Native(module.Resource):
        def get(self):
            return {"born": BIRTHDAY, "id": UUID(NUMBER)}

    class Problem(module.Resource):
        def get(self):
            return jsonify_ext.problem(409, "taken")

        def post(self):
            abort(jsonify_ext.problem(409, "taken"))

    api.add_resource(Todos, "/todos")
    api.add_resource(Todo, "/todos/<int:number>")
    api.add_resource(Native, "/native")
    api.add_resource(Problem, "/problem")

    @app.get("/born")
    def born():
        return {"born": BIRTHDAY}


REST_REQUESTS = [
    (200, "GET", "/todos", {}),
    (200, "HEAD", "/todos", {}),
    (201, "POST", "/todos", {"json": {"task": "Zoë"}}),
    (400, "POST", "/todos", {"json": {}}),
    (200, "PUT", "/todos", {"json": {"é": 2**70}}),
    (400, "PUT", "/todos", {"data": "{", **JSON}),
    (415, "PUT", "/todos", {"data": "x"}),
    (204, "DELETE", "/todos", {}),
    (405, "PATCH", "/todos", {}),
    (404, "GET", "/todos/7", {}),
    (409, "GET", "/problem", {}),
    (409, "POST", "/problem", {}),
    (404, "GET", "/nowhere", {}),
    (200, "GET", "/born", {}),
]


def smorest(app: flask.Flask) -> None:
    app.config |= {
        "API_TITLE": "Pets",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/",
    }
    api = flask_smorest.Api(app)
    blueprint = flask_smorest.Blueprint("pets", "pets", url_prefix="/", description="Pets")

    @blueprint.route("/pets")
    class Pets(MethodView):
        @blueprint.response(200, PetSchema(many=True))
        @blueprint.paginate()
        def get(self, pagination_parameters):
            pagination_parameters.item_count = 1
            return [PET]

        @blueprint.arguments(PetSchema)
        @blueprint.response(201, PetSchema)
        def post(self, data):
            return PET | data

    @blueprint.route("/pets/<int:number>")
    @blueprint.etag
    @blueprint.response(200, PetSchema)
    def pet(number):
        if number != 1:
            flask_smorest.abort(404, message="no such pet")
        return PET

    @blueprint.route("/born")
    @blueprint.response(200, PetSchema)
    def born():
        return PET

    api.register_blueprint(blueprint)


def api_flask(app: Any) -> None:
    @app.get("/pets")
    @app.output(PetSchema(many=True))
    def pets():
        return [PET]

    @app.post("/pets")
    @app.input(PetSchema)
    @app.output(PetSchema, status_code=201)
    def create(json_data):
        return PET | json_data, 201, {"Location": "/pets/1"}

    @app.get("/pets/<int:number>")
    @app.output(PetSchema)
    def pet(number):
        if number != 1:
            apiflask.abort(404, "no such pet", extra_data={"id": number})
        return PET

    @app.get("/list")
    def plain():
        return [1, 2]

    @app.get("/born")
    def born():
        return {"born": BIRTHDAY}


def openapi3(app: Any) -> None:
    @app.get("/pets/<int:id>", summary="one pet", responses={200: Pet})
    def pet(path: PetId):
        return {"id": path.id, "name": "Zoë"}

    @app.get("/pets")
    def pets(query: PetId):
        return [{"id": query.id}]

    @app.post("/pets")
    def create(body: Pet):
        return body.model_dump(), 201

    @app.get("/born")
    def born():
        return flask.jsonify(born=BIRTHDAY)


PETS_REQUESTS = [
    ("GET", "/pets", {}),
    ("POST", "/pets", {"json": {"name": "Zoë"}}),
    ("POST", "/pets", {"json": {"name": 7}}),
    ("POST", "/pets", {"data": "{", **JSON}),
    ("GET", "/pets/1", {}),
    ("GET", "/pets/2", {}),
    ("GET", "/openapi.json", {}),
    ("GET", "/nowhere", {}),
    ("GET", "/born", {}),
]


def pets(*statuses: int) -> list[Any]:
    return [(status, *each) for status, each in zip(statuses, PETS_REQUESTS, strict=True)]


NEIGHBOURS = {
    "Flask-RESTful": Neighbour(partial(rest, flask_restful), REST_REQUESTS),
    "Flask-RESTX": Neighbour(
        partial(rest, flask_restx),
        [*REST_REQUESTS, (200, "GET", "/swagger.json", {}), (200, "GET", "/", {})],
    ),
    "Flask-Smorest": Neighbour(smorest, pets(200, 201, 422, 400, 200, 404, 200, 404, 200)),
    "APIFlask": Neighbour(
        api_flask,
        [
            *pets(200, 201, 422, 400, 200, 404, 200, 404, 200),
            (200, "GET", "/list", {}),
            (200, "GET", "/docs", {}),
        ],
        app=lambda: apiflask.APIFlask("tests"),
    ),
    "flask-openapi3": Neighbour(
        openapi3,
        [
            *pets(422, 201, 422, 422, 200, 200, 404, 404, 200),
            (200, "GET", "/pets?id=7", {}),
            (200, "GET", "/openapi/openapi.json", {}),
        ],
        app=lambda: flask_openapi3.OpenAPI(
            "tests", info=flask_openapi3.Info(title="Pets", version="1.0.0")
        ),
    ),
}


@installed
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_it_answers_as_without_the_extension(name, last):
    neighbour = NEIGHBOURS[name]
    stock = neighbour.answers(neighbour.build())
    assert neighbour.answers(neighbour.build(Jsonify(), last=last)) == stock


@installed
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_a_setting_applies_to_its_views(name, last):
    neighbour = NEIGHBOURS[name]
    stock = neighbour.build().test_client().get("/born")
    ours = neighbour.build(Jsonify(dates="iso"), last=last).test_client().get("/born")
    assert (stock.json["born"], ours.json["born"]) == (HTTP, ISO)


@pytest.mark.parametrize("name", ["Flask-Smorest", "APIFlask"])
def test_what_its_schemas_make_follows_the_settings(name):
    neighbour = NEIGHBOURS[name]
    client = neighbour.build(Jsonify(dates="iso", sort_keys=False)).test_client()
    if name == "Flask-Smorest":
        assert client.get("/pets/1").headers["ETag"]
    assert client.get("/pets/1").text == '{"id":1,"name":"Zo\\u00eb","born":"2026-01-02"}\n'


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Flask-RESTful", "/todos/7"),
        ("Flask-RESTX", "/todos/7"),
        ("Flask-Smorest", "/pets/7"),
        ("APIFlask", "/pets/7"),
    ],
)
def test_its_own_error_handlers_come_before_problems(name, path):
    neighbour = NEIGHBOURS[name]
    stock, ours = neighbour.build(), neighbour.build(Jsonify(problems=True))
    bodies = [app.test_client().get(path).json for app in (stock, ours)]
    assert bodies[0] == bodies[1]
    assert "message" in bodies[0]


modules = pytest.mark.parametrize(
    "module", [flask_restful, flask_restx], ids=lambda module: module.__name__
)


@modules
@pytest.mark.parametrize("extension", [None, Jsonify()], ids=["alone", "with the extension"])
def test_with_the_recipe_values_and_headers_stay(module, extension):
    stock = Neighbour(partial(rest, module), REST_REQUESTS)
    ours = Neighbour(partial(rest, module, recipe=True), REST_REQUESTS)

    def essence(answer):
        status, headers, _, body = answer
        is_json = "json" in dict(headers).get("Content-Type", "") and body
        headers = [pair for pair in headers if pair[0] != "Content-Length"]
        return status, sorted(headers), json.loads(body) if is_json else None

    answers = stock.answers(stock.build()), ours.answers(ours.build(extension))
    assert [*map(essence, answers[1])] == [*map(essence, answers[0])]


@modules
def test_with_the_recipe_a_resource_may_return_any_value(module, caplog):
    def native(extension=None, **options):
        app = Neighbour(partial(rest, module, **options), ()).build(extension)
        return app.test_client().get("/native")

    with caplog.at_level(logging.ERROR):
        assert native().status_code == native(Jsonify(dates="iso")).status_code == 500
    assert caplog.text.count("date is not JSON serializable") == 2
    assert native(recipe=True).json == {"born": HTTP, "id": NUMBER}
    answer = native(Jsonify(dates="iso"), recipe=True)
    assert answer.text == f'{{"born":"{ISO}","id":"{NUMBER}"}}\n'
    assert answer.headers["Content-Type"] == "application/json"


def test_the_apps_of_the_recipe_answer_as_it_says(tmp_path):
    assert check_answers("docs/howto/flask-restful.rst", tmp_path) == 4
