"""What the long run does with one value or text."""

from __future__ import annotations

import faulthandler
import sys

from hypothesis import HealthCheck, given, settings

from .check import check, check_text
from .makers import Maker, settings_makers, value_makers
from .texts import json_texts

#: Seconds that one value may take before it counts as hanging.
TIMEOUT = 120

SETTINGS = settings(
    max_examples=500,
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
)


@SETTINGS
@given(value_makers, settings_makers)
def any_value(value: Maker, chosen: Maker) -> None:
    faulthandler.dump_traceback_later(TIMEOUT, exit=True)
    try:
        check(value, chosen)
    except BaseException:
        print("failed:", value, chosen, file=sys.stderr)
        raise
    finally:
        faulthandler.cancel_dump_traceback_later()


@SETTINGS
@given(json_texts)
def any_text(text: str | bytes) -> None:
    check_text(text)
