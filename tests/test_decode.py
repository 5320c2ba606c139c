"""Strict parsing."""

from __future__ import annotations

import pytest

from jsonify_ext.decode import finite, loads, parse

from .fuzz.check import check_text

FLOAT = '[0.1234567890123456789,"' + "x" * 99 + '"'
TEXTS = [
    *("1", "-0", "1.5e3", '"\\ud83d\\ude00\\\\ud800"', '"é\\u0000"', "[1, {}]", " null\n"),
    *("12345678901234567890123", "[9999999999999999999,-9999999999999999999]", '{"a":1,"a":2}'),
    "[18446744073709551615, 98765432109876543210]",
    # Long integers far behind a float that has as many digits.
    *(FLOAT + ",18446744073709551617]", FLOAT + ",-9223372036854775809]"),
]
INVALID = [
    *("", "NaN", "[Infinity]", "-Infinity", "01", "1.", "[1,]", '"\x01"', '"\\ud800"', "{1:2}"),
    *('"\\ud800\\ud800"', '"\\udc00"', "1e999", "-1e999", "'a'", "[" * 100_000),
    *('"\\\\\\ud800"', '"\\ud83d x"'),
    *(b"\xff", b'"\xc3"', '"é"'.encode("latin-1"), '"é"'.encode("utf-16")[:-3]),
]


@pytest.mark.parametrize("text", TEXTS)
def test_valid_documents_are_read_as_by_the_standard_library(text):
    for form in text, text.encode(), bytearray(text.encode()):
        check_text(form)
        loads(form)
    assert parse(text) == loads(text)


@pytest.mark.parametrize("text", INVALID)
def test_invalid_documents_are_value_errors(text):
    calls = [(loads, text)]
    if isinstance(text, str):
        calls += [(loads, text.encode()), (parse, text)]
    for read, form in calls:
        with pytest.raises(ValueError):  # noqa: PT011  # each parser has its own messages
            read(form)


def test_invalid_utf_8_beside_a_long_integer():
    with pytest.raises(ValueError, match="utf-8"):
        loads(b'["\xff", 1234567890123456789012]')


def test_numbers_past_all_floats():
    assert finite("1e308") == 1e308
    with pytest.raises(ValueError, match="too large"):
        finite("1e309")
