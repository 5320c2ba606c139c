"""A short run; ``python -m tests.fuzz`` is the long one."""

from __future__ import annotations

import faulthandler
import sys

from hypothesis import HealthCheck, given, settings

from .check import check, check_text
from .makers import settings_makers, value_makers
from .texts import json_texts

#: Seconds that one value may take before it counts as hanging.
TIMEOUT = 120


@settings(max_examples=500, suppress_health_check=list(HealthCheck))
@given(value_makers, settings_makers)
def test_any_value_is_json_or_an_error_with_a_path(value, chosen):
    faulthandler.dump_traceback_later(TIMEOUT, exit=True)
    try:
        check(value, chosen)
    except BaseException:
        print("failed:", value, chosen, file=sys.stderr)
        raise
    finally:
        faulthandler.cancel_dump_traceback_later()


@settings(max_examples=1000, suppress_health_check=list(HealthCheck))
@given(json_texts)
def test_json_is_parsed_as_by_the_standard_library_in_strict_form(text):
    check_text(text)


#: What the long run calls.
TARGETS = (
    test_any_value_is_json_or_an_error_with_a_path,
    test_json_is_parsed_as_by_the_standard_library_in_strict_form,
)
