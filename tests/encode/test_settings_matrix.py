"""The settings that change the output, alone and in every combination."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import hypothesis
import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonify_ext import JSONSettings, RawJSON, encode, jsonify, stream_json, use_settings
from jsonify_ext.encoders import decimal_number

from .. import samples as s
from ..conftest import flask_app
from ..fuzz.check import check
from ..fuzz.makers import CHOICES, Maker, calm_makers, just, settings_makers
from ..samples import SEVEN, Image, Lazy, error_of
from ..values import ALONE, NAN

LIMIT = 2**53 - 1
FORMS = [dict(zip(CHOICES, form, strict=True)) for form in itertools.product(*CHOICES.values())]
#: Values in which more than one of these settings changes something.
MIXED: dict[str, Any] = {
    "plain": {"b": [1, None, {"é": None, "d": 2**53}], "a": {}, "n": None, "😀": [[], {}]},
    "numbers": [LIMIT, -LIMIT, 2**53, -(2**53), 2**63, 2**64, 2**70, -(2**63) - 1, 0.5, 1, -0.0],
    "nulls": {"a": None, "b": float("nan"), "c": s.Said(None), "d": Decimal("nan"), "e": [None]},
    "like long integers": [1e300, 2.0**60, "9007199254740992", True],
    "texts like null": {"a": "null", "c": 0, "d": "", "null": None},
    "hooks": {"z": s.Said({"b": None, "a": 2**60}), "a": [s.Html(), s.Simple(), s.Said("é")]},
    "keys": {2**70: 1, None: None, s.Colour.RED: 2**53, UUID(int=1): {"b": None, 1: 2**54}},
    "keys to omit": {
        s.Colour.RED: float("nan"),
        date(2024, 2, 29): s.Said(None),
        s.Level.HIGH: [None],
    },
    "sets": {"only": {2**60}, "b": {"é"}, "c": s.Members([2**60, 88, 10]), "d": {2**70, 88, 10}},
    "sorted": [{88, 10, 31}, {UUID(int=9), UUID(int=1)}, {s.Slotted(1), s.Slotted(0)}],
    "sets of types": {frozenset("ab"), ("c", 1), None, True, 2, "é", s.Colour.RED, Decimal("1.5")},
    "declared": [s.Slotted({"b": None, "a": 2**60}), s.Attrs(None), s.Base("é"), s.Alone(None)],
    "raw": {"b": RawJSON('{"b":[1.10,"é"],"a":null,"n":9007199254740992}'), "a": RawJSON("null")},
    "raw alone": RawJSON('[{"z":null,"a":[null,-9007199254740993,1]},{}]'),
    "decimals": {"b": decimal_number(Decimal("1.10")), "a": RawJSON("1e5", trusted=True)},
    "numpy": {
        "b": numpy.array([[1, 2**60]]),
        "n": numpy.float64("nan"),
        "a": [numpy.int64(2**62)],
    },
    "iterators": Lazy(
        lambda: {"b": iter([None, 2**60]), "a": (s.Said({"n": None}) for _ in "ab")}
    ),
    "DEL, which is ASCII": {"\x7f": ["\x7f"]},
    "text": ["\\u00e9", {"\x7fé": "\x1f"}, "plain"],
    "long containers": {"b": [[1, 2, 3, 4, None, "é"]], 1: dict.fromkeys("fedcba", 2.5), "s": {1}},
    "views": {"b": {"é": 2**60}.items(), "a": s.Pairs(("b", None), ("a", 1)), "q": s.Items(None)},
}


@pytest.mark.parametrize("name", [*MIXED, *ALONE])
def test_every_combination_of_form_settings(name):
    # 27 of 288, in which each setting meets each other one; and fewer for single values.
    value, forms = (MIXED[name], FORMS[::11]) if name in MIXED else (ALONE[name], FORMS[::37])
    for fields in forms:
        check(Maker(just, (value,)), Maker(just, (JSONSettings(**fields),)))


@hypothesis.settings(max_examples=300)
@given(calm_makers, settings_makers)
def test_what_is_sent_is_json(value, chosen):
    check(value, chosen)


@hypothesis.settings(max_examples=100)
@given(st.text('\\xXuU0\x7f\x1e\xe9\u0448\U0001f600"', max_size=8) | st.text())
@example("😀 and é")
@example(r"\U0001f600 😀")
@example(r"\xe9 é")
@example("é" * 300 + "\x7f\\u00e9")
def test_escapes_are_those_of_the_standard_library(text):
    body = encode({text: [text, s.Html()]}, JSONSettings(ensure_ascii=True))
    expected = json.dumps({text: [text, "<b>1</b>"]}, separators=(",", ":"))
    assert body.decode() == expected.replace("\x7f", "\\u007f")


BESIDE: list[list[Any]] = [
    *([], [date(2024, 1, 1), UUID(int=0), b"\xc3\xa9"], [1e-7, s.Text("é")], [s.Real(1e-7)]),
    *([s.Html(), s.Base("é")], [RawJSON('"é"')], [{1: "é"}]),
]
TEXTS = [
    "é" * 300,
    "日本" * 300,
    "😀" * 300,
    "".join(map(chr, range(0x20000, 0x20040))),
    "\x7fé\\x",
]


@pytest.mark.parametrize("text", [*TEXTS, "".join(TEXTS), "a" * 5000 + TEXTS[3]])
@pytest.mark.parametrize("beside", BESIDE)
def test_ensure_ascii_changes_nothing_else(text, beside, fields):
    value = [{"text": text, "at": s.SEVEN, "beside": beside}, *[text, Decimal("1.50")] * 3]
    plain = encode(value, {**fields, "ensure_ascii": False}).decode()
    escaped = re.sub("[^\x00-\x7e]", lambda found: json.dumps(found[0])[1:-1], plain)
    assert encode(value, {**fields, "ensure_ascii": True}).decode() == escaped


#: Single settings, with the bytes written out.
BYTES: list[tuple[dict[str, Any], Any, str]] = [
    ({"omit_none": True}, {"a": Image(), "b": RawJSON(" null "), "c": RawJSON('{"c":null}')},
     '{"c":{}}'),
    ({"omit_none": True}, [None, s.Slotted(1), s.Struct(1)], '[null,{"a":1},{"userId":1}]'),
    ({"nan": "error"}, [numpy.datetime64("NaT", "s"), s.Loose(avatar=float("nan")), s.Tagged(NAN)],
     '[null,{"theAvatar":null},["t",null]]'),
    ({"ensure_ascii": True}, {"é\x7f": "日本 😀\u2028<\\u00e9", "d": Decimal(1)},
     '{"\\u00e9\\u007f":"\\u65e5\\u672c \\ud83d\\ude00\\u2028<\\\\u00e9","d":"1"}'),
    ({"ensure_ascii": True}, {"ab": "é" * 3000, "c": 1}, '{"ab":"%s","c":1}' % ("\\u00e9" * 3000)),
    ({"ensure_ascii": True, "pretty": True}, {"a": "é" * 300, "c": 1},
     '{\n  "a": "%s",\n  "c": 1\n}' % ("\\u00e9" * 300)),
    ({"ensure_ascii": True}, Enum("Long", {"A": "é" * 300}).A, '"%s"' % ("\\u00e9" * 300)),
    ({"ensure_ascii": True}, {"é" * 300: [NAN, 1]}, '{"%s":[null,1]}' % ("\\u00e9" * 300)),
    ({"big_ints": "string"}, RawJSON("[0.12345678901234567,9007199254740993]"),
     '[0.12345678901234567,"9007199254740993"]'),
    ({"sort_keys": True}, {"b": [{"d": 1, "c": 2}], "a": {"z", "y", "x"}, "s": {1, 10, 9}},
     '{"a":["x","y","z"],"b":[{"c":2,"d":1}],"s":[1,10,9]}'),
    ({"pretty": True}, {"a": [1, {"b": []}, {}], "e": Decimal(1), 1: (2,)},
     '{\n  "a": [\n    1,\n    {\n      "b": []\n    },\n    {}\n  ],\n  "e": "1",\n'
     '  "1": [\n    2\n  ]\n}'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "value", "text"), BYTES)
def test_changes_of_one_setting(changes, value, text):
    settings = JSONSettings(encoders={Image: lambda image: None}, **changes)
    assert encode(value, settings).decode() == text
    assert jsonify(value, settings=settings).data.decode() == text + "\n"
    if not changes.get("pretty"):
        assert encode([value, s.Said(1)], settings).decode() == f"[{text},1]"


def test_lone_surrogates_in_sorted_sets_are_errors():
    error = error_of({"a": s.Members(["b", "\ud800"])}, sort_keys=True)
    assert error.path.startswith("$.a")
    assert "lone surrogate" in str(error)


def test_settings_as_a_mapping_are_changes():
    value = {"b": SEVEN, "a": None}
    with use_settings(sort_keys=True, encoders={datetime: lambda at: at.year}):
        assert jsonify(value, settings={"omit_none": True}).data == b'{"b":2024}\n'
        assert encode(value, {"omit_none": True}) == b'{"b":2024}'
        assert encode(value, {}) == b'{"a":null,"b":2024}'
        pretty = stream_json([value], settings={"pretty": True}).data
        assert pretty == b'[\n  {\n    "a": null,\n    "b": 2024\n  }\n]\n'
        assert encode(value, JSONSettings(omit_none=True)) == b'{"b":"2024-02-29T07:08:09+00:00"}'
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        text = b'{"a":null,"b":"2024-02-29T07:08:09Z"}'
        assert encode(value, {"dates": "utc"}) == text
    for wrong, kind, word in (
        ({"colour": 1}, TypeError, "colour"),
        ({"pretty": 1}, ValueError, "pretty"),
        (5, TypeError, "5|int"),
    ):
        with pytest.raises(kind, match=word):
            encode(1, wrong)
