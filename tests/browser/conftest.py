"""The playground in a real browser; where there is none, these tests are skipped.

``CHROMIUM`` names the browser's program where it has another name or place, and
``REQUIRE_CHROMIUM`` makes its absence a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.playground_server import served

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

Opens = Callable[..., Page]


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the playground is."""
    with served(str(tmp_path_factory.mktemp("cache"))) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail("there is no Chromium; on Debian: apt-get install chromium")
        pytest.skip("there is no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Opens]:
    """Opens the playground with a query; at the end, no page may have complained, nor
    asked another host for anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: check_host(request.url))

    def check_host(url: str) -> None:
        if urlsplit(url).netloc != urlsplit(address).netloc:
            complaints.append(f"asked for {url}")

    def opens(query: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(f"{address}?{query}" if query else address)
        page.locator("#head:not(:empty)").wait_for()
        return page

    yield opens
    for context in contexts:
        context.close()
    assert complaints == []
