"""Strict parsing."""

from __future__ import annotations

import json

import pytest

from jsonify_ext.decode import finite, loads, parse

FLOAT = '[0.1234567890123456789,"' + "x" * 99 + '"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-0", 0),
        ("1.5e3", 1500.0),
        ('"\\ud83d\\ude00\\\\ud800"', "😀\\ud800"),
        ('"é\\u0000"', "é\0"),
        ("[1, {}]", [1, {}]),
        ("12345678901234567890123", 12345678901234567890123),
        ("[9999999999999999999,-9999999999999999999]", [10**19 - 1, 1 - 10**19]),
        ("[18446744073709551615, 98765432109876543210]", [2**64 - 1, 98765432109876543210]),
        # Long integers far behind a float that has as many digits.
        (FLOAT + ",18446744073709551617]", [*json.loads(FLOAT + "]"), 2**64 + 1]),
        (FLOAT + ",-9223372036854775809]", [*json.loads(FLOAT + "]"), -(2**63) - 1]),
        ('{"a":1,"a":2}', {"a": 2}),
        (" null\n", None),
    ],
)
def test_valid_documents(text, value):
    assert loads(text) == loads(text.encode()) == loads(bytearray(text.encode())) == value
    assert parse(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "NaN", "[Infinity]", "-Infinity", "01", "1.", "[1,]", '"\x01"', '"\\ud800"', "{1:2}"]
    + ['"\\ud800\\ud800"', '"\\udc00"', "1e999", "-1e999", "'a'", "[" * 100_000]
    + ['"\\\\\\ud800"', '"\\ud83d x"'],
)
def test_invalid_documents_are_value_errors(text):
    for read in (loads, lambda text: loads(text.encode()), parse):
        with pytest.raises(ValueError):  # noqa: PT011  # each parser has its own messages
            read(text)


def test_invalid_utf8_is_a_value_error():
    for data in (b"\xff", b'"\xc3"', '"é"'.encode("latin-1"), '"é"'.encode("utf-16")[:-3]):
        with pytest.raises(ValueError):  # noqa: PT011  # as above
            loads(data)
    with pytest.raises(ValueError, match="utf-8"):
        loads(b'["\xff", 1234567890123456789012]')


def test_numbers_past_all_floats():
    assert finite("1e308") == 1e308
    with pytest.raises(ValueError, match="too large"):
        finite("1e309")
