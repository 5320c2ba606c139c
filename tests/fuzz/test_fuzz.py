"""A short run; ``python -m tests.fuzz`` is the long one."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from .check import check, check_text
from .makers import settings_makers, value_makers
from .texts import json_texts


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(value_makers, settings_makers)
def test_any_value_is_json_or_an_error_with_a_path(value, chosen):
    check(value, chosen)


@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(json_texts)
def test_json_is_parsed_as_by_the_standard_library_in_strict_form(text):
    check_text(text)
