"""Properties that hold for all values, looked for with random ones."""

from __future__ import annotations

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jsonify_ext import JSONSettings, encode

from .. import samples as s
from ..fuzz.check import check
from ..fuzz.makers import calm_makers, settings_makers


@settings(max_examples=300)
@given(calm_makers, settings_makers)
def test_what_is_sent_is_json(value, chosen):
    check(value, chosen)


@settings(max_examples=100)
@given(st.text('\\xXuU0\x7f\x1e\xe9\u0448\U0001f600"', max_size=8) | st.text())
@example(r"\U0001f600 \xe9 é 😀")
@example("é" * 300 + "\x7f\\u00e9")
def test_escapes_are_those_of_the_standard_library(text):
    body = encode({text: [text, s.Html()]}, JSONSettings(ensure_ascii=True))
    expected = json.dumps({text: [text, "<b>1</b>"]}, separators=(",", ":"))
    assert body.decode() == expected.replace("\x7f", "\\u007f")
