"""What a type checker makes of every public name; read by mypy and pyright, not run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask
from werkzeug.exceptions import NotFound

from jsonify_ext import (
    JSONEncodeError,
    JSONResponse,
    JSONSettings,
    ProblemError,
    RawJSON,
    ServerSentEvent,
    encode,
    encoders,
    json_view,
    jsonify,
    problem,
    problem_from,
    stream_json,
    use_settings,
)
from jsonify_ext.flask import Jsonify, JsonifyProvider
from jsonify_ext.wsgi import JSONMiddleware, JSONRequest, json_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from typing_extensions import assert_type
    from werkzeug.wrappers import Request, Response

    # Responses
    assert_type(jsonify(), JSONResponse)
    assert_type(jsonify([1], status=201, headers={"X-A": "1"}), JSONResponse)
    assert_type(jsonify(1, status=HTTPStatus.CREATED, background=[print]), JSONResponse)
    assert_type(jsonify(1, 2, status="201 Created", mimetype="a/b"), JSONResponse)
    assert_type(jsonify(name="x", status="active"), JSONResponse)
    assert_type(JSONResponse({"a": 1}, 201, [("X-A", "1")], "a/b", print), JSONResponse)
    assert_type(JSONResponse().render([1]), bytes)
    assert_type(JSONResponse().headers.get("X-A"), str | None)
    response: Response = jsonify(1)

    class Enveloped(JSONResponse):
        media_type = "application/vnd.api+json"

        def render(self, content: Any) -> bytes:
            return super().render({"data": content})

    assert_type(Enveloped(1), Enveloped)

    # Settings
    settings = JSONSettings(
        sort_keys=True,
        dates="http",
        encoders={Decimal: encoders.decimal_number, bytes: encoders.base64_text},
    )
    JSONSettings(pretty=True, ensure_ascii=True, etag=True, headers={"X-A": "1"}, default=str)
    JSONSettings(headers=[("X-A", "1")])
    with use_settings(settings, dates="iso") as in_force:
        assert_type(in_force, JSONSettings)

    # Values
    assert_type(encode(RawJSON("1"), settings), bytes)
    assert_type(RawJSON(memoryview(b"1"), trusted=True).data, bytes)
    assert_type(encoders.http_date(date.min), str)
    assert_type(encoders.iso_date(datetime.min), str)
    assert_type(encoders.epoch_seconds(date.min), int | float)
    assert_type(encoders.epoch_millis(date.min), int)
    assert_type(encoders.base64_text(b""), str)
    assert_type(encoders.decimal_number(Decimal(1)), RawJSON | float)
    assert_type(encoders.duration_seconds(timedelta()), int | float)
    try:
        encode(object())
    except JSONEncodeError as error:
        assert_type(error.path, str)
        assert_type(error.type_name, str)
        assert_type(error.reason, str)

    # Streams and problems
    event = ServerSentEvent([1], event="number", id="1", retry=1000)
    assert_type(event.data, Any)
    assert_type(event.retry, int | None)
    assert_type(stream_json([event], "sse"), Response)
    ServerSentEvent(text="[DONE]", comment="the last one")
    ServerSentEvent(comment="keep-alive")
    assert_type(stream_json([1], chunk_size=0, background=[print]), Response)
    assert_type(stream_json(iter("ab"), envelope={"total": 2}, key="letters"), Response)
    assert_type(problem(404, "There is no user 7.", title="No such user", user=7), JSONResponse)
    assert_type(problem_from(NotFound()), Response)

    # Views: a decorated one is called as before
    flask_app = Flask("typed")

    @flask_app.get("/plain")
    @json_view
    def view(name: str) -> dict[str, str]:
        return {"name": name}

    @flask_app.get("/rows/<int:count>")
    @json_view(status=201, headers={"X-A": "1"}, stream="jsonl")
    def rows(count: int) -> Iterator[int]:
        yield from range(count)

    @flask_app.get("/options/<int:number>")
    @json_view(status=201, settings={"pretty": True}, background=print)
    def with_options(number: int) -> tuple[int, dict[str, str]]:
        return number, {"X-A": "1"}

    @flask_app.get("/async/<name>")
    @json_view
    async def later(name: str) -> str:
        return name

    @flask_app.get("/async/options")
    @json_view(status=202)
    async def later_with_options() -> list[str]:
        return []

    @flask_app.get("/stream")
    @json_view(stream="sse", chunk_size=0)
    async def stream() -> AsyncIterator[int]:
        yield 1

    called: Callable[[str], Response] = view
    streamed: Callable[[int], Response] = rows
    awaited: Callable[[str], Awaitable[Response]] = later
    assert_type(view("Ada"), Response)
    assert_type(rows(3), Response)
    assert_type(with_options(1), Response)
    assert_type(stream(), Response)
    view(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
    rows("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong

    # WSGI apps
    @json_app
    def app(request: Request) -> object:
        return request.path

    assert_type(app, WSGIApplication)
    served: WSGIApplication = JSONMiddleware(app, settings, problems=True, sort_keys=True)
    assert_type(JSONRequest({}).path, str)

    # Flask apps
    Jsonify(flask_app, problems=True, dates="iso")
    Jsonify(Blueprint("api", "typed"), sort_keys=True)

    class OutOfCredit(ProblemError):
        status = 403

    Jsonify(flask_app, errors={OutOfCredit: lambda error: error.code, KeyError: 404})
    raised: Exception = OutOfCredit("Your balance is 30", balance=30)
    assert_type(Jsonify().init_app(flask_app), None)
    assert_type(JsonifyProvider(flask_app).dumps(1, indent=2), str)

    # What is wrong is seen before it runs: an option, a setting, a format
    jsonify(1, colour=1)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]  # wrong
    Jsonify(problem=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wrong
    use_settings(sortkeys=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wrong
    JSONMiddleware(app, date="iso")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # wrong
    JSONSettings(dates="never")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
    stream_json([], "xml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # wrong
