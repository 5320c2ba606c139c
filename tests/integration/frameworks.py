"""Frameworks for APIs that build on Flask, each set up as its own documentation does."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import flask
import pydantic
from flask.views import MethodView
from werkzeug.exceptions import abort

import jsonify_ext

from .neighbours import BIRTHDAY, JSON, Neighbour, require

NUMBER = "00000000-0000-0000-0000-000000000001"


def rest(name: str, app: flask.Flask, *, recipe: bool = False) -> None:
    """Flask-RESTful or Flask-RESTX, whose apps look the same."""
    module = require(name)
    api = module.Api(app)
    if recipe:

        @api.representation("application/json")
        def output_json(data, code, headers=None):
            return jsonify_ext.jsonify(data, status=code, headers=headers)

    def post(self):
        parser = require(f"{name}.reqparse").RequestParser()
        parser.add_argument("task", required=True, location="json")
        return parser.parse_args(), 201, {"Location": "/todos/2", "X-A": "1"}

    todos = {
        "get": lambda self: [{"task": "Zoë", "id": 1}],
        "post": post,
        "put": lambda self: flask.request.get_json(),
        "delete": lambda self: ("", 204),
    }
    problem = {
        "get": lambda self: jsonify_ext.problem(409, "taken"),
        "post": lambda self: abort(jsonify_ext.problem(409, "taken")),
    }
    todo = {"get": lambda self, number: module.abort(404, message="no such todo")}
    native = {"get": lambda self: {"born": BIRTHDAY, "id": UUID(NUMBER)}}
    for path, methods in {
        "/todos": todos,
        "/todos/<int:number>": todo,
        "/native": native,
        "/problem": problem,
    }.items():
        api.add_resource(type(f"View of {path}", (module.Resource,), methods), path)


REST_REQUESTS = [
    (200, "GET", "/todos"),
    (200, "HEAD", "/todos"),
    (201, "POST", "/todos", {"json": {"task": "Zoë"}}),
    (400, "POST", "/todos", {"json": {}}),
    (200, "PUT", "/todos", {"json": {"é": 2**70}}),
    (400, "PUT", "/todos", {"data": "{", **JSON}),
    (415, "PUT", "/todos", {"data": "x"}),
    (204, "DELETE", "/todos"),
    (405, "PATCH", "/todos"),
    (404, "GET", "/todos/7"),
    (409, "GET", "/problem"),
    (409, "POST", "/problem"),
    (404, "GET", "/nowhere"),
]


def pet_schema() -> Any:
    fields = require("marshmallow").fields
    members = {"id": fields.Int(dump_only=True), "name": fields.String(required=True)}
    return require("marshmallow").Schema.from_dict(members | {"born": fields.Raw(dump_only=True)})


PET = {"id": 1, "name": "Zoë", "born": BIRTHDAY}


def smorest(app: flask.Flask) -> None:
    app.config |= {
        "API_TITLE": "Pets",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.0.3",
        "OPENAPI_URL_PREFIX": "/",
    }
    module, schema = require("flask_smorest"), pet_schema()
    api = module.Api(app)
    blueprint = module.Blueprint("pets", "pets", url_prefix="/", description="Pets")

    @blueprint.route("/pets")
    class Pets(MethodView):
        @blueprint.response(200, schema(many=True))
        @blueprint.paginate()
        def get(self, pagination_parameters):
            pagination_parameters.item_count = 1
            return [PET]

        @blueprint.arguments(schema)
        @blueprint.response(201, schema)
        def post(self, data):
            return PET | data

    @blueprint.route("/pets/<int:number>")
    @blueprint.etag
    @blueprint.response(200, schema)
    def pet(number):
        if number != 1:
            module.abort(404, message="no such pet")
        return PET

    api.register_blueprint(blueprint)


def api_flask(app: Any) -> None:
    schema = pet_schema()

    @app.get("/pets")
    @app.output(schema(many=True))
    def pets():
        return [PET]

    @app.post("/pets")
    @app.input(schema)
    @app.output(schema, status_code=201)
    def create(json_data):
        return PET | json_data, 201, {"Location": "/pets/1"}

    @app.get("/pets/<int:number>")
    @app.output(schema)
    def pet(number):
        if number != 1:
            require("apiflask").abort(404, "no such pet", extra_data={"id": number})
        return PET

    @app.get("/list")
    def plain():
        return [1, 2]


class Pet(pydantic.BaseModel):
    name: str


class PetId(pydantic.BaseModel):
    id: int


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


def openapi3_app() -> flask.Flask:
    module = require("flask_openapi3")
    return module.OpenAPI("tests", info=module.Info(title="Pets", version="1.0.0"))


PETS_REQUESTS = [
    ("GET", "/pets"),
    ("POST", "/pets", {"json": {"name": "Zoë"}}),
    ("POST", "/pets", {"json": {"name": 7}}),
    ("POST", "/pets", {"data": "{", **JSON}),
    ("GET", "/pets/1"),
    ("GET", "/pets/2"),
    ("GET", "/openapi.json"),
    ("GET", "/nowhere"),
]


def pets(*statuses: int) -> list[Any]:
    return [(status, *each) for status, each in zip(statuses, PETS_REQUESTS, strict=True)]


def with_recipe(name: str) -> Neighbour:
    """Flask-RESTful or Flask-RESTX with the lines of docs/howto/flask-restful.rst."""
    return Neighbour(partial(rest, name, recipe=True), REST_REQUESTS)


FRAMEWORKS = {
    "Flask-RESTful": Neighbour(partial(rest, "flask_restful"), REST_REQUESTS),
    "Flask-RESTX": Neighbour(
        partial(rest, "flask_restx"),
        [*REST_REQUESTS, (200, "GET", "/swagger.json"), (200, "GET", "/")],
    ),
    "Flask-Smorest": Neighbour(smorest, pets(200, 201, 422, 400, 200, 404, 200, 404)),
    "APIFlask": Neighbour(
        api_flask,
        [
            *pets(200, 201, 422, 400, 200, 404, 200, 404),
            (200, "GET", "/list"),
            (200, "GET", "/docs"),
        ],
        make=lambda: require("apiflask").APIFlask("tests"),
    ),
    "flask-openapi3": Neighbour(
        openapi3,
        [
            *pets(422, 201, 422, 422, 200, 200, 404, 404),
            (200, "GET", "/pets?id=7"),
            (200, "GET", "/openapi/openapi.json"),
        ],
        make=openapi3_app,
    ),
}
