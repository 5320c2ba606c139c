"""The live feed of the docs, with real clients, and behind nginx where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import httpx_sse
import pytest

from tests.docs.samples import block

from .running import ROOT, free_port, running, started, wait_until

PAGE = "docs/howto/progress.rst"
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
#: Added to the feed, for the test.
COUNT = '\n\n@app.get("/count")\ndef count_listeners():\n    return [len(feed.listeners)]\n'


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the feed, which waits for a shorter time."""
    folder = tmp_path_factory.mktemp("feed")
    code = block(PAGE, "class Feed")
    assert "KEEP_ALIVE = 15 " in code
    code = code.replace("KEEP_ALIVE = 15 ", "KEEP_ALIVE = 0.2 ")
    (folder / "feed.py").write_text(code + COUNT)
    with running("waitress", folder, "feed", folder) as server:
        yield server.port


@pytest.fixture(scope="module")
def nginx(feed: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of the feed."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    location = block(PAGE, "location").replace("8000", str(feed))
    conf = folder / "nginx.conf"
    conf.write_text(NGINX_CONF.format(folder=folder, port=port, location=location))
    command = [NGINX, "-p", folder, "-c", conf, "-e", folder / "error.log"]
    with started(command, port):
        yield port


@pytest.mark.parametrize("through", ["feed", "nginx"])
def test_the_live_feed(through: str, request: pytest.FixtureRequest):
    address = f"http://127.0.0.1:{request.getfixturevalue(through)}"
    with httpx.Client(base_url=address, timeout=20) as client:

        def post(text: str) -> None:
            client.post("/messages", json={"text": text}).raise_for_status()

        def listeners() -> int:
            return int(client.get("/count").json()[0])

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
            assert listeners() == 1
        assert wait_until(lambda: listeners() == 0, 10)
        post("missed")
        headers = {"Last-Event-ID": str(last_id)}
        with httpx_sse.connect_sse(client, "GET", "/events", headers=headers) as source:
            events = source.iter_sse()
            assert [next(events).json()["text"] for _ in range(2)] == ["now", "missed"]


def test_the_command_of_the_recipe_is_one_of_gunicorn():
    command = block(PAGE, "feed:app")
    options = command.partition("$ gunicorn")[2].partition("feed:app")[0].split()
    app = "tests.integration.servers.app:app"
    run = [sys.executable, "-m", "gunicorn", "--check-config", *options, app]
    assert subprocess.run(run, cwd=ROOT, capture_output=True).returncode == 0
