"""What stays inside of the encoder: its own types, and circles through a library."""

import subprocess
import sys
from decimal import Decimal
from uuid import UUID

import flask

from jsonify_ext import JSONSettings, encode


def test_default_gets_values_of_the_app_only():
    seen = []
    settings = JSONSettings(sort_keys=True, default=lambda value: seen.append(value) or "made")
    assert encode({UUID(int=1)}, settings) == b'["00000000-0000-0000-0000-000000000001"]'
    assert seen == []


def test_keys_whose_comparison_fails_are_sorted_as_text():
    with flask.Flask("tests").app_context():
        assert encode({"a": {1: 1, Decimal("NaN"): 2}}) == b'{"a":{"1":1,"null":2}}'


def test_a_circle_through_many_models_and_a_hook_is_an_error():
    code = """
from typing import Any
import pydantic
from jsonify_ext import JSONEncodeError, encode

class Model(pydantic.BaseModel):
    a: Any = None

class Owner:
    def __json__(self):
        return {"first": self.model}

owner = model = Owner()
for _ in range(200):
    model = Model(a=model)
owner.model = model
try:
    encode(owner)
except JSONEncodeError as error:
    print(error.path)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (0, "$.first\n"), run.stderr
