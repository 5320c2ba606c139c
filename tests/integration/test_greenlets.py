"""Settings of gevent's greenlets."""

from __future__ import annotations

import subprocess
import sys

from .servers.running import ROOT

GREENLETS = """
from gevent import monkey
monkey.patch_all()
import gevent, random
from tests.test_contexts import EXPECTED, DEFAULT, VALUE, WAYS, VARIANTS, encode

def work(greenlet):
    for done, way in enumerate(WAYS * 5):
        number = (greenlet + done) % len(VARIANTS)
        assert way(number) == EXPECTED[number], (way, number)
        gevent.sleep(random.random() / 1000)
        assert encode(VALUE) == DEFAULT
    return True

greenlets = [gevent.spawn(work, number) for number in range(200)]
assert all(greenlet.get() for greenlet in gevent.joinall(greenlets))
print("all right")
"""


def test_200_greenlets_with_settings_of_their_own():
    # gevent warns where a package that pytest has imported is patched too late.
    command = [sys.executable, "-c", GREENLETS]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert run.stdout == "all right\n", run.stderr
