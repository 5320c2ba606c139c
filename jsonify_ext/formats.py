"""The formats of streams. Server-sent events are the HTML standard's, section 9.2."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, NamedTuple

from .decode import loads
from .encode.encoder import Encoder
from .errors import JSONEncodeError, type_name

Format = Literal["json", "jsonl", "ndjson", "json-seq", "sse"]

MIMETYPES = {
    "jsonl": "application/jsonl",
    "ndjson": "application/x-ndjson",
    "json-seq": "application/json-seq",
    "sse": "text/event-stream",
}
#: Characters at which ``str.splitlines`` and some clients end a line, and their escapes.
_LINE_BREAKS = [(each.encode(), b"\\u%04x" % ord(each)) for each in "\x85\u2028\u2029"]
#: The same, control characters and lone surrogates.
_NOT_IN_A_LINE = "[\x00-\x08\n-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]"


class Frame(NamedTuple):
    """The parts of a format.

    :param encode: encodes items with their separators. The path of an error begins with
        ``path``, the keys of the array in the document, and the index of an item.
    :param start: bytes to send before the source gives its first item.
    :param cut: makes a text that ends here invalid. Some servers end a response properly
        when the body raises, and lines would look complete.
    """

    encode: Callable[[list[Any]], bytes]
    path: tuple[str, ...] = ()
    start: bytes = b""
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    empty: bytes = b""
    cut: bytes = b""


def _array(encoder: Encoder, envelope: Mapping[Any, Any] | None, key: str) -> Frame:
    """One array: items are encoded as an array, whose brackets are cut off."""
    after = b"]" if envelope is None else b"]}"
    if encoder.settings.pretty:
        after = b"\n]" if envelope is None else b"\n  ]\n}"

    def encode_array(items: list[Any]) -> bytes:
        return encoder.encode(items if envelope is None else {key: items})

    head, empty = encode_array([0])[: -len(after) - 1], encode_array([])
    length, indent = len(head), head[len(head.rstrip()) :]

    def encode(items: list[Any]) -> bytes:
        return encode_array(items)[length : -len(after)]

    if envelope:
        members = encoder.encode(dict(envelope))
        # Their keys only: trusted text may have numbers that no float can hold.
        if not json.loads(members, parse_int=str, parse_float=str).keys().isdisjoint(loads(empty)):
            raise JSONEncodeError((key,), "dict", "the envelope has the key of the array already")
        if members != b"{}":
            start = members[:-1].rstrip() + b","
            head, empty = start + head[1:], start + empty[1:]
    path, tail = () if envelope is None else (key,), after + b"\n"
    return Frame(encode, path, b"", head, b"," + indent, tail, empty + b"\n")


def _on_one_line(text: bytes) -> bytes:
    """JSON without characters that end a line."""
    # These can only be between the tokens of a RawJSON.
    text = text.replace(b"\n", b" ").replace(b"\r", b" ")
    if not text.isascii():
        for character, escape in _LINE_BREAKS:
            text = text.replace(character, escape)
    return text


def _lines(
    encoder: Encoder, before: bytes = b"", after: bytes = b"\n", cut: bytes = b"{"
) -> Frame:
    """One line for each item."""

    def encode(items: list[Any]) -> bytes:
        lines = _on_one_line(encoder.lines(items))
        return before + lines.replace(b"\x1e", after + before) + after

    return Frame(encode, cut=cut)


def _events(encoder: Encoder) -> Frame:
    """One event for each item."""
    encode_values = _lines(encoder, before=b"data: ", after=b"\n\n").encode

    def encode_value(value: Any) -> bytes:
        return _on_one_line(encoder.encode(value))

    def encode(items: list[Any]) -> bytes:
        if not any(isinstance(item, ServerSentEvent) for item in items):
            return encode_values(items)
        parts: list[bytes] = []
        for index, item in enumerate(items):
            try:
                event = item if isinstance(item, ServerSentEvent) else ServerSentEvent(item)
                parts.append(event.encode(encode_value))
            except JSONEncodeError as error:
                raise error.below(index) from error.__cause__
        return b"".join(parts)

    return Frame(encode, start=b":\n\n")


def make_frame(name: str, encoder: Encoder, envelope: Mapping[Any, Any] | None, key: str) -> Frame:
    """The parts of a format for an encoder."""
    match name:
        case "json":
            return _array(encoder, envelope, key)
        case "json-seq":  # RFC 7464, section 2.4: parsers report a text that is cut.
            return _lines(encoder, before=b"\x1e", cut=b"\x1e{")
        case "sse":
            return _events(encoder)
        case _:
            return _lines(encoder)


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
    :raises TypeError: for both ``data`` and ``text``, for an ``event`` without either, or
        for an event without any field.
    :raises ValueError: for an ``event`` or ``id`` with a line break, a control character or
        a lone surrogate, a ``text`` or ``comment`` with a lone surrogate, one of these that
        isn't text, and a ``retry`` that isn't a number of milliseconds.

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
