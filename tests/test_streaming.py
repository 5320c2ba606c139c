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

from jsonify_ext import JSONEncodeError, RawJSON, encode, stream_json, use_settings
from jsonify_ext.encoders import decimal_number

from .conftest import Send, flask_app
from .samples import Said
from .sources import Source

ROWS = [{"a": Decimal("1.5")}, [1], None, "é\n"]
JSON = ['{"a":"1.5"}', "[1]", "null", '"é\\n"']


@pytest.mark.parametrize(
    ("kind", "mimetype", "body", "empty"),
    [
        ("json", "application/json", f"[{','.join(JSON)}]\n", b"[]\n"),
        ("jsonl", "application/jsonl", "".join(f"{each}\n" for each in JSON), b""),
        ("ndjson", "application/x-ndjson", "".join(f"{each}\n" for each in JSON), b""),
        ("json-seq", "application/json-seq", "".join(f"\x1e{each}\n" for each in JSON), b""),
        ("sse", "text/event-stream", ":\n\n" + "".join(f"data: {x}\n\n" for x in JSON), b":\n\n"),
    ],
)
def test_formats(send: Send, kind, mimetype, body, empty):
    answer = send(lambda: stream_json(iter(ROWS), kind, status=201))
    assert (answer.status_code, answer.content_type) == (201, mimetype)
    assert answer.get_data(as_text=True) == body
    assert "Content-Length" not in answer.headers
    assert send(lambda: stream_json([], kind)).data == empty


@settings(max_examples=150)
@given(
    st.lists(st.none() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)),
    st.none() | st.dictionaries(st.text("ab", max_size=2), st.none() | st.just([{}])),
    st.sampled_from(["items", "null", '0]"', "é\n", "  "]),
    st.fixed_dictionaries(dict.fromkeys(["pretty", "ensure_ascii", "omit_none"], st.booleans())),
    st.sampled_from([None, 0, 1, 20, 10**6]),
    st.sampled_from([iter, list]),
)
def test_a_stream_of_json_has_the_bytes_of_one_response(items, envelope, key, form, size, kind):
    whole = items if envelope is None else {**envelope, key: items}
    options = {"envelope": envelope, "key": key, "chunk_size": size, "settings": form}
    assert stream_json(kind(items), **options).data == encode(whole, form) + b"\n"


class Kind(enum.Enum):
    ITEMS = "items"


TAKEN = "has the key of the array already"


@pytest.mark.parametrize(
    ("envelope", "key", "match"),
    [
        *[({each: 1}, "items", TAKEN) for each in ("items", Kind.ITEMS, Said("items"))],
        ({"items": 1}, Kind.ITEMS, TAKEN),
        ({1: 1}, "1", TAKEN),
        ({"1": 1}, 1, TAKEN),
        ({1: 0, "1": 0}, "items", r'\$\["1"\]: dict has two keys'),
        ({"a": object()}, "items", r"\$.a: object"),
    ],
)
@pytest.mark.parametrize("pretty", [False, True])
def test_an_envelope_that_cannot_be_sent(envelope, key, match, pretty):
    with pytest.raises(JSONEncodeError, match=match):
        stream_json([1], envelope=envelope, key=key, settings={"pretty": pretty})


def test_an_envelope_keeps_the_digits_of_its_numbers():
    changes = {"encoders": {Decimal: decimal_number}}
    response = stream_json([1], envelope={"total": Decimal("1E+400")}, settings=changes)
    assert response.data == b'{"total":1E+400,"items":[1]}\n'


@pytest.mark.parametrize("ensure_ascii", [False, True])
@pytest.mark.parametrize("chunk_size", [0, 65536])
@pytest.mark.parametrize("kind", ["jsonl", "json-seq", "sse"])
def test_nothing_in_an_item_ends_its_line(kind, chunk_size, ensure_ascii):
    text = "a\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029é\\\n\u2028"
    items = [text, {text: [text]}, RawJSON(json.dumps([text], ensure_ascii=False).encode())] * 50
    form = {"ensure_ascii": ensure_ascii, "pretty": True}
    response = stream_json(items, kind, chunk_size=chunk_size, settings=form)
    body = response.get_data(as_text=True)
    assert ("é" in body, body.isascii()) == (not ensure_ascii, ensure_ascii)
    for lines in (body.splitlines(), body.split("\n")):
        found = [line.removeprefix("data: ").strip("\x1e") for line in lines]
        values = [json.loads(line) for line in found if line not in ("", ":")]
        assert values == [text, {text: [text]}, [text]] * 50


def test_white_space_of_raw_json_ends_no_line():
    raw = RawJSON(b'{\n"a":\r\n1}')
    assert stream_json([raw, 1], "jsonl").data == b'{ "a":  1}\n1\n'
    assert stream_json([raw], "sse").data == b':\n\ndata: { "a":  1}\n\n'


def test_the_settings_and_the_options_of_the_call(send: Send):
    def view(*args, **options):
        with use_settings(dates="http", headers={"X-A": "1"}, mimetype="application/x"):
            return stream_json((date(2024, 1, day) for day in (1, 2)), *args, **options)

    answer = send(view)
    assert answer.get_json(force=True)[1] == "Tue, 02 Jan 2024 00:00:00 GMT"
    assert (answer.headers["X-A"], answer.content_type) == ("1", "application/x")
    options = {"mimetype": "text/x", "headers": {"x-a": "2"}, "status": "202 Go"}
    answer = send(lambda: view("jsonl", **options))
    assert (answer.status, answer.headers["Content-Type"]) == ("202 Go", "text/x")
    assert answer.headers.getlist("X-A") == ["2"]


