"""Large results in constant memory: one item after the other, in five formats."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal, NamedTuple

from werkzeug.wrappers import Response

from .encode.plan import LINE_END, Plan, plan_for
from .http import HeadersLike, check_media_type, check_status, checked_headers
from .in_force import BodyScope, settings_in_force
from .response import Status
from .settings import JSONSettings, check_settings

__all__ = ["ServerSentEvent", "stream_json"]

Format = Literal["json", "jsonl", "ndjson", "json-seq", "sse"]

#: The path of an error in an array, or in an array that is the only value of an object;
#: compiled when there is one.
_BATCH_INDEX = r"\$(?:\.[^.\[]+|\[\".*\"\])?\[(\d+)\]"

#: Compiled when there is an event.
_BREAKS_EVENT = "[\r\n\0\ud800-\udfff]"

_logger = logging.getLogger("jsonify_ext")

_MIMETYPES = {
    "jsonl": "application/jsonl",
    "ndjson": "application/x-ndjson",
    "json-seq": "application/json-seq",
    "sse": "text/event-stream",
}
#: Most items that are taken from the source before any is sent.
_MOST_ITEMS = 1000


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
            # What they are is not told, because streams log their errors.
            if not isinstance(text, str):
                raise ValueError(f"{name} must be text, not {type(text).__name__}")
            if re.search(_BREAKS_EVENT, text):
                raise ValueError(
                    f"{name} must be text without line breaks, NUL and lone surrogates"
                )
            # Of a subclass, an Enum for instance, what it holds.
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
    settings: JSONSettings | None = None,
) -> Response:
    """A response that sends items as they come, whatever their number.

    The first item is encoded before there is a response, so that an error there is an
    ordinary one. An error after that is logged with the item's index, and cuts the
    stream: what was sent ends in mid-document, and the error goes on to the server,
    which breaks the connection where it can. When the client goes away, the source is
    closed. Inside of a Flask request, the source keeps the request context.

    :param items: the source: a generator, an iterator, a database cursor.
    :param format: ``"json"``: one array; ``"jsonl"`` or ``"ndjson"``: a value a line;
        ``"json-seq"``: RFC 7464; ``"sse"``: server-sent events, of values or of
        :class:`ServerSentEvent`.
    :param status: an int, an :class:`http.HTTPStatus`, or text such as ``"200 OK"``.
    :param headers: a mapping or pairs of header names and values.
    :param mimetype: the media type; by default the format's.
    :param chunk_size: about how many bytes to gather before they are sent: by default
        65536; 0, the default of ``sse``, sends each item at once.
    :param envelope: for ``"json"``: send an object with these pairs first, and then
        ``key`` with the array.
    :param key: the key of the array in the envelope.
    :param settings: complete settings; by default what is in force.
    :raises JSONEncodeError: when the first item has no JSON form.
    :raises ValueError: for an unknown format, a bad status, header or media type, a
        negative ``chunk_size``, or an envelope that cannot be.

    >>> stream_json(range(3)).data
    b'[0,1,2]\\n'
    >>> stream_json([{"a": 1}, {"a": 2}], "jsonl").data
    b'{"a":1}\\n{"a":2}\\n'
    >>> stream_json("ab", envelope={"total": 2}).data
    b'{"total":2,"items":["a","b"]}\\n'
    """
    if format not in ("json", *_MIMETYPES):
        known = ", ".join(["json", *_MIMETYPES])
        raise ValueError(f"unknown stream format {format!r}; the formats are {known}")
    if envelope is not None and format != "json":
        raise ValueError(f"an envelope goes with the format 'json', not {format!r}")
    if envelope is not None and key in envelope:
        raise ValueError(f"the envelope has the key {key!r} of the array already")
    size = chunk_size if chunk_size is not None else (0 if format == "sse" else 65536)
    if size < 0:
        raise ValueError(f"chunk_size must be a number of bytes, not {size!r}")

    in_force = settings_in_force() if settings is None else check_settings(settings)
    if in_force.provider is not None or (format != "json" and in_force.pretty):
        # Several providers' texts make no array, and a line is one line.
        in_force = replace(in_force, pretty=in_force.pretty and format == "json")
    plan = plan_for(in_force)
    frame = _array(plan, envelope, key) if format == "json" else _FRAMES[format](plan)
    checked = check_status(status)
    sent = checked_headers(headers)
    content_type, more = plan.head
    sent.extend([pair for pair in more if pair[0] not in sent])
    if format == "sse":
        sent.setdefault("Cache-Control", "no-cache")
    if mimetype is not None or "Content-Type" not in sent:
        default = _MIMETYPES.get(format, content_type[1])
        sent["Content-Type"] = check_media_type(default if mimetype is None else mimetype)

    body: Iterator[bytes] = _Body(items, frame, size)
    flask = sys.modules.get("flask")
    if flask is not None and getattr(flask, "has_request_context", bool)():
        body = flask.stream_with_context(body)
    return Response(body, checked, sent)


class _Frame(NamedTuple):
    """What surrounds the items of a format.

    :param encode: the bytes of several items, with what separates them; None where they
        have to be encoded one by one.
    :param encode_one: the bytes of one item.
    :param cut: what makes a text that ends here invalid. Some servers end a response
        properly when the body raises, and lines would look complete.
    """

    encode: Callable[[list[Any]], bytes | None]
    encode_one: Callable[[Any], bytes]
    head: bytes = b""
    separator: bytes = b""
    tail: bytes = b""
    empty: bytes = b""
    cut: bytes = b""


def _array(plan: Plan, envelope: Mapping[Any, Any] | None, key: str) -> _Frame:
    """One array, in an object or not. Many items are encoded in one call, as an array,
    and what an array of one null has around it is cut off."""

    def wrap(items: list[Any]) -> Any:
        return items if envelope is None else {key: items}

    before, _, after = plan.encode(wrap([None])).rpartition(b"null")
    indent = before[len(before.rstrip()) :]

    def encode(items: list[Any]) -> bytes:
        return plan.encode(wrap(items))[len(before) : -len(after)]

    def encode_one(item: Any) -> bytes:
        return encode([item])

    head, empty = before, plan.encode(wrap([]))
    if envelope:
        pairs = plan.encode(dict(envelope))[:-1].rstrip() + b","
        head, empty = pairs + before[1:], pairs + empty[1:]
    return _Frame(
        encode,
        encode_one,
        head=head,
        separator=b"," + indent,
        tail=after + b"\n",
        empty=empty + b"\n",
    )


def _lines(plan: Plan, before: bytes = b"", after: bytes = b"\n", cut: bytes = b"{") -> _Frame:
    """One line for each item, all in one call where that can be."""

    def encode(items: list[Any]) -> bytes | None:
        lines = plan.try_lines(items) if len(items) > 1 else None
        return lines and before + lines.replace(LINE_END, after + before) + after

    def encode_one(item: Any) -> bytes:
        # A line break can only stand between the tokens of a RawJSON.
        line = plan.encode(item).replace(b"\n", b" ").replace(b"\r", b" ")
        return before + line + after

    return _Frame(encode, encode_one, cut=cut)


def _sequence(plan: Plan) -> _Frame:
    # RFC 7464, section 2.4: parsers report a text that is cut.
    return _lines(plan, before=b"\x1e", cut=b"\x1e{")


def _events(plan: Plan) -> _Frame:
    values = _lines(plan, before=b"data: ", after=b"\n\n", cut=b"")

    def encode(items: list[Any]) -> bytes | None:
        if any(isinstance(item, ServerSentEvent) for item in items):
            return None
        return values.encode(items)

    def encode_one(item: Any) -> bytes:
        if not isinstance(item, ServerSentEvent):
            return values.encode_one(item)
        fields = [("event", item.event), ("id", item.id), ("retry", item.retry)]
        lines = "".join(f"{name}: {value}\n" for name, value in fields if value is not None)
        return lines.encode() + values.encode_one(item.data)

    return _Frame(encode, encode_one)


_FRAMES: dict[str, Callable[[Plan], _Frame]] = {
    "jsonl": _lines,
    "ndjson": _lines,
    "json-seq": _sequence,
    "sse": _events,
}


def _index_in_batch(error: Exception) -> int:
    """Which item of several that were encoded in one call could not be."""
    found = re.match(_BATCH_INDEX, getattr(error, "path", ""))
    return int(found[1]) if found else 0


class _Body:
    """The iterable that the server sends; it owns the source and closes it."""

    def __init__(self, items: Iterable[Any], frame: _Frame, chunk_size: int) -> None:
        self._source = items
        self._scope = BodyScope()
        self._items = iter(items)
        self._frame = frame
        self._chunk_size = chunk_size
        self._index = 0
        #: How many items make about a chunk, by the size of those that went before.
        self._count = 1
        self._ended = False
        #: What the source raised, or what an item did.
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
            index = self._index + (_index_in_batch(error) if self._error is None else 0)
            _logger.exception("a JSON stream was cut at item %d", index)
            self._ended = True
            self._error = error
            chunk += self._frame.cut
        if chunk:
            return chunk
        reason, self._error = self._error, None
        raise reason or StopIteration

    def close(self) -> None:
        """Close the source. Where that fails it is logged, because all was sent already."""
        self._ended = True
        sources = {id(each): each for each in (self._source, self._items)}
        self._source = self._items = iter(())
        for source in sources.values():
            try:
                with self._scope.entered():
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
        """The next items; fewer than were asked for where the source ends or fails."""
        taken: list[Any] = []
        try:
            # What came before an error stays.
            with self._scope.entered():
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
        encoded = self._frame.encode(items)
        if encoded is not None:
            self._index += len(items)
        else:
            parts: list[bytes] = []
            for item in items:
                parts.append(self._frame.encode_one(item))
                self._index += 1
            encoded = b"".join(parts)
        if self._chunk_size:
            size = len(encoded) // len(items) + 1
            self._count = min(max(self._chunk_size // size, 1), _MOST_ITEMS)
        return encoded
