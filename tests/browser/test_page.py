"""What a person sees and does on the playground's page."""

from __future__ import annotations

import dataclasses
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_type_hints

import pytest
from playwright.sync_api import Browser, Page, expect

from jsonify_ext import JSONSettings
from tests.playground_server import served

from .conftest import Opens

PATHS = ["countries", "types", "stream", "error", "problem"]


def wire(page: Page) -> str:
    """All that is shown of the response; it must have come to its end."""
    expect(page.locator("#summary .pill")).to_have_text(re.compile(r"^\d{3} "))
    return page.locator("#wire").inner_text()


def body_of(page: Page) -> bytes:
    expect(page.locator("#summary .pill")).to_have_text(re.compile(r"^\d{3} "))
    return page.locator("#body").evaluate("element => element.textContent").encode()


# The response


@pytest.mark.parametrize("path", PATHS)
def test_the_response_is_shown_as_another_client_gets_it(
    open_page: Opens, address: str, path: str
):
    page = open_page(f"data={path}&format=json&rows=3&pause=0")
    shown = wire(page)
    expected = {"error": "500 INTERNAL SERVER ERROR", "problem": "404 NOT FOUND"}
    assert shown.startswith(f"HTTP/1.1 {expected.get(path, '200 OK')}\n")
    assert "\nServer: Werkzeug/" in shown
    curl = page.locator("#curl").inner_text()
    url = re.search(r"http://[^\s']+", curl)[0]
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    if path == "stream":  # with the sizes of its chunks
        texts = page.locator("#body .chunk pre").all_inner_texts()
        sizes = page.locator("#body .size").all_inner_texts()
        assert [len(text.encode()) for text in texts[:3]] == [int(size, 16) for size in sizes[:3]]
        assert sizes[-1] == "0"
        assert json.loads("".join(texts)) == json.loads(body)
    else:
        assert body_of(page) == body


def test_an_error_says_where_it_is(open_page: Opens):
    page = open_page("data=error")
    assert "$.users[1].avatar: Image cannot be encoded" in wire(page)
    expect(page.locator("#raises")).to_contain_text("JSONEncodeError: $.users[1].avatar")
    expect(page.locator("#cost")).to_contain_text("JSONEncodeError")


def test_a_problem_has_its_media_type(open_page: Opens):
    page = open_page("data=problem")
    assert "\nContent-Type: application/problem+json\n" in wire(page)


def test_a_refused_query_is_shown_as_such(open_page: Opens):
    page = open_page("data=types&mimetype=text")
    assert wire(page).startswith("HTTP/1.1 400 BAD REQUEST\n")
    expect(page.locator("#python")).to_contain_text("refused")
    expect(page.locator("#cost")).to_contain_text("Nothing to time")


