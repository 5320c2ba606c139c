"""Each promise of docs/security.rst names tests, and they exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.rst").read_text()
PROMISES = re.split(r"^\*\*", PAGE.partition("\nLimits\n---")[0], flags=re.M)[1:]
NAMED = re.findall(r"``(tests/[\w/]+\.py)::(\w+)``", PAGE)


def test_every_promise_names_a_test():
    assert len(PROMISES) >= 9
    for promise in PROMISES:
        assert re.search(r"^- ``tests/", promise, re.M), promise


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_the_named_tests_exist(file, test):
    functions = [
        node.name
        for node in ast.parse((ROOT / file).read_text()).body
        if isinstance(node, ast.FunctionDef)
    ]
    assert test in functions


def test_no_name_is_misspelt_past_recognition():
    assert len(NAMED) == PAGE.count("::test_")
