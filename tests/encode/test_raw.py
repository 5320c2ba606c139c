"""JSON that is already encoded: ``RawJSON`` and ``msgspec.Raw``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from jsonify_ext import JSONSettings, RawJSON, encode
from jsonify_ext.encoders import decimal_number

from ..samples import Html, Image, Said, error_of
from .conftest import assert_refused, misplaced

TEXT = b'{"b": [1.10, 1E+2, "\\u00e9", "\xc3\xa9"],  "a": {}}'
TWINS = b'{"a":1,"a":2,"b":null}'
ODD = [b'"\x1e"', b"1\x1e,\x1e2", b"", b"}", b"NaN", b"\xff", b"{"]


class Cached(RawJSON):
    __slots__ = ()


class Held(msgspec.Struct):
    raw: msgspec.Raw
    more: Any = None


RAW: list[tuple[Any, bytes]] = [
    *((RawJSON(TEXT), TEXT), (RawJSON(TEXT.decode()), TEXT), (RawJSON(bytearray(b"2")), b"2")),
    *((RawJSON(text), text) for text in (b"1e400", b"1" * 5000)),
    *((RawJSON(TWINS), TWINS), (Cached(b"1"), b"1"), (msgspec.Raw(TEXT), TEXT)),
    (Held(msgspec.Raw(TEXT)), b'{"raw":%s,"more":null}' % TEXT),
    *((RawJSON(data, trusted=True), data) for data in ODD),
]


@pytest.mark.parametrize(("value", "text"), RAW, ids=[repr(text) for _, text in RAW])
def test_it_is_embedded_as_it_is(value, text):
    assert misplaced(value, text) == {}


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
    assert encode([Decimal("1.10"), Decimal("1E+400")], price) == b"[\n  1.10,\n  1E+400\n]"


@pytest.mark.parametrize("field", ["pretty", "sort_keys", "omit_none"])
def test_what_cannot_be_written_anew_is_an_error(field):
    assert error_of([RawJSON(TWINS)], **{field: True}).path.startswith("$[0]")
    assert_refused(RawJSON(b'{"b":null,"a":"\xff"}', trusted=True), **{field: True})
    assert_refused(RawJSON('{"b":null,"a":Infinity}', trusted=True), **{field: True})


@pytest.mark.parametrize("data", [b'"\xff"', b"\xff", b'{"\xff":1}', b'"\xed\xa0\x80"'])
def test_trusted_text_that_is_not_utf_8_has_no_ascii_form(data):
    assert_refused(RawJSON(data, trusted=True), "valid JSON", ensure_ascii=True)


@pytest.mark.parametrize("odd", ODD)
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


@pytest.mark.parametrize("text", ["\x1e", "\x00", "a\x1eb\x1f"])
def test_a_separator_in_text_of_values_stays_in_its_place(text):
    escaped = "".join(f"\\u{ord(c):04x}" if c < " " else c for c in text)
    value = [Said([text, Html()]), {text: Said({text: Html()})}]
    body = f'[["{escaped}","<b>1</b>"],{{"{escaped}":{{"{escaped}":"<b>1</b>"}}}}]'
    assert misplaced(value, body) == {}


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


def test_raw_of_msgspec_under_settings():
    raw = msgspec.Raw(b'{"b": 1.10, "a": null}')
    settings = JSONSettings(sort_keys=True, omit_none=True)
    assert encode([raw, Held(raw)], settings).replace(b"1.10", b"1.1") == (
        b'[{"b":1.1},{"raw":{"b":1.1}}]'
    )
    assert encode(Held(raw, Image()), JSONSettings(encoders={Image: lambda image: [2**70]})) == (
        b'{"raw":{"b": 1.10, "a": null},"more":[%d]}' % 2**70
    )
