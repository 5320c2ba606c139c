"""JSON text from a plain tree, whatever its depth, and escapes for ASCII-only text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

__all__ = ["escape_non_ascii", "write_text"]

# json.dumps escapes DEL too, so that Flask's bytes stay Flask's bytes.
_NON_ASCII = re.compile("[^\x00-\x7e]+")
_LONG_ESCAPE = re.compile(rb"\\U([0-9a-f]{8})")


def escape_non_ascii(body: bytes) -> bytes:
    r"""Escape everything outside ASCII; in valid JSON that stands in strings only.

    >>> escape_non_ascii('{"é": "😀"}'.encode())
    b'{"\\u00e9": "\\ud83d\\ude00"}'
    """
    # One byte is found in a hundredth of the time of two, so it is looked for first.
    has_del = 0x7F in body
    if body.isascii() and not has_del:
        return body
    text = body.decode()
    if has_del or (0x5C in body and _has_text_like_an_escape(body)):
        return _NON_ASCII.sub(_escapes, text).encode("ascii")
    # Python's own escapes, made in C, are JSON's but for those of two and of eight digits,
    # of what these bytes begin in UTF-8: U+0080 to U+00FF, and from U+10000 on (RFC 3629).
    escaped = text.encode("ascii", "backslashreplace")
    if 0xC2 in body or 0xC3 in body:
        escaped = escaped.replace(b"\\x", b"\\u00")
    if 0xF0 in body or 0xF1 in body or 0xF2 in body or 0xF3 in body or 0xF4 in body:
        escaped = _LONG_ESCAPE.sub(_pair, escaped)
    return escaped


def _has_text_like_an_escape(body: bytes) -> bool:
    """Whether a backslash that is text is followed by what Python's escapes begin with."""
    return b"\\\\" in body and (b"\\\\x" in body or b"\\\\U" in body)


def _escapes(run: re.Match[str]) -> str:
    return encode_basestring_ascii(run[0])[1:-1]


def _pair(escape: re.Match[bytes]) -> bytes:
    return encode_basestring_ascii(chr(int(escape[1], 16)))[1:-1].encode("ascii")


def write_text(tree: Any, *, pretty: bool) -> bytes:
    """Write what the engines refuse: long integers, deep trees, fragments.

    :param tree: a tree that the careful walk made, so that nothing needs a check.
    """
    parts: list[str] = []
    stack: list[tuple[Iterator[Any], str]] = []
    separator = ": " if pretty else ":"

    def indent(depth: int) -> str:
        return "\n" + "  " * depth if pretty else ""

    def write(value: Any) -> None:
        """A leaf, whole; or the opening bracket of a container that goes on the stack."""
        kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
        if kind is dict and value:
            parts.append("{")
            stack.append((iter(value.items()), "}"))
        elif kind is list and value:
            parts.append("[")
            stack.append((iter(value), "]"))
        else:
            parts.append(_leaf(value))

    write(tree)
    while stack:
        items, bracket = stack[-1]
        for item in items:
            if parts[-1] not in ("{", "["):
                parts.append(",")
            parts.append(indent(len(stack)))
            if bracket == "}":
                key, item = item
                parts.append(encode_basestring(key) + separator)
            depth = len(stack)
            write(item)
            if len(stack) > depth:
                break
        else:
            stack.pop()
            parts.append(indent(len(stack)))
            parts.append(bracket)
    return "".join(parts).encode("utf-8", "surrogateescape")


def _leaf(value: Any) -> str:
    if type(value) is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) in (int, float):
        return repr(value)
    if type(value) in (dict, list):
        return "{}" if type(value) is dict else "[]"
    contents: bytes | str = value.contents
    if isinstance(contents, str):
        return contents
    # What is embedded on trust is embedded as it is, UTF-8 or not.
    return contents.decode("utf-8", "surrogateescape")
