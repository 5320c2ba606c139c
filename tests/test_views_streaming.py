"""json_view with stream=: iterables, generators, and asynchronous generators."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import itertools
import sys
import time

import flask
import pytest

from jsonify_ext import JSONEncodeError, ServerSentEvent, json_view, jsonify

from .conftest import Send, flask_app


def returns(make):
    async def view():
        return make()

    return view


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("make", "status", "headers", "body"),
    [
        (lambda: [1, 2], 202, {"X-A": "1"}, b"1\n2\n"),
        (lambda: (n for n in (1, 2)), 202, {"X-A": "1"}, b"1\n2\n"),
        (lambda: range(1, 3), 202, {"X-A": "1"}, b"1\n2\n"),
        (lambda: {1: 0, 2: 0}.keys(), 202, {"X-A": "1"}, b"1\n2\n"),
        (lambda: (iter([1]), 203, {"X-B": "2"}), 203, {"X-A": "1", "X-B": "2"}, b"1\n"),
        (lambda: jsonify(7), 200, {}, b"7\n"),
    ],
)
def test_any_iterable_is_streamed(send: Send, make, status, headers, body, asynchronous):
    view = json_view(stream="jsonl", status=202, headers={"X-A": "1"})
    answer = send(view(returns(make) if asynchronous else make))
    assert (answer.status_code, answer.data) == (status, body)
    assert {name: value for name, value in answer.headers if name[:2] == "X-"} == headers
    assert answer.mimetype == ("application/jsonl" if headers else "application/json")


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


def test_values_that_cannot_be_streamed():
    for returned in {"a": 1}, 7:
        with pytest.raises(TypeError, match="iterable"):
            json_view(stream="jsonl")(lambda returned=returned: returned)()


async def fill(queue):
    for number in range(3):
        await asyncio.sleep(0.01)
        await queue.put(number)


async def read(queue, task):
    for _ in range(3):
        yield await queue.get()
    await task


async def generator():
    queue = asyncio.Queue()
    async for item in read(queue, asyncio.create_task(fill(queue))):
        yield item


async def returns_a_generator():
    """Its task goes on while its items are read."""
    queue = asyncio.Queue()
    return read(queue, asyncio.create_task(fill(queue))), 203


@pytest.mark.parametrize("view", [generator, returns_a_generator])
def test_an_asynchronous_generator_is_streamed(send: Send, view):
    if view is generator:
        assert send(json_view(view)).data == b"[0,1,2]\n"
    answer = send(json_view(stream="sse", status=201)(view))
    assert answer.status_code == (201 if view is generator else 203)
    assert answer.data == b":\n\ndata: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert not inspect.iscoroutinefunction(json_view(stream="sse")(view))


def test_one_task_reads_all_items_in_the_context_of_the_request():
    variable = contextvars.ContextVar("variable", default=0)
    app = flask_app()

    @app.get("/<name>")
    @json_view(stream="jsonl")
    async def rows(name):
        first = asyncio.current_task()
        for _ in range(3):
            assert asyncio.current_task() is first
            variable.set(variable.get() + 1)
            await asyncio.sleep(0)
            yield [flask.request.path, variable.get()]

    assert app.test_client().get("/me", buffered=True).data == b'["/me",1]\n["/me",2]\n["/me",3]\n'
    assert variable.get() == 0


@pytest.mark.parametrize("read", [0, 1])
@pytest.mark.parametrize("stream", ["jsonl", "sse"])
def test_the_generator_is_closed_when_the_client_goes_away(send: Send, stream, read):
    closed = []

    @json_view(stream=stream)
    async def rows():
        try:
            for number in itertools.count():
                yield number
        finally:
            await asyncio.sleep(0)
            closed.append(True)

    answer = send(rows, buffered=False)
    for _ in range(read + 1):
        next(iter(answer.response))
    answer.close()
    assert closed == [True] * (stream == "jsonl" or read)


async def items(*parts):
    """Yields items and raises exceptions."""
    for part in parts:
        if isinstance(part, BaseException):
            raise part
        yield part


class Unreadable:
    def __init__(self, error):
        self.error = error

    def __aiter__(self):
        raise self.error


async def returns_unreadable(error):
    return Unreadable(error)


async def fails_when_closed():
    try:
        yield 1
        yield 2
    finally:
        raise KeyError("close")


def test_an_error_of_an_asynchronous_generator(caplog):
    stream = json_view(stream="jsonl")
    with pytest.raises(KeyError, match="iterable"):
        stream(returns_unreadable)(KeyError("iterable"))
    with pytest.raises(RuntimeError, match="StopIteration"):
        stream(returns_unreadable)(StopIteration())
    for error in SystemExit(3), KeyboardInterrupt():
        with pytest.raises(type(error)):
            list(stream(items)(1, error).response)
    with pytest.raises(KeyError, match="first"):
        stream(items)(KeyError("first"))
    with pytest.raises(JSONEncodeError):
        stream(items)(object())
    with pytest.raises(KeyError, match="later"):
        list(stream(items)(1, KeyError("later")).response)
    with stream(fails_when_closed)() as response:
        assert next(iter(response.response)) == b"1\n"
    with pytest.raises(RuntimeError, match="raised CancelledError"):
        list(stream(items)(1, asyncio.CancelledError()).response)
    assert caplog.messages == [
        "a JSON stream was cut at item 1",
        "the source of a JSON stream could not be closed",
        "a JSON stream was cut at item 1",
    ]


async def with_a_timeout():
    async with asyncio.timeout(0.01):
        for number in itertools.count():
            yield number


async def with_a_task():
    async def fail():
        await asyncio.sleep(0.01)
        raise KeyError("task")

    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
        for number in itertools.count():
            yield number


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has no timeout() and TaskGroup")
@pytest.mark.parametrize("view", [with_a_timeout, with_a_task])
def test_timeouts_and_task_groups_of_a_generator_that_waits_to_be_read(view, caplog):
    body = iter(json_view(stream="jsonl", chunk_size=0)(view)().response)
    sent = [next(body)]
    raised = ""
    while not raised:
        time.sleep(0.02)
        try:
            sent.append(next(body))
        except Exception as error:
            raised = repr(error)
    assert "TimeoutError" in raised or "KeyError('task')" in raised
    assert sent[-1] == b"{"
    assert len(caplog.messages) == 1


def test_generators_inside_of_a_generator_are_closed():
    closed = []

    async def inner():
        try:
            for number in itertools.count():
                yield number
        finally:
            await asyncio.sleep(0.01)
            closed.append("inner")

    @json_view(stream="jsonl")
    async def rows():
        async for number in inner():
            yield number

    with rows() as response:
        next(iter(response.response))
    gc.collect()
    assert closed == ["inner"]


def test_tasks_that_a_view_leaves_are_cancelled(send: Send):
    ended = []

    async def task():
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            ended.append("task")

    @json_view(stream="jsonl")
    async def view():
        view.task = asyncio.create_task(task())
        yield 1
        await asyncio.sleep(0)

    assert send(view).data == b"1\n"
    assert ended == ["task"]


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

    view = json_view(stream="sse")(returns(Numbers))
    assert send(view).data.endswith(b"id: 2\ndata: 2\n\n")
