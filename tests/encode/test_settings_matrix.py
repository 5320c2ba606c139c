"""The settings that change the output, alone and in every combination.

The oracle works on the parsed output of the defaults, so it shares no code with the package.
"""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy
import pytest

from jsonify_ext import JSONSettings, RawJSON, encode, jsonify, stream_json, use_settings
from jsonify_ext.encoders import decimal_number

from .. import samples as s
from ..conftest import flask_app
from ..samples import SEVEN, Image, Lazy, error_of, made

LIMIT = 2**53 - 1


def written(tree: Any, fields: dict[str, Any], level: int = 0) -> str:
    """The text of a plain tree under the settings, with numbers as ``Digits``."""
    pretty = fields.get("pretty")
    if isinstance(tree, Digits):
        too_long = tree.lstrip("-").isdigit() and abs(int(tree)) > LIMIT
        return f'"{tree}"' if too_long and fields.get("big_ints") == "string" else str(tree)
    if isinstance(tree, str):
        text = json.dumps(tree, ensure_ascii=False)
        return json.dumps(tree).replace("\x7f", "\\u007f") if fields.get("ensure_ascii") else text
    if isinstance(tree, list):
        parts, ends = [written(item, fields, level + 1) for item in tree], "[]"
    elif isinstance(tree, dict):
        items = list(tree.items())
        if fields.get("omit_none"):
            items = [(key, item) for key, item in items if item is not None]
        if fields.get("sort_keys"):
            items.sort()
        colon = ": " if pretty else ":"
        parts = [
            written(key, fields) + colon + written(item, fields, level + 1) for key, item in items
        ]
        ends = "{}"
    else:
        return json.dumps(tree)
    if not parts or not pretty:
        return ends[0] + ",".join(parts) + ends[1]
    inner = "\n" + "  " * (level + 1)
    return ends[0] + inner + f",{inner}".join(parts) + "\n" + "  " * level + ends[1]


class Digits(str):
    """A number as it is spelled."""


def oracle(value: Any, fields: dict[str, Any]) -> str:
    """What the settings make of a value, from what it is without them."""
    others = {name: fields[name] for name in fields if name in ("dates", "encoders", "default")}
    plain = encode(made(value), JSONSettings(**others))
    tree = json.loads(plain, parse_int=Digits, parse_float=Digits, parse_constant=pytest.fail)
    return written(tree, fields)


FORMS = [
    dict(form)
    for form in itertools.product(
        [("pretty", False), ("pretty", True)],
        [("sort_keys", False), ("sort_keys", True)],
        [("ensure_ascii", False), ("ensure_ascii", True)],
        [("omit_none", False), ("omit_none", True)],
        [("big_ints", "number"), ("big_ints", "string")],
    )
]

VALUES: dict[str, Any] = {
    "plain": {"b": [1, None, {"é": None, "d": 2**53}], "a": {}, "n": None, "😀": [[], {}]},
    "numbers": [LIMIT, -LIMIT, 2**53, -(2**53), 2**63, 2**64, 2**70, -(2**70), 0.5, 1, -0.0],
    "nulls": {"a": None, "b": float("nan"), "c": s.Said(None), "d": Decimal("nan"), "e": [None]},
    "hooks": {"z": s.Said({"b": None, "a": 2**60}), "a": [s.Html(), s.Simple(), s.Said("é")]},
    "keys": {2**70: 1, None: None, s.Colour.RED: 2**53, UUID(int=1): {"b": None, 1: 2**54}},
    "sets": {"only": {2**60}, "b": {"é"}},
    "dates": {"b": [date(2024, 2, 29), SEVEN, datetime(2024, 1, 1)], "a": timedelta(1)},
    "declared": [s.Slotted({"b": None, "a": 2**60}), s.Attrs(None), s.Base("é"), s.Alone(None)],
    "enums": {"b": s.Colour.TABLE, "a": [s.Level.HIGH, s.Colour.AMOUNT]},
    "models": {
        "m": [s.Model(userId=2**60, at=SEVEN), s.Loose(avatar={"b": None, "a": [2**70, "é"]})],
        "d": s.Account(2**53),
        "r": s.Numbers([1, 2**62]),
    },
    "model alone": s.Loose(avatar={"z": 2**53, "b": {"é": None}}),
    "models in a list": [s.Loose(avatar=None), s.Loose(avatar=2**53), s.Loose(avatar={"b": 1})],
    "structs": {
        "s": s.Struct(2**60, inner={"b": None, "a": "é"}),
        "t": [s.Tagged(2**62), s.LooseStruct(None)],
    },
    "raw": {"b": RawJSON('{"b":[1.10,"é"],"a":null,"n":9007199254740992}'), "a": RawJSON("null")},
    "raw alone": RawJSON('[{"z":null,"a":[null,-9007199254740993,1]},{}]'),
    "decimals": {"b": s.Said(decimal_number(Decimal("1.10"))), "a": RawJSON("1e5", trusted=True)},
    "numpy": {
        "b": numpy.array([[1, 2**60]]),
        "a": numpy.array([0.5, numpy.nan]),
        "n": numpy.float64("nan"),
        "t": numpy.datetime64("NaT", "s"),
        "i": numpy.int64(2**62),
    },
    "rows": Lazy(lambda: [s.sqlite_row(), *s.sqlalchemy_rows("SELECT NULL AS b, 1 AS a")]),
    "iterators": Lazy(
        lambda: {"b": iter([None, 2**60]), "a": (s.Said({"n": None}) for _ in "ab")}
    ),
    "text": ['\x7f\x00"\\/é\u2028😀\\u00e9', {"\x7fé": "\x1f"}, "plain"],
    "long containers": {"b": [[1, 2, 3, 4, None, "é"]], 1: dict.fromkeys("fedcba", 2.5), "s": {1}},
    "views": {"b": {"é": 2**60}.items(), "a": s.Pairs(("b", None), ("a", 1)), "q": s.Items(None)},
}


