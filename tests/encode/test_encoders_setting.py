"""The ``encoders`` setting: which encoder serves which value."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import numpy
import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import JSONSettings, RawJSON, encode, use_settings
from jsonify_ext.encoders import base64_text, decimal_number, epoch_millis

from .. import samples as s


def kind_of(value: Any) -> str:
    return type(value).__name__


def test_the_nearest_class_wins(place):
    class Grandchild(s.Child):
        pass

    encoders = {s.Base: lambda value: "base", s.Child: lambda value: "child", object: repr}
    with use_settings(encoders=encoders):
        assert encode([s.Base(1), s.Child(1), Grandchild(1)]) == b'["base","child","child"]'
        assert encode(s.Colour) == b"\"<enum 'Colour'>\""


SERVED: list[tuple[type, Any]] = [
    *((UUID, UUID(int=5)), (Decimal, Decimal("1.10")), (timedelta, timedelta(1)), (set, {1})),
    *((Enum, s.Colour.RED), (object, s.Colour.RED), (s.Level, s.Level.HIGH)),
    *((s.Text, s.Text("x")), (s.Whole, s.Whole(2**70)), (s.Real, s.Real(1.5))),
    *((s.Listed, s.Listed()), (OrderedDict, OrderedDict(a=1)), (s.Point, s.Point(1, 2))),
    *((s.Base, s.Base(1)), (s.Slotted, s.Slotted(1)), (s.Attrs, s.Attrs(1)), (s.Said, s.Said(1))),
    *((date, datetime(2024, 1, 1)), (bytes, b"a"), (RawJSON, RawJSON("1")), (s.Html, s.Html())),
    *((s.Loose, s.Loose()), (s.Account, s.Account()), (s.Struct, s.Struct(1))),
    *((ValueError, ValueError("refused")), (type, int), (s.Table, s.User(id=1))),
    *((numpy.ndarray, numpy.array([1])), (numpy.float64, numpy.float64(1))),
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


@pytest.mark.parametrize("kind", [str, int, float, bool, type(None), dict, list, tuple])
def test_plain_types_cannot_be_overridden(kind):
    with pytest.raises(ValueError, match=f"encoders.*{kind.__name__}"):
        JSONSettings(encoders={kind: str})


def test_encoders_leave_plain_values_alone(place):
    with use_settings(encoders={object: lambda value: "object"}):
        assert encode([1, "a", None, True, 1.5, {}, [], ()]) == b'[1,"a",null,true,1.5,{},[],[]]'
        assert encode([{"a": [1, {"b": ()}]}, 2**70]) == b'[{"a":[1,{"b":[]}]},%d]' % 2**70


def test_the_encoder_of_bytes_serves_their_relatives():
    value = [b"\xff", bytearray(b"\xff"), memoryview(b"\xff")]
    settings = JSONSettings(encoders={bytes: base64_text})
    assert encode(value, settings) == b'["/w==","/w==","/w=="]'
    settings = JSONSettings(encoders={bytes: base64_text, bytearray: lambda value: "own"})
    assert encode(value, settings) == b'["/w==","own","/w=="]'


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


def test_encoders_of_items_of_long_lists():
    items = [1, 2, 3, 4, s.Level.HIGH, UUID(int=5)]
    settings = JSONSettings(encoders={s.Level: kind_of, UUID: kind_of})
    for value in {"a": items}, {"a": items, 1: {2}}, [[items], s.Html(), 2**70]:
        assert b'[1,2,3,4,"Level","UUID"]' in encode(value, settings)


def test_an_encoder_of_a_type_mixed_into_an_enum_serves_its_members():
    settings = JSONSettings(encoders={date: epoch_millis})
    assert encode([s.Day.FIRST, {"a": s.Day.FIRST}], settings) == (
        b'[1704067200000,{"a":1704067200000}]'
    )


def test_an_encoder_serves_the_object_behind_a_proxy():
    settings = JSONSettings(encoders={UUID: lambda value: value.int})
    assert encode([LocalProxy(lambda: UUID(int=5))], settings) == b"[5]"


@pytest.mark.parametrize("extra", [{}, {"pretty": True}, {"omit_none": True}], ids=str)
def test_default_is_the_last_resort(extra):
    calls = []

    def default(value: Any) -> Any:
        calls.append(type(value).__name__)
        return {datetime(2024, 1, 1): type(value).__name__}

    known = [
        UUID(int=1), s.Said(1), s.Colour.RED, {1}, Decimal(1), s.SEVEN, s.Base(1), b"a",
        s.Text("t"), s.Loose(), s.Tagged(1), numpy.int64(1), s.Html(), s.Point(1, 2), iter([1]),
        {UUID(int=1): 2}, 2**70, float("nan"),
    ]  # fmt: skip
    body = json.loads(encode([*known, s.Image()], JSONSettings(default=default, **extra)))
    assert body[-1] == {"2024-01-01T00:00:00": "Image"}
    assert calls == ["Image"]
    settings = JSONSettings(default=default, encoders={Decimal: lambda value: "encoder"}, **extra)
    assert json.loads(encode([Decimal(1), 1j], settings)) == [
        *("encoder", {"2024-01-01T00:00:00": "complex"})
    ]
    # A set that is to be sorted is an object of the encoder, which default doesn't get.
    settings = JSONSettings(sort_keys=True, default=lambda value: pytest.fail("called"))
    assert encode({UUID(int=1)}, settings) == b'["00000000-0000-0000-0000-000000000001"]'


def test_default_gets_bytes_that_are_not_utf_8():
    settings = JSONSettings(default=lambda value: len(value))
    assert encode([b"a", b"\xff\xfe"], settings) == b'["a",2]'
