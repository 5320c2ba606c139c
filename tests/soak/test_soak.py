"""The soak in its short form."""

from __future__ import annotations

import sys

import pytest

from .__main__ import main


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_short_soak(capsys):
    assert main(["--requests", "20000"]) == 0, capsys.readouterr().out