def test_headers_of_the_call_replace_those_of_the_settings_and_of_the_format():
    headers = {"Content-Type": "text/x", "Cache-Control": "max-age=60"}
    pairs = [("cache-control", "no-store"), ("Link", "</a>"), ("Link", "</b>")]
    sent = stream_json([1], "sse", headers=headers, settings={"headers": pairs}).headers
    assert [*sent] == [*headers.items(), *pairs[1:], ("X-Accel-Buffering", "no")]


async def asynchronous_items():
    yield 1


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ({"a": 1}, "iterable of items, .* not dict"),
        (types.MappingProxyType({}), "iterable of items, .* not mappingproxy"),
        ("text", "iterable of items, .* not str"),
        (b"bytes", "iterable of items, .* not bytes"),
        (bytearray(b"b"), "iterable of items, .* not bytearray"),
        (memoryview(b"m"), "iterable of items, .* not memoryview"),
        (7, "iterable of items, .* not int"),
        (asynchronous_items(), r"json_view\(stream=...\)"),
    ],
)
@pytest.mark.parametrize("kind", ["json", "sse"])
def test_what_is_not_a_source(source, match, kind):
    with pytest.raises(TypeError, match=match):
        stream_json(source, kind)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"format": "csv"}, "unknown stream format 'csv'; the formats are json, jsonl"),
        ({"format": "jsonl", "envelope": {}}, "envelope"),
        *[({"envelope": each}, "envelope must be a mapping, not") for each in (7, [1], [])],
        *[({"chunk_size": size}, "chunk_size") for size in (-1, 1.5, True)],
        *[({"background": each}, "background") for each in (7, [None])],
    ],
)
def test_bad_options(options, match):
    with pytest.raises((ValueError, TypeError), match=match):
        stream_json([1], **options)


def test_an_error_when_a_source_is_closed_is_logged(place, caplog):
    class Unclosable(Source):
        def close(self):
            super().close()
            raise RuntimeError("close")

    source = Unclosable([1, 2])
    response = stream_json(source)
    assert response.data == b"[1,2]\n"
    response.close()
    assert caplog.messages == ["the source of a JSON stream could not be closed"]
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
    Client(validator(stream_json(source()))).head("/", buffered=True)
    assert ended == [True, True]


def test_a_cursor_is_closed_with_the_stream():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    cursor = connection.execute("SELECT 1 AS a UNION SELECT 2")
    with stream_json(cursor) as response:
        assert response.data == b'[{"a":1},{"a":2}]\n'
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        cursor.fetchone()
    connection.close()


def test_a_stream_in_flask_keeps_the_request_context_to_its_end():
    app = flask_app()
    ended = []

    class Paths:
        def __iter__(self):
            while True:
                yield flask.request.path

        def close(self):
            ended.extend([flask.request.path, "source"])

    app.add_url_rule("/", "view", lambda: stream_json(Paths(), chunk_size=0))
    app.teardown_request(lambda error: ended.append("context"))
    body, _, _ = run_wsgi_app(app, EnvironBuilder(method="HEAD").get_environ())
    body.close()
    assert ended[-2:] == ["/", "source"]
    body, _, _ = run_wsgi_app(app, EnvironBuilder().get_environ())
    chunks = iter(body)
    assert [next(chunks), next(chunks)] == [b'["/"', b',"/"']
    body.close()
    assert ended[-2:] == ["source", "context"]


def test_a_stream_in_flask_is_a_response_of_the_apps_class():
    class Own(flask.Response):
        def __init__(self, *args, mimetype="application/own", **kwargs):
            super().__init__(*args, mimetype=mimetype, **kwargs)
            self.headers["X-Own"] = "1"

    class Typed(flask.Response):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.headers["Content-Type"] = "application/typed"

    app = flask_app()
    app.response_class = Own
    with app.app_context():
        response = stream_json([1], status=201)
        assert stream_json([1], "sse").headers["Content-Type"] == "text/event-stream"
        app.response_class = Typed
        assert stream_json([1]).headers["Content-Type"] == "application/typed"
    assert isinstance(response, Own)
    assert (response.status_code, response.headers["X-Own"], response.data) == (201, "1", b"[1]\n")


def test_background_callables_run_when_the_stream_has_ended(send: Send, caplog):
    ran = []
    source = Source([1, 2])

    def fails():
        ran.append(source.closed)
        raise KeyError("background")

    background = [fails, lambda: ran.append("second")]
    assert send(lambda: stream_json(source, background=background)).data == b"[1,2]\n"
    assert ran == [1, "second"]
    assert caplog.messages == ["a background callable of a JSON response failed"]


@pytest.mark.parametrize(("kind", "first"), [("json", b"[0"), ("sse", b":\n\n")])
def test_an_abandoned_stream_closes_its_source_and_runs_background(send: Send, kind, first):
    ran = []
    source = Source(range(10**9))
    options = {"chunk_size": 0, "background": lambda: ran.append(source.closed)}
    answer = send(lambda: stream_json(source, kind, **options), buffered=False)
    assert (next(iter(answer.response)), ran) == (first, [])
    answer.close()
    send(lambda: stream_json([1], background=lambda: ran.append("HEAD")), method="HEAD")
    assert ran == [1, "HEAD"]
