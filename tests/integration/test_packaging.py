"""The published files: the sdist, and the wheel that is made of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

from .servers.running import ROOT


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources, without what tools have left there."""
    left = shutil.ignore_patterns(".*", "__pycache__", "*.py[cod]", "build", "dist", "*.egg-info")
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("sources") / "it", ignore=left)


@pytest.fixture(scope="module")
def published(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist and the wheel."""
    folder = tmp_path_factory.mktemp("published")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, sources]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DeprecationWarning" not in done.stderr
    return folder


def files(folder: Path, *, below: str = ".") -> set[str]:
    paths = (folder / below).rglob("*")
    return {path.relative_to(folder).as_posix() for path in paths if path.is_file()}


def test_the_sdist_has_all_that_its_tests_and_its_docs_need(sources: Path, published: Path):
    # But what the build itself has left there.
    before = {name for name in files(sources) if not re.search(r"\.egg-info/|__pycache__/", name)}
    with tarfile.open(*published.glob("*.tar.gz")) as archive:
        names = {each.name.partition("/")[2] for each in archive if each.isfile()}
    assert {name for name in names if ".egg-info/" not in name} == before | {"PKG-INFO"}


def test_the_wheel_has_the_package_and_what_an_installer_reads(sources: Path, published: Path):
    with zipfile.ZipFile(*published.glob("*.whl")) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        [name] = (each for each in archive.namelist() if each.endswith("/METADATA"))
        metadata = BytesParser().parsebytes(archive.read(name))
    assert names == files(sources, below="jsonify_ext")
    assert {"jsonify_ext/py.typed", "jsonify_ext/playground/index.html"} <= names
    assert metadata["Name"] == "jsonify_ext"
    assert metadata["Requires-Python"] == ">=3.10"
    required = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert [re.match("[a-z]+", text)[0] for text in required] == ["werkzeug", "orjson"]
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata.get_all("License-File") == ["LICENSE.txt"]
