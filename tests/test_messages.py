"""The whole text of each error, which says where, what, and what to do."""

from __future__ import annotations

from collections import UserDict
from decimal import Decimal
from typing import Any

import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, RawJSON, encode

from .test_errors import Image


class Said:
    """Becomes what it was given."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __json__(self) -> Any:
        return self.value


class FailingWord:
    def __json__(self) -> Any:
        raise ValueError("secret")


class FailingText(Decimal):
    def __str__(self) -> str:
        raise ValueError("secret")


class FailingHtml:
    def __html__(self) -> str:
        raise ValueError("secret")


def in_itself(container: Any, put: Any) -> Any:
    put(container)
    return container


def in_a_set() -> Any:
    inside = Said(None)
    inside.value = {inside}
    return inside.value


def deep(innermost: Any, wrap: Any, levels: int = 1000) -> Any:
    for _ in range(levels):
        innermost = wrap(innermost)
    return innermost


def fail(_: object) -> Any:
    raise ZeroDivisionError("secret")


MESSAGES: list[tuple[Any, dict[str, Any], str]] = [
    ([Image()], {}, "$[0]: Image cannot be encoded as JSON; register an encoder for it, or give "
     "it a __json__() method"),
    ([Image()], {"encoders": {Image: fail}},
     "$[0]: Image cannot be encoded as JSON: the encoder for Image raised ZeroDivisionError"),
    ([Image()], {"encoders": {Image: lambda image: image}},
     "$[0]: Image cannot be encoded as JSON: the encoder for Image returned what it was given"),
    ([Image()], {"default": fail},
     "$[0]: Image cannot be encoded as JSON: default for Image raised ZeroDivisionError"),
    ([FailingWord()], {},
     "$[0]: FailingWord cannot be encoded as JSON: FailingWord.__json__() raised ValueError"),
    ([Said(FailingHtml())], {},
     "$[0]: FailingHtml cannot be encoded as JSON: reading FailingHtml raised ValueError"),
    (in_itself([], lambda it: it.append(it)), {},
     "$[0]: list contains itself (a circular reference)"),
    (Said(in_itself([], lambda it: it.append(it))), {},
     "$[0]: list contains itself (a circular reference)"),
    (in_itself(UserDict(), lambda it: it.update(a=it)), {},
     "$.a: UserDict contains itself (a circular reference)"),
    (in_a_set(), {}, "$[0]: set contains itself (a circular reference)"),
    (deep([], lambda it: [it]), {},
     f"${'[0]' * 900}: list is nested too deep to encode (more than 900 levels)"),
    (deep(UserDict(), lambda it: UserDict(a=it)), {},
     f"${'.a' * 900}: UserDict is nested too deep to encode (more than 900 levels)"),
    (deep(frozenset(), lambda it: frozenset([it])), {},
     f"${'[0]' * 900}: frozenset is nested too deep to encode (more than 900 levels)"),
    (deep(None, Said), {}, "$: Said is nested too deep to encode (more than 900 levels)"),
    ({1: 1, "1": 2}, {},
     '$["1"]: dict has two keys that become this one; one would be lost'),
    (UserDict({1: 1, "1": 2}), {},
     '$["1"]: object has two keys that become this one; one would be lost'),
    ({Image(): 1}, {}, "$: dict has a key of type Image; keys may be str, int, float, bool, None, "
     "Enum, UUID, Decimal, date and datetime"),
    ({FailingText(1): 1}, {}, "$: dict has a key whose text raised ValueError"),
    (UserDict({"\ud800": 1}), {},
     "$: object has a key with a lone surrogate, which UTF-8 cannot encode"),
    (["abc\ud800"], {},
     "$[0]: str holds a lone surrogate, which UTF-8 cannot encode, at index 3"),
    ([10**5000], {},
     "$[0]: int has more digits than Python prints; see sys.set_int_max_str_digits()"),
    ([-float("inf")], {"nan": "error"},
     "$[0]: float is -inf, which JSON lacks (nan='error')"),
    ({float("nan"): 1}, {"nan": "error"},
     "$: dict has the key NaN, which JSON lacks (nan='error')"),
    (RawJSON("x"), {}, "$: RawJSON does not hold valid JSON"),
    (b"\xff", {}, "$: bytes holds bytes that are not UTF-8; choose a text form for them, for "
     "instance encoders={bytes: base64_text}"),
]  # fmt: skip  # a message in a line or two


@pytest.mark.parametrize("sort_keys", [False, True])
@pytest.mark.parametrize(("value", "settings", "message"), MESSAGES)
def test_each_message(value, settings, message, sort_keys):
    with pytest.raises(JSONEncodeError) as caught:
        encode(value, JSONSettings(**settings, sort_keys=sort_keys))
    assert str(caught.value) == message
    name = message.removeprefix(f"{caught.value.path}: ").partition(" ")[0]
    assert caught.value.type_name == name


@pytest.mark.parametrize("wrap", [Said, lambda it: [it], lambda it: {"a": it}])
def test_nesting_has_the_same_limit_whatever_is_nested(wrap):
    encode(deep(1, wrap, levels=900))
    with pytest.raises(JSONEncodeError, match="more than 900 levels"):
        encode(deep(1, wrap, levels=901))
