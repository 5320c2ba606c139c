"""Clients that read streams line by line, or event by event."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import httpx_sse
import jsonlines
import pytest
import requests
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from jsonify_ext import ServerSentEvent, stream_json

TEXT = "a\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029é\\"
ITEMS = [{"n": number, TEXT: [TEXT]} for number in range(500)]
#: The formats that have a line for each item.
LINES = ["jsonl", "ndjson", "json-seq", "sse"]


@Request.application
def app(request: Request) -> Response:
    kind: Any = request.path[1:]
    if kind == "events":
        events = [
            ServerSentEvent(comment="keep-alive"),
            ServerSentEvent(TEXT, event="data", id="1", retry=50),
            ServerSentEvent(text="<p>\na\r\n</p>", event="html", id="2"),
            ServerSentEvent(text="[DONE]", comment="the last one"),
        ]
        return stream_json(events, "sse")
    return stream_json(iter(ITEMS), kind)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def parse(lines: list[str]) -> list[Any]:
    texts = [line.removeprefix("data: ").strip("\x1e") for line in lines]
    return [json.loads(text) for text in texts if text not in ("", ":")]


@pytest.mark.parametrize("kind", LINES)
def test_httpx(address: str, kind: str):
    with httpx.stream("GET", f"{address}/{kind}") as response:
        assert parse([*response.iter_lines()]) == ITEMS
    response = httpx.get(f"{address}/{kind}")
    assert parse(response.content.decode().splitlines()) == ITEMS


@pytest.mark.parametrize("kind", LINES)
def test_requests(address: str, kind: str):
    with requests.get(f"{address}/{kind}", stream=True, timeout=20) as response:
        response.encoding = "utf-8"
        lines = [*response.iter_lines(decode_unicode=True)]
    assert parse(lines) == ITEMS


@pytest.mark.parametrize("kind", ["jsonl", "ndjson"])
def test_jsonlines(address: str, kind: str):
    content = httpx.get(f"{address}/{kind}").content
    for file in (
        io.BytesIO(content),
        io.StringIO(content.decode()),
        content.decode().splitlines(),
    ):
        with jsonlines.Reader(file) as reader:
            assert [*reader] == ITEMS


def test_httpx_sse(address: str):
    with httpx.Client() as client:
        with httpx_sse.connect_sse(client, "GET", f"{address}/sse") as source:
            assert [event.json() for event in source.iter_sse()] == ITEMS
        with httpx_sse.connect_sse(client, "GET", f"{address}/events") as source:
            events = [(each.event, each.data, each.id, each.retry) for each in source.iter_sse()]
    assert json.loads(events[0][1]) == TEXT
    assert (events[0][0], events[0][2:]) == ("data", ("1", 50))
    assert events[1:] == [("html", "<p>\na\n</p>", "2", None), ("message", "[DONE]", "2", None)]
