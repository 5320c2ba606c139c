"""Streams of JSON in constant memory, in five formats."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Literal, NamedTuple, cast

from werkzeug.wrappers import Response

from .context import BodyContext, SettingsLike, current_settings
from .decode import loads
from .encode.encoder import Encoder
from .errors import JSONEncodeError
from .http import HeadersLike, check_media_type, check_status, checked_headers
from .response import Status
from .settings import replace_settings

__all__ = ["ServerSentEvent", "stream_json"]

Format = Literal["json", "jsonl", "ndjson", "json-seq", "sse"]

_logger = logging.getLogger("jsonify_ext")

_MIMETYPES = {
    "jsonl": "application/jsonl",
    "ndjson": "application/x-ndjson",
    "json-seq": "application/json-seq",
    "sse": "text/event-stream",
}
#: Items that are taken from the source at once.
MAX_ITEMS = 1000
#: Compiled at the first event.
_BREAKS_EVENT = "[\r\n\0\ud800-\udfff]"


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of an ``sse`` stream (the HTML standard, section 9.2).

    :param data: any value; it is sent as JSON.
    :param event: the event's type.
    :param id: the event's id, which a client sends back when it connects again.
    :param retry: milliseconds after which a client that lost the connection comes back.
    :raises ValueError: for an ``event`` or ``id`` with a line break, a NUL or a lone
        surrogate, or a ``retry`` that is no number of milliseconds.

    >>> ServerSentEvent({"done": 3}, event="progress", id="3")
    ServerSentEvent(data={'done': 3}, event='progress', id='3', retry=None)
    """

    data: Any
    event: str | None = None
    id: str | None = None
    retry: int | None = None

    def __post_init__(self) -> None:
        for name in ("event", "id"):
            text = getattr(self, name)
            if text is None:
                continue
            # Without the text, because streams log their errors.
            if not isinstance(text, str):
                raise ValueError(f"{name} must be text, not {type(text).__name__}")
            if re.search(_BREAKS_EVENT, text):
                raise ValueError(
                    f"{name} must be text without line breaks, NUL and lone surrogates"
                )
            # The text of a subclass, whose methods (an Enum's) might return another.
            object.__setattr__(self, name, str.__str__(text))
        if self.retry is not None and (type(self.retry) is not int or self.retry < 0):
            raise ValueError("retry must be a number of milliseconds")