@pytest.mark.parametrize("name", VALUES)
def test_every_combination_of_form_settings(name):
    value = VALUES[name]
    wrong = {}
    for fields in FORMS:
        for around in (lambda it: it), (lambda it: [it, 2**70]), (lambda it: {"k": it, 1: [it]}):
            if isinstance(value, Lazy):
                wrapped = Lazy(lambda around=around: around(value.make()))
                if name == "iterators" and isinstance(around(0), dict):
                    continue  # the same iterator in two places
            else:
                wrapped = around(value)
            got = encode(made(wrapped), JSONSettings(**fields)).decode()
            if got != (expected := oracle(wrapped, fields)):
                wrong[str(fields)] = (got, expected)
    assert wrong == {}


# Single settings, with the bytes written out.

BYTES: list[tuple[dict[str, Any], Any, str]] = [
    ({"omit_none": True}, None, "null"),
    ({"omit_none": True}, [float("nan"), {"a": float("inf")}], "[null,{}]"),
    ({"omit_none": True}, {"a": Image(), "b": numpy.datetime64("NaT", "s")}, "{}"),
    ({"omit_none": True}, [s.Slotted(1), s.LooseStruct(None)], '[{"a":1},{"type":"LooseStruct"}]'),
    ({"omit_none": True}, {"a": RawJSON(" null "), "b": RawJSON('{"c":null}')}, '{"b":{}}'),
    ({"omit_none": True}, {"a": "null", "c": 0, "d": ""}, '{"a":"null","c":0,"d":""}'),
    ({"big_ints": "string"}, [2**53, 2**53 - 1, -(2**53)],
     '["9007199254740992",9007199254740991,"-9007199254740992"]'),
    ({"big_ints": "string"}, [1e300, 2.0**60, "9007199254740992", True], None),
    ({"nan": "null"}, [float("nan"), s.Real("inf"), Decimal("-inf")], "[null,null,null]"),
    ({"nan": "error"}, [None, {"a": 1.5, "null": Decimal(1)}], '[null,{"a":1.5,"null":"1"}]'),
    ({"nan": "error"}, [numpy.datetime64("NaT", "s"), s.Loose(avatar=float("nan"))],
     '[null,{"theAvatar":null}]'),
    ({"nan": "error"}, [s.Tagged(float("nan"))], '[["t",null]]'),
    ({"ensure_ascii": True}, {"é\x7f": "日本 😀\u2028<\\u00e9", "d": Decimal(1)},
     '{"\\u00e9\\u007f":"\\u65e5\\u672c \\ud83d\\ude00\\u2028<\\\\u00e9","d":"1"}'),
    ({"sort_keys": True}, {"b": [{"d": 1, "c": 2}], "a": {"z", "y", "x"}, "s": {1, 10, 9}},
     '{"a":["x","y","z"],"b":[{"c":2,"d":1}],"s":[1,10,9]}'),
    ({"pretty": True}, {"a": [1, {"b": []}, {}], "e": Decimal(1), 1: (2,)},
     '{\n  "a": [\n    1,\n    {\n      "b": []\n    },\n    {}\n  ],\n  "e": "1",\n'
     '  "1": [\n    2\n  ]\n}'),
    ({"dates": "http"}, [s.Struct(1, at=SEVEN), s.Model(userId=1, at=SEVEN, price=1, name="")],
     '[{"userId":1,"at":"2024-02-29T07:08:09Z"},'
     '{"userId":1,"at":"2024-02-29T07:08:09Z","price":"1","name":""}]'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "value", "text"), BYTES)
