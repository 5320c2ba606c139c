"""The ``encoders`` setting: which encoder serves which value."""

from __future__ import annotations

from collections import OrderedDict, UserDict, defaultdict
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
    (UUID, UUID(int=5)),
    (Enum, s.Colour.RED),
    (s.Colour, s.Colour.RED),
    (object, s.Colour.RED),
    (s.Level, s.Level.HIGH),
    (s.TextColour, s.TextColour.RED),
    (s.Text, s.Text("x")),
    (s.Whole, s.Whole(1)),
    (s.Whole, s.Whole(2**70)),
    (s.Real, s.Real(1.5)),
    (s.Listed, s.Listed()),
    (OrderedDict, OrderedDict(a=1)),
    (defaultdict, defaultdict(int)),
    (s.Point, s.Point(1, 2)),
    (s.Base, s.Base(1)),
    (s.Slotted, s.Slotted(1)),
    (s.Attrs, s.Attrs(1)),
    (s.Said, s.Said(1)),
    (Decimal, Decimal("1.10")),
    (date, date(2024, 1, 1)),
    (date, datetime(2024, 1, 1)),
    (datetime, datetime(2024, 1, 1)),
    (timedelta, timedelta(1)),
    (set, {1}),
    (range, range(2)),
    (bytes, b"a"),
    (UserDict, s.Mapped(a=1)),
    (RawJSON, RawJSON("1")),
    (s.Html, s.Html()),
    (s.Model, s.Model(userId=1, at=s.SEVEN)),
    (s.Account, s.Account()),
    (s.Struct, s.Struct(1)),
    (numpy.ndarray, numpy.array([1])),
    (numpy.int64, numpy.int64(1)),
    (numpy.float64, numpy.float64(1)),
]


@pytest.mark.parametrize(
    ("kind", "value"), SERVED, ids=[f"{kind.__name__} {kind_of(value)}" for kind, value in SERVED]
)
@pytest.mark.parametrize("fields", [{}, {"pretty": True}, {"sort_keys": True}], ids=str)
def test_encoders_of_types_that_have_a_form(place, kind, value, fields):
    name = kind_of(value)
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


def test_what_an_encoder_returns_is_encoded_by_the_same_rules(place):
    encoders = {
        s.Base: lambda value: {"id": Decimal(value.id)},
        Decimal: decimal_number,
        datetime: lambda value: value.astimezone(timezone.utc),
        UUID: lambda value: (value.int, {s.Colour.RED: value.int}),
    }
    zone = timezone(timedelta(hours=2))
    with use_settings(encoders=encoders, dates="iso"):
        value = [s.Base(7), datetime(2024, 1, 1, 12, tzinfo=zone), UUID(int=2**70)]
        long = str(2**70)
        text = f'[{{"id":7}},"2024-01-01T10:00:00+00:00",[{long},{{"red":{long}}}]]'
        assert encode(value).decode() == text


def test_what_an_encoder_returns_of_another_class_goes_by_the_rule_of_that(place):
    encoders = {
        date: lambda value: timedelta(days=value.day),
        s.Base: lambda value: Decimal(value.id),
        Decimal: lambda value: s.Slotted(int(value)),
    }
    with use_settings(encoders=encoders):
        assert encode([date(2024, 1, 2), s.Base(3)]) == b'["P2D",{"a":3,"b":null}]'


def test_an_encoder_of_a_type_mixed_into_an_enum_serves_its_members():
    settings = JSONSettings(encoders={date: epoch_millis})
    assert encode([s.Day.FIRST, {"a": s.Day.FIRST}], settings) == (
        b'[1704067200000,{"a":1704067200000}]'
    )


def test_an_encoder_serves_what_is_behind_a_proxy():
    settings = JSONSettings(encoders={UUID: lambda value: value.int})
    assert encode([LocalProxy(lambda: UUID(int=5))], settings) == b"[5]"


def test_default_may_mend_a_value_and_leave_its_form_to_the_rules():
    settings = JSONSettings(default=lambda image: {image.name: datetime(2024, 1, 1)})
    assert encode([s.Image("a")], settings) == b'[{"a":"2024-01-01T00:00:00"}]'
