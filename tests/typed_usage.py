"""What a type checker makes of the public names; read by mypy, not run."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from jsonify_ext import JSONResponse, JSONSettings, RawJSON, encode, jsonify, use_settings
from jsonify_ext.wsgi import JSONMiddleware, json_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import assert_type
    from werkzeug.wrappers import Request, Response

    assert_type(jsonify(), JSONResponse)
    assert_type(jsonify([1], status=201, headers={"X-A": "1"}), JSONResponse)
    assert_type(jsonify(1, status=HTTPStatus.CREATED, background=[print]), JSONResponse)
    assert_type(jsonify(1, 2, status="201 Created", mimetype="a/b"), JSONResponse)
    assert_type(jsonify(name="x", status="active"), JSONResponse)
    assert_type(JSONResponse({"a": 1}, 201, [("X-A", "1")], "a/b", print), JSONResponse)
    assert_type(encode(RawJSON("1"), JSONSettings(pretty=True)), bytes)
    with use_settings(dates="http") as settings:
        assert_type(settings, JSONSettings)
    response: Response = jsonify(1)

    @json_app
    def app(request: Request) -> object:
        return request.path

    assert_type(app, WSGIApplication)
    served: WSGIApplication = JSONMiddleware(app, sort_keys=True)

    jsonify(1, colour=1)  # type: ignore[call-overload]  # an unknown option is seen before it runs
    JSONSettings(dates="never")  # type: ignore[arg-type]  # and so is a bad setting