def test_changes_of_one_setting(changes, value, text):
    encoders = {Image: lambda image: None}
    settings = JSONSettings(encoders=encoders, **changes)
    text = encode(value, JSONSettings()).decode() if text is None else text
    assert encode(value, settings).decode() == text
    if not changes.get("pretty"):
        assert encode([value, s.Said(1)], settings).decode() == f"[{text},1]"


def test_sorted_sets_do_not_depend_on_hashes():
    values = {frozenset({"a", "b"}), ("c", 1), None, True, 2, "é", Decimal("1.5"), s.Colour.RED}
    text = '["1.5","red","é",2,["a","b"],["c",1],null,true]'
    assert encode(values, JSONSettings(sort_keys=True)).decode() == text
    assert encode([s.Members(values)], JSONSettings(sort_keys=True)).decode() == f"[{text}]"


def test_sorted_sets_do_not_depend_on_the_values_beside_them(fields):
    settings = JSONSettings(**{**fields, "sort_keys": True})
    for items, ordered in [
        ({88, 10, 31}, [10, 31, 88]),
        (s.Members([88, 10, 31]), [10, 31, 88]),
        (frozenset({s.Level.HIGH, Decimal("1.5"), "a"}), ["1.5", "a", 3]),
        ({UUID(int=9), UUID(int=1)}, [str(UUID(int=1)), str(UUID(int=9))]),
        ({s.Slotted(1), s.Slotted(0)}, [{"a": 0, "b": None}, {"a": 1, "b": None}]),
        ({2**60, 88, 10}, [10, 2**60, 88]),
        ({2**70, 88, 10}, [10, 2**70, 88]),
    ]:
        expected: Any = ordered
        if fields.get("omit_none"):
            expected = s.without_none(ordered)
        if fields.get("big_ints") and 88 in items and 31 not in items:
            expected = [str(max(items)), 10, 88]
        for beside in 1, 2**70, s.Html(), {1: 2}, ["é"]:
            body = json.loads(encode({"a": items, "b": [items], "c": beside}, settings))
            assert (body["a"], body["b"]) == (expected, [expected])


def test_lone_surrogates_in_sorted_sets_are_errors():
    error = error_of({"a": s.Members(["b", "\ud800"])}, sort_keys=True)
    assert error.path.startswith("$.a")
    assert "lone surrogate" in str(error)


def test_big_ints_error_in_text_of_libraries(fields):
    fields["big_ints"] = "error"
    for value in s.Numbers([2**60]), s.Tagged(2**60), RawJSON("[9007199254740992]"):
        error = error_of({"a": value}, **fields)
        assert error.path.startswith("$.a")
    small = [s.Numbers([1]), s.Tagged(LIMIT), RawJSON("[1]")]
    body = encode(small, JSONSettings(**fields))
    assert json.loads(body) == [[1], ["t", LIMIT], [1]]


def test_settings_as_a_mapping_are_changes():
    value = {"b": SEVEN, "a": None}
    with use_settings(sort_keys=True, encoders={datetime: lambda at: at.year}):
        assert jsonify(value, settings={"omit_none": True}).data == b'{"b":2024}\n'
        assert encode(value, {"omit_none": True}) == b'{"b":2024}'
        assert encode(value, {}) == b'{"a":null,"b":2024}'
        pretty = stream_json([value], settings={"pretty": True}).data
        assert pretty == b'[\n  {\n    "a": null,\n    "b": 2024\n  }\n]\n'
        assert encode(value, JSONSettings(omit_none=True)) == b'{"b":"2024-02-29T07:08:09+00:00"}'
    app = flask_app()
    app.json.sort_keys = True
    with app.app_context():
        text = b'{"a":null,"b":"2024-02-29T07:08:09Z"}'
        assert encode(value, {"dates": "utc"}) == text
    with pytest.raises(TypeError, match="colour"):
        encode(1, {"colour": 1})
    with pytest.raises(ValueError, match="pretty"):
        encode(1, {"pretty": 1})
    with pytest.raises(TypeError):
        encode(1, 5)
