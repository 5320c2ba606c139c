"""What only orjson brings: its fragments, and how it spells floats. Left out without it."""

from __future__ import annotations

import os
import subprocess
import sys

import orjson
import pytest

from jsonify_ext import JSONSettings, encode

from ..samples import Html, Image, Said
from .conftest import assert_refused, misplaced


@pytest.mark.parametrize(
    "data", [b'{"b": 1.10,  "a": null}', b"NaN", "é", b"\xff", b"", b'"\x1e"']
)
def test_fragments_are_embedded_unread(data):
    encoders = {Image: lambda image: orjson.Fragment(data)}
    for value in orjson.Fragment(data), Said(orjson.Fragment(data)), Image():
        assert misplaced(value, data, encoders=encoders) == {}


@pytest.mark.parametrize(
    "fields",
    [{"pretty": True}, {"sort_keys": True}, {"omit_none": True}, {"big_ints": "string"},
     {"nan": "error"}, {"big_ints": "error"}],
    ids=str,
)  # fmt: skip
def test_only_ensure_ascii_changes_fragments(fields):
    text = '{"b": NaN,  "a": null, "n": 9007199254740993, "é": "é"}'
    assert text.encode() in encode([orjson.Fragment(text)], JSONSettings(**fields))
    for beside in "é", "é" * 3000:
        value = [orjson.Fragment('["é"]'), beside]
        escaped = encode(value, JSONSettings(ensure_ascii=True, **fields))
        assert b'["\\u00e9"]' in escaped


@pytest.mark.parametrize("content", [5, "\ud800"])
def test_a_fragment_of_anything_but_text_is_an_error(content):
    assert_refused(orjson.Fragment(content), "TypeError", path=None)


@pytest.mark.parametrize("value", [1e-07, 1e16, 5e-324, 123456789.123456789])
def test_floats_are_spelled_alike_on_every_path(value, fields):
    spelled = orjson.dumps(value)
    for others in [], [2**70], [Html()], [{1: 2}], [{1}], [Said(value)], ["é" * 500]:
        body = encode([value, *others], JSONSettings(**fields))
        assert body.replace(b"\n ", b"").replace(b" ", b"").startswith(b"[" + spelled)
        assert body.partition(spelled)[2].lstrip()[:1] in (b"]", b",")


_FRAGMENTS_AT_THE_EXIT = """
from jsonify_ext import RawJSON, encode
for _ in range(2000):
    encode({"a": RawJSON(b"[1]"), "b": [""]})
"""
#: Bodies that end near the ends of orjson's buffers, which grow from one kibibyte on.
_NESTS = """
import json
from jsonify_ext import encode
last = '[""' + ',""' * 31 + "]"
lists, both = (*range(28), *range(250, 254)), range(25, 127, 4)
for begin, end, depths in ("[", "]", lists), ('[{"a":', "}]", both):
    for depth in depths:
        for length in range(depth % 8, 2200, 8 + depth // 4):
            numbers = "0" + length // 2 * ",0"
            text = f'{{"{length % 2 * "a"}":[{numbers}],"b":[{begin * depth}{last}{end * depth}]}}'
            try:
                assert encode(json.loads(text)).decode() == text
            except TypeError as error:
                assert depth > 250 and "deep" in str(error)
"""
_LONG_TEXT = """
import orjson
from jsonify_ext import encode
for pad in range(0, 17000, 389):
    body = b"[" * 253 + b'"' + b"x" * pad + b'"' + b"]" * 253
    assert encode(orjson.loads(body)) == body
"""


def run(code: str, **environment: str) -> tuple[int, bytes]:
    """The exit code and the errors of a process."""
    environ = {**os.environ, **environment}
    ended = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("code", [_FRAGMENTS_AT_THE_EXIT, _NESTS], ids=["fragments", "nests"])
def test_memory_is_kept_intact(code):
    assert run(code, PYTHONMALLOC="debug") == (0, b"")


def test_what_a_client_sent_can_be_sent_back():
    assert run(_LONG_TEXT) == (0, b"")
