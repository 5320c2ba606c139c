"""JSON that is already encoded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..decode import finite, loads, parse

__all__ = ["RawJSON"]

_BYTES: tuple[type[Any], ...] = (bytes, bytearray, memoryview)


class RawJSON:
    """JSON text to embed as it is: a ``jsonb`` column, a cached document.

    Under ``pretty`` or ``sort_keys`` it is written anew, with the digits of its
    numbers kept.

    :param data: the JSON text; bytes are UTF-8.
    :param trusted: embed it unread. Do this only with text that is known to be
        valid: nothing else keeps a broken document from the wire.
    :raises TypeError: for data that is neither bytes nor str.

    >>> from jsonify_ext import encode
    >>> encode({"cached": RawJSON(b'{"a": 1.10}')})
    b'{"cached":{"a": 1.10}}'
    """

    __slots__ = ("data", "trusted")

    data: bytes
    trusted: bool

    def __init__(
        self, data: bytes | bytearray | memoryview | str, *, trusted: bool = False
    ) -> None:
        if isinstance(data, str):
            # A lone surrogate is found when the text is read, where its path is known.
            data = data.encode("utf-8", "surrogatepass")
        elif not isinstance(data, _BYTES):
            raise TypeError(f"RawJSON takes bytes or str, not {type(data).__name__}")
        self.data = bytes(data)
        self.trusted = trusted

    def __repr__(self) -> str:
        return f"RawJSON({self.data!r}{', trusted=True' * self.trusted})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawJSON) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def check(self) -> bytes:
        """The text, read once unless it is trusted.

        :raises ValueError: when it is not valid JSON.
        """
        if not self.trusted:
            loads(self.data)
        return self.data

    def parse(self, number: Callable[[str], Any]) -> Any:
        """The value, with objects as :class:`Pairs` and numbers with all their digits.

        :param number: what makes a leaf of a number's text.
        :raises ValueError: when it is not valid JSON.
        """

        def exact(text: str) -> Any:
            finite(text)
            return number(text)

        return parse(self.data.decode(), number=exact, pairs=Pairs)


class Unencodable(Exception):
    """A rule's refusal; its text is what the user reads after the type's name."""


class Fragment:
    """JSON text inside of a tree of plain values."""

    __slots__ = ("contents",)

    def __init__(self, contents: bytes | str) -> None:
        self.contents: bytes | str = contents


class Pairs(list[tuple[Any, Any]]):
    """The keys and values of one object, in order, before anybody looked for twins."""
