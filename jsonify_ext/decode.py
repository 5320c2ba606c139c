"""Strict parsing: JSON text to Python, and nothing that is not JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from .optional import orjson

__all__ = ["loads"]

# orjson reads integers past 64 bits as floats, so these go to the standard library. To
# look for one among zeros and blanks takes a thirtieth of the time of a regular expression.
_ZEROS_AND_BLANKS = b" " * ord("0") + b"0" * 10 + b" " * (255 - ord("9"))
_LONG_INTEGER = b"0" * 19
# Part of what Python says of an integer past its limit, with a hint for its own user.
_INTEGER_LIMIT = "set_int_max_str_digits"
# What is left of the escapes when pairs are gone is a lone surrogate.
_HARMLESS_ESCAPE = re.compile(r"\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(text: bytes | str) -> Any:
    """Parse one JSON document as RFC 8259 has it.

    NaN and infinities, invalid UTF-8, a byte order mark and lone surrogates are
    refused; integers of any size keep every digit.

    :param text: the document; bytes are UTF-8 (RFC 8259, section 8.1).
    :raises ValueError: when it is not valid JSON, or nested too deep to read.

    >>> loads(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    """
    data = text.encode() if isinstance(text, str) else bytes(text)
    if orjson is not None and _LONG_INTEGER not in data.translate(_ZEROS_AND_BLANKS):
        return orjson.loads(data)
    return parse(data.decode())


def parse(
    text: str,
    *,
    number: Callable[[str], Any] | None = None,
    pairs: Callable[[list[tuple[Any, Any]]], Any] | None = None,
) -> Any:
    """Parse strictly with the standard library.

    :param number: makes a value of a number's text.
    :param pairs: makes a value of an object's keys and values.
    :raises ValueError: as :func:`loads` does.
    """
    if "\\u" in text and _SURROGATE_ESCAPE.search(_HARMLESS_ESCAPE.sub("", text)):
        raise ValueError("a lone surrogate is not Unicode text")
    try:
        return json.loads(
            text,
            parse_int=number,
            parse_float=number or finite,
            parse_constant=_refuse,
            object_pairs_hook=pairs,
        )
    except RecursionError:
        raise ValueError("nested too deep to read") from None
    except ValueError as error:
        if _INTEGER_LIMIT in str(error):
            raise ValueError("an integer has too many digits to read") from None
        raise


def finite(text: str) -> float:
    """The float that a JSON number is; :exc:`ValueError` when it is past them all."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large for a float")
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
