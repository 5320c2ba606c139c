"""Flask's own test suite, from its source distribution, with the extension in every app."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution of the installed Flask."""
    folder = tmp_path_factory.mktemp("flask")
    wanted = f"flask=={version('flask')}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "flask"]
    subprocess.run([*command, "-d", folder, wanted], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        if hasattr(tarfile, "data_filter"):
            file.extraction_filter = tarfile.data_filter
        file.extractall(folder)
    return archive.with_name(archive.name.removesuffix(".tar.gz"))


def run_suite(sources: Path, *plugins: str) -> tuple[set[str], str]:
    """The tests that passed, and the output, of a run with pytest plugins."""
    report = sources / "report.xml"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    env.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    command += [f"-p{name}" for name in plugins]
    command += ["--continue-on-collection-errors", f"--junit-xml={report}", "tests"]
    ended = subprocess.run(command, cwd=sources, env=env, capture_output=True, text=True)
    output = ended.stdout + ended.stderr
    assert report.exists(), output
    cases = ElementTree.parse(report).iter("testcase")
    report.unlink()
    passed = {f"{case.get('classname')}::{case.get('name')}" for case in cases if not len(case)}
    return passed, output


def test_the_extension_makes_no_test_of_flask_fail(sources: Path):
    # Some tests fail without the extension too, with some versions of Werkzeug and Click.
    stock, output = run_suite(sources, "pytest_notset")
    assert len(stock) > 400, output  # of 490 in Flask 3.1
    extended, output = run_suite(sources, "pytest_notset", "extension_everywhere")
    assert extended >= stock, output
    [apps] = re.findall(r"^apps with the extension: (\d+)$", output, re.M)
    assert int(apps) > 400
