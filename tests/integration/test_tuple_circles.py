"""Circular references and deep nesting through tuples, which could end the process.

Each case runs in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """
import os, sys
if os.environ.get("HIDE_ORJSON"):
    sys.modules["orjson"] = None
from collections import namedtuple
from dataclasses import dataclass
from typing import Any
from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify

@dataclass
class Node:
    children: Any
    name: str = "node"

Pair = namedtuple("Pair", "first second")

def nested(depth, wrap, value=1):
    for _ in range(depth):
        value = wrap(value)
    return value
"""
TAIL = """
try:
    body = {call}
except JSONEncodeError as error:
    assert isinstance(error.path, str) and error.path.startswith("$"), error.path
    text = str(error)
    assert "circular" in text or "deep" in text, text
    print("JSONEncodeError")
else:
    print("sent", body[:100])
"""
#: Code that makes ``value``.
CIRCLES = {
    "list": "value = []; value.append((value,))",
    "list and two tuples": "value = []; value.append(((value,), 1))",
    "list and tuple with more": "value = [1, 2]; value.append((0, value, 'x'))",
    "tuple of a list": "inside = []; value = (inside,); inside.append(value)",
    "tuple of a dict": "inside = {}; value = (inside, 1); inside['up'] = value",
    "dict": "value = {}; value['children'] = (value,)",
    "child": "value = {'id': 1}; value['c'] = ({'parent': value},)",
    "tree": """
value = {"name": "root", "children": ()}
value["children"] = tuple({"name": str(i), "parent": value} for i in range(3))
""",
    "grandchildren": """
value = {"name": "root"}
child = {"parent": value}
child["children"] = ({"parent": child},)
value["children"] = (child,)
""",
    "rows": """
parent = {"id": 1}
rows = tuple({"id": i, "parent": parent} for i in range(2))
parent["rows"] = rows
value = rows
""",
    "namedtuple": "value = []; value.append(Pair(value, 1))",
    "dataclass": "value = Node(()); value.children = (value,)",
    "dataclass and dict": "value = Node(()); value.children = ({'node': value},)",
    **{
        f"{levels} tuples in tuples": f"""
value = []
value.append(nested({levels}, lambda it: (it, 0), value))
"""
        for levels in (2, 4, 8)
    },
}
AROUND = {
    "alone": "value",
    "in data": '{"data": value}',
    "in a list": "[value]",
    "in rows": '{"rows": value}',
    "after numbers": "[1, 2, value]",
    "in a list in data": '{"data": [value]}',
    "last of a list": '[{}, "x", value]',
    "beside others": '{"total": 2, "data": value, "next": None}',
}
SETTINGS = ["", "pretty=True", "sort_keys=True", "omit_none=True"]


HOOKS = """
class Said:
    def __json__(self):
        return value

class Image:
    pass

encoders = {Image: lambda image: value}
"""


def run(code: str) -> str:
    """The output of a process, which must not end by a signal."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("circle", CIRCLES)
def test_circles_through_tuples_are_errors(circle, around):
    settings = SETTINGS if around == "in data" else [""]
    code = HEAD + CIRCLES[circle] + f"\nvalue = {AROUND[around]}\n"
    for fields in settings:
        code += TAIL.format(call=f"encode(value, JSONSettings({fields}))")
    code += TAIL.format(call="jsonify(value).data")
    assert set(run(code).splitlines()) == {"JSONEncodeError"}


@pytest.mark.parametrize("circle", CIRCLES)
def test_circles_through_tuples_that_hooks_return_are_errors(circle):
    code = HEAD + CIRCLES[circle] + HOOKS
    for around in AROUND.values():
        for kind in "Said()", "Image()":
            for fields in SETTINGS:
                settings = f"JSONSettings(encoders=encoders, {fields})"
                call = f"encode({around.replace('value', kind)}, {settings})"
                code += TAIL.format(call=call)
    assert set(run(code).splitlines()) == {"JSONEncodeError"}


@pytest.mark.parametrize("around", ["value", '{"a": value}', "[value]"])
@pytest.mark.parametrize("levels", [2000, 5000])
def test_tuples_nested_too_deep_are_errors(levels, around):
    wraps = ["(it,)", "(it, 0)", "(0, it)"]
    code = HEAD
    for wrap in wraps:
        code += f"value = nested({levels}, lambda it: {wrap})\nvalue = {around}\n"
        code += TAIL.format(call="encode(value)")
    assert run(code).splitlines() == ["JSONEncodeError"] * len(wraps)


@pytest.mark.parametrize("wrap", ["(it,)", "(it, 0)", "[(it,)]", "{'a': (it,)}"])
def test_tuples_of_254_levels_are_sent(wrap):
    levels = 254 if wrap.startswith("(") else 127
    code = HEAD + f"import json\nvalue = nested({levels}, lambda it: {wrap})\n"
    code += "print(json.loads(encode(value)) == json.loads(json.dumps(value)))"
    assert run(code) == "True"
