"""What a person sees and does on the playground's page."""

from __future__ import annotations

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from .conftest import Opens, compared, served

MIXED = '{"when": datetime(2026, 1, 2), "score": nan, "name": "<b>Zoë</b>"}'


# A run


def test_a_value_becomes_a_response_and_is_compared(open_page: Opens):
    page = compared(open_page(MIXED))
    assert page.locator("#head").inner_text().startswith("200 OK\n")
    body = page.locator("#body").evaluate("it => it.textContent")
    moment = "Fri, 02 Jan 2026 00:00:00 GMT"
    assert json.loads(body) == {"when": moment, "score": None, "name": "<b>Zoë</b>"}
    assert page.locator("#sides .bytes").first.evaluate("it => it.textContent") == body
    assert page.locator("mark").all_inner_texts() == ["null", "NaN"]
    expect(page.locator("#verdict")).to_have_text(
        re.compile(r"^jsonify is .* fast as flask.jsonify$")
    )
    expect(page.locator("#note")).to_have_text(
        "1 difference is marked. Flask's body isn't valid JSON: browsers refuse NaN and Infinity."
    )
    assert page.locator("b").count() == 0
    widths = page.locator(".fill").evaluate_all("all => all.map(it => parseFloat(it.style.width))")
    assert max(widths) == 100
    assert min(widths) > 0


def test_exceptions_and_errors_are_shown(open_page: Opens):
    page = compared(open_page("{1, 2}"))
    expect(page.locator("#verdict")).to_have_text("flask.jsonify raises TypeError")
    message = "TypeError: Object of type set is not JSON serializable"
    expect(page.locator(".raises")).to_have_text(message)
    expect(page.locator(".fill")).to_have_count(0)
    page = compared(open_page('{"a": [object()]}'))
    assert page.locator("#head").inner_text().startswith("500 INTERNAL SERVER ERROR")
    expect(page.locator(".ours .raises")).to_contain_text("JSONEncodeError: $.a[0]: object")
    page = open_page("[1 2]")
    expect(page.locator("#body")).to_contain_text("A comma or a bracket is missing")
    expect(page.locator("#note")).to_contain_text("refused")


def test_typing_and_sending(open_page: Opens):
    page = compared(open_page())
    page.get_by_label("Your value").fill("[1, Decimal('2.50')]")
    page.get_by_label("Your value").press("Control+Enter")
    expect(page.locator("#body")).to_have_text('[1,"2.50"]\n')
    page.get_by_label("Your value").fill('"sent"')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#body")).to_have_text('"sent"\n')
    page.reload()
    expect(page.locator("#body")).to_have_text('"sent"\n')
    assert page.get_by_label("Your value").input_value() == '"sent"'
    page.evaluate("() => void (location.hash = 'value=7&etag=true')")
    expect(page.locator("#wire")).to_contain_text("ETag: ")
    expect(page.locator("#body")).to_have_text("7\n")


def test_each_option_changes_the_response(open_page: Opens):
    page = compared(
        open_page('{"c": [date(2026, 1, 2), 9999999999999999999], "b": "é", "a": null}')
    )
    for name in ("pretty", "omit_none", "etag"):
        page.locator(f"#{name}").check()
    for name in ("sort_keys", "ensure_ascii"):
        page.locator(f"#{name}").uncheck()
    for name, choice in (("dates", "iso"), ("big_ints", "string"), ("nan", "error")):
        page.locator(f"#{name}").select_option(choice)
    expect(page.locator("#head")).to_contain_text("ETag: ")  # which a 203 doesn't have
    for name, choice in (("status", "203"), ("mimetype", "application/x+json")):
        page.locator(f"#{name}").fill(choice)
        page.locator(f"#{name}").press("Tab")
    page.wait_for_url("**mimetype=**")
    value = {"c": ["2026-01-02", "9999999999999999999"], "b": "é"}
    body = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    expect(page.locator("#body")).to_have_text(body, use_inner_text=False)
    for shown in ("203 NON", "Content-Type: application/x+json"):
        expect(page.locator("#head")).to_contain_text(shown)
    page.locator("#value").fill("nan")
    page.locator("#value").press("Control+Enter")
    expect(page.locator("#head")).to_contain_text("500 INTERNAL SERVER ERROR")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("#body")).to_contain_text('"customer"')


