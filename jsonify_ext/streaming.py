"""Streams of JSON in constant memory, in five formats."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any, cast, get_args

from werkzeug.utils import get_content_type
from werkzeug.wrappers import Response

from .context import BodyContext, SettingsLike, current_settings
from .errors import JSONEncodeError, logger, type_name
from .flask_config import current_flask_app, flask_variables
from .formats import MIMETYPES, Format, Frame, ServerSentEvent, make_frame
from .http import HeadersLike, check_media_type, check_status, checked_headers
from .options import BackgroundLike, check_background, run_background
from .response import Status
from .settings import replace_settings

__all__ = ["Format", "ServerSentEvent", "stream_json"]

_SSE_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
#: A source is fast when it gives this many items in less than ``_SLOW`` seconds. Each time
#: that a fast source turns out slow, twice as many items are needed.
_FAST_ITEMS = 100
_MOST_FAST_ITEMS = 800
_SLOW = 0.1
#: A batch ends after these seconds and this many items.
_BATCH_SECONDS = 0.05
_BATCH_ITEMS = 10_000
_PARTS: Any = {dict: dict.values, list: list.__iter__, tuple: tuple.__iter__}  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of Any


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
    background: BackgroundLike | None = None,
    settings: SettingsLike | None = None,
) -> Response:
    """Make a response that sends items as they come, in constant memory.

    The first item is encoded before the response is made, so that it can raise; ``sse``
    starts at once, with an empty comment. A later error is logged with the item's index and
    cuts the stream in mid-document. When the client goes away, the source is closed. In a
    Flask request, the source keeps the request context; but open connections inside of the
    source, because the app's teardown functions run when the view returns.

    :param items: the source: a generator, an iterator, a database cursor.
    :param format: ``"json"``: one array; ``"jsonl"`` or ``"ndjson"``: one value per line;
        ``"json-seq"``: RFC 7464; ``"sse"``: server-sent events, of values or of
        :class:`ServerSentEvent`.
    :param status: an int, an :class:`http.HTTPStatus`, or text such as ``"200 OK"``.
    :param headers: a mapping or pairs of header names and values.
    :param mimetype: the media type; by default the format's.
    :param chunk_size: about how many bytes to send at once while the source is fast: by
        default 65536. With 0, the default of ``sse``, each item is sent at once.
    :param envelope: for ``"json"``: the members of an object around the array.
    :param key: the key of the array in the envelope.
    :param background: a callable without arguments, or a list of them, to run when the
        stream has ended or the client has gone.
    :param settings: complete settings for this response, or a mapping of changes to the
        settings that otherwise apply.
    :return: a Werkzeug response without a ``Content-Length``.
    :raises JSONEncodeError: when the first item or the envelope has no JSON form.
    :raises TypeError: for a source that can't be iterated, or is a mapping, text or bytes,
        and for a bad ``background`` or ``envelope``, or an unknown setting.
    :raises ValueError: for an unknown format, a bad status, header, media type, setting or
        ``chunk_size``, or an envelope with another format.

    >>> stream_json(range(3)).data
    b'[0,1,2]\\n'
    >>> stream_json([{"a": 1}, {"a": 2}], "jsonl").data
    b'{"a":1}\\n{"a":2}\\n'
    >>> stream_json(["a", "b"], envelope={"total": 2}).data
    b'{"total":2,"items":["a","b"]}\\n'
    """
    check_stream(format, chunk_size)
    if envelope is not None and format != "json":
        raise ValueError(f"an envelope goes with the format 'json', not {format!r}")
    if envelope is not None and not isinstance(envelope, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        raise TypeError(f"envelope must be a mapping, not {type_name(envelope)}")
    if hasattr(items, "__aiter__") and not hasattr(items, "__iter__"):
        raise TypeError("asynchronous items need an async view with json_view(stream=...)")
    is_other = isinstance(items, (Mapping, str, bytes, bytearray, memoryview))
    if is_other or not (hasattr(items, "__iter__") or hasattr(items, "__getitem__")):
        name = type_name(cast("object", items))
        raise TypeError(
            f"stream_json() takes an iterable of items, such as a list or a generator, not {name}"
        )

    current = current_settings(settings)
    if format != "json" or getattr(current, "own_encoding", None) is not None:
        # A line is one line. Changed settings also replace a Flask provider's encoding.
        current = replace_settings(current, {"pretty": current.pretty and format == "json"})
    encoder = current.encoder
    frame = make_frame(format, encoder, envelope, key)
    checked = check_status(status)
    sent = checked_headers(headers)
    sent.extend([pair for pair in encoder.headers if pair[0] not in sent])
    for name, value in _SSE_HEADERS.items() if format == "sse" else ():
        sent.setdefault(name, value)
    if mimetype is not None or "Content-Type" not in sent:
        default = MIMETYPES.get(format, encoder.content_type[1])
        sent["Content-Type"] = check_media_type(default if mimetype is None else mimetype)
    functions = check_background(background)

    size = chunk_size if chunk_size is not None else (0 if format == "sse" else 65536)
    flask: Any = sys.modules.get("flask")
    in_request = getattr(flask, "has_request_context", bool)()
    # A source may push a context of Flask's, which is left between two items.
    context = BodyContext(*(flask_variables() if in_request else ()))
    body: Any = _body(_Chunks(items, frame, size, context), frame)
    next(body)
    close: Callable[[], Any] = body.close
    if in_request:
        body = flask.stream_with_context(body)
    app = current_flask_app()
    response_class: type[Response] = Response if app is None else app.response_class
    content_type = sent["Content-Type"]
    # As Flask calls it, because a response class may look at its arguments.
    response = response_class(body, status=checked, headers=sent, mimetype=content_type)
    if response.headers.get("Content-Type") == get_content_type(content_type, "utf-8"):
        response.headers["Content-Type"] = content_type  # without a charset
    # Flask doesn't close what it hasn't begun to read, for HEAD for instance.
    response.call_on_close(close)
    response.call_on_close(partial(run_background, functions))
    return response


def check_stream(format: str, chunk_size: int | None) -> None:
    """Raise a ValueError for an unknown format or a bad ``chunk_size``."""
    formats = get_args(Format)
    if format not in formats:
        raise ValueError(f"unknown stream format {format!r}; the formats are {', '.join(formats)}")
    if chunk_size is not None and (type(chunk_size) is not int or chunk_size < 0):
        raise ValueError(f"chunk_size must be a number of bytes, not {chunk_size!r}")


def _body(chunks: _Chunks, frame: Frame) -> Generator[bytes]:
    """What the server sends. The first ``next()`` raises the errors of the first item."""
    started = False
    try:
        chunk = frame.start or chunks.next_chunk()
        yield b""
        started = True
        while chunk:
            yield chunk
            chunk = chunks.next_chunk()
    except (GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # gevent.Timeout, for instance
        if started:
            logger.exception("a JSON stream was cut at item %d", chunks.index)
            if frame.cut:
                yield frame.cut
        raise
    finally:
        chunks.close()


class _Chunks:
    """Encodes the items of a source: one by one, or in batches while the source is fast."""

    def __init__(
        self, items: Iterable[Any], frame: Frame, chunk_size: int, context: BodyContext
    ) -> None:
        self._source = items
        self._items = iter(items)
        self._context = context
        self._frame = frame
        self._chunk_size = chunk_size
        #: The index of the next item, or of the one that could not be encoded.
        self.index = 0
        #: How many items to take.
        self._count = 1
        self._in_memory = isinstance(items, (list, tuple))
        #: How many items the source has given since it was slow, and how many make it fast.
        self._given = _FAST_ITEMS if self._in_memory else 0
        self._needed = _FAST_ITEMS
        #: How long the last of them took.
        self._seconds = 0.0
        self._ended = False
        self._error: Exception | None = None
        self._last: Any = None

    def next_chunk(self) -> bytes:
        """The next bytes to send; none at the end."""
        if self._error is not None:
            raise self._error
        if self._ended:
            return b""
        begin = perf_counter()
        items = self._take(begin + _BATCH_SECONDS)
        if not items:
            return self._frame.tail if self.index else self._frame.empty
        text = self._encode(items)
        self._set_count(len(items), len(text), perf_counter() - begin)
        before = self._frame.separator if self.index else self._frame.head
        self.index += len(items)
        return before + text + (self._frame.tail if self._ended else b"")

    def _take(self, until: float) -> list[Any]:
        """The next items; fewer than ``_count`` at the end, after an error, or if it is late."""
        taken: list[Any] = []
        try:
            # Items before an error are kept.
            with self._context:
                items = islice(self._items, self._count)
                if self._in_memory:
                    taken.extend(items)
                else:
                    for item in items:
                        taken.append(item)
                        if self._chunk_size and self._count == 1 and self._is_short_lived(item):
                            self._needed = sys.maxsize
                        if perf_counter() > until:
                            return taken
                self._ended = len(taken) < self._count
        except Exception as error:
            if not taken:
                raise
            self._error = error
        return taken

    def _is_short_lived(self, item: Any) -> bool:
        """Whether an item may change with the next one, which a group of ``groupby`` does."""
        last, self._last = self._last, item
        if item is last and isinstance(item, (dict, list)):
            return True
        # By the built-in methods: those of a subclass may take the items.
        read = next((_PARTS[cls] for cls in _PARTS if issubclass(type(item), cls)), None)
        kinds: set[type] = {*map(type, read(item))} if read else {type(item)}
        return any(issubclass(kind, Iterator) for kind in kinds)

    def _encode(self, items: list[Any]) -> bytes:
        try:
            return self._frame.encode(items)
        except JSONEncodeError as error:
            path = self._frame.path
            first, *rest = error.keys[len(path) :] or (0,)
            self.index += cast("int", first)
            keys = (*path, self.index, *rest)
            raise JSONEncodeError(keys, error.type_name, error.reason) from error.__cause__

    def _set_count(self, items: int, size: int, seconds: float) -> None:
        """Decide how many items to take next, from the size and the time of the last ones."""
        self._given += items
        self._seconds += seconds
        if self._seconds > _SLOW:
            if self._count > 1:
                self._needed = min(2 * self._needed, _MOST_FAST_ITEMS)
            self._count, self._given, self._seconds = 1, 0, 0.0
        elif self._given >= self._needed:
            by_size = self._chunk_size * items // max(size, 1)
            self._count = max(1, min(self._given, by_size, _BATCH_ITEMS))
            self._seconds = 0.0

    def close(self) -> None:
        """Close the source. An error is logged, because the response is complete."""
        sources = {id(each): each for each in (self._source, self._items)}
        self._source = self._items = iter(())
        for source in sources.values():
            try:
                with self._context:
                    getattr(source, "close", bool)()
            except Exception:
                logger.exception("the source of a JSON stream could not be closed")
