"""JSON that is already encoded: ``RawJSON`` and ``msgspec.Raw``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from jsonify_ext import JSONSettings, RawJSON, encode, jsonify
from jsonify_ext.encoders import decimal_number

from ..conftest import Send
from ..samples import Html, Image, Said, error_of

TEXT = b'{"b": [1.10, 1E+2, "\\u00e9", "\xc3\xa9"],  "a": {}}'


def test_a_response_contains_it_as_it_is(send: Send):
    assert send(lambda: jsonify(RawJSON(TEXT))).data == TEXT + b"\n"
    body = send(lambda: jsonify([RawJSON("1"), {1: RawJSON(bytearray(b"2"))}])).data
    assert body == b'[1,{"1":2}]\n'


@pytest.mark.parametrize(
    "beside", [1, 2**70, Html(), {1: 2}, Said(RawJSON("[ ]"))], ids=lambda it: type(it).__name__
)
def test_it_is_embedded_as_it_is(beside):
    alone = encode(beside)
    assert encode([RawJSON(TEXT), beside]) == b"[%s,%s]" % (TEXT, alone)
    body = b'{"a":%s,"b":[%s]}' % (alone, TEXT)
    assert encode({"a": beside, "b": Said([RawJSON(TEXT)])}) == body


@pytest.mark.parametrize("fields", [{"sort_keys": True}, {"omit_none": True}], ids=str)
def test_it_is_written_anew_with_the_digits_of_its_numbers(fields):
    text = '[{"a":{},"b":[1.10,1E+2,12345678901234567890123,"é",null]}]'
    raw = RawJSON('{"a": {},  "b": [1.10, 1E+2, 12345678901234567890123, "\\u00e9", null]}')
    assert encode([raw], JSONSettings(**fields)).decode() == text


def test_pretty_keeps_the_digits_of_its_numbers():
    text = b'{\n  "a": [\n    1.10,\n    12345678901234567890123\n  ]\n}'
    raw = RawJSON(b'{"a":[1.10,12345678901234567890123]}')
    assert encode(raw, JSONSettings(pretty=True)) == text
    price = JSONSettings(pretty=True, encoders={Decimal: decimal_number})
    assert encode([Decimal("1.10")], price) == b"[\n  1.10\n]"


def test_twin_keys_collide_where_it_is_written_anew():
    twins = RawJSON(b'{"a":1,"a":2,"b":null}')
    assert encode(twins) == b'{"a":1,"a":2,"b":null}'
    for fields in {"sort_keys": True}, {"pretty": True}, {"omit_none": True}:
        error = error_of([twins], **fields)
        assert error.path.startswith("$[0]")


def test_trusted_text_is_not_read():
    assert encode([RawJSON(b"NaN", trusted=True)]) == b"[NaN]"
    assert encode({1: RawJSON(b"\xff", trusted=True)}) == b'{"1":\xff}'
    assert encode([10**20, RawJSON(b"\xff", trusted=True)]) == b"[100000000000000000000,\xff]"
    for fields in {"pretty": True}, {"sort_keys": True}, {"omit_none": True}:
        assert error_of([RawJSON(b'{"b":null,"a":"\xff"}', trusted=True)], **fields).path == "$[0]"


@pytest.mark.parametrize("data", [b'"\xff"', b"\xff", b'{"\xff":1}', b'"\xed\xa0\x80"'])
def test_trusted_text_that_is_not_utf_8_has_no_ascii_form(data):
    raw = RawJSON(data, trusted=True)
    assert encode([raw]) == b"[%s]" % data
    for value, path in [
        (raw, "$"),
        ({"a": raw}, "$.a"),
        ([1, raw, "é"], "$[1]"),
        ([{1: raw}, 2**70], '$[0]["1"]'),
        (Said({"a": [raw]}), "$.a[0]"),
        ([Html(), [raw]], "$[1][0]"),
    ]:
        error = error_of(value, ensure_ascii=True)
        assert error.path == path
        assert "valid JSON" in str(error)


@pytest.mark.parametrize("odd", [b'"\x1e"', b"1\x1e,\x1e2", b"", b"}"])
@pytest.mark.parametrize("levels", [0, 1, 3])
def test_trusted_text_of_any_bytes_stays_in_its_place(levels, odd):
    raw: Any = RawJSON(odd, trusted=True)
    text = odd
    for _ in range(levels):
        raw, text = Said([raw, Html()]), b'[%s,"<b>1</b>"]' % text
    settings = JSONSettings(encoders={Image: lambda image: {"of": image.name}})
    rows = [Image("a"), raw, Image("b"), {"c": raw}, Image("d")]
    expected = b'[{"of":"a"},%s,{"of":"b"},{"c":%s},{"of":"d"}]' % (text, text)
    assert encode(rows, settings) == expected


def test_a_separator_in_text_of_values_stays_in_its_place():
    for text in "\x1e", "\x00", "a\x1eb\x1f":
        value = [Said([text, Html()]), {text: Said({text: Html()})}]
        escaped = "".join(f"\\u{ord(c):04x}" if c < " " else c for c in text)
        assert encode(value).decode() == (
            f'[["{escaped}","<b>1</b>"],{{"{escaped}":{{"{escaped}":"<b>1</b>"}}}}]'
        )


def test_subclasses_are_raw_too():
    class Cached(RawJSON):
        __slots__ = ()

    assert encode([Cached(b"1"), Cached(b"NaN", trusted=True)]) == b"[1,NaN]"


def test_only_text_is_raw_json():
    with pytest.raises(TypeError, match="bytes or str.*dict"):
        RawJSON({})


def test_equality_and_repr():
    assert RawJSON("1") == RawJSON(b"1")
    assert RawJSON("1") != RawJSON("2")
    assert RawJSON("1") != "1"
    assert len({RawJSON("1"), RawJSON(b"1")}) == 1
    assert repr(RawJSON("1", trusted=True)) == "RawJSON(b'1', trusted=True)"
    assert repr(RawJSON("1")) == "RawJSON(b'1')"


class Held(msgspec.Struct):
    raw: msgspec.Raw
    more: Any = None


def test_raw_of_msgspec():
    raw = msgspec.Raw(b'{"b": 1.10, "a": null}')
    assert encode([raw, Held(raw)]) == (
        b'[{"b": 1.10, "a": null},{"raw":{"b": 1.10, "a": null},"more":null}]'
    )
    assert encode(raw) == b'{"b": 1.10, "a": null}'
    settings = JSONSettings(sort_keys=True, omit_none=True)
    assert encode([raw, Held(raw)], settings).replace(b"1.10", b"1.1") == (
        b'[{"b":1.1},{"raw":{"b":1.1}}]'
    )
    assert encode(Held(raw, Image()), JSONSettings(encoders={Image: lambda image: [2**70]})) == (
        b'{"raw":{"b": 1.10, "a": null},"more":[%d]}' % 2**70
    )
