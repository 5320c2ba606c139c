"""Clients that read streams line by line, or event by event."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import httpx_sse
import jsonlines
import pytest
import requests

from .app import ITEMS, ODD
from .running import Server


def by_httpx(url: str) -> list[str]:
    with httpx.stream("GET", url) as response:
        return [*response.iter_lines()]


def by_requests(url: str) -> list[str]:
    with requests.get(url, stream=True, timeout=20) as response:
        response.encoding = "utf-8"
        return [*response.iter_lines(decode_unicode=True)]


def at_once(url: str) -> list[str]:
    return httpx.get(url).content.decode().splitlines()


@pytest.mark.parametrize("read", [by_httpx, by_requests, at_once])
@pytest.mark.parametrize("kind", ["jsonl", "ndjson", "json-seq", "sse"])
def test_each_line_is_an_item(any_server: Server, kind: str, read: Callable[[str], list[str]]):
    lines = read(f"{any_server.address}/{kind}")
    texts = [line.removeprefix("data: ").strip("\x1e") for line in lines]
    assert [json.loads(text) for text in texts if text not in ("", ":")] == ITEMS


@pytest.mark.parametrize("kind", ["jsonl", "ndjson"])
def test_jsonlines(any_server: Server, kind: str):
    text = httpx.get(f"{any_server.address}/{kind}").content.decode()
    for file in (io.BytesIO(text.encode()), io.StringIO(text), text.splitlines()):
        with jsonlines.Reader(file) as reader:
            assert [*reader] == ITEMS


def test_httpx_sse(any_server: Server):
    def read(path: str, **headers: str) -> list[Any]:
        with (
            httpx.Client(base_url=any_server.address, headers=headers) as client,
            httpx_sse.connect_sse(client, "GET", path) as source,
        ):
            return [*source.iter_sse()]

    assert [event.json() for event in read("/sse")] == ITEMS
    text, html = read("/breaks")
    assert (text.event, text.json(), text.id, text.retry) == ("message", ODD, "1", 10)
    assert (html.event, html.data, html.id, html.retry) == ("html", "<p>\nb\n</p>", "2", None)
    [end] = read("/breaks", **{"Last-Event-ID": "2"})
    assert (end.event, end.data, end.id) == ("end", "[DONE]", "3")
