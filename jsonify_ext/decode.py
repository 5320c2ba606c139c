"""Strict parsing: JSON text to Python values, and an error for everything else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from .optional import orjson

#: Translates digits to 0, e and E to e, and all but the minus sign to spaces.
_KINDS = bytes(
    ord({"-": "-", "e": "e", "E": "e"}.get(chr(byte), "0" if 48 <= byte < 58 else " "))
    for byte in range(256)
)
#: Twenty digits that aren't behind a decimal point; a lookbehind takes ten times as long.
_LONG_INTEGER = re.compile(rb"[^0-9.][0-9]{20}")
# A lone surrogate is what is left of the escapes without pairs.
_OTHER_ESCAPE = re.compile(r"\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(text: bytes | str) -> Any:
    """Parse one JSON document (RFC 8259).

    Integers of any size keep every digit.

    :param text: the document; bytes are UTF-8 (RFC 8259, section 8.1), or UTF-16 or UTF-32,
        which are recognised as :func:`json.loads` does.
    :raises ValueError: for NaN, infinities, invalid UTF-8, lone surrogates, too deep
        nesting, and everything else that isn't valid JSON. A syntax error is a
        :class:`json.JSONDecodeError`.
    :raises TypeError: for anything but str, bytes and bytearray.

    >>> loads(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    if isinstance(text, str):
        data = text.encode()
    elif isinstance(text, (bytes, bytearray)):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        data = bytes(text)
    else:
        kind = type(text).__name__
        raise TypeError(f"the JSON object must be str, bytes or bytearray, not {kind}")
    if orjson is not None and not _has_long_integer(data):
        with suppress(ValueError):  # json raises the usual error, and reads UTF-16
            return orjson.loads(data)
    return parse(text if isinstance(text, str) else data.decode(json.detect_encoding(data)))


def describe_invalid(error: BaseException) -> str:
    """What is wrong with a request body, for the client that sent it.

    :param error: what :func:`loads` raised.
    """
    invalid = "The request body is not valid JSON"
    match error:
        case json.JSONDecodeError() if not error.doc.strip():
            return "The request body is empty"
        case json.JSONDecodeError():
            return f"{invalid}: {error.msg} (line {error.lineno}, column {error.colno})"
        case UnicodeDecodeError():
            return f"{invalid}: it is not {error.encoding.upper()} text (byte {error.start})"
        case Refused():
            return f"{invalid}: {error}"
        case _:
            return invalid


def _has_long_integer(data: bytes) -> bool:
    """Whether there may be an integer beyond 64 bits, which orjson reads as a float."""
    # Nineteen digits in a row are three in every sixth byte, which is a fast look.
    first = data[::6].translate(_KINDS).find(b"000")
    if first < 0:
        return False
    if _LONG_INTEGER.search(data, max(6 * first - 20, 0), 6 * first + 40):
        return True
    kinds = data.translate(_KINDS)
    if b"-" in kinds and b"-" + b"0" * 19 in kinds:
        return True
    return b"0" * 20 in kinds and _LONG_INTEGER.search(b" " + data) is not None


def parse(
    text: str,
    number: Callable[[str], Any] | None = None,
    pairs: Callable[[list[tuple[Any, Any]]], Any] | None = None,
) -> Any:
    """Parse strictly with the standard library.

    :param number: called with the text of each number, instead of ``int`` and ``float``.
    :param pairs: called with the pairs of each object, instead of ``dict``.
    :raises ValueError: as :func:`loads` does.
    """
    if "\\" in text and _SURROGATE_ESCAPE.search(_OTHER_ESCAPE.sub("", text)):
        raise Refused("a lone surrogate is not Unicode text")
    parse_float = number
    if number is None and ("e" in text or "E" in text or "." in text):
        # An exponent or many digits may make a number too large for a float.
        kinds = text.encode().translate(_KINDS)
        if b"0e" in kinds or b"0" * 309 in kinds:
            parse_float = finite
    try:
        return json.loads(
            text,
            parse_int=number,
            parse_float=parse_float,
            parse_constant=_refuse,
            object_pairs_hook=pairs,
        )
    except RecursionError:
        raise Refused("the nesting is too deep to read") from None
    except (json.JSONDecodeError, Refused):
        raise
    except ValueError:  # see sys.set_int_max_str_digits()
        raise Refused("an integer has too many digits to read") from None


class Refused(ValueError):
    """Valid for the standard library, but not for RFC 8259."""


def finite(text: str) -> float:
    """The float of a number's text; a ValueError if the number is too large for one."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Refused("a number is too large for a float")
    return value


def _refuse(name: str) -> NoReturn:
    raise Refused(f"{name} is not JSON")
