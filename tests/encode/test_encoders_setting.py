"""The ``encoders`` and ``default`` settings: which function serves which value."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import JSONSettings, encode, stream_json, use_settings
from jsonify_ext.encoders import base64_text, decimal_number

from .. import samples as s
from ..values import ALONE, ID
from .conftest import misplaced


def kind_of(value: Any) -> str:
    return type(value).__name__


def name_of(value: Any) -> str:
    return value.name


def test_the_nearest_class_wins(place):
    class Grandchild(s.Child):
        pass

    encoders = {s.Base: lambda value: "base", s.Child: lambda value: "child", object: repr}
    with use_settings(encoders=encoders):
        assert encode([s.Base(1), s.Child(1), Grandchild(1)]) == b'["base","child","child"]'
        assert encode(s.Colour) == b"\"<enum 'Colour'>\""


PLAIN = (str, int, float, bool, type(None), dict, list, tuple)
#: Encoders of base classes, and of each type itself.
SERVED: list[tuple[type, Any]] = [
    *((Enum, s.Colour.RED), (object, s.Colour.RED), (date, datetime(2024, 1, 1)), (type, int)),
    *((s.Table, s.User(id=1)), (ValueError, ValueError("refused")), (s.Loose, s.Loose())),
    *((s.Account, s.Account()), (s.Struct, s.Struct(1)), (np.ndarray, np.ma.array([1], mask=[1]))),
    *((np.float64, np.float64(1)), (np.float32, np.float32(1))),
    *((type(value), value) for value in map(s.made, ALONE.values()) if type(value) not in PLAIN),
]


@pytest.mark.parametrize(
    ("kind", "value"), SERVED, ids=[f"{kind.__name__} {kind_of(value)}" for kind, value in SERVED]
)
def test_encoders_come_before_the_built_in_rules(place, kind, value):
    name = kind_of(value)
    for fields in {}, {"pretty": True}, {"sort_keys": True}:
        with use_settings(encoders={kind: kind_of}, **fields):
            body = b"".join(encode([value, {"a": value}, 2**70]).split())
        assert body.decode() == f'["{name}",{{"a":"{name}"}},{2**70}]'


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_types_cannot_be_overridden(kind):
    with pytest.raises(ValueError, match=f"encoders.*{kind.__name__}"):
        JSONSettings(encoders={kind: str})


def test_encoders_leave_plain_values_alone(place):
    with use_settings(encoders={object: lambda value: "object"}):
        assert encode([s.Colour.RED, UUID(int=1)]) == b'["object","object"]'
        assert encode([1, "a", None, True, 1.5, {}, [], ()]) == b'[1,"a",null,true,1.5,{},[],[]]'
        assert encode([{"a": [1, {"b": ()}]}, 2**70]) == b'[{"a":[1,{"b":[]}]},%d]' % 2**70


class Span(timedelta):
    pass


class Code(bytes, Enum):
    OK = b"x"


HELD = s.Alone(UUID(int=5))
BYTES = [b"\xff", bytearray(b"\xff"), memoryview(b"\xff")]
ENCODED: dict[str, tuple[dict[type, Any], Any, str]] = {
    "bytes and their relatives": ({bytes: base64_text}, BYTES, '["/w==","/w==","/w=="]'),
    "a relative's own": ({bytes: base64_text, bytearray: kind_of}, BYTES,
                         '["/w==","bytearray","/w=="]'),
    "type mixed into an Enum": ({date: kind_of}, [s.Day.FIRST], '["date"]'),
    "object behind a proxy": ({UUID: lambda it: it.int}, LocalProxy(lambda: UUID(int=5)), "5"),
    "end of a long list": ({s.Level: kind_of, UUID: kind_of},
                           [1, 2, 3, 4, s.Level.HIGH, UUID(int=5)], '[1,2,3,4,"Level","UUID"]'),
    "array of numpy": ({np.ndarray: lambda array: array.shape}, np.zeros((2, 3)), "[2,3]"),
    "items of an array": ({s.Image: name_of}, np.array([[s.Image("a")]]), '[["a"]]'),
    "value beside a key of numpy": ({date: kind_of}, {np.str_("b"): s.SEVEN}, '{"b":"datetime"}'),
    "Enum alone": ({Enum: name_of}, s.Colour.RED, '"RED"'),
    "Enum of bytes": ({Code: name_of}, [Code.OK], '["OK"]'),
    "key of an Enum": ({s.Colour: name_of}, {s.Colour.RED: s.Colour.RED}, '{"RED":"RED"}'),
    "key of a date": ({datetime: lambda it: it.year}, {s.SEVEN: s.SEVEN}, '{"2024":2024}'),
    "key of a str": ({s.Text: str.upper}, {s.Text("a"): s.Text("a")}, '{"A":"A"}'),
    "key of a UUID": ({UUID: lambda it: it.int}, {UUID(int=5): 1}, '{"5":1}'),
    "result of a base class": ({timedelta: lambda it: it * 2}, [Span(1), timedelta(1)],
                               '["P2D","P2D"]'),
    "bytes of bytes": ({bytes: b64encode}, [b"a", memoryview(b"a")], '["YQ==","YQ=="]'),
    "another of a base class": ({s.Base: lambda it: "base" if type(it) is s.Base else it.id},
                                s.Child(s.Base(1)), '"base"'),
    "another's result": ({Span: abs, timedelta: kind_of}, Span(5), '"timedelta"'),
    "attributes of an object": ({UUID: lambda it: it.int}, vars(HELD), '{"a":5}'),
    "None as a key": ({s.Image: lambda it: None}, {s.Image(): s.Image()}, '{"null":null}'),
}  # fmt: skip


@pytest.mark.parametrize(("encoders", "value", "text"), ENCODED.values(), ids=ENCODED)
def test_encoders_serve_values_in_every_place(encoders, value, text):
    assert misplaced(value, text, encoders=encoders) == {}


def test_encoders_for_enums_serve_gathered_items_of_streams():
    settings = {"encoders": {s.Colour: name_of}}
    body = stream_json([[s.Colour.RED]] * 300, "jsonl", settings=settings).data
    assert body == b'["RED"]\n' * 300


def test_results_of_encoders_are_encoded_by_the_same_rules(place):
    encoders = {
        s.Base: lambda value: {"id": Decimal(value.id)},
        Decimal: decimal_number,
        datetime: lambda value: value.astimezone(timezone.utc),
        UUID: lambda value: (value.int, {s.Colour.RED: value.int}),
        timedelta: lambda value: s.Slotted(value.days),
        s.Point: lambda value: timedelta(value.x),
    }
    zone = timezone(timedelta(hours=2))
    with use_settings(encoders=encoders, dates="iso"):
        value = [s.Base(7), datetime(2024, 1, 1, 12, tzinfo=zone), UUID(int=2**70), s.Point(3, 4)]
        long = str(2**70)
        assert encode(value).decode() == (
            f'[{{"id":7}},"2024-01-01T10:00:00+00:00",[{long},{{"red":{long}}}],'
            '{"a":3,"b":null}]'
        )


@pytest.mark.parametrize("extra", [{}, {"pretty": True}, {"omit_none": True}], ids=str)
def test_default_is_the_last_resort(extra):
    calls = []

    def default(value: Any) -> Any:
        calls.append(type(value).__name__)
        return {datetime(2024, 1, 1): type(value).__name__}

    known = [*map(s.made, ALONE.values()), s.Loose(), s.Tagged(1), {UUID(int=1): 2}]
    body = json.loads(encode([*known, s.Image()], JSONSettings(default=default, **extra)))
    assert body[-1] == {"2024-01-01T00:00:00": "Image"}
    assert calls == ["Image"]
    settings = JSONSettings(default=default, encoders={Decimal: lambda value: "encoder"}, **extra)
    assert json.loads(encode([Decimal(1), 1j], settings)) == [
        *("encoder", {"2024-01-01T00:00:00": "complex"})
    ]
    # A set that is to be sorted is an object of the encoder, which default doesn't get.
    settings = JSONSettings(sort_keys=True, default=lambda value: pytest.fail("called"))
    assert encode({UUID(int=1)}, settings).decode() == f'["{ID}"]'


def test_default_gets_keys_and_bytes_that_are_not_utf_8():
    assert misplaced([b"a", b"\xff\xfe"], '["a",2]', default=len) == {}
    value = {s.Image("a"): 1, UUID(int=1): s.Image("b")}
    assert misplaced(value, f'{{"a":1,"{ID}":"b"}}', default=name_of) == {}
