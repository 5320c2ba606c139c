"""The places in which two bodies differ."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import groupby

__all__ = ["Piece", "mark"]

#: A part of a body, and whether the other body has something else there.
Piece = tuple[str, bool]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\s\x1e]+|[^\s\x1e"{}\[\]:,]+|.', re.S)
#: Tokens that are compared with each other; more would take seconds.
_MAX_TOKENS = 1000


def mark(first: str, second: str) -> tuple[list[Piece], list[Piece], int]:
    """Both texts in pieces, and the number of places in which they differ.

    >>> mark('[1,"a"]', '[1,2]')[:2]
    ([('[1,', False), ('"a"', True), (']', False)], [('[1,', False), ('2', True), (']', False)])
    """
    tokens = one, two = _TOKEN.findall(first), _TOKEN.findall(second)
    if len(one) == len(two):
        flags = [[a != b for a, b in zip(one, two, strict=True)]] * 2
    else:
        start = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), 0)  # noqa: B905  # one is longer
        flags = [[i >= start for i in range(len(each))] for each in tokens]
        limit = start + _MAX_TOKENS
        matcher = SequenceMatcher(None, one[start:limit], two[start:limit])
        for *starts, size in matcher.get_matching_blocks():
            for each, at in zip(flags, starts, strict=True):
                each[start + at : start + at + size] = [False] * size
    marked = [_pieces(*each) for each in zip(tokens, flags, strict=True)]
    return marked[0], marked[1], max(sum(changed for _, changed in each) for each in marked)


def _pieces(tokens: Iterable[str], flags: Iterable[bool]) -> list[Piece]:
    groups = groupby(zip(tokens, flags, strict=True), key=lambda pair: pair[1])
    return [("".join(token for token, _ in group), changed) for changed, group in groups]
