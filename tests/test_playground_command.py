"""``python -m jsonify_ext``, as one uses it in a terminal."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import pytest

from .playground_server import address_of, start

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of Unix")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Its exit code, and what it prints and complains."""
    with start(*arguments, **environment) as process:
        output, errors = process.communicate(timeout=20)
    return process.returncode, output, errors


@posix
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_it_serves_prints_its_address_and_stops_at_ctrl_c(host: str, cache: Path):
    with start("--host", host, "--port", "0") as process:
        address = address_of(process)
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        assert len(list(cache.glob("*.sqlite3"))) == 1
        with urllib.request.urlopen(address + "countries/JP", timeout=10) as answer:
            assert answer.headers["Content-Type"] == "application/json"
            assert "日本" in answer.read().decode()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (0, "\n")
    assert re.fullmatch(r"\d\d:\d\d:\d\d 200 GET /countries/JP\n", errors)


@posix
def test_it_stops_at_ctrl_c_while_it_streams():
    with start("--port", "0") as process:
        address = address_of(process)
        with urllib.request.urlopen(address + "stream?rows=10000", timeout=10) as answer:
            answer.readline()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_a_port_in_use_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, output, errors = run("--port", str(port))
    assert (code, output) == (1, "")
    assert errors == (
        f"error: cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "choose another with --host and --port\n"
    )


@pytest.mark.parametrize(
    ("argument", "said"),
    [("--port=70000", "is not a number from 0 to 65535"), ("--port=-1", "is not a number")]
    + [("--prot=1", "unrecognized arguments: --prot=1"), ("--port", "expected one argument")]
    + [("--por=1", "unrecognized arguments: --por=1"), ("more", "unrecognized arguments: more")],
)
def test_a_wrong_option_is_said_in_one_line(argument: str, said: str):
    code, output, errors = run(argument)
    assert (code, output) == (2, "")
    assert errors.startswith("error: ")
    assert said in errors
    assert errors.endswith("; python -m jsonify_ext --help lists the options\n")
    assert errors.count("\n") == 1


def test_a_host_that_is_none_of_this_machine():
    code, _, errors = run("--host", "192.0.2.1", "--port", "0")
    assert code == 1
    assert errors.startswith("error: cannot listen on 192.0.2.1 port 0: ")
    assert errors.count("\n") == 1


@posix
def test_no_place_for_the_database(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    program = (
        "import sys, tempfile\n"
        f"tempfile.tempdir = {str(file)!r}\n"
        "from jsonify_ext.__main__ import main\n"
        "sys.exit(main(['--port', '0']))\n"
    )
    code, output, errors = run_python(program, XDG_CACHE_HOME=str(file))
    assert (code, output) == (1, "")
    assert errors == "error: no folder to make the database in: set XDG_CACHE_HOME to one\n"


def run_python(program: str, **environment: str) -> tuple[int, str, str]:
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=20,
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_help_lists_the_options_and_the_exit_codes():
    code, output, errors = run("--help")
    assert (code, errors) == (0, "")
    for word in ("--host", "--port", "--open", "--version", "exit codes", "NO_COLOR"):
        assert word in output
    assert max(map(len, output.splitlines())) <= 100


def test_version():
    assert run("--version") == (0, f"jsonify_ext {version('jsonify_ext')}\n", "")


@posix
def test_open_opens_the_page_in_the_browser(tmp_path: Path):
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    with start("--port", "0", "--open", BROWSER=f"{browser} %s") as process:
        address = address_of(process)
        end = time.monotonic() + 10
        while not opened.exists() and time.monotonic() < end:
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=10)
    assert opened.read_text() == address


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What it writes to a terminal until it is stopped."""
    import pty  # there is none on Windows

    main, end = pty.openpty()
    variables = {"TERM": "xterm", "NO_COLOR": ""} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "jsonify_ext", *arguments],
        stdin=end,
        stdout=end,
        stderr=end,
        env=os.environ | variables,
    )
    os.close(end)
    written = b""
    try:
        while b"\n" not in written:
            written += os.read(main, 65536)
    finally:
        process.terminate()
        process.wait(10)
        os.close(main)
    return written.decode()


@posix
def test_colours_are_for_terminals_whose_users_want_them():
    assert re.search("\x1b\\[36mhttp://[^\x1b]+\x1b\\[0m", on_a_terminal("--port", "0"))
    assert "\x1b[31merror\x1b[0m: " in on_a_terminal("--port", "none")
    assert "\x1b" not in on_a_terminal("--port", "0", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("--port", "none", NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("--port", "0", TERM="dumb")
    assert "\x1b" not in run("--port", "none")[2]
