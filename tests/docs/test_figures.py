"""The figures of the README are those of its picture and of the page about performance."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
PERFORMANCE = ROOT / "docs" / "performance.rst"
WAYS = ["flask.jsonify", "flask-orjson", "orjson in the view", "jsonify_ext"]


def compared_in_the_readme() -> list[list[str]]:
    """The figures of whole requests, of each kind of request."""
    text = (ROOT / "README.rst").read_text("utf-8")
    found = re.findall(r"^whole request, .*?((?:  +[\d.]+){4})$", text, re.M)
    return [row.split() for row in found]


def test_the_table_of_the_readme_has_the_figures_of_its_picture():
    picture = ElementTree.parse(ROOT / "docs" / "performance" / "flask-requests.svg")
    texts = [each.text or "" for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    names = [text for text in texts if text in WAYS]
    figures = [text for text in texts if re.fullmatch(r"[\d.]+", text)]
    assert names == 2 * WAYS
    assert [figures[:4], figures[4:]] == compared_in_the_readme()


def test_the_table_of_the_readme_has_the_figures_of_the_page_about_performance():
    page = PERFORMANCE.read_text("utf-8")
    rows = [re.findall(rf"^{re.escape(way)}  +([\d.]+)  +([\d.]+)$", page, re.M) for way in WAYS]
    assert compared_in_the_readme() == [[row[0][index] for row in rows] for index in (0, 1)]


@pytest.mark.parametrize(
    ("picture", "work"),
    [("hello", "hello"), ("100-users", "100 users"), ("5000-users", "5,000 users")],
)
def test_the_table_about_performance_has_the_figures_of_the_pictures(picture: str, work: str):
    path = ROOT / "docs" / "performance" / f"{picture}.svg"
    texts = [*ElementTree.parse(path).getroot().itertext()]
    texts = [text for text in texts if text.strip()]
    ours = float(texts[texts.index("jsonify_ext") + 1])
    page = PERFORMANCE.read_text("utf-8")
    [shown] = re.findall(rf"^{work}  +the floor  +([\d.]+) x its time$", page, re.M)
    assert f"{ours:.1f}" == shown
