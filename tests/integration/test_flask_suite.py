"""Flask's own test suite, from its source distribution, with the extension in every app."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

#: Tests that fail without the extension too. Add one only with its reason.
FAILS_ON_STOCK = {
    # Werkzeug 3.1.8 and later treat a Host header with invalid characters as empty.
    "tests.test_reqctx::test_bad_environ_raises_bad_request",
    # Click 8.2 removed an option of CliRunner, which Flask 3.0 uses.
    "tests.test_cli::test_no_command_echo_loading_error",
    "tests.test_cli::test_help_echo_loading_error",
    "tests.test_cli::test_help_echo_exception",
}


class Result(NamedTuple):
    passed: set[str]
    failed: set[str]
    output: str


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution of the installed Flask."""
    folder = tmp_path_factory.mktemp("flask")
    wanted = f"flask=={version('flask')}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", "flask"]
    ended = subprocess.run(
        [*command, "-d", str(folder), wanted], capture_output=True, text=True, check=False
    )
    archives = [*folder.glob("*.tar.gz")]
    if ended.returncode or len(archives) != 1:
        pytest.fail(f"pip can't download the sources of {wanted}:\n{ended.stderr}")
    with tarfile.open(archives[0]) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(folder)
    return archives[0].with_name(archives[0].name.removesuffix(".tar.gz"))


def run_suite(sources: Path, *plugins: str) -> Result:
    """Run the suite with pytest plugins."""
    report = sources / "report.xml"
    report.unlink(missing_ok=True)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    env.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short"]
    command += [f"-p{name}" for name in ("pytest_notset", *plugins)]
    command += ["--continue-on-collection-errors", f"--junit-xml={report}", "tests"]
    ended = subprocess.run(
        command, cwd=sources, env=env, capture_output=True, text=True, check=False
    )
    output = ended.stdout + ended.stderr
    if not report.exists():
        pytest.fail(f"Flask's suite didn't run:\n{output}")
    passed, failed = set(), set()
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            failed.add(name)
        elif "skipped" not in outcomes:
            passed.add(name)
    return Result(passed, failed, output)


@pytest.fixture(scope="module")
def stock(sources: Path) -> Result:
    return run_suite(sources)


@pytest.fixture(scope="module")
def extended(sources: Path) -> Result:
    return run_suite(sources, "extension_everywhere")


def test_what_fails_on_stock_flask_is_known(stock: Result):
    assert stock.failed <= FAILS_ON_STOCK, stock.output
    assert len(stock.passed) > 400, stock.output  # of 490 in Flask 3.1


def test_the_plugin_installs_the_extension_in_each_app(stock: Result, extended: Result):
    line = r"^apps with the extension: (\d+)$"
    [apps] = re.findall(line, extended.output, re.M)
    assert int(apps) > 400
    assert not re.findall(line, stock.output, re.M)


def test_the_extension_makes_no_test_of_flask_fail(stock: Result, extended: Result):
    assert extended.failed <= stock.failed, extended.output
    assert extended.passed >= stock.passed, extended.output
