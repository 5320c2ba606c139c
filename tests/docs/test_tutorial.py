"""The tests that the tutorial shows pass with the app of its last step."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"


def file_of(page: str, name: str) -> str:
    text = (TUTORIAL / page).read_text("utf-8")
    options = rf":caption: {re.escape(name)}\n(?:   :.*\n)*"
    [block] = re.findall(rf"{options}\n((?:   .*\n|\n)+)", text)
    return textwrap.dedent(block)


def test_the_tests_of_the_last_step_pass(tmp_path: Path):
    (tmp_path / "app.py").write_text(file_of("progress.rst", "app.py"), "utf-8")
    (tmp_path / "test_app.py").write_text(file_of("testing.rst", "test_app.py"), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
