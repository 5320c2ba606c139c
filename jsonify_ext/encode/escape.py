"""ASCII-only JSON: everything outside ASCII becomes an escape."""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from ..errors import JSONEncodeError
from .checks import json_writes_alike

_SAMPLE_BYTES = 4096


def write_ascii(body: bytes, value: Any, dumps: Callable[[Any], str]) -> bytes:
    """The escaped form of ``body``, the JSON of a value without hooks.

    Long text with much outside ASCII is written again by ``json.dumps``: escaping its UTF-8
    takes 1.5 times the time.
    """
    if not body.isascii() and _is_dense(body) and json_writes_alike(value):
        newline = b"\n" if body.endswith(b"\n") else b""
        return dumps(value).encode() + newline
    return escape_non_ascii(body)


def _is_dense(body: bytes) -> bool:
    """Whether there is much outside ASCII in each string."""
    sample = body[:_SAMPLE_BYTES]
    non_ascii = len(sample) - len(sample.decode(errors="ignore"))
    return non_ascii > 20 * sample.count(b'"')


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
    # Python's escapes, made in C, are JSON's but for DEL, and those of two and of eight digits.
    # A backslash of the text could be in front of what those of two begin with.
    beyond_bmp = any(byte in body for byte in range(0xF0, 0xF5))
    if has_del or beyond_bmp or b"\\\\x" in body or _is_dense(body):
        return '"'.join(map(_escape_part, text.split('"'))).encode()
    escaped = text.encode("ascii", "backslashreplace")
    if 0xC2 in body or 0xC3 in body:  # U+0080 to U+00FF in UTF-8
        escaped = escaped.replace(b"\\x", b"\\u00")
    return escaped


def _escape_part(text: str) -> str:
    """Escape text without quotes, in which a backslash begins one of JSON's escapes."""
    if text.isascii() and "\x7f" not in text:
        return text
    escaped = encode_basestring_ascii(text)[1:-1]
    return escaped.replace("\\\\", "\\") if "\\" in text else escaped
