"""Streams: every format, errors on the way, sources and their end."""

from __future__ import annotations

import json
import logging
import sqlite3
from datetime import date
from decimal import Decimal
from wsgiref.validate import validator

import flask
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode, use_settings
from jsonify_ext.streaming import ServerSentEvent, stream_json

from .conftest import Send, flask_app


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
            'data: {"a":"1.5"}\n\ndata: [1]\n\ndata: null\n\ndata: "é\\n"\n\n',
        ),
    ):
        answer = send(lambda kind=kind: stream_json(iter(rows), kind, status=201))
        assert (answer.status_code, answer.content_type) == (201, mimetype)
        assert answer.get_data(as_text=True) == body
        assert "Content-Length" not in answer.headers


def test_streams_of_nothing(send: Send):
    bodies = {"json": b"[]\n", "jsonl": b"", "json-seq": b"", "sse": b""}
    for kind, body in bodies.items():
        assert send(lambda kind=kind: stream_json([], kind)).data == body
    assert stream_json([], envelope={}).data == b'{"items":[]}\n'
    assert stream_json([], envelope={"total": 0}, key="rows").data == b'{"total":0,"rows":[]}\n'


def test_envelopes(send: Send):
    envelope = {"total": 2, "next": None}
    body = b'{"total":2,"next":null,"items":[1,2]}\n'
    assert send(lambda: stream_json([1, 2], envelope=envelope)).data == body
    assert stream_json([1], envelope={}, key='null "x"').data == b'{"null \\"x\\"":[1]}\n'


@given(
    st.lists(st.none() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)),
    st.none() | st.dictionaries(st.text("ab", max_size=2), st.integers() | st.just([{}])),
    st.booleans(),
    st.sampled_from([None, 0, 1, 20, 10**6]),
)
def test_json_is_what_one_shot_would_be(items, envelope, pretty, chunk_size):
    settings = JSONSettings(pretty=pretty, ensure_ascii=True)
    whole = items if envelope is None else {**envelope, "items": items}
    response = stream_json(
        iter(items), envelope=envelope, chunk_size=chunk_size, settings=settings
    )
    assert response.data == encode(whole, settings) + b"\n"


@pytest.mark.parametrize("chunk_size", [0, 65536])
@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq", "sse"])
def test_ensure_ascii_escapes_every_item(kind, chunk_size):
    settings = JSONSettings(ensure_ascii=True)
    # The first items are encoded one by one, the others together.
    body = stream_json(["\xe9"] * 50, kind, chunk_size=chunk_size, settings=settings).data
    assert body.isascii()
    assert body.count(b'"\\u00e9"') == 50


def test_events_with_fields():
    events = [
        ServerSentEvent({"a": 1}, event="progress", id="7", retry=500),
        ServerSentEvent(None),
        "plain",
    ]
    assert stream_json(events, "sse").data == (
        b'event: progress\nid: 7\nretry: 500\ndata: {"a":1}\n\ndata: null\n\ndata: "plain"\n\n'
    )
    assert stream_json(events, "sse").headers["Cache-Control"] == "no-cache"
    mine = stream_json([], "sse", headers={"Cache-Control": "no-store"})
    assert mine.headers.getlist("Cache-Control") == ["no-store"]


def test_events_that_are_gathered_keep_their_fields():
    events = [ServerSentEvent(n, event="count") for n in range(2)]
    whole = b"event: count\ndata: 0\n\nevent: count\ndata: 1\n\n"
    assert stream_json(events, "sse", chunk_size=1000).data == whole
    mixed = stream_json([0, *events, 1, 2], "sse", chunk_size=1000).data
    assert mixed == b"data: 0\n\n" + whole + b"data: 1\n\ndata: 2\n\n"


