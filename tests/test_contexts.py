"""Settings apply to their own thread, task, app or body, and nowhere else."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from functools import partial
from itertools import product
from typing import Any

import flask
import pytest
from werkzeug.test import Client, EnvironBuilder

from jsonify_ext import JSONResponse, JSONSettings, encode, jsonify, stream_json, use_settings
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware

from .conftest import flask_app

VALUE = {"b": "é", "a": [date(2024, 1, 1), float("nan")]}
DEFAULT = '{"b":"é","a":["2024-01-01",null]}'.encode()

#: Settings of which each gives other bytes.
VARIANTS: list[dict[str, Any]] = [
    dict(zip(("sort_keys", "pretty", "ensure_ascii", "dates", "encoders"), choice, strict=True))
    for choice in product(
        *[[False, True]] * 3, ["iso", "http"], [{}, {date: lambda day: day.toordinal()}]
    )
]
EXPECTED = [encode(VALUE, JSONSettings(**changes)) for changes in VARIANTS]


# The ways to apply settings, each of which every thread uses.


def in_a_block(number: int) -> bytes:
    with use_settings(**VARIANTS[number]):
        time.sleep(0)
        return encode(VALUE)


def in_nested_blocks(number: int) -> bytes:
    with use_settings(**VARIANTS[number]):
        with use_settings(**VARIANTS[number - 1]):
            inner = jsonify(VALUE).data[:-1]
        return jsonify(VALUE).data[:-1] if inner == EXPECTED[number - 1] else inner


def by_the_argument(number: int) -> bytes:
    return jsonify(VALUE, settings=VARIANTS[number]).data[:-1]


def in_a_middleware(number: int) -> bytes:
    return MIDDLEWARES[number].get("/").data


def in_a_flask_app(number: int) -> bytes:
    return FLASKS[number].get("/").data[:-1]


def in_flask_under_a_block(number: int) -> bytes:
    with use_settings(JSONSettings(**VARIANTS[number])):
        return FLASKS[number - 1].get("/").data[:-1]


def in_a_middleware_that_all_share(number: int) -> bytes:
    with use_settings(**VARIANTS[number]):
        return SHARED.get("/").data


def lazily(environ: Any, start_response: Any) -> Iterator[bytes]:
    """An app that encodes while its body is read."""
    start_response("200 OK", [("Content-Type", "application/json")])
    yield b""
    time.sleep(0)
    yield encode(VALUE)


def flask_client(changes: dict[str, Any]) -> Client:
    app = flask.Flask("threads")
    Jsonify(app, **changes)
    app.add_url_rule("/", "/", lambda: VALUE)
    return Client(app)


SHARED = Client(JSONMiddleware(lazily, headers={"X-Shared": "1"}))
MIDDLEWARES = [Client(JSONMiddleware(lazily, **changes)) for changes in VARIANTS]
FLASKS = [*map(flask_client, VARIANTS)]
WAYS: list[Callable[[int], bytes]] = [
    *(in_a_block, in_nested_blocks, by_the_argument, in_a_middleware, in_a_flask_app),
    *(in_flask_under_a_block, in_a_middleware_that_all_share),
]


def test_64_threads_with_settings_of_their_own(request):
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-5)  # so that they interrupt each other
    ready = threading.Barrier(64)

    def work(thread: int) -> tuple[int, list[Any]]:
        wrong, done = [], 0
        ready.wait()
        end = time.monotonic() + 1
        while time.monotonic() < end and not wrong:
            for way in WAYS:
                number = (thread + done) % len(VARIANTS)
                body = way(number)
                if body != EXPECTED[number] or encode(VALUE) != DEFAULT:
                    wrong.append((way.__name__, VARIANTS[number], body))
                done += 1
        return done, wrong

    with ThreadPoolExecutor(64) as pool:
        results = list(pool.map(work, range(64)))
    assert [wrong for _, wrong in results if wrong] == []
    assert min(done for done, _ in results) >= len(WAYS)


def test_tasks_with_settings_of_their_own():
    async def encoded_later() -> bytes:
        await asyncio.sleep(0)
        return encode(VALUE)

    async def work(task: int) -> None:
        for done in range(4):
            number = (task + done) % len(VARIANTS)
            with use_settings(**VARIANTS[number]):
                await asyncio.sleep(0)
                assert encode(VALUE) == EXPECTED[number]
                # A task keeps the settings that applied where it was created.
                child = asyncio.create_task(encoded_later())
            assert encode(VALUE) == DEFAULT
            assert await child == EXPECTED[number]

    async def run() -> None:
        await asyncio.gather(*map(work, range(100)))

    asyncio.run(run())


# Apps in apps.


def test_a_flask_app_that_calls_another():
    inner, outer = flask.Flask("inner"), flask.Flask("outer")
    Jsonify(inner, pretty=True, dates="iso")
    Jsonify(outer, sort_keys=False, ensure_ascii=False)
    inner.response_class = type("Inner", (flask.Response,), {})

    def response(app: flask.Flask) -> JSONResponse:
        made = jsonify(VALUE)
        assert isinstance(made, inner.response_class) == (app is inner)
        return made

    def ask() -> JSONResponse:
        before = response(outer).data
        answer = Client(inner).get("/").data
        form = {"pretty": True, "sort_keys": True, "ensure_ascii": True, "dates": "iso"}
        assert answer == encode(VALUE, form) + b"\n"
        assert response(outer).data == before
        return response(outer)

    inner.add_url_rule("/", "view", lambda: response(inner))
    outer.add_url_rule("/", "view", ask)
    assert b"Mon, 01 Jan 2024 00:00:00 GMT" in Client(outer).get("/").data


def test_settings_of_one_app_that_are_used_in_another():
    apps = [flask_app(), flask_app()]
    for app in apps:
        app.response_class = type("Own", (flask.Response,), {})

    def classes() -> list[bool]:
        return [isinstance(jsonify(1), app.response_class) for app in apps]

    with apps[0].app_context(), use_settings() as settings:
        assert classes() == [True, False]
    with apps[1].app_context(), use_settings(settings):
        assert classes() == [False, True]
    with use_settings(settings):
        assert type(jsonify(1)) is JSONResponse
    with use_settings() as defaults:
        assert type(jsonify(1)) is JSONResponse
    with apps[0].app_context(), use_settings(defaults):
        assert classes() == [True, False]
        assert encode(VALUE) == DEFAULT
    assert type(jsonify(1)) is JSONResponse


def fails(environ: Any, start_response: Any) -> Any:
    raise KeyError


def fails_later(environ: Any, start_response: Any) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield b"1"
    raise KeyError


@pytest.mark.parametrize("app", [fails, fails_later])
def test_settings_end_with_an_app_that_raises(app):
    with pytest.raises(KeyError):
        Client(JSONMiddleware(app, pretty=True)).get("/", buffered=True)
    assert encode(VALUE) == DEFAULT


# Bodies that outlive the call.


def call(app: Any) -> Any:
    return app(EnvironBuilder().get_environ(), lambda status, headers, exc_info=None: print)


def test_a_source_that_puts_settings_in_force_changes_nothing_outside():
    def source(*arguments: Any) -> Iterator[Any]:
        if arguments:
            arguments[1]("200 OK", [("Content-Type", "application/json")])
        with use_settings(**VARIANTS[1]):
            for _ in range(3):
                yield encode(VALUE)
        yield encode(VALUE)

    def app(environ: Any, start_response: Any) -> Any:
        response = stream_json(source(), "jsonl", chunk_size=0)
        assert encode(VALUE) == DEFAULT
        return response(environ, start_response)

    lines = [encode(line) + b"\n" for line in (EXPECTED[1],) * 3 + (DEFAULT,)]
    for served, expected in [
        (app, lines),
        (JSONMiddleware(app), lines),
        (JSONMiddleware(source), [EXPECTED[1]] * 3 + [DEFAULT]),
        (JSONMiddleware(source, problems=True), [EXPECTED[1]] * 3 + [DEFAULT]),
    ]:
        body = iter(call(served))
        assert encode(VALUE) == DEFAULT
        parts = [next(body)]
        assert encode(VALUE) == DEFAULT
        with ThreadPoolExecutor(1) as pool:
            parts += pool.submit(list, body).result()
        assert parts == expected
        assert encode(VALUE) == DEFAULT


@pytest.mark.parametrize("push", [flask.Flask.app_context, flask.Flask.test_request_context])
@pytest.mark.parametrize("chunk_size", [0, None])
def test_a_source_may_push_a_context_of_flask(push, chunk_size):
    app, other = flask_app(), flask_app()

    def source(skip):
        if not skip:
            yield flask.request.path
        with push(other):
            for _ in range(2):
                yield flask.current_app == other
        yield flask.request.path

    @app.get("/<int:skip>")
    def view(skip):
        response = stream_json(source(skip), chunk_size=chunk_size)
        assert flask.current_app == app
        return response

    client = app.test_client()
    assert client.get("/0").json == ["/0", True, True, "/0"]
    assert client.get("/1").json == [True, True, "/1"]
    assert client.head("/1").status_code == 200
    assert not flask.has_app_context()


@pytest.mark.parametrize("wrap", [lambda source: source, partial(map, str.upper)])
def test_a_source_with_flasks_own_wrapper(wrap, caplog):
    app = flask_app()

    @app.get("/")
    def view():
        return stream_json(wrap(flask.stream_with_context(flask.request.path for _ in range(2))))

    assert app.test_client().get("/").data == b'["/","/"]\n'
    assert caplog.messages == []


def lines(**settings: Any) -> Iterator[bytes]:
    """Encodes twice in a block."""
    with use_settings(**settings):
        for _ in range(2):
            yield encode(VALUE)


def test_blocks_of_generators_that_end_out_of_order():
    assert [*zip(lines(sort_keys=True), lines(pretty=True), strict=True)]
    assert encode(VALUE) == DEFAULT
    begun = lines(pretty=True)
    copy_context().run(next, begun)
    with use_settings(**VARIANTS[1]):
        begun.close()
        assert encode(VALUE) == EXPECTED[1]
    assert encode(VALUE) == DEFAULT
