"""Streams: formats, options, lines, and the end of a source."""

from __future__ import annotations

import enum
import json
import sqlite3
import types
from datetime import date
from decimal import Decimal
from wsgiref.validate import validator

import flask
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from jsonify_ext import (
    JSONEncodeError,
    JSONSettings,
    RawJSON,
    encode,
    stream_json,
    use_settings,
)

from .conftest import Send, flask_app
from .samples import Said
from .sources import Source


def test_formats(send: Send):
    rows = [{"a": Decimal("1.5")}, [1], None, "é\n"]
    for kind, mimetype, body in (
        ("json", "application/json", '[{"a":"1.5"},[1],null,"é\\n"]\n'),
        ("jsonl", "application/jsonl", '{"a":"1.5"}\n[1]\nnull\n"é\\n"\n'),
        ("ndjson", "application/x-ndjson", '{"a":"1.5"}\n[1]\nnull\n"é\\n"\n'),
        (
            *("json-seq", "application/json-seq"),
            '\x1e{"a":"1.5"}\n\x1e[1]\n\x1enull\n\x1e"é\\n"\n',
        ),
        (
            *("sse", "text/event-stream"),
            ':\n\ndata: {"a":"1.5"}\n\ndata: [1]\n\ndata: null\n\ndata: "é\\n"\n\n',
        ),
    ):
        answer = send(lambda kind=kind: stream_json(iter(rows), kind, status=201))
        assert (answer.status_code, answer.content_type) == (201, mimetype)
        assert answer.get_data(as_text=True) == body
        assert "Content-Length" not in answer.headers


def test_streams_of_nothing(send: Send):
    bodies = {"json": b"[]\n", "jsonl": b"", "json-seq": b"", "sse": b":\n\n"}
    for kind, body in bodies.items():
        assert send(lambda kind=kind: stream_json([], kind)).data == body
    assert stream_json([], envelope={}).data == b'{"items":[]}\n'
    assert stream_json([], envelope={"total": 0}, key="rows").data == b'{"total":0,"rows":[]}\n'


def test_envelopes(send: Send):
    envelope = {"total": 2, "next": None}
    body = b'{"total":2,"next":null,"items":[1,2]}\n'
    assert send(lambda: stream_json([1, 2], envelope=envelope)).data == body
    assert stream_json([1], envelope={}, key='null "x"').data == b'{"null \\"x\\"":[1]}\n'


@settings(max_examples=50)
@given(
    st.lists(st.none() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)),
    st.none() | st.dictionaries(st.text("ab", max_size=2), st.integers() | st.just([{}])),
    st.booleans(),
    st.sampled_from([None, 0, 1, 20, 10**6]),
)
def test_a_stream_of_json_has_the_bytes_of_one_response(items, envelope, pretty, chunk_size):
    form = JSONSettings(pretty=pretty, ensure_ascii=True)
    whole = items if envelope is None else {**envelope, "items": items}
    response = stream_json(iter(items), envelope=envelope, chunk_size=chunk_size, settings=form)
    assert response.data == encode(whole, form) + b"\n"


@pytest.mark.parametrize("chunk_size", [0, 65536])
@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq", "sse"])
def test_ensure_ascii_escapes_every_item(kind, chunk_size):
    settings = JSONSettings(ensure_ascii=True)
    # The first items are encoded one by one, the others together.
    body = stream_json(["\xe9"] * 50, kind, chunk_size=chunk_size, settings=settings).data
    assert body.isascii()
    assert body.count(b'"\\u00e9"') == 50


class Kind(enum.Enum):
    ITEMS = "items"


@pytest.mark.parametrize(
    ("envelope", "key"),
    [
        ({"items": 1}, "items"),
        ({Kind.ITEMS: 1}, "items"),
        ({Said("items"): 1}, "items"),
        ({"items": 1}, Kind.ITEMS),
        ({1: 1}, "1"),
        ({"1": 1}, 1),
    ],
)
@pytest.mark.parametrize("pretty", [False, True])
def test_a_key_of_the_envelope_that_is_also_the_key_of_the_array(envelope, key, pretty):
    with pytest.raises(JSONEncodeError, match="has the key of the array already"):
        stream_json([1], envelope=envelope, key=key, settings={"pretty": pretty})
    with pytest.raises(JSONEncodeError):
        stream_json([1], envelope=envelope | {"a": object()}, key="b")
    with pytest.raises(JSONEncodeError, match="key"):
        stream_json([1], envelope={1: 0, "1": 0})


