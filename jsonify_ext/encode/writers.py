"""Functions that write plain trees: orjson's, or those of the standard library."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from ..errors import NotEncodable
from ..optional import orjson
from .raw import Fragment

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["digits", "json_encoder", "tree_writer", "writable"]


def tree_writer(settings: JSONSettings, *, sort_keys: bool) -> Callable[[Any], bytes]:
    """A function that writes a plain tree.

    It raises a NotEncodable for lone surrogates, and integers that Python doesn't print.
    """
    dumps: Callable[[Any], bytes]
    if orjson is None:
        dumps = partial(_dumps, encoder=json_encoder(settings, sort_keys=sort_keys))
    else:
        indent = orjson.OPT_INDENT_2 if settings.pretty else 0
        dumps = partial(orjson.dumps, option=indent | orjson.OPT_SORT_KEYS * sort_keys)

    def write(tree: Any) -> bytes:
        try:
            return dumps(tree)
        except (TypeError, ValueError):
            return dumps(_repaired(tree))

    return write


def json_encoder(settings: JSONSettings, **changes: bool) -> json.JSONEncoder:
    """The standard library's encoder with orjson's form: compact, or indented by two."""
    options: Any = {"sort_keys": settings.sort_keys, "ensure_ascii": False, **changes}
    return json.JSONEncoder(
        check_circular=False,
        allow_nan=False,
        indent=2 if settings.pretty else None,
        separators=(",", ": ") if settings.pretty else (",", ":"),
        **options,
    )


def _dumps(tree: Any, *, encoder: json.JSONEncoder) -> bytes:
    """The JSON of a plain tree."""
    try:
        return encoder.encode(tree).encode()
    except TypeError:  # a fragment, which the C code can't embed
        return "".join(_parts(tree, encoder, "\n")).encode("utf-8", "surrogateescape")


def _parts(tree: Any, encoder: json.JSONEncoder, newline: str) -> list[str]:
    kind = type(tree)  # pyright: ignore[reportUnknownVariableType]
    if kind is Fragment:
        # What is embedded unread may not be UTF-8.
        return [tree.contents.decode("utf-8", "surrogateescape")]
    if kind is str:
        tree.encode()  # a lone surrogate raises an error
        return [encode_basestring(tree)]
    if not tree or kind not in (dict, list):
        return [encoder.encode(tree)]
    inner = newline + "  "
    items: list[str] = []
    if kind is dict:
        pairs = sorted(tree.items()) if encoder.sort_keys else tree.items()
        for key, item in pairs:
            name = [*_parts(key, encoder, inner), encoder.key_separator]
            items.append("".join(name + _parts(item, encoder, inner)))
    else:
        items += ["".join(_parts(item, encoder, inner)) for item in tree]
    opening, closing = "{}" if kind is dict else "[]"
    if encoder.item_separator == "," and not encoder.indent:
        return [opening, ",".join(items), closing]
    return [opening, inner, f",{inner}".join(items), newline, closing]


def digits(value: int) -> str:
    """The digits of an integer of any size."""
    try:
        return int.__repr__(value)
    except ValueError:
        raise NotEncodable(
            "has more digits than Python prints; see sys.set_int_max_str_digits()"
        ) from None


def writable(value: int) -> Any:
    """An integer, or a fragment of its digits where orjson doesn't write it."""
    if -(2**63) <= value < 2**64:
        return value
    text = digits(value)
    return value if orjson is None else Fragment(text.encode())


def _repaired(tree: Any) -> Any:
    """A plain tree with integers beyond 64 bits as fragments.

    :raises NotEncodable: for a lone surrogate, and an integer that Python doesn't print.
    """
    kind = type(tree)  # pyright: ignore[reportUnknownVariableType]
    if kind is int:
        return writable(tree)
    if kind is str:
        _check_text(tree, "contains")
    if kind is not dict and kind is not list:
        return tree
    result: Any = tree.copy()
    items: Any = result.items() if kind is dict else enumerate(result)
    for key, item in items:
        if kind is dict:
            _check_text(key, "has a key with")
        try:
            result[key] = _repaired(item)
        except NotEncodable as error:
            error.trace(key, item)
            raise
    return result


def _check_text(text: str, what: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotEncodable(
            f"{what} a lone surrogate, which has no UTF-8 form, at index {error.start}"
        ) from None
