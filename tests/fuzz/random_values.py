"""Values as hypothesis draws them, for a number of seconds."""

from __future__ import annotations

import faulthandler
import os
import sys
import time

from hypothesis import HealthCheck, given, seed, settings

from .check import check, check_text
from .makers import Maker, settings_makers, value_makers
from .texts import json_texts

__all__ = ["TIMEOUT", "any_text", "any_value"]

#: Seconds that one value may take before it counts as hanging.
TIMEOUT = 120

_SETTINGS = settings(
    max_examples=500,
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=list(HealthCheck),
)


@_SETTINGS
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


@_SETTINGS
@given(json_texts)
def any_text(text: str | bytes) -> None:
    check_text(text)


def run(seconds: float, first_seed: int) -> None:
    started, rounds = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds:
        print(f"{passed:6.0f} s, {rounds * 500:,} values and texts", flush=True)
        seed(first_seed + rounds)(any_value)()
        seed(first_seed + rounds)(any_text)()
        rounds += 1


if __name__ == "__main__":
    faulthandler.enable()
    run(float(sys.argv[1]), int(sys.argv[2]))
    os._exit(0)  # some library's objects do not survive an end under PYTHONMALLOC=debug
