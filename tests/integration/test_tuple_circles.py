"""Circular references and deep nesting through tuples, which could end the process.

Each case runs in a separate process.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from .servers.running import ROOT

HEAD = """
import os, sys
if os.environ.get("HIDE_ORJSON"):
    sys.modules["orjson"] = None
from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify
from tests.samples import Alone, Image, Point, Said, nested

ENCODERS = {Image: lambda image: image.name}
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
    "tuple among four items": "value = [0]; value += (value,), 2, 3",
    "tuple after four items": "value = [0, 1, 2, 3]; value.append((value,))",
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
    "namedtuple": "value = []; value.append(Point(value, 1))",
    "dataclass": "value = Alone(()); value.a = (value,)",
    "dataclass and dict": "value = Alone(()); value.a = ({'node': value},)",
    "4 tuples in tuples": "value = []; value.append(nested(4, lambda it: (it, 0), value))",
    "8 tuples in tuples": "value = []; value.append(nested(8, lambda it: (it, 0), value))",
}
#: Where the value is.
AROUND = (
    *("value", '{"data": value}', "[value]", '{"rows": value}', "[1, 2, value]"),
    *('{"data": [value]}', '[{}, "x", value]', '{"total": 2, "data": value, "next": None}'),
    '{1: 2, "rows": [*range(9), (value,), *range(9)]}',
)


def run(code: str) -> list[str]:
    """The lines that a process prints, which must not end by a signal."""
    command = [sys.executable, "-c", HEAD + code]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


@pytest.mark.parametrize("circle", CIRCLES)
def test_circles_through_tuples_are_errors(circle):
    """As they are, and where hooks return them."""
    code = CIRCLES[circle]
    for around in AROUND:
        code += TAIL.format(call=f"jsonify({around}).data")
        for fields in ("", "pretty=True", "sort_keys=True", "omit_none=True"):
            settings = f"JSONSettings(encoders=ENCODERS, {fields})"
            for value in ("value", "Said(value)", "Image(value)"):
                call = f"encode({around.replace('value', value)}, {settings})"
                code += TAIL.format(call=call)
    assert set(run(code)) == {"JSONEncodeError"}


@pytest.mark.parametrize("around", ["value", '{"a": value}', "[value]"])
@pytest.mark.parametrize("levels", [255, 2000, 5000])
def test_tuples_nested_too_deep_are_errors(levels, around):
    code = ""
    for wrap in ("(it,)", "(it, 0)", "(0, it)"):
        code += f"value = nested({levels}, lambda it: {wrap})\nvalue = {around}\n"
        code += TAIL.format(call="encode(value)")
    assert run(code) == ["JSONEncodeError"] * 3


@pytest.mark.parametrize("wrap", ["(it,)", "(it, 0)", "[(it,)]", "{'a': (it,)}"])
def test_tuples_of_254_levels_are_sent(wrap):
    levels = 254 if wrap.startswith("(") else 127
    code = f"import json\nvalue = nested({levels}, lambda it: {wrap})\n"
    code += "print(json.loads(encode(value)) == json.loads(json.dumps(value)))"
    assert run(code) == ["True"]