def test_any_key_of_the_array():
    for form in {"pretty": False}, {"pretty": True}:
        for key in "null", '0]"', "é\n", "  ":
            for items in [], [None], [{"null": "null"}, "0]"]:
                whole = encode({key: items}, form) + b"\n"
                assert stream_json(items, envelope={}, key=key, settings=form).data == whole


def test_an_envelope_whose_members_are_all_omitted():
    for items, body in ([], b'{"items":[]}\n'), ([None], b'{"items":[null]}\n'):
        response = stream_json(items, envelope={"next": None}, settings={"omit_none": True})
        assert response.data == body


LINE_BREAKS = "\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.mark.parametrize("chunk_size", [0, 65536])
@pytest.mark.parametrize("kind", ["jsonl", "json-seq", "sse"])
def test_nothing_in_an_item_ends_its_line(kind, chunk_size):
    text = f"a{LINE_BREAKS}é\\{LINE_BREAKS}"
    items = [text, {text: [text]}, RawJSON(json.dumps([text], ensure_ascii=False).encode())] * 50
    body = stream_json(items, kind, chunk_size=chunk_size).get_data(as_text=True)
    assert "é" in body
    for lines in (body.splitlines(), body.split("\n")):
        found = [line.removeprefix("data: ").strip("\x1e") for line in lines]
        values = [json.loads(line) for line in found if line not in ("", ":")]
        assert values == [text, {text: [text]}, [text]] * 50


def test_a_line_is_one_line_whatever_the_settings():
    raw = RawJSON(b'{\n"a":\r\n1}')
    for kind in ("jsonl", "json-seq", "sse"):
        with use_settings(pretty=True):
            lines = stream_json([raw, {"b": [1]}], kind).data.split(b"\n")
        assert [line for line in lines if b"b" in line] == [lines[-2 if kind != "sse" else -3]]
    assert stream_json([raw], "jsonl").data == b'{ "a":  1}\n'


def test_the_settings_of_the_call_apply(send: Send):
    def view():
        with use_settings(dates="http", headers={"X-A": "1"}, mimetype="application/x"):
            return stream_json(date(2024, 1, day) for day in (1, 2))

    answer = send(view)
    assert answer.get_json(force=True)[1] == "Tue, 02 Jan 2024 00:00:00 GMT"
    assert (answer.headers["X-A"], answer.content_type) == ("1", "application/x")


def test_options(send: Send):
    def view():
        return stream_json([1], "jsonl", mimetype="text/x", headers={"X-A": "1"}, status="202 Go")

    answer = send(view)
    assert (answer.status, answer.headers["Content-Type"]) == ("202 Go", "text/x")
    assert answer.headers["X-A"] == "1"


def test_headers_of_the_call_replace_those_of_the_settings_and_of_the_format():
    headers = {"Content-Type": "text/x", "Cache-Control": "max-age=60"}
    pairs = [("cache-control", "no-store"), ("Link", "</a>"), ("Link", "</b>")]
    sent = stream_json([1], "sse", headers=headers, settings={"headers": pairs}).headers
    assert [*sent] == [*headers.items(), *pairs[1:], ("X-Accel-Buffering", "no")]


@pytest.mark.parametrize(
    "source",
    [{"a": 1}, types.MappingProxyType({}), "text", b"bytes", bytearray(b"b"), memoryview(b"m")],
    ids=repr,
)
def test_mappings_text_and_bytes_are_not_sources(source):
    for kind in "json", "sse":
        with pytest.raises(TypeError, match=f"iterable of items, not {type(source).__name__}"):
            stream_json(source, kind)


