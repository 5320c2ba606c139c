"""ASCII-only JSON: everything outside ASCII becomes an escape."""

from __future__ import annotations

import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from ..errors import JSONEncodeError
from .checks import json_writes_alike

_SAMPLE_BYTES = 4096
_LONG_ESCAPE = re.compile(rb"\\U[0-9a-f]{8}")


def write_ascii(body: bytes, value: Any, dumps: Callable[[Any], str]) -> bytes:
    """The escaped form of ``body``, the JSON of a value without hooks.

    Long text with much outside ASCII is written again by ``json.dumps``: escaping its UTF-8
    takes up to three times the time.
    """
    if not body.isascii():
        sample = body[:_SAMPLE_BYTES]
        non_ascii = len(sample) - len(sample.decode(errors="ignore"))
        if non_ascii > 20 * sample.count(b'"') and json_writes_alike(value):
            newline = b"\n" if body.endswith(b"\n") else b""
            return dumps(value).encode() + newline
    return escape_non_ascii(body)


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
    # A backslash of the text could be in front of what Python's escapes begin with.
    if has_del or (b"\\\\" in body and (b"\\\\x" in body or b"\\\\U" in body)):
        return '"'.join(map(_escape_part, text.split('"'))).encode()
    # Python's escapes, made in C, are JSON's except for those of two and of eight digits.
    escaped = text.encode("ascii", "backslashreplace")
    if 0xC2 in body or 0xC3 in body:  # U+0080 to U+00FF in UTF-8
        escaped = escaped.replace(b"\\x", b"\\u00")
    if 0xF0 in body or 0xF1 in body or 0xF2 in body or 0xF3 in body or 0xF4 in body:
        # A text has few different emoji: replacing each everywhere is twice as fast.
        for escape in {*_LONG_ESCAPE.findall(escaped)}:
            pair = encode_basestring_ascii(chr(int(escape[2:], 16)))[1:-1].encode()
            escaped = escaped.replace(escape, pair)
    return escaped


def _escape_part(text: str) -> str:
    """Escape text without quotes, in which a backslash begins one of JSON's escapes."""
    if text.isascii() and "\x7f" not in text:
        return text
    return encode_basestring_ascii(text)[1:-1].replace("\\\\", "\\")
