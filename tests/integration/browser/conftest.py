"""The playground in a real browser; without one, these tests are skipped.

``CHROMIUM`` is the browser's program if it has another name or place, and
``REQUIRE_CHROMIUM`` makes its absence a failure.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from ..servers.running import free_port, started

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_OPTIONS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]

Opens = Callable[..., Page]


def compared(page: Page) -> Page:
    """The page when the comparison is there."""
    page.locator("#sides .side").nth(1).wait_for()
    return page


@contextmanager
def served(**environment: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a playground that runs until the end of the block, and its process."""
    port = free_port()
    command = [sys.executable, "-m", "jsonify_ext", "--port", str(port)]
    with started(
        command,
        port,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Tests that run in the background ignore Ctrl-C, and their processes inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        yield f"http://127.0.0.1:{port}/", process


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    with served() as (address, _):
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("there is no Chromium; on Debian: apt-get install chromium")
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Opens]:
    """Opens the playground with parameters. No page may report an error or load anything
    from another host."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if "the server responded with a status of" not in message.text:
            complaints.append(message.text)

    def on_request(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(address).netloc:
            complaints.append(f"a request for {request.url}")

    def opens(
        value: str | None = None, *, options: dict[str, Any] | None = None, **chosen: str
    ) -> Page:
        defaults = {"viewport": {"width": 1280, "height": 900}}
        contexts.append(browser.new_context(**defaults | (options or {})))
        contexts[-1].set_default_timeout(20_000)
        page = contexts[-1].new_page()
        page.on("console", on_console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", on_request)
        chosen |= {} if value is None else {"value": value}
        page.goto(f"{address}#{urlencode(chosen)}")
        return page

    yield opens
    for context in contexts:
        context.close()
    assert complaints == []