@pytest.mark.parametrize(
    "fields",
    [{"event": "a\nb"}, {"id": "a\rb"}, {"id": "\0"}, {"event": 1}]
    + [{"retry": -1}, {"retry": "5"}, {"retry": True}, {"retry": 1.5}],
)
def test_events_that_would_break_the_stream(fields):
    with pytest.raises(ValueError, match=next(iter(fields))):
        ServerSentEvent(1, **fields)


def test_a_line_is_one_line_whatever_the_settings():
    raw = RawJSON(b'{\n"a":\r\n1}')
    for kind in ("jsonl", "json-seq", "sse"):
        with use_settings(pretty=True):
            lines = stream_json([raw, {"b": [1]}], kind).data.split(b"\n")
        assert [line for line in lines if b"b" in line] == [lines[-2 if kind != "sse" else -3]]
    assert stream_json([raw], "jsonl").data == b'{ "a":  1}\n'


def test_settings_are_those_of_the_call(send: Send):
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


def test_headers_of_the_call_come_before_those_of_the_settings_and_of_the_format():
    headers = {"Content-Type": "text/x", "Cache-Control": "max-age=60"}
    settings = JSONSettings(headers={"cache-control": "no-store", "X-A": "1"})
    sent = stream_json([1], "sse", headers=headers, settings=settings).headers
    assert [*sent] == [*headers.items(), ("X-A", "1")]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"format": "csv"}, "unknown stream format 'csv'; the formats are json, jsonl"),
        ({"format": "jsonl", "envelope": {}}, "envelope"),
        ({"chunk_size": -1}, "chunk_size"),
        ({"status": 7}, "status"),
        ({"headers": {"X": "a\nb"}}, "Header"),
        ({"mimetype": "x\n"}, "media type"),
    ],
)
def test_bad_options(options, match):
    with pytest.raises(ValueError, match=match):
        stream_json([1], **options)


def test_items_are_gathered_into_chunks():
    rows = ["x" * 96] * 1000
    response = stream_json(rows, chunk_size=10_000)
    sizes = [len(chunk) for chunk in response.response]
    assert 5 <= len(sizes) <= 20
    assert max(sizes) < 25_000
    assert len(list(stream_json([1, 2, 3], chunk_size=0).response)) == 4
    assert len(list(stream_json([1, 2, 3], "sse").response)) == 3


def test_a_source_is_not_read_ahead_when_each_item_is_sent_at_once():
    taken = []

    def source():
        for number in range(3):
            taken.append(number)
            yield number

    chunks = iter(stream_json(source(), "sse").response)
    assert taken == [0]
    assert next(chunks) == b"data: 0\n\n"
    assert taken == [0]
    assert next(chunks) == b"data: 1\n\n"
    assert taken == [0, 1]


class Source:
    """Counts how it is used."""

    def __init__(self, items, fail_at=None):
        self.items = iter(items)
        self.fail_at = fail_at
        self.taken = self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.taken == self.fail_at:
            raise KeyError("source")
        self.taken += 1
        return next(self.items)

    def close(self):
        self.closed += 1


def test_an_error_of_the_first_item_is_an_ordinary_error(place):
    for source, raised in (
        (Source([object(), 1]), JSONEncodeError),
        (Source([1], fail_at=0), KeyError),
    ):
        with pytest.raises(raised):
            stream_json(source)
        assert source.closed == 1


def read_until_cut(response, raised, caplog):
    """What is sent before a stream raises, and what is logged then."""
    sent = []
    caplog.clear()
    with caplog.at_level(logging.ERROR, "jsonify_ext"), pytest.raises(raised):
        sent.extend(response.response)
    assert list(response.response) == []
    response.close()
    (record,) = caplog.records
    assert record.exc_info
    return b"".join(sent), record.getMessage()


