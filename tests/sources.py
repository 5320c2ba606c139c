"""Sources of streams."""

from __future__ import annotations


class Source:
    """Items of a stream that count how they are used."""

    def __init__(self, items, fail_at=None, error=None):
        self.items = iter(items)
        self.fail_at = fail_at
        self.error = error or KeyError("source")
        self.taken = self.closed = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.taken == self.fail_at:
            raise self.error
        self.taken += 1
        return next(self.items)

    def close(self):
        self.closed += 1
