"""What the docs show: the commands that start their app, and the live feed, with real clients
and behind nginx where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import httpx_sse
import pytest
import urllib3

from tests.docs.samples import block

from .running import PAGE, ROOT, commands, free_port, running, started, wait_until

FEED = "docs/howto/progress.rst"
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


@pytest.mark.parametrize(
    "name", ["gunicorn", "gthread", "waitress", "uwsgi", "cheroot", "granian", "werkzeug"]
)
def test_the_commands_of_the_docs(name: str, tmp_path: Path):
    assert name in commands()
    shown = re.search(r"\$ curl 'http://127.0.0.1:8000(.*)'\n +(.*)\n", PAGE)
    assert shown
    (tmp_path / "app.py").write_text(block("docs/deploying.rst", "app = "))
    with running(name, tmp_path, "app", tmp_path) as server:
        answer = urllib3.request("GET", f"http://127.0.0.1:{server.port}{shown[1]}")
    assert answer.data.decode() == shown[2] + "\n"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["ETag"]


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the feed, which waits for a shorter time."""
    folder = tmp_path_factory.mktemp("feed")
    code = block(FEED, "class Feed")
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
    location = block(FEED, "location").replace("8000", str(feed))
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
        assert wait_until(lambda: listeners() == 0)
        post("missed")
        headers = {"Last-Event-ID": str(last_id)}
        with httpx_sse.connect_sse(client, "GET", "/events", headers=headers) as source:
            events = source.iter_sse()
            assert [next(events).json()["text"] for _ in range(2)] == ["now", "missed"]
        # The server notices at its next keep-alive; the next test counts from 0.
        assert wait_until(lambda: listeners() == 0)


def test_the_command_of_the_recipe_is_one_of_gunicorn():
    command = block(FEED, "feed:app")
    options = command.partition("$ gunicorn")[2].partition("feed:app")[0].split()
    app = "tests.integration.servers.app:app"
    run = [sys.executable, "-m", "gunicorn", "--check-config", *options, app]
    assert subprocess.run(run, cwd=ROOT, capture_output=True).returncode == 0
