"""The live feed of the docs, with real clients, and behind nginx where it is installed."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import httpx_sse
import pytest

from .running import ROOT, free_port, running, wait_until

PAGE = (ROOT / "docs" / "howto" / "progress.rst").read_text()
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin")
NGINX_CONF = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""


def block(language: str, contains: str) -> str:
    """A block of code of the page."""
    found = re.findall(rf"code-block:: {language}\n\n((?:   .*\n|\n)+)", PAGE)
    return next(textwrap.dedent(each) for each in found if contains in each)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the feed, which waits for a shorter time."""
    folder = tmp_path_factory.mktemp("feed")
    code = block("python", "class Feed")
    assert "KEEP_ALIVE = 15 " in code
    (folder / "feed.py").write_text(code.replace("KEEP_ALIVE = 15 ", "KEEP_ALIVE = 0.2 "))
    with running("werkzeug", folder, "feed", folder) as server:
        yield server.port


@pytest.fixture(scope="module")
def nginx(feed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of the feed."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    location = block("nginx", "location").replace("8000", str(feed))
    conf = folder / "nginx.conf"
    conf.write_text(NGINX_CONF.format(folder=folder, port=port, location=location))
    command = [NGINX, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
    process = subprocess.Popen(command)

    def answers() -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/").status_code == 404
        return False

    try:
        assert wait_until(answers, 20)
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("through", ["feed", "nginx"])
def test_the_live_feed(through: str, request: pytest.FixtureRequest):
    address = f"http://127.0.0.1:{request.getfixturevalue(through)}"
    with httpx.Client(base_url=address, timeout=20) as client:

        def post(text: str) -> None:
            client.post("/messages", json={"text": text}).raise_for_status()

        post("before")
        with client.stream("GET", "/events") as response:
            assert response.headers["Content-Type"] == "text/event-stream"
            lines = response.iter_lines()
            last_id = next(int(each[4:]) for each in lines if each.startswith("id: "))
            while ": keep-alive" not in next(lines):
                pass
            sent = time.monotonic()
            post("now")
            assert next(each for each in lines if "now" in each) == 'data: {"text":"now"}'
            assert time.monotonic() - sent < 5
        post("missed")
        headers = {"Last-Event-ID": str(last_id)}
        with httpx_sse.connect_sse(client, "GET", "/events", headers=headers) as source:
            events = source.iter_sse()
            assert [next(events).json()["text"] for _ in range(2)] == ["now", "missed"]


def test_the_feed_notices_that_a_client_has_gone(tmp_path: Path):
    code = block("python", "class Feed").replace("KEEP_ALIVE = 15 ", "KEEP_ALIVE = 0.2 ")
    (tmp_path / "feed.py").write_text(
        code + '\n\n@app.get("/count")\ndef count_listeners():\n    return [len(feed.listeners)]\n'
    )
    with running("waitress", tmp_path, "feed", tmp_path) as server:
        address = f"http://127.0.0.1:{server.port}"

        def listeners() -> int:
            return int(httpx.get(f"{address}/count").json()[0])

        with httpx.stream("GET", f"{address}/events") as response:
            assert next(response.iter_lines()) == ":"
            assert wait_until(lambda: listeners() == 1, 10)
        assert wait_until(lambda: listeners() == 0, 10)


def test_the_command_of_the_recipe_is_one_of_gunicorn():
    command = block("console", "feed:app")
    options = command.partition("$ gunicorn")[2].partition("feed:app")[0].split()
    run = [
        sys.executable,
        "-m",
        "gunicorn",
        "--check-config",
        *options,
        "tests.integration.servers.app:app",
    ]
    assert subprocess.run(run, cwd=ROOT, capture_output=True).returncode == 0
