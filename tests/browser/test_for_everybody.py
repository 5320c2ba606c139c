"""The playground's page by keyboard, on a phone, in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Opens

STATES = [
    "data=countries",
    "data=types&pretty=true&etag=true",
    "data=stream&rows=5&pause=0&format=json-seq",
    "data=error",
    "data=problem",
    "data=types&status=abc",
]

#: The text whose contrast is less than WCAG 2.2 asks for (1.4.3, AA).
FAINT = """() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.matches(":disabled, noscript *, [aria-busy] *")) continue;
    const pair = [light(parts(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) faint.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)} ${element.textContent.slice(0, 30)}`);
  }
  return faint;
}"""

OVERFLOWING = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip")
    && each.getBoundingClientRect().right > innerWidth + 0.5)
  .map((each) => each.outerHTML.slice(0, 100))"""

NAMELESS = """() => [...document.querySelectorAll("input, select, button, progress, [tabindex='0']")]
  .filter((each) => !(each.labels?.length || each.getAttribute("aria-label") || each.textContent.trim()))
  .map((each) => each.outerHTML)"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("state", STATES)
def test_a_phone_needs_no_scrolling_to_the_side(open_page: Opens, state: str, width: int):
    page = open_page(state, viewport={"width": width, "height": 700}, is_mobile=True)
    page.locator(".contender").first.wait_for()
    page.get_by_text("Options").click()
    expect(page.get_by_label("sort_keys")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES)
def test_all_text_can_be_read(open_page: Opens, state: str, scheme: str):
    page = open_page(state, color_scheme=scheme)
    page.locator("#cost:not([aria-busy]) .contender").first.wait_for()
    red = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]")
    assert (int(red) > 127) == (scheme == "light")
    assert page.evaluate(FAINT) == []


def test_everything_has_a_name(open_page: Opens):
    page = open_page("data=stream&rows=2&pause=0")
    assert page.evaluate(NAMELESS) == []


def test_the_keyboard_is_enough(open_page: Opens):
    page = open_page()
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(
            """() => {
              const at = document.activeElement;
              const rings = [at, at.closest(".card") ?? at].map((it) => getComputedStyle(it).outlineStyle);
              return [at.id || at.textContent.trim(), rings.includes("solid")];
            }"""
        )
        if name == "":  # the browser itself
            break
        assert outlined, f"one does not see that {name} has the focus"
        seen.append(name)
    expected = ["Skip to the response", "data-0", "continent", "status", "sort_keys", "pretty"]
    expected += ["ensure_ascii", "mimetype", "dates", "nan", "etag", "if-none-match"]
    expected += ["Back to the defaults", "send", "Copy", "python", "Copy", "curl", "wire"]
    assert seen[: len(expected)] == expected


def test_keys_choose_and_send(open_page: Opens):
    page = open_page()
    page.locator("#data-0").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#python")).to_contain_text("jsonify(types())")
    page.locator("#pretty").focus()
    page.keyboard.press("Space")
    expect(page.locator("#wire")).to_contain_text('"date": "2026-03-29"')
    page.locator("#status").focus()
    page.keyboard.type("201")
    page.keyboard.press("Enter")
    expect(page.locator("#head")).to_contain_text("HTTP/1.1 201 CREATED")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "response"


def test_the_stop_button_keeps_the_focus(open_page: Opens):
    page = open_page("data=stream&rows=1000&pause=20")
    page.locator("#stop").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#stop")).to_have_text("Stream again")
    expect(page.locator("#stop")).to_be_focused()