def stream_json(
    items: Iterable[Any],
    format: Format = "json",
    *,
    status: Status = 200,
    headers: HeadersLike | None = None,
    mimetype: str | None = None,
    chunk_size: int | None = None,
    envelope: Mapping[Any, Any] | None = None,
    key: str = "items",
    settings: SettingsLike | None = None,
) -> Response:
    """A response that sends items as they come, in constant memory.

    The first item is encoded before the response is made, so it can raise. A later error
    is logged with the item's index and cuts the stream in mid-document; the server gets
    the error and closes the connection if it can. When the client goes away, the source
    is closed. In a Flask request, the source keeps the request context.

    :param items: the source: a generator, an iterator, a database cursor.
    :param format: ``"json"``: one array; ``"jsonl"`` or ``"ndjson"``: a value a line;
        ``"json-seq"``: RFC 7464; ``"sse"``: server-sent events, of values or of
        :class:`ServerSentEvent`.
    :param status: an int, an :class:`http.HTTPStatus`, or text such as ``"200 OK"``.
    :param headers: a mapping or pairs of header names and values.
    :param mimetype: the media type; by default the format's.
    :param chunk_size: about how many bytes to gather before they are sent: by default
        65536; 0, the default of ``sse``, sends each item at once.
    :param envelope: for ``"json"``: the members of an object around the array.
    :param key: the key of the array in the envelope.
    :param settings: complete settings for this response, or a mapping of changes to the
        settings that otherwise apply.
    :raises JSONEncodeError: when the first item or the envelope has no JSON form.
    :raises ValueError: for an unknown format, a bad status, header or media type, a
        negative ``chunk_size``, or an envelope with another format.

    >>> stream_json(range(3)).data
    b'[0,1,2]\\n'
    >>> stream_json([{"a": 1}, {"a": 2}], "jsonl").data
    b'{"a":1}\\n{"a":2}\\n'
    >>> stream_json("ab", envelope={"total": 2}).data
    b'{"total":2,"items":["a","b"]}\\n'
    """
    formats = ["json", *_MIMETYPES]
    if format not in formats:
        raise ValueError(f"unknown stream format {format!r}; the formats are {', '.join(formats)}")
    if envelope is not None and format != "json":
        raise ValueError(f"an envelope goes with the format 'json', not {format!r}")
    size = chunk_size if chunk_size is not None else (0 if format == "sse" else 65536)
    if size < 0:
        raise ValueError(f"chunk_size must be a number of bytes, not {size!r}")

    current = current_settings(settings)
    if format != "json" or getattr(current, "provider", None) is not None:
        # A line is one line. Changed settings also replace a Flask provider's encoding.
        pretty = current.pretty and format == "json"
        current = replace_settings(current, {"pretty": pretty})
    encoder = current.encoder
    frame = _array(encoder, envelope, key) if format == "json" else _FRAMES[format](encoder)
    checked = check_status(status)
    sent = checked_headers(headers)
    sent.extend([pair for pair in encoder.headers if pair[0] not in sent])
    if format == "sse":
        sent.setdefault("Cache-Control", "no-cache")
    if mimetype is not None or "Content-Type" not in sent:
        default = _MIMETYPES.get(format, encoder.content_type[1])
        sent["Content-Type"] = check_media_type(default if mimetype is None else mimetype)

    body: Iterator[bytes] = _Body(items, frame, size)
    flask = sys.modules.get("flask")
    if flask is not None and getattr(flask, "has_request_context", bool)():
        body = flask.stream_with_context(body)
    return Response(body, checked, sent)


class _Frame(NamedTuple):
    """The parts of a format.

    :param encode: encodes items with their separators; errors start with an item's index.
    :param path: the keys of the array in the document.
    :param cut: makes a text that ends here invalid. Some servers end a response properly
        when the body raises, and lines would look complete.
    """

    encode: Callable[[list[Any]], bytes]
    path: tuple[str, ...] = ()
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    empty: bytes = b""
    cut: bytes = b""


def _array(encoder: Encoder, envelope: Mapping[Any, Any] | None, key: str) -> _Frame:
    """One array: items are encoded as an array, whose frame is cut off."""

    def wrap(items: list[Any]) -> Any:
        return items if envelope is None else {key: items}

    path = () if envelope is None else (key,)
    before, _, after = encoder.encode(wrap([None])).rpartition(b"null")
    indent = before[len(before.rstrip()) :]

    def encode(items: list[Any]) -> bytes:
        try:
            return encoder.encode(wrap(items))[len(before) : -len(after)]
        except JSONEncodeError as error:
            keys = error.keys[len(path) :]
            raise JSONEncodeError(keys, error.type_name, error.reason) from error.__cause__

    head, empty = before, encoder.encode(wrap([]))
    if envelope:
        text = encoder.encode(dict(envelope))
        if key in loads(text):
            raise JSONEncodeError((key,), "dict", "the envelope has the key of the array already")
        pairs = text[:-1].rstrip() + b","
        head, empty = pairs + before[1:], pairs + empty[1:]
    return _Frame(encode, path, head, b"," + indent, after + b"\n", empty + b"\n")


def _lines(
    encoder: Encoder, before: bytes = b"", after: bytes = b"\n", cut: bytes = b"{"
) -> _Frame:
    """One line for each item."""

    def encode(items: list[Any]) -> bytes:
        # A line break can only be between the tokens of a RawJSON.
        lines = encoder.lines(items).replace(b"\n", b" ").replace(b"\r", b" ")
        return before + lines.replace(b"\x1e", after + before) + after

    return _Frame(encode, cut=cut)