@pytest.mark.parametrize("chunk_size", [0, 100, 65536])
@pytest.mark.parametrize("kind", ["json", "jsonl", "ndjson", "json-seq", "sse"])
def test_a_source_that_fails_later_cuts_the_stream_after_all_that_it_gave(
    kind, chunk_size, caplog
):
    source = Source(range(1000), fail_at=500)
    sent, message = read_until_cut(
        stream_json(source, kind, chunk_size=chunk_size), KeyError, caplog
    )
    assert message == "a JSON stream was cut at item 500"
    whole = stream_json(range(500), kind).data
    cut = {"json": b"", "json-seq": b"\x1e{", "sse": b""}.get(kind, b"{")
    assert sent == (whole.removesuffix(b"]\n") if kind == "json" else whole) + cut
    assert source.closed == 1


@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq", "sse"])
@pytest.mark.parametrize("envelope", [None, {"total": 9}])
def test_an_item_that_cannot_be_encoded_cuts_the_stream(kind, envelope, caplog):
    source = Source([*range(500), object(), *range(9)])
    options = {"envelope": envelope} if kind == "json" else {}
    response = stream_json(source, kind, chunk_size=100, **options)
    sent, message = read_until_cut(response, JSONEncodeError, caplog)
    assert message == "a JSON stream was cut at item 500"
    assert sent
    assert not sent.rstrip().endswith((b"]", b"}"))
    assert source.closed == 1


def test_an_error_of_the_source_that_has_a_path_is_counted_right(caplog):
    def source():
        yield from range(3)
        raise JSONEncodeError("$[7]", "int", "elsewhere")

    _, message = read_until_cut(stream_json(source()), JSONEncodeError, caplog)
    assert message == "a JSON stream was cut at item 3"


def test_a_sqlalchemy_result_is_read_in_parts_and_closed():
    engine = sqlalchemy.create_engine("sqlite://")
    query = sqlalchemy.text(
        "WITH RECURSIVE counted(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM counted LIMIT 5000)"
        "SELECT n FROM counted"
    )
    with engine.connect().execution_options(yield_per=100) as connection:
        result = connection.execute(query)
        with stream_json(result) as response:
            assert json.loads(response.data) == [{"n": n} for n in range(5000)]
        assert result.closed

        half = connection.execute(query)
        response = stream_json(half, chunk_size=0)
        assert next(iter(response.response)) == b'[{"n":0}'
        response.close()
        assert half.closed
    engine.dispose()


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


def test_a_source_that_cannot_be_closed_is_logged_and_harms_nothing(place, caplog):
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


def test_a_generator_is_closed_also_when_nobody_reads_it():
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
    for source in ([1, 2], (1, 2), range(1, 3), map(int, "12"), {1: 0, 2: 0}):
        assert stream_json(source).data == b"[1,2]\n"


def test_a_result_that_gives_an_iterator_is_closed_as_well():
    closed = []

    class Result:
        def __iter__(self):
            yield from (1, 2)

        def close(self):
            closed.append(True)

    response = stream_json(Result())
    assert response.data == b"[1,2]\n"
    response.close()
    assert closed == [True]


def test_the_source_keeps_flasks_request_context():
    app = flask_app()

    @app.get("/<name>")
    def view(name):
        return stream_json((flask.request.path, flask.g.get("x", n)) for n in range(3))

    answer = app.test_client().get("/me", buffered=True)
    assert answer.get_json() == [["/me", 0], ["/me", 1], ["/me", 2]]


def test_a_stream_in_flask_ends_its_context_when_the_client_goes_away():
    app = flask_app()
    torn = []
    source = Source(range(10**9))
    app.add_url_rule("/", "view", lambda: stream_json(source, chunk_size=0))
    app.teardown_request(lambda error: torn.append(error))
    body, _, _ = run_wsgi_app(app, EnvironBuilder().get_environ())
    assert next(iter(body)) == b"[0"
    body.close()
    assert source.closed == 1
    assert torn


def test_lines_of_a_stream_parse_one_by_one(send: Send):
    lines = send(lambda: stream_json(({"n": n} for n in range(5000)), "jsonl")).data.splitlines()
    assert [json.loads(line)["n"] for line in lines] == list(range(5000))
