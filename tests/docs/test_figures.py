"""The figures of the README are those of its picture and of the page about performance."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from .samples import ROOT

README = (ROOT / "README.rst").read_text("utf-8")
PERFORMANCE = (ROOT / "docs" / "performance.rst").read_text("utf-8")
WAYS = ["flask.jsonify", "flask-orjson", "orjson in the view", "jsonify_ext"]
#: The figures of whole requests, of each kind of request.
COMPARED = [
    row.split() for row in re.findall(r"^whole request, .*?((?:  +[\d.]+){4})$", README, re.M)
]


def texts_of(picture: str) -> list[str]:
    root = ElementTree.parse(ROOT / "docs" / "performance" / f"{picture}.svg").getroot()
    return [text for text in root.itertext() if text.strip()]


def test_the_readme_has_the_figures_of_its_picture():
    texts = texts_of("flask-requests")
    assert [text for text in texts if text in WAYS] == 2 * WAYS
    figures = [text for text in texts if re.fullmatch(r"[\d.]+", text)]
    assert [figures[:4], figures[4:]] == COMPARED


def test_the_readme_has_the_figures_of_the_page_about_performance():
    rows = [
        re.findall(rf"^{re.escape(way)}  +([\d.]+)  +([\d.]+)$", PERFORMANCE, re.M) for way in WAYS
    ]
    assert [[row[0][index] for row in rows] for index in (0, 1)] == COMPARED
    in_readme, on_page = (
        set(re.findall(r"^(\S.+?)  +(\S.+?)  +(\S.* x as fast)$", text, re.M))
        for text in (README, PERFORMANCE)
    )
    assert in_readme
    assert in_readme <= on_page
    in_short = re.search(
        r"^In short: .*?([\d.]+) times.*?([\d.]+) times", PERFORMANCE, re.M | re.S
    )
    assert in_short
    assert [*in_short.groups()] == [row[-1] for row in COMPARED]


@pytest.mark.parametrize(
    ("picture", "work"),
    [("hello", "hello"), ("100-users", "100 users"), ("5000-users", "5,000 users")],
)
def test_the_table_about_performance_has_the_figures_of_the_pictures(picture: str, work: str):
    texts = texts_of(picture)
    ours = float(texts[texts.index("jsonify_ext") + 1])
    [shown] = re.findall(rf"^{work}  +the floor  +([\d.]+) x its time$", PERFORMANCE, re.M)
    assert f"{ours:.1f}" == shown
