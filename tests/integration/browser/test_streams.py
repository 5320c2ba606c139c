"""Streams in a real browser: EventSource, and fetch with a reader."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from jsonify_ext import ServerSentEvent, stream_json

TEXT = "a\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029é\\"

EVENTS = """
() => new Promise(resolve => {
    const found = [], source = new EventSource("/events");
    const keep = event => found.push([event.type, event.data, event.lastEventId]);
    source.onopen = () => found.push(["open"]);
    source.onmessage = keep;
    source.addEventListener("html", keep);
    source.addEventListener("end", event => { keep(event); source.close(); resolve(found); });
})
"""

OPENS = """
() => new Promise(resolve => {
    const source = new EventSource("/waits");
    source.onopen = async () => {
        await fetch("/go");
        source.onmessage = event => { source.close(); resolve(event.data); };
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


class App:
    """The pages that the scripts above ask for."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.last_ids: list[str | None] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        view = getattr(self, request.path[1:].replace("-", "_") or "page")
        response: Response = view(request)
        return response(environ, start_response)

    def page(self, request: Request) -> Response:
        return Response("<!doctype html><title>Streams</title>", mimetype="text/html")

    def events(self, request: Request) -> Response:
        """Breaks after two events; the browser comes back with the id of the second."""
        last = request.headers.get("Last-Event-ID")
        self.last_ids.append(last)
        events = [
            ServerSentEvent(TEXT, id="1", retry=10),
            ServerSentEvent(text="<p>\nb\n</p>", event="html", id="2", comment="not data"),
            ServerSentEvent(comment="keep-alive"),
            ServerSentEvent(text="[DONE]", event="end", id="3"),
        ]
        return stream_json(events[:2] if last is None else events[int(last) :], "sse")

    def waits(self, request: Request) -> Response:
        def each() -> Iterator[Any]:
            yield self.go.wait(20)

        return stream_json(each(), "sse")

    def jsonl(self, request: Request) -> Response:
        return stream_json(({"n": n, "text": TEXT} for n in range(500)), "jsonl")

    def json_seq(self, request: Request) -> Response:
        return stream_json(({"n": n, "text": TEXT} for n in range(500)), "json-seq")


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def page(browser: Browser, app: App) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    page = browser.new_page()
    page.set_default_timeout(20_000)
    # Chromium asks every host for this file.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"http://127.0.0.1:{server.port}/page")
    yield page
    page.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_event_source_reads_all_and_goes_on_after_a_break(page: Page, app: App):
    found = page.evaluate(EVENTS)
    events = [each for each in found if each != ["open"]]
    assert (events[0][0], json.loads(events[0][1]), events[0][2]) == ("message", TEXT, "1")
    assert events[1:] == [["html", "<p>\nb\n</p>", "2"], ["end", "[DONE]", "3"]]
    assert found.count(["open"]) == 2
    assert app.last_ids == [None, "2"]


def test_an_event_source_opens_before_the_first_event(page: Page, app: App):
    assert not app.go.is_set()
    page.route("**/go", lambda route: (app.go.set(), route.fulfill(status=204)))
    assert page.evaluate(OPENS) == "true"


@pytest.mark.parametrize("kind", ["jsonl", "json-seq"])
def test_fetch_reads_lines(page: Page, kind: str):
    assert page.evaluate(LINES, kind) == [{"n": n, "text": TEXT} for n in range(500)]
