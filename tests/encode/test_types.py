"""What each Python type becomes, alone, in every kind of container, and beside other values."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy
import pytest

from jsonify_ext import JSONSettings, encode, jsonify, use_settings

from .. import samples as s
from ..conftest import flask_app
from ..samples import made
from ..values import BASE, ID, VALUES
from .conftest import misplaced


@pytest.mark.parametrize(("value", "text"), VALUES.values(), ids=VALUES)
def test_each_type_in_every_place(place, value, text):
    with use_settings(dates="iso"):
        assert misplaced(value, text) == {}
        assert jsonify(made(value)).data.decode() == text + "\n"


def test_an_enum_is_its_value_even_with_a_method():
    class Own(Enum):
        A = (Decimal(1),)

        def __json__(self) -> str:
            return "not called"

        for_json = __json__

    class Valued(Enum):
        A = 1

        @property
        def value(self) -> str:
            return "own"

    assert misplaced(Own.A, '["1"]') == misplaced(Valued.A, '"own"') == {}
    encoders = {Own: lambda member: member.name}
    assert encode([Own.A, 2], JSONSettings(encoders=encoders)) == b'["A",2]'


@pytest.mark.parametrize(
    "base", [dict, list, UUID, s.Base, s.Mapped, Decimal, numpy.ndarray, s.Loose]
)
def test_the_method_of_a_class_comes_before_the_table(base):
    class Own(base):
        def __json__(self, request: Any = None) -> list[str]:
            return ["own"]

    arguments = {UUID: ("0" * 32,), s.Base: (1,), numpy.ndarray: (2,)}.get(base, ())
    assert misplaced(Own(*arguments), '["own"]') == {}


def test_a_flask_app_does_not_call_methods_of_types_that_flask_encodes():
    bases = {UUID: ("0" * 31 + "1",), dict: (), s.Base: (1,), s.Html: (), s.Pairs: ()}
    value = [
        type("Own", (base,), {"__json__": lambda self: "called"})(*arguments)
        for base, arguments in bases.items()
    ]
    assert encode(value) == b'["called","called","called","called","called"]'
    with flask_app().app_context():
        assert encode(value).decode() == f'["{ID}",{{}},{BASE},"<b>1</b>","called"]'


def test_methods_are_looked_up_on_the_class():
    html = s.Html()
    html.__json__ = lambda: "not called"
    assert encode([html]) == b'["<b>1</b>"]'

    class Anything(s.Html):
        def __getattr__(self, name: str) -> Any:
            return lambda: "not called"

    assert encode([Anything()]) == b'["<b>1</b>"]'


def test_unused_libraries_are_not_imported():
    code = """
import sys
import weakref
from decimal import Decimal
from jsonify_ext import encode, jsonify
jsonify([Decimal(1), {1: object.__class__ and 2}, {1}])
names = "flask pydantic msgspec attrs attr numpy sqlalchemy pandas polars pyarrow".split()
print([name for name in names if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_types_made_in_functions_have_their_own_rules_and_do_not_pile_up():
    kinds = weakref.WeakSet()
    for number in range(2500):
        kind = type(f"Row{number}", (list,), {})
        kinds.add(kind)
        assert encode(kind([1])) == b"[1]"
    del kind
    gc.collect()
    assert len(kinds) <= 2000
    assert encode(s.Mapped(a=1)) == b'{"a":1}'
