"""RawJSON: embedded as it is, unless the settings ask for another form."""

from __future__ import annotations

import pytest

from jsonify_ext import JSONSettings, RawJSON, encode, jsonify

from .conftest import Send

TEXT = b'{"b": [1.10, 1E+2, "\\u00e9", "\xc3\xa9"],  "a": {}}'


def test_it_is_embedded_as_it_is(send: Send):
    assert send(lambda: jsonify({"raw": RawJSON(TEXT)})).data == b'{"raw":%s}\n' % TEXT
    assert send(lambda: jsonify(RawJSON(TEXT))).data == TEXT + b"\n"
    assert send(lambda: jsonify([RawJSON("1"), {1: RawJSON(bytearray(b"2"))}])).data == (
        b'[1,{"1":2}]\n'
    )


def test_pretty_and_sort_keys_write_it_anew_with_the_digits_of_its_numbers():
    assert encode([RawJSON(TEXT)], JSONSettings(sort_keys=True)).decode() == (
        '[{"a":{},"b":[1.10,1E+2,"é","é"]}]'
    )
    assert encode(RawJSON(b'{"a":[1.0,12345678901234567890123]}'), JSONSettings(pretty=True)) == (
        b'{\n  "a": [\n    1.0,\n    12345678901234567890123\n  ]\n}'
    )


def test_ensure_ascii_escapes_what_is_in_it():
    assert encode(RawJSON('["é"]'), JSONSettings(ensure_ascii=True)) == b'["\\u00e9"]'


def test_twin_keys_would_be_lost_when_it_is_written_anew():
    twins = RawJSON(b'{"a":1,"a":2}')
    assert encode(twins) == b'{"a":1,"a":2}'
    with pytest.raises(ValueError, match=r"\$\.a"):
        encode(twins, JSONSettings(sort_keys=True))


def test_trusted_text_is_not_read():
    assert encode([RawJSON(b"NaN", trusted=True)]) == b"[NaN]"
    assert encode({1: RawJSON(b"\xff", trusted=True)}) == b'{"1":\xff}'
    assert encode([10**20, RawJSON(b"\xff", trusted=True)]) == b"[100000000000000000000,\xff]"
    for fields in ({"pretty": True}, {"ensure_ascii": True}):
        with pytest.raises(ValueError, match="RawJSON does not hold valid JSON"):
            encode([RawJSON(b'"\xff"', trusted=True)], JSONSettings(**fields))


def test_subclasses_are_raw_too():
    class Cached(RawJSON):
        __slots__ = ()

    assert encode([Cached(b"1")]) == b"[1]"
    assert encode([Cached(b"NaN", trusted=True)]) == b"[NaN]"


def test_only_true_is_trust():
    class Odd(RawJSON):
        def __getattribute__(self, name: str) -> object:
            return bytearray(b"NaN")

    with pytest.raises(ValueError, match="does not hold valid JSON"):
        encode(Odd(b"1"))


def test_it_takes_text_only():
    with pytest.raises(TypeError, match="RawJSON takes bytes or str, not dict"):
        RawJSON({})


def test_it_compares_and_shows_what_it_holds():
    assert RawJSON("1") == RawJSON(b"1")
    assert RawJSON("1") != RawJSON("2")
    assert RawJSON("1") != "1"
    assert len({RawJSON("1"), RawJSON(b"1")}) == 1
    assert repr(RawJSON("1", trusted=True)) == "RawJSON(b'1', trusted=True)"
    assert repr(RawJSON("1")) == "RawJSON(b'1')"
