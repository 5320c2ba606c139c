"""The pages of the docs are complete, and their samples answer as they show."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
from dataclasses import fields
from inspect import signature
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

import jsonify_ext
import jsonify_ext.encoders
import jsonify_ext.flask
import jsonify_ext.wsgi

from .samples import ROOT, block, check_answers

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.rst", *DOCS.rglob("*.rst")])
API = (DOCS / "api.rst").read_text("utf-8")
SETTINGS = (DOCS / "settings.rst").read_text("utf-8")
SECURITY = (DOCS / "security.rst").read_text("utf-8")
#: What samples may import without being installed for the tests.
OPTIONAL = {
    *("apiflask", "boto3", "flask_caching", "flask_compress", "flask_jwt_extended"),
    *("flask_limiter", "flask_login", "flask_openapi3", "flask_restful", "flask_restx"),
    *("flask_security", "flask_smorest", "flask_sqlalchemy", "gevent", "marshmallow"),
    *("msgspec", "numpy", "opentelemetry", "pandas", "polars", "pyarrow", "pydantic"),
    *("requests", "sqlalchemy"),
}
WITH_SAMPLES = [
    str(page.relative_to(ROOT)) for page in PAGES if "code-block:: " in page.read_text("utf-8")
]


@pytest.mark.parametrize("page", WITH_SAMPLES)
def test_the_samples_of_a_page_run_and_answer_as_it_shows(page: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    check_answers(page, tmp_path, OPTIONAL)


def test_the_tests_that_the_tutorial_shows_pass_with_the_app_of_its_last_step(tmp_path: Path):
    for page, name in ("progress", "app.py"), ("testing", "test_app.py"):
        (tmp_path / name).write_text(block(f"docs/tutorial/{page}.rst", name), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_the_page_of_settings_has_every_field_and_every_ready_made_encoder():
    table = runpy.run_path(str(DOCS / "settings_table.py"))["table"]()
    assert ".. settings-table::\n" in SETTINGS
    for field in fields(jsonify_ext.JSONSettings):
        assert f"   * - ``{field.name}``\n" in table
        assert re.search(rf"\b{field.name}\b", SETTINGS), f"{field.name} has no example"
    for name in jsonify_ext.encoders.__all__:
        assert f"``{name}``" in SETTINGS


def test_the_page_of_the_api_has_every_public_name():
    for module in (jsonify_ext, jsonify_ext.wsgi, jsonify_ext.flask):
        for name in module.__all__:
            assert re.search(rf"^\.\. auto\w+:: {module.__name__}\.{name}\b", API, re.M), name


WRITTEN = re.findall(r"^\.\. auto\w+:: ([\w.]+)(\(.*\))(?: ->.*)?$", API, re.M)
WERKZEUGS = "jsonify_ext.wsgi.JSONRequest"  # the page leaves some of its parameters out


@pytest.mark.parametrize(("name", "written"), [each for each in WRITTEN if each[0] != WERKZEUGS])
def test_signatures_that_the_page_of_the_api_writes_out_are_those_of_the_code(name, written):
    names: dict[str, Any] = {}
    exec(f"from __future__ import annotations\ndef shown{written}: ...", names)
    function = resolve_name(name)
    real = signature(function.__init__ if isinstance(function, type) else function).parameters
    shown = signature(names["shown"]).parameters
    parts = [
        [(each.name, each.kind) for each in parameters.values() if each.name != "self"]
        for parameters in (shown, real)
    ]
    assert parts[0] == parts[1]
    if name != "jsonify_ext.JSONSettings":  # whose defaults are factories
        assert all(each.default == real[each.name].default for each in shown.values())


def test_every_promise_of_the_page_about_security_names_tests_that_exist():
    promises = re.split(r"^\*\*", SECURITY.partition("\nLimits\n---")[0], flags=re.M)[1:]
    assert len(promises) >= 9
    for promise in promises:
        assert re.search(r"^- ``tests/", promise, re.M), promise
    named = re.findall(r"``(tests/[\w/]+\.py)::(\w+)``", SECURITY)
    assert len(named) == SECURITY.count("::test_")
    for file, test in named:
        statements = ast.parse((ROOT / file).read_text("utf-8")).body
        assert test in {getattr(each, "name", None) for each in statements}, f"{file}::{test}"


def test_every_page_can_be_reached_from_the_index_by_two_clicks():
    def linked(page: Path) -> set[Path]:
        text = page.read_text("utf-8")
        names = re.findall(r"^   ([\w/-]+)$", text, re.M)
        names += re.findall(r":doc:`(?:[^`<]*<)?([\w./-]+)>?`", text)
        return {(page.parent / f"{name}.rst").resolve() for name in names}

    first = linked(DOCS / "index.rst")
    second = {page for each in first if each.exists() for page in linked(each)}
    reached = first | second | {DOCS / "index.rst"}
    assert {page.resolve() for page in DOCS.rglob("*.rst")} <= reached
