"""JSON text of libraries and of ``RawJSON``: a fragment, or a tree where settings change it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..decode import finite, loads, parse
from ..errors import NotEncodable
from .raw import Fragment, Members, RawJSON

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["Texts"]

_LONG_INTEGER = re.compile(rb"[0-9]{16}")


class Texts:
    """What JSON text becomes under certain settings."""

    def __init__(self, settings: JSONSettings) -> None:
        self.settings = settings
        self.strict: bool = settings.big_ints != "number"

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

    def embed_all(self, texts: list[bytes]) -> list[Any]:
        """The same for many texts, which are parsed in one call."""
        array = self.embed(b"[" + b",".join(texts) + b"]")
        return [*map(Fragment, texts)] if type(array) is Fragment else array

    def embed_raw(self, raw: RawJSON) -> Any:
        """The same for :class:`RawJSON`, whose numbers keep their digits."""
        try:
            if self._rewrites(raw.data):
                return parse(raw.data.decode(), self._exact_number, Members)
            if not raw.trusted:
                loads(raw.data)
            elif self.settings.ensure_ascii:
                raw.data.decode()
        except ValueError as error:
            raise NotEncodable("does not contain valid JSON") from error
        return Fragment(raw.data)

    def _exact_number(self, text: str) -> Any:
        finite(text)
        is_long = self.strict and text.lstrip("-").isdecimal()
        return int(text) if is_long and len(text) > 15 else Fragment(text.encode())

    def _rewrites(self, text: bytes) -> bool:
        """Whether the settings change the form of a text."""
        settings = self.settings
        return (
            settings.pretty
            or (settings.sort_keys and b"{" in text)
            or (settings.omit_none and b"null" in text)
            or (self.strict and _LONG_INTEGER.search(text) is not None)
        )
