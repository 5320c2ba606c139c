"""The playground's page by keyboard, on a phone, in the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jsonify_ext import JSONSettings
from jsonify_ext.playground.parameters import parameters_of

from .conftest import Opens

STATES = [
    "data=countries",
    "data=types&pretty=true&etag=true",
    "data=stream&rows=5&pause=0&format=json-seq",
    "data=error",
    "data=problem",
    "data=types&status=abc",
]

BRIGHTNESS = "Number(getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0])"

#: The text whose contrast is less than WCAG 2.2 asks for (1.4.3, AA).
FAINT = """() => {
  const channel = (value) =>
    (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = parts(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour;
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
    .filter((each) => each.checkVisibility() && hasText(each) && !each.matches(":disabled"))
    .filter((each) => ratio(each) < 4.5)
    .map((each) => `${ratio(each).toFixed(2)} ${each.outerHTML.slice(0, 100)}`);
}"""

OVERFLOWING = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip")
    && each.getBoundingClientRect().right > innerWidth + 0.5)
  .map((each) => each.outerHTML.slice(0, 100))"""

NAMELESS = """() => [...document.querySelectorAll("input, select, button, progress, [tabindex]")]
  .filter((each) => !(each.labels?.length || each.hasAttribute("aria-label")
    || each.hasAttribute("aria-labelledby") || each.textContent.trim()))
  .map((each) => each.outerHTML)"""

#: What has the focus, and whether a person sees that.
FOCUS = """() => {
  const at = document.activeElement;
  if (at === document.body) return ["", true];
  const seen = [at, at.closest(".card") ?? at].map((each) => getComputedStyle(each));
  return [at.id || at.textContent.trim(), seen.some((style) => style.outlineStyle === "solid")];
}"""


@pytest.mark.parametrize("state", STATES)
def test_a_phone_needs_no_scrolling_to_the_side(open_page: Opens, state: str):
    page = open_page(state, viewport={"width": 320, "height": 700}, is_mobile=True)
    page.locator("#cost:not([aria-busy]) .contender").first.wait_for()
    page.get_by_text("Options").click()
    expect(page.get_by_label("sort_keys")).to_be_visible()
    for width in (320, 390, 600):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("state", STATES)
def test_all_text_can_be_read_in_the_light_and_in_the_dark(open_page: Opens, state: str):
    page = open_page(state, color_scheme="light")
    page.locator("#cost:not([aria-busy]) .contender").first.wait_for()
    expect(page.locator("#cost")).to_have_css("opacity", "1")
    assert page.evaluate(BRIGHTNESS) > 127
    assert page.evaluate(FAINT) == []
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(BRIGHTNESS) < 127
    assert page.evaluate(FAINT) == []


def test_everything_has_a_name(open_page: Opens):
    page = open_page("data=stream&rows=2&pause=0")
    assert page.evaluate(NAMELESS) == []


def test_the_keyboard_is_enough(open_page: Opens):
    page = open_page()
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name, outlined = page.evaluate(FOCUS)
        if name == "":  # the browser itself
            break
        assert outlined, f"one does not see that {name} has the focus"
        seen.append(name)
    expected = ["Skip to the response", "data-0", "field-continent", "field-status"]
    expected += [f"field-{parameter.name}" for parameter in parameters_of(JSONSettings)]
    expected += [
        "if-none-match",
        "Back to the defaults",
        "send",
        "Copy",
        "python",
        "Copy",
        "curl",
        "wire",
    ]
    assert seen[: len(expected)] == expected


def test_keys_choose_and_send(open_page: Opens):
    page = open_page()
    page.locator("#data-0").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#python")).to_contain_text("jsonify(types())")
    page.locator("#field-pretty").focus()
    page.keyboard.press("Space")
    expect(page.locator("#wire")).to_contain_text('"date": "2026-03-29"')
    page.locator("#field-status").focus()
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
