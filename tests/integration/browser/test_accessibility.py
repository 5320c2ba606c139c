"""The playground's page with the keyboard, on a phone, and in dark mode."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jsonify_ext.playground.options import DEFAULTS

from .conftest import Opens, compared

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
STATES = [
    {"value": '[{"a": nan, "b": "é", "c": null, "d": 1}]'},
    {"value": "{1}", "pretty": "true", "etag": "true"},
    {"value": "users(100)", "stream": "json-seq"},
    {"value": "object()"},
]

BRIGHTNESS = "() => Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])"

#: The text whose contrast is below WCAG 2.2, 1.4.3 (AA).
FAINT = """() => {
  const channel = (value) =>
    (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = parts(getComputedStyle(each).backgroundColor);
      if (color[3] !== 0) return color;
    }
    return [255, 255, 255];
  };
  const ratio = (element) => {
    const [a, b] = [parts(getComputedStyle(element).color), behind(element)].map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility() && hasText(each))
    .filter((each) => ratio(each) < 4.5)
    .map((each) => `${ratio(each).toFixed(2)} ${each.outerHTML.slice(0, 100)}`);
}"""

OVERFLOWING = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip")
    && each.getBoundingClientRect().right > innerWidth + 0.5)
  .map((each) => each.outerHTML.slice(0, 100))"""

NAMELESS = """() => [...document.querySelectorAll("input, select, textarea, button, [tabindex]")]
  .filter((each) => each.type !== "hidden" && !(each.labels?.length || each.textContent.trim()
    || each.hasAttribute("aria-label") || each.hasAttribute("aria-labelledby")))
  .map((each) => each.outerHTML)"""

#: The element with the focus, and whether the focus is visible.
FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return ["", true];
  return [at.id || at.className, getComputedStyle(at).outlineStyle !== "none"];
}"""


@pytest.mark.parametrize("state", STATES)
def test_text_fits_a_phone_and_can_be_read_in_both_themes(open_page: Opens, state: dict[str, str]):
    page = compared(open_page(**state, options=PHONE | {"color_scheme": "light"}))
    page.get_by_text("Options", exact=True).click()
    expect(page.get_by_label("sort_keys", exact=True)).to_be_visible()
    for width in (320, 390, 600):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("() => document.documentElement.scrollWidth") == width
        assert page.evaluate(OVERFLOWING) == []
    assert page.evaluate(BRIGHTNESS) > 127
    assert page.evaluate(FAINT) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(BRIGHTNESS) < 127
    assert page.evaluate(FAINT) == []
    assert page.evaluate(NAMELESS) == []


def test_on_a_phone_a_run_brings_the_response_into_view(open_page: Opens):
    page = compared(open_page("1", options=PHONE))
    assert page.evaluate("() => scrollY") == 0
    for action in ("Send", "SQLite rows"):
        page.evaluate("() => scrollTo(0, 0)")
        page.get_by_role("button" if action == "Send" else "link", name=action).tap()
        compared(page)
        top = page.locator("#response").bounding_box()["y"]
        assert 0 <= top < 100
    page.get_by_text("Options", exact=True).tap()
    page.get_by_label("pretty", exact=True).tap()
    assert "  " not in page.locator("#body").inner_text()  # until Send


def test_the_keyboard_reaches_everything_and_the_focus_is_visible(open_page: Opens):
    page = compared(open_page("[1]", stream="json"))
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        name, visible = page.evaluate(FOCUS)
        if name == "":  # the browser itself
            break
        assert visible, f"the focus on {name} is not visible"
        seen.append(name)
    expected = ["skip", "value", "send", "example", "status", "stream", "pause", "defaults"]
    expected += ["alone", "copy", "wire", "bytes", *DEFAULTS]
    assert set(expected) <= set(seen)
    assert seen.index("value") < seen.index("send") < seen.index("example") < seen.index("wire")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "response"


def test_keys_change_options_and_stop_a_stream(open_page: Opens):
    page = compared(open_page("[1]"))
    page.locator("#pretty").focus()
    page.keyboard.press("Space")
    expect(page.locator("#body")).to_have_text("[\n  1\n]\n", use_inner_text=False)
    page.locator("#value").fill("users(1000)")
    page.locator("#pause").fill("50")
    page.locator("#stream").focus()
    page.keyboard.press("j")
    page.locator("#stop").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#summary")).to_contain_text("stopped")
