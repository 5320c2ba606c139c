"""A short run; ``python -m tests.fuzz`` is the long one."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from jsonify_ext import JSONSettings, RawJSON

from .check import check, check_text
from .makers import Maker, _hostile, array, just, settings_makers, value_makers
from .texts import json_texts


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(value_makers, settings_makers)
def test_any_value_is_json_or_an_error_with_a_path(value, chosen):
    check(value, chosen)


@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(json_texts)
def test_parsing_is_that_of_the_standard_library_if_strict(text):
    check_text(text)


def test_what_encodes_itself_until_the_stack_ends_is_no_finding():
    nothing = Maker(just, (None,))
    methods = {"model_dump_json": ("encode", None, nothing)}
    value = Maker(
        array, (list, [Maker(_hostile, ("pydantic", methods, {})), Maker(just, (RawJSON(b"["),))])
    )

    def check_at_depth(depth: int) -> None:
        # One level more, and it is the other one that cannot be encoded.
        if depth:
            check_at_depth(depth - 1)
        else:
            check(value, Maker(just, (JSONSettings(),)))

    for depth in range(16):
        check_at_depth(depth)
