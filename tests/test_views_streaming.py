"""json_view with stream=: iterables, generators, and asynchronous generators."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import itertools
import logging

import flask
import pytest

from jsonify_ext import JSONEncodeError, ServerSentEvent, json_view, jsonify

from .conftest import Send, flask_app


@pytest.fixture
def app() -> flask.Flask:
    return flask_app()


def get(app: flask.Flask, path: str = "/", buffered: bool = True):
    return app.test_client().get(path, buffered=buffered)


def test_any_iterable_is_streamed(send: Send):
    for items in ([1, 2], (n for n in (1, 2)), range(1, 3), {1: 0, 2: 0}.values()):
        answer = send(json_view(stream="jsonl")(lambda items=items: items))
        assert answer.mimetype == "application/jsonl"
        assert answer.data.count(b"\n") == 2


def test_tuples_and_responses(send: Send):
    view = json_view(stream="jsonl", status=202, headers={"X-A": "1"})
    answer = send(view(lambda: (iter([1]), 203, {"X-B": "2"})))
    assert (answer.status_code, answer.headers["X-A"], answer.headers["X-B"]) == (203, "1", "2")
    assert answer.data == b"1\n"
    assert send(view(lambda: iter([1]))).status_code == 202
    assert send(view(lambda: jsonify(7))).data == b"7\n"


def test_the_size_of_chunks():
    def rows():
        yield from range(2000)

    with pytest.raises(TypeError, match="chunk_size is for streams"):
        json_view(chunk_size=0)(lambda: [1])
    with pytest.raises(ValueError, match="chunk_size"):
        json_view(rows, chunk_size=-1)
    at_once = json_view(chunk_size=0)(rows)()
    assert len(list(at_once.response)) == 2001
    gathered = json_view(stream="sse", chunk_size=65536)(rows)()
    assert len(list(gathered.response)) < 1500


@pytest.mark.parametrize("returned", [{"a": 1}, "text", 7], ids=repr)
def test_values_that_cannot_be_streamed(returned):
    with pytest.raises(TypeError, match="iterable"):
        json_view(stream="jsonl")(lambda: returned)()


def test_an_asynchronous_generator_is_streamed(send: Send):
    async def rows():
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    assert send(json_view(rows)).data == b"[0,1,2]\n"
    answer = send(json_view(stream="sse", status=203)(rows))
    assert answer.status_code == 203
    assert answer.data == b":\n\ndata: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert not inspect.iscoroutinefunction(json_view(rows))


def test_an_async_view_that_returns_an_asynchronous_generator(app):
    @app.get("/")
    @json_view(stream="jsonl")
    async def view():
        queue = asyncio.Queue()

        async def fill():
            for number in range(3):
                await asyncio.sleep(0.01)
                await queue.put(number)

        task = asyncio.create_task(fill())

        async def rows():
            for _ in range(3):
                yield await queue.get()
            await task

        return rows(), 202

    answer = get(app)
    assert (answer.status_code, answer.data) == (202, b"0\n1\n2\n")


def test_an_async_view_may_return_other_values(app):
    app.add_url_rule("/list", "list", json_view(stream="jsonl")(returns([1, 2])))
    app.add_url_rule("/tuple", "tuple", json_view(stream="jsonl")(returns(([1], 202))))
    app.add_url_rule("/response", "response", json_view(stream="jsonl")(returns(jsonify(7))))
    assert get(app, "/list").data == b"1\n2\n"
    assert get(app, "/tuple").status_code == 202
    assert get(app, "/response").data == b"7\n"


def returns(value):
    async def view():
        return value

    return view


def test_one_task_reads_all_items_in_the_context_of_the_request(app):
    variable = contextvars.ContextVar("variable", default=0)

    @app.get("/<name>")
    @json_view(stream="jsonl")
    async def rows(name):
        first = asyncio.current_task()
        for _ in range(3):
            assert asyncio.current_task() is first
            variable.set(variable.get() + 1)
            await asyncio.sleep(0)
            yield [flask.request.path, variable.get()]

    assert get(app, "/me").data == b'["/me",1]\n["/me",2]\n["/me",3]\n'
    assert variable.get() == 0


@pytest.mark.parametrize("read", [0, 1])
@pytest.mark.parametrize("stream", ["jsonl", "sse"])
def test_the_generator_is_closed_when_the_client_goes_away(app, stream, read):
    closed = []

    @app.get("/")
    @json_view(stream=stream)
    async def rows():
        try:
            for number in itertools.count():
                yield number
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    answer = get(app, buffered=False)
    for _ in range(read + 1):
        next(iter(answer.response))
    answer.close()
    assert closed == [True] * (stream == "jsonl" or read)


def test_an_error_of_an_asynchronous_generator(app, caplog):
    app.testing = True

    async def fails_at_once():
        raise KeyError("first")
        yield 1

    async def fails_later():
        yield 1
        raise KeyError("later")

    async def fails_when_closed():
        try:
            yield 1
            yield 2
        finally:
            raise KeyError("close")

    async def cancelled():
        yield 1
        raise asyncio.CancelledError

    async def wrong():
        yield object()

    with pytest.raises(KeyError, match="first"):
        json_view(fails_at_once)()
    with pytest.raises(JSONEncodeError):
        json_view(wrong)()
    response = json_view(stream="jsonl")(fails_later)()
    with caplog.at_level(logging.ERROR, "jsonify_ext"), pytest.raises(KeyError):
        list(response.response)
    assert caplog.messages == ["a JSON stream was cut at item 1"]
    with json_view(stream="jsonl")(fails_when_closed)() as response:
        assert next(iter(response.response)) == b"1\n"
    assert caplog.messages[1:] == ["the source of a JSON stream could not be closed"]
    with pytest.raises(asyncio.CancelledError):
        list(json_view(stream="jsonl")(cancelled)().response)


def test_an_iterator_of_another_class(send: Send):
    class Numbers:
        def __init__(self):
            self.numbers = iter([1, 2])

        def __aiter__(self):
            return self

        async def __anext__(self):
            for number in self.numbers:
                return ServerSentEvent(number, id=str(number))
            raise StopAsyncIteration

    view = json_view(stream="sse")(returns(Numbers()))
    assert send(view).data.endswith(b"id: 2\ndata: 2\n\n")