def test_a_server_that_is_gone_is_missed(browser: Browser, tmp_path: Path):
    page = browser.new_page()
    with served(str(tmp_path)) as address:
        page.goto(address)
        wire(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#summary")).to_contain_text("The server does not answer")
    page.close()


# The controls


def test_every_simple_setting_has_a_control_with_its_description(open_page: Opens):
    page = open_page()
    hints = get_type_hints(JSONSettings)
    simple = [
        each.name
        for each in dataclasses.fields(JSONSettings)
        if hints[each.name] in (bool, str) or "Literal" in str(hints[each.name])
    ]
    assert page.locator("#settings label").all_inner_texts() == simple
    assert page.locator("#settings .help").count() == len(simple)


@pytest.mark.parametrize(
    ("name", "seen", "python"),
    [
        ("sort_keys", '{"Decimal":"19.90"', "sort_keys=True"),
        ("pretty", '\n  "datetime": ', "pretty=True"),
        ("ensure_ascii", "na\\u00efve", "ensure_ascii=True"),
        ("etag", "\nETag: ", "etag=True"),
    ],
)
def test_a_switch_changes_the_response_and_the_call(open_page, name, seen, python):
    page = open_page("data=types")
    assert seen not in wire(page)
    page.get_by_role("switch", name=name).check()
    expect(page.locator("#wire")).to_contain_text(seen.strip())
    assert seen in wire(page)
    expect(page.locator("#python")).to_contain_text(f"use_settings({python})")
    expect(page.locator("#curl")).to_contain_text(f"?{name}=true")


def test_choices_and_texts_change_the_response(open_page: Opens):
    page = open_page("data=types")
    page.get_by_label("dates", exact=True).select_option("http")
    expect(page.locator("#wire")).to_contain_text("Sun, 29 Mar 2026 10:30:00 GMT")
    page.get_by_label("mimetype", exact=True).fill("application/vnd.api+json")
    page.get_by_label("mimetype", exact=True).press("Enter")
    expect(page.locator("#wire")).to_contain_text("Content-Type: application/vnd.api+json")
    page.get_by_label("status", exact=True).fill("203")
    page.get_by_label("status", exact=True).press("Tab")
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 203 NON AUTHORITATIVE INFORMATION")
    expect(page.locator("#python")).to_contain_text("status=203")
    page.get_by_label("nan", exact=True).select_option("error")
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 500")
    page.get_by_role("button", name="Back to the defaults").click()
    expect(page.locator("#python")).to_contain_text("response = jsonify(countries())")


def test_a_part_of_the_table(open_page: Opens):
    page = open_page()
    page.get_by_label("continent").select_option("Oceania")
    expect(page.locator("#python")).to_contain_text('countries("Oceania")')
    expect(page.locator("#body")).to_contain_text('{"total":30,')


def test_the_address_keeps_what_was_chosen(open_page: Opens):
    page = open_page()
    page.get_by_role("radio", name="Stream").check()
    page.get_by_label("rows", exact=True).fill("2")
    page.get_by_label("format", exact=True).select_option("sse")
    expect(page.locator("#curl")).to_contain_text("rows=2")
    page.reload()
    expect(page.get_by_role("radio", name="Stream")).to_be_checked()
    expect(page.get_by_label("format", exact=True)).to_have_value("sse")
    assert "data: {" in wire(page)


def test_an_etag_that_the_client_has_is_answered_with_304(open_page: Opens):
    page = open_page("data=types&etag=true")
    etag = re.search(r"^ETag: (.+)$", wire(page), re.M)[1]
    page.get_by_role("button", name="Use the last ETag").click()
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 304 NOT MODIFIED")
    assert page.get_by_label("If-None-Match").input_value() == etag
    assert page.locator("#body").inner_text() == ""
    expect(page.locator("#curl")).to_contain_text("If-None-Match")
    page.get_by_label("If-None-Match").fill('"another"')
    page.get_by_label("If-None-Match").press("Enter")
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 200 OK")


def test_the_copy_buttons_copy(open_page: Opens):
    page = open_page("data=types", permissions=["clipboard-read", "clipboard-write"])
    for name, text in (("Python", "response = jsonify(types())"), ("curl", "curl -i http://")):
        expect(page.locator(f"#{name.lower()}")).to_contain_text(text)
        page.get_by_role("button", name=f"Copy the {name}").click()
        expect(page.get_by_role("button", name=f"Copy the {name}")).to_have_text("Copied")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator(f"#{name.lower()}").evaluate("it => it.textContent")


def test_without_the_clipboard_the_text_is_selected(open_page: Opens):
    page = open_page("data=types")
    page.evaluate("() => void (navigator.clipboard.writeText = () => Promise.reject())")
    page.get_by_role("button", name="Copy the curl").click()
    assert page.evaluate("String(getSelection())").startswith("curl -i")


# The stream


@pytest.mark.parametrize("kind", ["json", "jsonl", "ndjson", "json-seq", "sse"])
def test_rows_of_every_format_are_counted(open_page: Opens, kind: str):
    page = open_page(f"data=stream&format={kind}&rows=12&pause=0")
    expect(page.locator("#ended")).to_have_text("The source ended after 12 rows.")
    expect(page.locator("#count")).to_have_text("12 of 12 rows")
    assert page.locator("#progress").evaluate("bar => bar.value / bar.max") == 1


def test_rows_are_shown_while_the_source_goes_on(open_page: Opens):
    page = open_page("data=stream&rows=1000&pause=20")
    expect(page.locator("#summary")).to_have_text("Streaming")
    page.locator(".chunk").nth(5).wait_for()
    before = page.locator("#progress").evaluate("bar => bar.value")
    page.locator(".chunk").nth(15).wait_for()
    assert before < page.locator("#progress").evaluate("bar => bar.value") < 1000


def test_a_long_stream_does_not_fill_the_page(open_page: Opens):
    page = open_page("data=stream&rows=5000&pause=0")
    expect(page.locator("#count")).to_have_text("5,000 of 5,000 rows", timeout=30_000)
    assert page.locator(".chunk").count() == 500


def test_a_refused_stream_is_no_stream(open_page: Opens):
    page = open_page("data=stream&rows=many")
    assert wire(page).startswith("HTTP/1.1 400 BAD REQUEST\n")
    assert body_of(page).startswith(b'{"title":"Bad Request","status":400,"detail":"rows must be')
    expect(page.locator("#streaming")).to_be_hidden()
    expect(page.locator("#ended")).to_be_hidden()


def test_stop_disconnects_and_the_server_closes_the_source(open_page: Opens, address: str):
    page = open_page("data=stream&rows=1000&pause=20")
    page.locator(".chunk").nth(3).wait_for()
    with page.expect_response("**/streams/*") as asked:
        page.get_by_role("button", name="Stop").click()
    expect(page.locator("#ended")).to_contain_text("the client is gone, and closed the source")
    with urllib.request.urlopen(asked.value.url, timeout=10) as answer:
        source = json.load(answer)
    assert source["state"] == "closed"
    assert source["rows"] < 500
    assert "cut short" in page.locator("#summary").inner_text()
    page.get_by_role("button", name="Stream again").click()
    expect(page.locator("#summary")).to_have_text("Streaming")


def test_another_choice_ends_the_stream_too(open_page: Opens):
    page = open_page("data=stream&rows=1000&pause=20")
    page.locator(".chunk").nth(3).wait_for()
    page.get_by_role("radio", name="Problem").check()
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 404")
    assert page.locator(".chunk").count() == 0
    expect(page.locator("#streaming")).to_be_hidden()


# The bars


def test_the_bars_are_as_long_as_their_numbers(open_page: Opens):
    page = open_page("data=problem")
    page.locator(".contender").nth(2).wait_for()
    assert page.locator(".contender h3").all_inner_texts() == [
        "jsonify_ext",
        "flask.jsonify",
        "json.dumps",
    ]
    values = [number(text) for text in page.locator(".measure .value").all_inner_texts()]
    parts = page.locator(".fill").evaluate_all(
        "all => all.map(it => it.getBoundingClientRect().width"
        " / it.parentNode.getBoundingClientRect().width)"
    )
    for kind in (0, 1):
        longest = max(values[kind::2])
        for value, part in zip(values[kind::2], parts[kind::2], strict=True):
            assert part == pytest.approx(value / longest, abs=0.02)


def number(text: str) -> float:
    amount, unit = text.replace(",", "").split()[:2]
    return float(amount) * {"µs": 1, "ms": 1000, "s": 1e6, "bytes": 1}[unit]
