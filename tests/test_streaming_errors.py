"""Streams that fail: before the first byte, and in the middle."""

from __future__ import annotations

import logging

import pytest

from jsonify_ext import JSONEncodeError, ServerSentEvent, stream_json

from .samples import Image
from .sources import Source


def test_an_error_of_the_first_item_is_an_ordinary_error(place):
    for source, raised in (
        (Source([object(), 1]), JSONEncodeError),
        (Source([1], fail_at=0), KeyError),
    ):
        with pytest.raises(raised):
            stream_json(source)
        assert source.closed == 1


def read_until_cut(response, raised, caplog):
    """The bytes sent before a stream raises, and the message that is logged."""
    sent = []
    caplog.clear()
    with caplog.at_level(logging.ERROR, "jsonify_ext"), pytest.raises(raised):
        sent.extend(response.response)
    assert list(response.response) == []
    response.close()
    (record,) = caplog.records
    assert record.exc_info
    return b"".join(sent), record.getMessage()


@pytest.mark.parametrize("chunk_size", [0, 65536])
@pytest.mark.parametrize("kind", ["json", "jsonl", "ndjson", "json-seq", "sse"])
def test_a_source_that_fails_later_cuts_the_stream_after_its_items(kind, chunk_size, caplog):
    source = Source(range(1000), fail_at=500)
    sent, message = read_until_cut(
        stream_json(source, kind, chunk_size=chunk_size), KeyError, caplog
    )
    assert message == "a JSON stream was cut at item 500"
    whole = stream_json(range(500), kind).data
    cut = {"json": b"", "json-seq": b"\x1e{", "sse": b""}.get(kind, b"{")
    assert sent == (whole.removesuffix(b"]\n") if kind == "json" else whole) + cut
    assert source.closed == 1


def test_a_timeout_of_gevent_cuts_the_stream_too(caplog):
    class Timeout(BaseException):
        pass

    sent, message = read_until_cut(
        stream_json(Source([1, 2], fail_at=1, error=Timeout()), "jsonl"), Timeout, caplog
    )
    assert (sent, message) == (b"1\n{", "a JSON stream was cut at item 1")


class Numbered:
    def __init__(self, number):
        self.number = number

    def __json__(self):
        if self.number == 207:
            raise ValueError
        return self.number


@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq"])
def test_a_hook_that_fails_in_a_batch_has_its_own_index(kind):
    with pytest.raises(JSONEncodeError) as info:
        list(stream_json(map(Numbered, range(300)), kind).response)
    assert info.value.path == "$[207]"


def test_a_hook_that_removes_its_value_and_fails_cuts_a_batch_of_lines():
    row = {"image": Image(), "n": 1}

    def fail(image):
        del row["image"]
        raise ValueError

    with pytest.raises(JSONEncodeError, match="the encoder for Image raised ValueError"):
        list(stream_json([0, row, 2], "jsonl", settings={"encoders": {Image: fail}}).response)


def generator():
    """After its exception, a generator only stops."""
    yield from range(500)
    raise KeyError


@pytest.mark.parametrize("kind", ["json", "jsonl", "sse"])
def test_a_generator_that_fails_later_never_ends_like_a_whole_stream(kind, caplog):
    response = stream_json(generator(), kind, chunk_size=65536)
    sent, message = read_until_cut(response, KeyError, caplog)
    assert message == "a JSON stream was cut at item 500"
    assert b"499" in sent
    assert not sent.endswith(b"]\n")


@pytest.mark.parametrize("chunk_size", [0, 100, 65536])
@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq", "sse"])
@pytest.mark.parametrize("kept", [list, iter, Source], ids=["list", "iterator", "source"])
@pytest.mark.parametrize("index", [1, 700])
def test_an_item_that_cannot_be_encoded_cuts_the_stream(kind, chunk_size, kept, index, caplog):
    """The path and the log have the same index."""
    source = kept([*range(index), {"a": [object()]}, *range(9)])
    options = {"envelope": {"total": 9}} if kind == "json" and index > 1 else {}
    response = stream_json(source, kind, chunk_size=chunk_size, **options)
    sent, message = read_until_cut(response, JSONEncodeError, caplog)
    path = f"{'$.items' if options else '$'}[{index}].a[0]"
    assert message == f"a JSON stream was cut at item {index}"
    assert caplog.records[0].exc_info[1].path == path
    assert path in caplog.text
    assert sent
    assert not sent.rstrip().endswith((b"]", b"}"))
    assert kept is not Source or source.closed == 1


@pytest.mark.parametrize("chunk_size", [0, 65536])
def test_the_data_of_an_event_has_the_index_in_its_path(chunk_size, caplog):
    events = [*map(ServerSentEvent, range(300)), ServerSentEvent([1, object()])]
    response = stream_json(events, "sse", chunk_size=chunk_size)
    _, message = read_until_cut(response, JSONEncodeError, caplog)
    assert message == "a JSON stream was cut at item 300"
    assert caplog.records[0].exc_info[1].path == "$[300][1]"


def test_the_first_item_of_events_is_cut_too_because_they_have_started(caplog):
    sent, message = read_until_cut(stream_json([object()], "sse"), JSONEncodeError, caplog)
    assert (sent, message) == (b":\n\n", "a JSON stream was cut at item 0")


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_an_error_without_a_path_gets_the_index(kind, caplog):
    orjson = pytest.importorskip("orjson", reason="the value is orjson's own")
    source = [1, orjson.Fragment(b'"\xff"')]
    response = stream_json(source, kind, settings={"ensure_ascii": True})
    _, message = read_until_cut(response, JSONEncodeError, caplog)
    assert message == "a JSON stream was cut at item 1"


def test_an_error_of_the_source_that_has_a_path_is_counted_right(caplog):
    def source():
        yield from range(3)
        raise JSONEncodeError("$[7]", "int", "elsewhere")

    _, message = read_until_cut(stream_json(source()), JSONEncodeError, caplog)
    assert message == "a JSON stream was cut at item 3"
