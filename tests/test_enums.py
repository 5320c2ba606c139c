"""Enums with a word of their own: orjson would pass over it, or stumble on it."""

from __future__ import annotations

import gc
import json
from decimal import Decimal
from enum import Enum, EnumMeta, IntEnum
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode
from jsonify_ext.encode.plan import Plan

pytestmark = pytest.mark.usefixtures("enums_of_its_own")


def test_an_enum_speaks_before_its_value_does(place):
    class Speaking(Enum):
        A = 1

        def __json__(self) -> str:
            return f"{self.name} spoke"

    class Simple(Enum):
        A = 1

        def for_json(self) -> list[Decimal]:
            return [Decimal(2)]

    assert encode([Speaking.A, {"a": Simple.A}]) == b'["A spoke",{"a":["2"]}]'
    assert encode(Speaking.A) == b'"A spoke"'


def test_an_enum_that_is_defined_later_is_asked_too(place):
    assert encode([1, Decimal(2)]) == b'[1,"2"]'

    class Late(IntEnum):
        A = 1

    # An int Enum is a number to stock Flask, whatever it says.
    assert encode([Late.A]) == b"[1]"

    class Later(Enum):
        A = 1

        def __json__(self) -> str:
            return "later"

    assert encode([Later.A]) == b'["later"]'


def test_plain_values_are_written_as_ever_while_there_are_such_enums(place):
    class Speaking(Enum):
        A = 1

        def __json__(self) -> str:
            return "spoke"

    value: Any = {"b": [1, 1.5, None, "é"], "a": {}}
    assert json.loads(encode(value)) == value
    assert encode([Decimal(1), {1: 2}]) == b'["1",{"1":2}]'
    with pytest.raises(JSONEncodeError, match=r"\$\.a\[0\]"):
        encode({"a": [object()]})


def test_a_value_that_raises_is_an_error_with_a_path(place):
    class Failing(Enum):
        A = 1

        @property
        def value(self) -> Any:
            raise KeyError("secret")

    with pytest.raises(JSONEncodeError, match=r"^\$\.a\[1\]: Failing cannot") as caught:
        encode({"a": [0, Failing.A]})
    assert isinstance(caught.value.__cause__, KeyError)
    assert "secret" not in str(caught.value)


def test_a_value_of_its_own_counts(place):
    class Own(Enum):
        A = 1

        @property
        def value(self) -> Any:
            return [Decimal("1.5")]

    assert encode(Own.A) == b'["1.5"]'


@pytest.mark.parametrize("asked", ["__getattribute__", "__getattr__"])
def test_attributes_that_are_made_up_are_made_where_it_is_safe(place, asked):
    def makes_up(member: Any, name: str) -> Any:
        if name == "_value_":
            raise KeyError("secret")
        return object.__getattribute__(member, name)

    class Failing(Enum):
        A = 1

    setattr(Failing, asked, makes_up)
    del Failing.A.__dict__["_value_"]
    with pytest.raises(JSONEncodeError, match=r"^\$\[0\]: Failing cannot") as caught:
        encode([Failing.A])
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_class_that_comes_as_another_goes_is_noticed():
    def speaking(name: str) -> Any:
        namespace = EnumMeta.__prepare__(name, (Enum,))
        namespace["A"] = 1
        namespace["__json__"] = lambda member: name
        return EnumMeta(name, (Enum,), namespace)

    class Silent(Enum):
        A = 1

    assert encode([Silent.A]) == b"[1]"
    for number in range(5):
        del Silent  # so that there are as many references to Enum as before
        gc.collect()
        cls = speaking(f"E{number}")
        assert encode([cls.A]) == f'["E{number}"]'.encode()
        del cls
        gc.collect()

        class Silent(Enum):
            A = 1

        assert encode([Silent.A]) == b"[1]"


def test_an_enum_whose_metaclass_fails_keeps_no_other_value_from_being_encoded():
    class Meta(EnumMeta):
        def __hash__(cls) -> int:
            raise KeyError("secret")

    class Failing(Enum, metaclass=Meta):
        pass

    class Speaking(Enum):
        A = 1

        def __json__(self) -> str:
            return "spoken"

    assert encode([1, Decimal(2)]) == b'[1,"2"]'
    assert encode([Speaking.A]) == b'["spoken"]'


def test_an_enum_of_another_metaclass():
    class Meta(EnumMeta):
        pass

    class Other(Enum, metaclass=Meta):
        A = 1

        def __json__(self) -> str:
            return "other"

    assert encode([Other.A]) == b'["other"]'


def test_other_engines_say_the_same():
    from jsonify_ext.encode.engines import JSONEngine

    class Speaking(Enum):
        A = 1

        def __json__(self) -> dict[str, Any]:
            return {"b": 1, "a": [Decimal(1)]}

    for fields in (
        {},
        {"sort_keys": True},
        {"pretty": True},
        {"default": lambda value: "default"},
    ):
        settings = JSONSettings(**fields)
        plan = Plan(settings)
        plan.engine = JSONEngine(settings)
        assert plan.encode([Speaking.A]) == encode([Speaking.A], settings)
