"""What becomes of the sources of streams: how far each got, and who ended it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any

__all__ = ["Source", "source_named", "watched"]

#: How many are remembered.
_MOST = 100

_lock = Lock()
_sources: OrderedDict[str, Source] = OrderedDict()


class Source:
    """Rows that are counted while they are taken.

    :param items: the rows.

    >>> source = Source("ab")
    >>> next(source), source.rows, source.state
    ('a', 1, 'open')
    >>> source.close()
    >>> source.state
    'closed'
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = iter(items)
        #: How many rows were taken.
        self.rows: int = 0
        #: ``"open"``; ``"finished"``, when there are no more rows; or ``"closed"``, when
        #: it was closed before that.
        self.state: str = "open"

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            item = next(self._items)
        except BaseException:
            self.state = "finished"
            raise
        self.rows += 1
        return item

    def close(self) -> None:
        """End it, as a stream does when its client is gone."""
        if self.state == "open":
            self.state = "closed"
        getattr(self._items, "close", bool)()


def watched(name: str, items: Iterable[Any]) -> Source:
    """The rows, as a source that :func:`source_named` finds.

    :param name: any text; the last source of a name counts.
    """
    source = Source(items)
    with _lock:
        _sources[name] = source
        _sources.move_to_end(name)
        while len(_sources) > _MOST:
            _sources.popitem(last=False)
    return source


def source_named(name: str) -> Source | None:
    """The source that was given a name, if it is one of the last hundred."""
    with _lock:
        return _sources.get(name)
