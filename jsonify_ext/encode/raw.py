"""What rules return besides plain values: JSON that is already encoded, objects, sets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..decode import loads, parse
from ..errors import NotEncodable
from ..optional import orjson

if TYPE_CHECKING:
    from ..settings import JSONSettings


_LONG_INTEGER = re.compile(rb"[0-9]{16}")


class RawJSON:
    """JSON text to embed as it is: a ``jsonb`` column, a cached document.

    Settings that change the form of the text (``pretty``, ``sort_keys``, ``omit_none``,
    ``big_ints``) parse it and write it anew, with the digits of its numbers kept.

    :param data: the JSON text; bytes are UTF-8.
    :param trusted: embed the text without validating it. Invalid text then reaches the
        client.
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
        given: Any = data
        if isinstance(data, str):
            # A lone surrogate is reported by the encoder, which has the path.
            data = data.encode("utf-8", "surrogatepass")
        elif not isinstance(given, (bytes, bytearray, memoryview)):
            raise TypeError(f"RawJSON takes bytes or str, not {type(given).__name__}")
        self.data = bytes(data)
        self.trusted = trusted

    def __repr__(self) -> str:
        return f"RawJSON({self.data!r}{', trusted=True' * self.trusted})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawJSON) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)


class Members:
    """Keys and values of an object, of which two keys may become the same string."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[Any, Any]]) -> None:
        self.pairs: list[tuple[Any, Any]] = pairs


Members.__name__ = "dict"  # in error messages about rows of tables


@dataclass(init=False)
class Ordered:
    """An object whose keys orjson doesn't sort: it sorts those of a dict only."""

    def __init__(self, members: dict[str, Any]) -> None:
        self.__dict__ = members


class SetItems:
    """The items of a set, to be sorted once they are encoded."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items: list[Any] = items


def members(pairs: Any) -> Any:
    """An object of pairs, which keeps keys that are there twice for the error about them."""
    pairs = [*pairs]
    try:
        result = dict(pairs)
    except TypeError:  # a key has no hash
        return Members(pairs)
    return result if len(result) == len(pairs) else Members(pairs)


class Texts:
    """What JSON text becomes under certain settings."""

    def __init__(self, settings: JSONSettings) -> None:
        self.settings = settings
        self.checks_integers: bool = settings.big_ints != "number"

    def embed(self, text: bytes) -> Any:
        """A fragment of the text of a library, or a tree to write anew."""
        rewrites = self._rewrites(text)
        # NaN is rarely there, and looking for its first letter is fast.
        has_nan = (0x4E in text and b"NaN" in text) or (0x49 in text and b"Infinity" in text)
        if rewrites or has_nan:
            try:
                tree = loads(text)
            except ValueError:  # pydantic writes NaN where ser_json_inf_nan is "constants"
                return json.loads(text)
            if rewrites:
                return tree
        return Fragment(text)

    def embed_each(self, texts: list[Any]) -> None:
        """The same for many texts, in place; they are parsed in one call."""
        try:
            array = self.embed(b"[" + b",".join(texts) + b"]")
            texts[:] = map(Fragment, texts) if type(array) is Fragment else array
        except Exception:  # one of them isn't JSON: the list ends before it
            given = texts.copy()
            texts.clear()
            for text in given:
                texts.append(self.embed(text))

    def embed_raw(self, raw: RawJSON) -> Any:
        """The same for :class:`RawJSON`, whose numbers keep their digits."""
        try:
            if self._rewrites(raw.data):
                return parse(raw.data.decode(), self._exact_number, Members)
            if not raw.trusted:
                _validate(raw.data.decode())
            elif self.settings.ensure_ascii:
                raw.data.decode()
        except ValueError as error:
            raise NotEncodable("does not contain valid JSON") from error
        return Fragment(raw.data)

    def _exact_number(self, text: str) -> Any:
        is_long = self.checks_integers and text.lstrip("-").isdecimal()
        return int(text) if is_long and len(text) > 15 else Fragment(text.encode())

    def _rewrites(self, text: bytes) -> bool:
        """Whether the settings change the form of a text."""
        settings = self.settings
        return (
            settings.pretty
            or (settings.sort_keys and b"{" in text)
            or (settings.omit_none and b"null" in text)
            or (self.checks_integers and _LONG_INTEGER.search(text) is not None)
        )


def _validate(text: str) -> None:
    try:
        loads(text)
    except ValueError:  # perhaps of a number that is too large for a float
        parse(text, number=str)


class Rule(NamedTuple):
    """How values of one type become something nearer to JSON."""

    #: The step.
    convert: Callable[[Any], Any]
    #: Whether the result is text or None, made without code of the app.
    leaf: bool = False
    #: Whether no code of the app runs.
    pure: bool = False
    #: Makes the JSON texts of many such values.
    texts: Callable[[list[Any]], Iterator[bytes]] | None = None
    #: Whose code runs, as an error message names it; empty for ours.
    source: str = ""


if TYPE_CHECKING or orjson is None:

    class Fragment:
        """JSON text in a tree of plain values."""

        __slots__ = ("contents",)

        def __init__(self, contents: bytes) -> None:
            self.contents: bytes = contents

else:
    Fragment = orjson.Fragment


def write_tree(tree: Any, **options: Any) -> bytes:
    """The JSON of a plain tree that may contain fragments, by the standard library."""
    try:
        return json.dumps(tree, **options).encode()
    except TypeError:  # a fragment
        found: list[bytes] = []

        def default(fragment: Fragment) -> None:
            found.append(fragment.contents)

        encoder = json.JSONEncoder(default=default, **options)
        # The chunk after a fragment was found is its placeholder.
        chunks = encoder.iterencode(tree)
        return b"".join(found.pop() if found else chunk.encode() for chunk in chunks)
