"""Server-sent events: the HTML standard, section 9.2."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from typing import Any

from .errors import type_name

__all__ = ["ServerSentEvent"]

#: Some clients end a line at U+0085, U+2028 and U+2029 too.
_NOT_IN_A_LINE = "[\x00-\x08\n-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]"


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of an ``sse`` stream.

    :param data: any value; it is sent as JSON.
    :param text: text to send as it is, in place of ``data``.
    :param event: the event's type, for ``addEventListener``; ``"message"`` if it is missing.
    :param id: the event's id. A browser sends the last one in the header ``Last-Event-ID``
        when it connects again.
    :param retry: milliseconds that a browser waits before it connects again.
    :param comment: text that clients ignore. Alone, it keeps a connection alive.
    :raises TypeError: for both ``data`` and ``text``, or an event without either.
    :raises ValueError: for an ``event`` or ``id`` with a line break, a control character or
        a lone surrogate, a ``text`` or ``comment`` with a lone surrogate, and a ``retry``
        that isn't a number of milliseconds.

    >>> from jsonify_ext import stream_json
    >>> ServerSentEvent({"done": 3}, event="progress", id="3").id
    '3'
    >>> stream_json([ServerSentEvent(text="[DONE]")], "sse").data
    b':\\n\\ndata: [DONE]\\n\\n'
    """

    data: Any = ...
    _: KW_ONLY
    text: str | None = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.data is not ... and self.text is not None:
            raise TypeError("an event takes data or text, not both")
        others = (self.text, self.id, self.retry, self.comment)
        if self.data is ... and (others == (None,) * 4 or (self.event and self.text is None)):
            raise TypeError("an event needs data or text: browsers ignore it without")
        for name in ("event", "id", "text", "comment"):
            value = getattr(self, name)
            if value is not None:
                # The text of a subclass, whose methods (an Enum's) might return another.
                object.__setattr__(self, name, _checked_text(name, value))
        if self.retry is not None and (type(self.retry) is not int or self.retry < 0):
            raise ValueError("retry must be a number of milliseconds")

    def encode(self, encode: Callable[[Any], bytes]) -> bytes:
        """The bytes of the event; ``encode`` returns the JSON of its data on one line."""
        comment = [] if self.comment is None else self.comment.splitlines() or [""]
        fields: list[tuple[str, Any]] = [("", line) for line in comment]
        fields += [("event", self.event), ("id", self.id), ("retry", self.retry)]
        text = [] if self.text is None else re.split("\r\n|\r|\n", self.text)
        fields += [("data", line) for line in text]
        head = "".join(f"{name}: {value}\n" for name, value in fields if value is not None)
        data = b"" if self.data is ... else b"data: " + encode(self.data) + b"\n"
        return head.encode() + data + b"\n"


def _checked_text(name: str, value: Any) -> str:
    # Messages don't contain the text, because streams log their errors.
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text, not {type_name(value)}")
    one_line = name in ("event", "id")
    if re.search(_NOT_IN_A_LINE if one_line else "[\ud800-\udfff]", value):
        lacks = "line breaks, control characters and " * one_line + "lone surrogates"
        raise ValueError(f"{name} must be text without {lacks}")
    return str.__str__(value)