def _events(encoder: Encoder) -> _Frame:
    values = _lines(encoder, before=b"data: ", after=b"\n\n", cut=b"")

    def encode(items: list[Any]) -> bytes:
        if not any(isinstance(item, ServerSentEvent) for item in items):
            return values.encode(items)
        parts: list[bytes] = []
        for index, item in enumerate(items):
            try:
                parts.append(encode_one(item))
            except JSONEncodeError as error:
                rest = error.keys[1:]
                raise JSONEncodeError((index, *rest), error.type_name, error.reason) from error
        return b"".join(parts)

    def encode_one(item: Any) -> bytes:
        if not isinstance(item, ServerSentEvent):
            return values.encode([item])
        fields = [("event", item.event), ("id", item.id), ("retry", item.retry)]
        lines = "".join(f"{name}: {value}\n" for name, value in fields if value is not None)
        return lines.encode() + values.encode([item.data])

    return _Frame(encode)


_FRAMES: dict[str, Callable[[Encoder], _Frame]] = {
    "jsonl": _lines,
    "ndjson": _lines,
    # RFC 7464, section 2.4: parsers report a text that is cut.
    "json-seq": partial(_lines, before=b"\x1e", cut=b"\x1e{"),
    "sse": _events,
}


class _Body:
    """The iterable that the server sends; it owns the source and closes it."""

    def __init__(self, items: Iterable[Any], frame: _Frame, chunk_size: int) -> None:
        self._source = items
        self._scope = BodyContext()
        self._items = iter(items)
        self._frame = frame
        self._chunk_size = chunk_size
        self._index = 0
        #: How many items make about a chunk, from the size of the ones before.
        self._count = 1
        self._ended = False
        #: The exception of the source or of an item.
        self._error: Exception | None = None
        try:
            first = self._encode(self._take())
        except BaseException:
            self.close()
            raise
        self._next = frame.empty if self._index == 0 else frame.head + first

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk, self._next = self._next, b""
        try:
            while not self._ended and (not chunk or len(chunk) < self._chunk_size):
                chunk += self._more()
        except Exception as error:
            _logger.exception("a JSON stream was cut at item %d", self._index)
            self._ended = True
            self._error = error
            chunk += self._frame.cut
        if chunk:
            return chunk
        reason, self._error = self._error, None
        raise reason or StopIteration

    def close(self) -> None:
        """Close the source. An error is logged, because the response is complete."""
        self._ended = True
        sources = {id(each): each for each in (self._source, self._items)}
        self._source = self._items = iter(())
        for source in sources.values():
            try:
                with self._scope.activate():
                    getattr(source, "close", bool)()
            except Exception:
                _logger.exception("the source of a JSON stream could not be closed")

    def _more(self) -> bytes:
        if self._error is not None:
            raise self._error
        items = self._take()
        if items:
            return self._frame.separator + self._encode(items)
        self._ended = True
        return self._frame.tail

    def _take(self) -> list[Any]:
        """The next items; fewer than ``_count`` if the source ends or fails."""
        taken: list[Any] = []
        try:
            # Items before an error are kept.
            with self._scope.activate():
                taken.extend(islice(self._items, self._count))
        except Exception as error:
            self._error = error
            if not taken:
                raise
        return taken

    def _encode(self, items: list[Any]) -> bytes:
        if not items:
            self._ended = True
            return b""
        try:
            encoded = self._frame.encode(items)
        except JSONEncodeError as error:
            first, *rest = error.keys
            self._index += cast("int", first)
            keys = (*self._frame.path, self._index, *rest)
            raise JSONEncodeError(keys, error.type_name, error.reason) from error.__cause__
        self._index += len(items)
        if self._chunk_size:
            size = len(encoded) // len(items) + 1
            self._count = min(max(self._chunk_size // size, 1), MAX_ITEMS)
        return encoded