def test_sources_must_be_iterable():
    async def items():
        yield 1

    for kind in "json", "sse":
        with pytest.raises(TypeError, match="not iterable"):
            stream_json(7, kind)
        with pytest.raises(TypeError, match=r"json_view\(stream=...\)"):
            stream_json(items(), kind)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"format": "csv"}, "unknown stream format 'csv'; the formats are json, jsonl"),
        ({"format": "jsonl", "envelope": {}}, "envelope"),
        ({"chunk_size": -1}, "chunk_size"),
        ({"chunk_size": 1.5}, "chunk_size"),
        ({"chunk_size": True}, "chunk_size"),
        ({"background": 7}, "background"),
        ({"background": [None]}, "background"),
    ],
)
def test_bad_options(options, match):
    with pytest.raises((ValueError, TypeError), match=match):
        stream_json([1], **options)


def test_the_source_is_closed_when_the_client_goes_away():
    source = Source(range(10**9))
    environ = EnvironBuilder().get_environ()
    body = stream_json(source, chunk_size=0)(environ, lambda status, headers: print)
    assert next(iter(body)) == b"[0"
    body.close()
    assert source.closed == 1
    for response in (stream_json(source), stream_json(source)):
        response.close()
    assert source.closed == 3


def test_an_error_when_a_source_is_closed_is_logged(place, caplog):
    class Unclosable(Source):
        def close(self):
            super().close()
            raise RuntimeError("close")

    source = Unclosable([1, 2])
    response = stream_json(source)
    assert response.data == b"[1,2]\n"
    response.close()
    assert [record.getMessage() for record in caplog.records] == [
        "the source of a JSON stream could not be closed"
    ]
    assert source.closed == 1
    with pytest.raises(JSONEncodeError):
        stream_json(Unclosable([object()]))


def test_a_generator_is_closed_even_if_it_is_not_read():
    ended = []

    def source():
        try:
            yield from range(10)
        finally:
            ended.append(True)

    stream_json(source()).close()
    assert ended == [True]
    Client(validator(stream_json(source()))).head("/", buffered=True)
    assert ended == [True, True]


def test_sources_of_every_kind():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    cursor = connection.execute("SELECT 1 AS a UNION SELECT 2")
    with stream_json(cursor) as response:
        assert response.data == b'[{"a":1},{"a":2}]\n'
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        cursor.fetchone()
    connection.close()
    for source in ([1, 2], (1, 2), range(1, 3), map(int, "12"), {1: 0, 2: 0}.keys()):
        assert stream_json(source).data == b"[1,2]\n"


def test_a_stream_in_flask_keeps_the_request_context_to_its_end():
    app = flask_app()
    ended = []

    class Paths:
        def __iter__(self):
            while True:
                yield flask.request.path

        def close(self):
            ended.append("source")

    app.add_url_rule("/", "view", lambda: stream_json(Paths(), chunk_size=0))
    app.teardown_request(lambda error: ended.append("context"))
    body, _, _ = run_wsgi_app(app, EnvironBuilder().get_environ())
    chunks = iter(body)
    assert [next(chunks), next(chunks)] == [b'["/"', b',"/"']
    body.close()
    assert ended[-2:] == ["source", "context"]


def test_background_callables_run_when_the_stream_has_ended(send: Send, caplog):
    ran = []
    source = Source([1, 2])

    def fails():
        ran.append(source.closed)
        raise KeyError("background")

    def view():
        return stream_json(source, background=[fails, lambda: ran.append("second")])

    assert send(view).data == b"[1,2]\n"
    assert ran == [1, "second"]
    (record,) = caplog.records
    assert record.getMessage() == "a background callable of a JSON response failed"


def test_background_callables_run_when_the_stream_is_abandoned(send: Send):
    ran = []
    source = Source(range(10**9))
    answer = send(
        lambda: stream_json(source, "sse", background=lambda: ran.append(source.closed)),
        buffered=False,
    )
    chunks = iter(answer.response)
    assert (next(chunks), next(chunks), ran) == (b":\n\n", b"data: 0\n\n", [])
    answer.close()
    assert ran == [1]
    send(lambda: stream_json([1], background=lambda: ran.append("HEAD")), method="HEAD")
    assert ran == [1, "HEAD"]
