"""Streams in a real browser: EventSource, and fetch with a reader."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from ..servers.app import ITEMS, ODD
from ..servers.running import Server, new_name

EVENTS = """
() => new Promise(resolve => {
    const found = [], source = new EventSource("/breaks");
    const keep = event => found.push([event.type, event.data, event.lastEventId]);
    source.onopen = () => found.push(["open"]);
    source.onmessage = keep;
    source.addEventListener("html", keep);
    source.addEventListener("end", event => { keep(event); source.close(); resolve(found); });
    setTimeout(resolve, 10000, found);
})
"""

OPENS = """
name => new Promise(resolve => {
    const source = new EventSource("/events?name=" + name);
    setTimeout(resolve, 10000, "nothing");
    source.onopen = () => {
        source.addEventListener("count", event => { source.close(); resolve(event.data); });
        fetch("/go");
    };
})
"""

LINES = """
async kind => {
    const response = await fetch("/" + kind);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const found = [];
    let rest = "";
    for (;;) {
        const { done, value } = await reader.read();
        const lines = (rest + (value ?? "")).split(/[\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029]/);
        rest = lines.pop();
        found.push(...lines.filter(Boolean).map(JSON.parse));
        if (done) return found;
    }
}
"""


@pytest.fixture
def page(browser: Browser, any_server: Server) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"{any_server.address}/value")
    yield page
    page.close()


def test_an_event_source_reads_all_and_goes_on_after_a_break(page: Page):
    found = page.evaluate(EVENTS)
    first, *events = [each for each in found if each != ["open"]]
    assert (first[0], json.loads(first[1]), first[2]) == ("message", ODD, "1")
    assert events == [["html", "<p>\nb\n</p>", "2"], ["end", "[DONE]", "3"]]
    assert found.count(["open"]) == 2


def test_an_event_source_opens_before_the_first_event(page: Page, any_server: Server):
    name = new_name("opens")

    def let_it_go(route) -> None:
        any_server.notify(f"{name}-0")
        route.fulfill(status=204)

    page.route("**/go", let_it_go)
    assert page.evaluate(OPENS, name) == '{"number":1}'
    any_server.notify(f"{name}-1")


@pytest.mark.parametrize("kind", ["jsonl", "json-seq"])
def test_fetch_reads_lines(page: Page, kind: str):
    assert page.evaluate(LINES, kind) == ITEMS