def test_examples_and_presets_fill_the_form(open_page: Opens):
    page = compared(open_page("1", pretty="true"))
    page.get_by_role("link", name="SQLite rows").click()
    expect(page.locator("#body")).to_contain_text('"Neptune"')
    expect(page.locator("#pretty")).not_to_be_checked()
    page.get_by_role("link", name="plain WSGI").click()
    expect(page.locator("#body")).to_contain_text('[{"name":"Mercury","symbol":"☿"')
    expect(page.locator(".ours .code")).to_contain_text(
        "use_settings(sort_keys=False, ensure_ascii=False, dates='iso')"
    )


def test_the_curl_command_and_the_link_send_the_same(open_page: Opens):
    page = compared(open_page("[\"it's\", '$(ls)']", pretty="true"))
    body = page.locator("#body").evaluate("it => it.textContent")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.locator("#copy")).to_have_text("Copied")
    command = shlex.split(page.evaluate("() => navigator.clipboard.readText()"))
    assert command[:3] == ["curl", "-i", "-N"]
    for url in (command[3], page.get_by_role("link", name="Open alone").evaluate("it => it.href")):
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.read().decode() == body


def test_long_values_and_bodies(open_page: Opens):
    page = compared(open_page('["' + "é" * 9_000 + '"]'))
    assert page.locator("#head").inner_text().startswith("200 OK")
    page = compared(open_page("users(1000)"))
    expect(page.locator("#body")).to_contain_text("only the first 20,000 characters are shown")
    expect(page.locator("#note")).to_contain_text("only the first 20,000 characters are compared")


# Streams


@pytest.mark.parametrize("kind", ["json", "jsonl", "json-seq", "sse"])
def test_a_stream_shows_its_items_while_they_arrive_and_is_compared(open_page: Opens, kind: str):
    page = open_page("[111, 222, 333]", stream=kind, pause="400")
    expect(page.locator("#body")).to_contain_text("111")
    assert "333" not in page.locator("#body").inner_text()
    expect(page.locator("#body")).to_contain_text("333")
    compared(page)
    expect(page.locator("#verdict")).to_have_text(
        re.compile("^stream_json is .* as a stream with Flask$")
    )
    expect(page.locator("#stop")).to_be_hidden()


def test_stop_ends_a_stream_and_a_new_run_ends_one(open_page: Opens):
    page = open_page("users(1000)", stream="jsonl", pause="20")
    expect(page.locator("#body")).to_contain_text("{")  # earlier, nothing would be compared
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#summary")).to_contain_text("stopped")
    compared(page)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#summary")).to_contain_text("receiving")
    page.get_by_role("link", name="Dataclass").click()
    expect(page.locator("#body")).to_contain_text('"Ada"')
    expect(page.locator("#stop")).to_be_hidden()


# Without JavaScript, Flask, a server


def test_without_javascript_the_form_and_the_examples_open_the_response(
    browser: Browser, address: str
):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(address)
    note = page.locator("noscript")
    assert f"curl -i -G {address}response" in note.inner_text()
    page.locator("#value").fill("{'a': {1}}")
    page.locator("#pretty").check()
    page.locator("#sort_keys").uncheck()
    page.locator("#send").click()
    assert page.locator("pre").inner_text() == '{\n  "a": [\n    1\n  ]\n}\n'
    page.goto(address)
    page.get_by_role("link", name="SQLite rows").click()
    assert "Neptune" in page.locator("pre").inner_text()
    page.context.close()


def test_without_flask_the_page_says_so(browser: Browser, tmp_path: Path):
    (tmp_path / "flask.py").write_text("raise ImportError")
    path = f"{tmp_path}:{Path(__file__).parents[3]}"
    with served(PYTHONPATH=path) as (address, _):
        page = browser.new_page()
        page.goto(address)
        expect(page.locator("#verdict")).to_contain_text("Flask isn't installed")
        expect(page.locator("#note")).to_contain_text("python -m pip install flask")
        expect(page.locator("#body")).to_contain_text('"customer"')
        page.close()


def test_a_server_that_has_stopped_is_reported(browser: Browser):
    with served() as (address, process):
        page = browser.new_page()
        page.goto(address)
        compared(page)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=10)
        assert process.returncode == 0
        assert address.encode() in output
        assert b"Traceback" not in errors
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#summary")).to_contain_text("No answer from the server")
    page.close()


def test_a_port_in_use_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "jsonify_ext", "--port", port]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert ran.returncode == 1
    assert f"Port {port} is in use" in ran.stderr
