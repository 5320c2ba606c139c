"""The settings that take each path through the encoder, and the places where a value can be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, encode

from .. import samples as s
from ..samples import error_of, made

FIELDS: list[dict[str, Any]] = [
    {},
    {"pretty": True},
    {"sort_keys": True},
    {"ensure_ascii": True},
    {"omit_none": True},
    {"big_ints": "string"},
]


@pytest.fixture(params=FIELDS, ids=lambda fields: "-".join(fields) or "defaults")
def fields(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings, each of which makes the encoder take another path."""
    return dict(request.param)


#: What wraps a value, the JSON around the value's, and the path to it.
PLACES: dict[str, tuple[Any, str, str]] = {
    "alone": (lambda it: it, "%s", "$"),
    "list": (lambda it: [it], "[%s]", "$[0]"),
    "tuple": (lambda it: (it,), "[%s]", "$[0]"),
    "dict": (lambda it: {"k": it}, '{"k":%s}', "$.k"),
    "integer key": (lambda it: {1: it}, '{"1":%s}', '$["1"]'),
    "namedtuple": (lambda it: s.Point(it, 0), "[%s,0]", "$[0]"),
    "iterator": (lambda it: iter([it]), "[%s]", "$[0]"),
    "UserDict": (lambda it: s.Mapped(k=it), '{"k":%s}', "$.k"),
    "Sequence": (lambda it: s.Items(it), "[%s]", "$[0]"),
    "dataclass": (lambda it: s.Alone(it), '{"a":%s}', "$.a"),
    "dataclass with slots": (lambda it: s.Slotted(it), '{"a":%s,"b":null}', "$.a"),
    "attrs": (lambda it: s.Attrs(it), '{"a":%s,"_b":"b"}', "$.a"),
    "__json__": (lambda it: s.Said([it]), "[%s]", "$[0]"),
    "__json__ alone": (lambda it: s.Said(it), "%s", "$"),
    "beside a long integer": (lambda it: [it, 2**70], f"[%s,{2**70}]", "$[0]"),
    "after a long integer": (lambda it: [2**70, [it, 1]], f"[{2**70},[%s,1]]", "$[1][0]"),
    "beside what needs Python": (
        lambda it: [Decimal(1), it, s.Html()],
        '["1",%s,"<b>1</b>"]',
        "$[1]",
    ),
    "beside an object": (lambda it: {"a": s.Said(1), 2: it}, '{"a":1,"2":%s}', '$["2"]'),
}


def misplaced(value: Any, text: str | bytes, **settings: Any) -> dict[str, bytes | str]:
    """The places in which another text than this is sent, and what is sent there.

    The settings are changes of those that apply.
    """
    text = text.encode() if isinstance(text, str) else text
    wrong: dict[str, bytes | str] = {}
    for place, (wrap, around, _) in PLACES.items():
        try:
            body: bytes | str = encode(wrap(made(value)), settings)
        except JSONEncodeError as error:
            body = str(error)
        if body != around.encode().replace(b"%s", text):
            wrong[place] = body
    return wrong


def assert_refused(
    value: Any,
    *words: str,
    path: str | None = "$",
    name: str = "",
    cause: type[Exception] = Exception,
    **settings: Any,
) -> None:
    """Check the error of a value in each place: its path, its text, and its cause if any."""
    for place, (wrap, _, start) in PLACES.items():
        if place == "after a long integer" and settings.get("big_ints") == "error":
            continue
        error = error_of(wrap(made(value)), **settings)
        assert path is None or error.path == path.replace("$", start, 1), place
        assert name in ("", error.type_name), place
        text = str(error)
        assert text.startswith(error.path)
        assert all(word.lower() in text.lower() for word in words), (place, text)
        assert "secret" not in text
        assert isinstance(error.__cause__, cause) or cause is Exception, place
