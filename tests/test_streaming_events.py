"""Server-sent events."""

from __future__ import annotations

import pytest

from jsonify_ext import ServerSentEvent as Event
from jsonify_ext import stream_json

from .conftest import Send

HTML = "<p>é</p>\n\n<p>b</p>\r\n<p>\r</p>\n"
LINES = ["<p>é</p>", "", "<p>b</p>", "<p>", "</p>", ""]
FIELDS = {"event": "x", "id": "7", "retry": 5}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("plain", 'data: "plain"\n\n'),
        (Event(None), "data: null\n\n"),
        (Event({"a": 1}, **FIELDS), 'event: x\nid: 7\nretry: 5\ndata: {"a":1}\n\n'),
        (Event(1, comment="why", **FIELDS), ": why\nevent: x\nid: 7\nretry: 5\ndata: 1\n\n"),
        (Event(text="t", comment="why"), ": why\ndata: t\n\n"),
        # Alone, a comment keeps the connection alive.
        (Event(comment="keep-alive"), ": keep-alive\n\n"),
        (Event(comment="a\r\nb\rc\nd"), ": a\n: b\n: c\n: d\n\n"),
        # Each line of text is a field.
        (Event(text="[DONE]"), "data: [DONE]\n\n"),
        (Event(text=HTML), "".join(f"data: {line}\n" for line in LINES) + "\n"),
        (Event(text=""), "data: \n\n"),
        # These can be sent without data.
        (Event(id="7"), "id: 7\n\n"),
        (Event(retry=1000), "retry: 1000\n\n"),
        (Event(retry=0), "retry: 0\n\n"),
    ],
)
def test_the_text_of_an_event(event, text):
    assert stream_json([event], "sse").data.decode() == ":\n\n" + text


def test_events_that_are_gathered_keep_their_fields():
    events = [Event(n, event="count") for n in range(2)]
    whole = b"event: count\ndata: 0\n\nevent: count\ndata: 1\n\n"
    for size in 0, 1000:
        assert stream_json(events, "sse", chunk_size=size).data == b":\n\n" + whole
        mixed = stream_json([0, *events, 1, 2], "sse", chunk_size=size).data
        assert mixed == b":\n\ndata: 0\n\n" + whole + b"data: 1\n\ndata: 2\n\n"


@pytest.mark.parametrize(
    ("fields", "error", "match"),
    [
        *[({"data": 1, "event": each}, ValueError, "^event must be") for each in ("a\nb", 1)],
        *[({"data": 1, "id": each}, ValueError, "^id must be") for each in ("\x0b", "\u2028")],
        *[({"data": 1, "comment": x}, ValueError, "^comment must be") for x in (1, "\udc00")],
        *[({"data": 1, "retry": x}, ValueError, "^retry") for x in (-1, "5", True, 1.5)],
        ({"text": 7}, ValueError, "text must be text, not int"),
        ({"text": "a\ud800"}, ValueError, "text must be text without lone surrogates"),
        ({"data": None, "text": "a"}, TypeError, "not both"),
        ({}, TypeError, "needs data or text"),
        ({"event": "end", "id": "7"}, TypeError, "needs data or text"),
        ({"event": "a", "comment": "b"}, TypeError, "needs data or text"),
    ],
)
def test_bad_fields(fields, error, match):
    with pytest.raises(error, match=match):
        Event(**fields)


def test_headers_for_proxies_and_caches(send: Send):
    headers = send(lambda: stream_json([1], "sse")).headers
    assert (headers["Cache-Control"], headers["X-Accel-Buffering"]) == ("no-cache", "no")
    for kind in ("json", "jsonl", "ndjson", "json-seq"):
        assert [*stream_json([1], kind).headers.keys()] == ["Content-Type"]
