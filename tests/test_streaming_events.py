"""Server-sent events."""

from __future__ import annotations

import pytest

from jsonify_ext import ServerSentEvent, stream_json

from .conftest import Send

START = b":\n\n"


def test_events_with_fields():
    events = [
        ServerSentEvent({"a": 1}, event="progress", id="7", retry=500),
        ServerSentEvent(None),
        "plain",
    ]
    assert stream_json(events, "sse").data == (
        b':\n\nevent: progress\nid: 7\nretry: 500\ndata: {"a":1}\n\n'
        b'data: null\n\ndata: "plain"\n\n'
    )


def test_events_that_are_gathered_keep_their_fields():
    events = [ServerSentEvent(n, event="count") for n in range(2)]
    whole = b"event: count\ndata: 0\n\nevent: count\ndata: 1\n\n"
    assert stream_json(events, "sse", chunk_size=1000).data == b":\n\n" + whole
    mixed = stream_json([0, *events, 1, 2], "sse", chunk_size=1000).data
    assert mixed == b":\n\ndata: 0\n\n" + whole + b"data: 1\n\ndata: 2\n\n"


@pytest.mark.parametrize(
    "fields",
    [{"event": "a\nb"}, {"event": 1}, {"comment": 1}, {"comment": "\udc00"}]
    + [{"retry": -1}, {"retry": "5"}, {"retry": True}, {"retry": 1.5}],
)
def test_bad_fields(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        ServerSentEvent(1, **fields)


def one(event: ServerSentEvent) -> str:
    """The text of an event in a stream."""
    body = stream_json([event], "sse").data
    assert body.startswith(START)
    return body.removeprefix(START).decode()


def test_a_comment_alone_keeps_the_connection_alive():
    assert one(ServerSentEvent(comment="keep-alive")) == ": keep-alive\n\n"
    assert one(ServerSentEvent(comment="a\r\nb\rc\nd")) == ": a\n: b\n: c\n: d\n\n"


def test_a_comment_precedes_the_data():
    event = ServerSentEvent({"a": 1}, comment="why", event="x", id="7", retry=5)
    assert one(event) == ': why\nevent: x\nid: 7\nretry: 5\ndata: {"a":1}\n\n'
    assert one(ServerSentEvent(text="t", comment="why")) == ": why\ndata: t\n\n"


def test_each_line_of_text_is_a_field():
    assert one(ServerSentEvent(text="[DONE]")) == "data: [DONE]\n\n"
    html = "<p>é</p>\n\n<p>b</p>\r\n<p>\r</p>\n"
    lines = ["<p>é</p>", "", "<p>b</p>", "<p>", "</p>", ""]
    assert one(ServerSentEvent(text=html)) == "".join(f"data: {x}\n" for x in lines) + "\n"
    assert one(ServerSentEvent(text="")) == "data: \n\n"


def test_an_id_and_a_time_can_be_sent_without_data():
    assert one(ServerSentEvent(id="7")) == "id: 7\n\n"
    assert one(ServerSentEvent(retry=1000)) == "retry: 1000\n\n"
    assert one(ServerSentEvent(retry=0)) == "retry: 0\n\n"


def test_an_event_has_data_or_text():
    with pytest.raises(TypeError, match="not both"):
        ServerSentEvent(None, text="a")
    for fields in {}, {"event": "end", "id": "7"}, {"event": "a", "comment": "b"}:
        with pytest.raises(TypeError, match="needs data or text"):
            ServerSentEvent(**fields)
    with pytest.raises(ValueError, match="text must be text, not int"):
        ServerSentEvent(text=7)
    with pytest.raises(ValueError, match="text must be text without lone surrogates"):
        ServerSentEvent(text="a\ud800")


def test_headers_for_proxies_and_caches(send: Send):
    answer = send(lambda: stream_json([1], "sse"))
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Accel-Buffering"] == "no"
    headers = {"cache-control": "no-store", "x-accel-buffering": "yes"}
    answer = send(lambda: stream_json([1], "sse", headers=headers))
    assert answer.headers.getlist("Cache-Control") == ["no-store"]
    assert answer.headers.getlist("X-Accel-Buffering") == ["yes"]
    for kind in ("json", "jsonl", "ndjson", "json-seq"):
        sent = stream_json([1], kind).headers
        assert "X-Accel-Buffering" not in sent
        assert "Cache-Control" not in sent


def test_the_stream_starts_before_its_first_event():
    taken = []

    def source():
        for number in range(3):
            taken.append(number)
            yield number

    chunks = iter(stream_json(source(), "sse").response)
    assert taken == []
    assert next(chunks) == START
    assert taken == []
    for number in range(3):
        assert next(chunks) == b"data: %d\n\n" % number
        assert taken == [*range(number + 1)]
