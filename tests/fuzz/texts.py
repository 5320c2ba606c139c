"""Texts that are JSON or nearly so."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

_TOKENS = st.sampled_from(
    [*'{}[],:" \t\n\r\f\x00\x1e\x7f\ufeff\u2028é😀', "null", "true", "fals", "NaN", "Infinity"]
    + ["-", "0", "-0", "00", "01", "1.", ".5", "1e5", "1E+5", "1e", "1e308", "1e309", "-1e999"]
    + ["5e-324", "1e-400", "0e999", "0.1", "1.10", "-0.0", "9" * 15, "9" * 19, "1" * 309]
    + ["18446744073709551615", "18446744073709551616", "-9223372036854775808"]
    + ["-9223372036854775809", "1" * 400, "1" * 4301, "1" * 309 + ".5", "1.7976931348623159e308"]
    + ["0." + "3" * 30, "\\", '\\"', "\\\\", "\\/", "\\u0000", "\\ud800", "\\udc00", "\\uD83D"]
    + ["\\ud83d\\ude00", "\\u00e9", "\\u12", "\\x41", '"a"', '"a":', '"\\ud800"', '"\\\\ud800"']
    + ["[" * 20, "]" * 20, "+1", "0x1", "1_0", "\uff11", "'", "//", "\u00a0", "\udc80"]
)
_values: Any = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats()),
        st.text(max_size=6),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def _mutated(text: str, changes: list[tuple[int, int, str]]) -> str:
    for place, length, token in changes:
        place %= len(text) + 1
        text = text[:place] + token + text[place + length :]
    return text


def _nested(depth: int, text: str, unclosed: bool) -> str:
    return "[" * depth + text + "]" * (depth - unclosed)


def _with_byte(text: str, place: int, byte: int | None) -> bytes:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if data and byte is not None:
        data[place % len(data)] = byte
    return bytes(data)


_written = st.builds(
    json.dumps, _values, ensure_ascii=st.booleans(), indent=st.sampled_from([None, 1])
)
_changes = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 3), _TOKENS), max_size=3)
_changed = st.builds(_mutated, _written, _changes)
_texts = st.one_of(
    *[_changed] * 2,
    st.lists(_TOKENS, max_size=8).map("".join),
    st.builds(_nested, st.sampled_from([9, 100, 254, 300, 500]), _written, st.booleans()),
)
_encodings = st.sampled_from(["utf-16", "utf-32", "utf-8-sig", "latin-1"])
json_texts = st.one_of(
    _texts,
    st.builds(_with_byte, _texts, st.integers(0, 99), st.none() | st.integers(0, 255)),
    st.builds(lambda text, encoding: text.encode(encoding, "replace"), _texts, _encodings),
)
