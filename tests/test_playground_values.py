"""What a visitor may enter in the playground: JSON and Python literals, but no code."""

from __future__ import annotations

import re
import time
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest
from werkzeug.test import Client, TestResponse

from jsonify_ext.playground import app
from jsonify_ext.playground.data import READY, User
from jsonify_ext.playground.value import parse


def send(value: str, path: str = "/response") -> TestResponse:
    return Client(app).post(path, data={"value": value})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (' {"a": [1, -2.5e3, true, null]} ', {"a": [1, -2500.0, True, None]}),
        (r'"\ud83d\ude00\/"', "😀/"),
        ("{'a': (1, -2), 3: {4, 5}, 'b': b'x' b'y'}", {"a": (1, -2), 3: {4, 5}, "b": b"xy"}),
        ("[True, None, true, null]", [True, None, True, None]),
        ("[-inf, Infinity, 1_000, 0x1F]", [float("-inf"), float("inf"), 1000, 31]),
        ("datetime(2026, 1, 2, tzinfo=timezone.utc)", datetime(2026, 1, 2, tzinfo=timezone.utc)),
        ("datetime.date(2026, 1, 2)", date(2026, 1, 2)),
        ("-timedelta(days=1, hours=2)", -timedelta(days=1, hours=2)),
        ("[Decimal('1.50'), UUID(int=7)]", [Decimal("1.50"), UUID(int=7)]),
        ("set(), frozenset([1])", (set(), frozenset([1]))),
        ("User(7, name='Ada', manager=User(1))", User(7, "Ada", None, User(1))),
        ("users(100)", READY["users(100)"]()),
    ],
)
def test_json_and_python_literals_are_values(text: str, value: object):
    assert parse(text) == value
    assert type(parse(text)) is type(value)


def test_nan_and_the_output_of_repr_are_values():
    assert repr(parse('{"a": NaN, "b": [-Infinity]}')) == "{'a': nan, 'b': [-inf]}"
    value = [datetime(2026, 1, 2, tzinfo=timezone.utc), timedelta(1), UUID(int=7), User(1, "Ada")]
    assert parse(repr(value)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at most 20,000 characters"),
        ("[1 2]", "A comma or a bracket is missing before '2]'"),
        ("{'a': 1", "SyntaxError: '{' was never closed"),
        ("'a", "not supported in a Python literal"),
        ("date(2026, 13, 1)", "ValueError: month must be in 1..12"),
        ("{[]: 1}", "TypeError: unhashable type"),
        ("Decimal('x')", "InvalidOperation"),
        ("datetime", "isn't a literal"),
        ("utcnow()", "'utcnow' isn't a known name. The known names are datetime,"),
        ("users(3)", "users(100)"),
    ],
)
def test_a_bad_value_is_a_400_with_the_reason(text: str, reason: str):
    answer = send(text)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert reason in answer.get_json()["detail"]


CODE = """
    __import__('os').system('x') | open('/etc/passwd').read() | ().__class__.__bases__ | not 1
    (lambda: 1)() | [x for x in (1, 2)] | f'{1}' | 1 if 1 else 2 | (x := 1) | {**{}} | 1; 2
    datetime.now() | Decimal.__init__ | User.__class__(1) | 1 .real | 'a'.upper() | await x
    '%s' % 1 | [1][0] | set()() | date.today() | *[1] | 0x1e+5 | print | 1 < 2 | `1` | # 1
    timezone.utc.utcoffset(None) | 1..real"""


@pytest.mark.parametrize("text", [*map(str.strip, re.split("[|\n]", CODE.strip()))])
def test_no_code_runs(text: str):
    with pytest.raises(BadRequest):
        parse(text)


HEAVY = [
    "9" * 20_000, "0x" + "f" * 19_000, "1e999999999", "Decimal('1e999999999')", "9**9**9",
    "[" * 10_000 + "]" * 10_000, "[" * 20_000, "-" * 20_000 + "1", "(" * 20_000, "1+" * 9_999,
    "timedelta(" * 1000 + ")" * 1000, "set" + "()" * 9_000, "1" + "..a" * 6_000,
    "a" + ".a" * 9_000, "{" * 100 + "}" * 100, "[Decimal('9E+999999'), 1, 1.5]",
    "'" + "\\" * 19_999, '"' * 20_000, "{Decimal('1e999999999'): 1, 5: 2}", "'a' " * 5_000,
    "[1]" * 6_000, "not " * 5_000, "'" + '"' * 19_998 + "'", "[NaN, '" + '"' * 19_000 + "']",
    "users(1000)", "[users(1000)]", "users(100000000)", "UUID(int=" + "9" * 399 + ")",
]  # fmt: skip  # a line for each tells no more


@pytest.mark.parametrize("text", HEAVY, ids=lambda text: text[:20])
def test_no_value_hangs_or_crashes(text: str):
    start = time.perf_counter()
    assert send(text[:20_000]).status_code in (200, 400, 500)
    assert send(text, "/compare").status_code in (200, 400)
    assert time.perf_counter() - start < 5


PARTS = r"""date time( User( Decimal('1') set( 1 - nan '\ud800' b'\xff' [ ] ( ) { } , :
    1e9 object() "\udfff" id= é"""
TEXTS = st.lists(st.sampled_from([*PARTS.split(), " ", "\0"]), max_size=30).map("".join)


@given(TEXTS | st.text(max_size=30))
def test_every_text_has_an_answer(text: str):
    answer = send(text.encode("utf-8", "replace").decode())
    assert answer.status_code in (200, 400, 500)
    answer.get_json()


def test_a_request_that_is_too_large_is_refused():
    assert send("1" * 500_000).status_code == 413
