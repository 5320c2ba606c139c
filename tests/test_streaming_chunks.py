"""When items of a stream are sent: one by one, or gathered into chunks."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import accumulate, groupby
from typing import Any

import pytest
from werkzeug.local import LocalProxy

from jsonify_ext import stream_json

ROW = "x" * 96  # 99 bytes with its quotes and separator


def counts(response) -> list[int]:
    """How many items each chunk has."""
    return [count for chunk in response.response if (count := chunk.count(ROW.encode()))]


def rows(*pauses: float) -> Iterator[str]:
    """A row after each pause."""
    for pause in pauses:
        if pause:
            time.sleep(pause)
        yield ROW


FAST, SLOW = 0.0, 0.11


@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq"])
@pytest.mark.parametrize("make", [list, tuple])
def test_a_list_is_gathered_at_once(kind, make):
    sizes = counts(stream_json(make([ROW] * 2000), kind, chunk_size=10_000))
    assert sizes[0] == 1
    assert min(sizes[1:-1]) > 1
    assert max(sizes) * 99 == pytest.approx(10_000, rel=0.02)
    sizes = counts(stream_json(make([ROW] * 20_000), kind))
    assert max(sizes) * 99 == pytest.approx(65536, rel=0.02)


def test_single_items_until_a_source_has_proved_fast():
    sizes = counts(stream_json(rows(*[FAST] * 5000)))
    assert sizes[:100] == [1] * 100
    assert sizes[100] <= 100  # not more than have come already
    assert max(sizes) * 99 == pytest.approx(65536, rel=0.02)
    assert sum(sizes) == 5000


@pytest.mark.parametrize(
    "pauses", [[0.002] * 150, [SLOW, *[FAST] * 80] * 5], ids=["slow", "bursts"]
)
def test_slow_sources_and_bursts_after_pauses_are_never_gathered(pauses):
    assert counts(stream_json(rows(*pauses))) == [1] * len(pauses)


def test_items_that_change_with_the_next_one_are_not_gathered():
    def reused() -> Iterator[dict[str, int]]:
        row: dict[str, int] = {}
        for row["n"] in range(1000):
            yield row

    assert stream_json(reused()).json == [{"n": number} for number in range(1000)]

    class Attributes(dict[str, Any]):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.__dict__ = self

    class Streamed(list[int]):
        def __init__(self) -> None:
            super().__init__()
            self.numbers = iter([1, 2])

        def __iter__(self) -> Iterator[int]:
            return self.numbers

        def __len__(self) -> int:
            return 1

    rows = [Attributes({"values": [1]}), Attributes({"values": 2}), Streamed()]
    assert stream_json(iter(rows)).json == [{"values": [1]}, {"values": 2}, [1, 2]]
    proxies = [LocalProxy(lambda: {"a": 1}), LocalProxy(lambda: [2]), {"a": 3}]
    assert stream_json(iter(proxies)).json == [{"a": 1}, [2], {"a": 3}]
    for wrap in (lambda it: it, lambda it: (it,), lambda it: [it], lambda it: {"a": it}):
        groups = groupby(range(999), lambda number: number // 3)
        sent = stream_json(wrap(group) for _, group in groups).json
        assert sent == json.loads(json.dumps([wrap([n, n + 1, n + 2]) for n in range(0, 999, 3)]))


@pytest.mark.parametrize("slow", [1, 5])
def test_a_source_that_turns_slow_and_fast_again(slow):
    pauses = [*[FAST] * 3000, *[SLOW] * slow, *[FAST] * 3000]
    sizes = counts(stream_json(rows(*pauses)))
    ends = [*accumulate(sizes)]
    assert sizes[:100] == [1] * 100
    assert max(size for size, end in zip(sizes, ends, strict=True) if end <= 3000) > 50
    stalled = next(number for number, end in enumerate(ends) if end > 3000)
    assert ends[stalled] == 3001  # the first slow item ends the batch
    # Single until it has proved fast again, which takes more items than the first time.
    assert sizes[stalled + 1 :][:150] == [1] * 150
    assert max(sizes[stalled + 1 :]) > 50
    assert ends[-1] == len(pauses)


def test_items_that_take_long_to_encode_are_not_gathered():
    class Slow:
        def __json__(self):
            time.sleep(SLOW)
            return ROW

    assert counts(stream_json([Slow(), Slow(), Slow(), Slow()])) == [1] * 4


def test_a_slow_client_does_not_make_a_source_slow():
    sizes = []
    for chunk in stream_json(rows(*[FAST] * 1000)).response:
        sizes.append(chunk.count(ROW.encode()))
        time.sleep(0.002)
    assert max(sizes) > 50


@pytest.mark.parametrize("source", [list, iter])
@pytest.mark.parametrize("kind", ["json", "jsonl", "sse"])
def test_with_a_size_of_0_which_is_the_default_of_events_each_item_is_sent_at_once(kind, source):
    size = {} if kind == "sse" else {"chunk_size": 0}
    assert counts(stream_json(source([ROW] * 300), kind, **size)) == [1] * 300
    assert max(counts(stream_json(source([ROW] * 300), kind, chunk_size=65536))) > 50


@pytest.mark.parametrize("kind", ["json", "sse"])
def test_a_source_is_not_read_ahead(kind):
    taken = []

    def source():
        for number in range(3):
            taken.append(number)
            yield number

    chunks = iter(stream_json(source(), kind).response)
    if kind == "sse":  # which starts before its first event
        assert (taken, next(chunks), taken) == ([], b":\n\n", [])
    else:
        assert taken == [0]
    for number in range(3):
        assert b"%d" % number in next(chunks)
        assert taken == [*range(number + 1)]
