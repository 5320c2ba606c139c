"""ASCII-only JSON: everything outside ASCII becomes an escape."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from json.encoder import encode_basestring_ascii
from typing import Any

from ..errors import JSONEncodeError
from .checks import json_writes_alike

_SAMPLE_BYTES, _FEW, _MANY = 2048, 16, 64
_LONG_ESCAPE = re.compile(rb"\\U[0-9a-f]{8}")


def write_ascii(body: bytes, value: Any, found: list[Any], dumps: Callable[[Any], str]) -> bytes:
    """The escaped form of ``body``, the JSON of a value without hooks.

    Where escaping takes longer than writing the value with ``json.dumps``, this does that.

    :param found: the objects in the value that the ``default`` of ``dumps`` converts.
    """
    if _takes_long(body) and json_writes_alike(value, {*map(type, found)}):
        newline = b"\n" if body.endswith(b"\n") else b""
        with suppress(RecursionError):  # the stack is nearly full
            return dumps(value).encode() + newline
    return escape_non_ascii(body)


def _takes_long(body: bytes) -> bool:
    """Whether UTF-8 text contains many characters that aren't from U+0100 to U+FFFF."""
    if not (_has_short_escapes(body) or _has_long_escapes(body)):
        return False
    sample = body[:_SAMPLE_BYTES]
    non_ascii = len(sample) - len(sample.decode(errors="ignore"))
    return non_ascii > 20 * sample.count(b'"')


# Python's escapes, made in C, are JSON's except for those of two and of eight digits.
def _has_short_escapes(body: bytes) -> bool:
    return 0xC2 in body or 0xC3 in body  # U+0080 to U+00FF in UTF-8


def _has_long_escapes(body: bytes) -> bool:
    return any(byte in body for byte in range(0xF0, 0xF5))  # beyond U+FFFF


def escape_non_ascii(body: bytes) -> bytes:
    r"""Escape everything outside ASCII, and DEL, as :func:`json.dumps` does.

    :param body: valid JSON, in which such characters are in strings only.

    >>> escape_non_ascii('{"é": "😀"}'.encode())
    b'{"\\u00e9": "\\ud83d\\ude00"}'
    """
    has_del = 0x7F in body
    if body.isascii() and not has_del:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        reason = "is not UTF-8, so that ensure_ascii can't escape it"
        raise JSONEncodeError(
            (), "Fragment", f"the JSON that is embedded unread {reason}"
        ) from None
    has_short, has_long = _has_short_escapes(body), _has_long_escapes(body)
    if not (has_del or has_short or has_long):
        return text.encode("raw_unicode_escape")  # in two thirds of the time
    # A backslash of the text could be in front of what Python's escapes begin with.
    is_unclear = 0x5C in body and (b"\\\\x" in body or b"\\\\U" in body)
    if has_del or is_unclear or _takes_long(body):
        return _escape_parts(text)
    escaped = text.encode("ascii", "backslashreplace")
    if has_short:
        escaped = escaped.replace(b"\\x", b"\\u00")
    if has_long:
        # A text has few different emoji: replacing each everywhere is twice as fast.
        different = {*_LONG_ESCAPE.findall(escaped)}
        if len(different) > min(_FEW + body.count(b'"') // 300, _MANY):
            return _escape_parts(text)
        for escape in different:
            pair = encode_basestring_ascii(chr(int(escape[2:], 16)))[1:-1].encode()
            escaped = escaped.replace(escape, pair)
    return escaped


def _escape_parts(text: str) -> bytes:
    return '"'.join(map(_escape_part, text.split('"'))).encode()


def _escape_part(text: str) -> str:
    """Escape text without quotes, in which a backslash begins one of JSON's escapes."""
    if text.isascii() and "\x7f" not in text:
        return text
    escaped = encode_basestring_ascii(text)[1:-1]
    return escaped.replace("\\\\", "\\") if "\\" in text else escaped
