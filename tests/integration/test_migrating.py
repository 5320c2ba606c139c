"""The old lines of the pages about migrating, and the new ones, respond as in the pages."""

from __future__ import annotations

import builtins
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import pytest

from jsonify_ext.optional import orjson

PAGES = sorted((Path(__file__).parents[2] / "docs" / "migrating").glob("*.rst"))
_ROW = re.compile(r"   \* - ``(.+)``\n     - ``(.+)``\n     - (.+)\n")
Answer = tuple[Any, ...]


def rows() -> Iterator[Any]:
    for page in PAGES:
        if page.stem == "index" or (page.stem == "flask-orjson" and orjson is None):
            continue
        text = page.read_text("utf-8")
        found = _ROW.findall(text)
        assert len(found) == text.count("   * - ``"), page
        for old, new, differs in found:
            yield pytest.param(text, old, new, differs, id=f"{page.stem}: {new}")


def answer(text: str, side: str, line: str) -> Answer:
    """What a line answers in a new app that was set up by the page for its side."""
    app = flask.Flask("migrating")
    names: dict[str, Any] = {"app": app}
    [setup] = re.findall(r"code-block:: diff\n\n((?:   .*\n)+)", text)
    marked = textwrap.dedent(setup).splitlines()
    exec("\n".join(each[1:] for each in marked if each[0] == side), names)
    for block in re.findall(r"code-block:: python\n\n((?:   .*\n|\n)+)", text):
        exec(textwrap.dedent(block), names)
    try:
        if "flask" not in setup:
            return sent(eval(line, names))
        with app.test_request_context():
            made = eval(line, names)
            return sent(made if isinstance(made, bytes) else app.make_response(made))
    except (TypeError, ValueError) as error:
        return (error,)


def sent(made: Any) -> Answer:
    """The status, the headers and the body of the response of any framework."""
    if isinstance(made, bytes):
        return (made,)
    body = next(getattr(made, name) for name in ("data", "content", "body") if hasattr(made, name))
    headers = {name.lower(): value for name, value in made.headers.items()}
    headers.pop("content-length", None)  # counts the newline, or is added by the server
    return made.status_code, headers, body.rstrip(b"\n")


@pytest.fixture(autouse=True, scope="module")
def django() -> None:
    """Django makes no response without settings."""
    import django.conf

    if not django.conf.settings.configured:
        django.conf.settings.configure()


@pytest.mark.parametrize(("text", "old", "new", "differs"), [*rows()])
def test_a_line_of_a_page(text: str, old: str, new: str, differs: str):
    before, now = answer(text, "-", old), answer(text, "+", new)
    assert (before == now) is differs.startswith("nothing"), (before, now)
    raised = re.match(r"it was a ``(\w+Error)``", differs)
    if raised:
        assert isinstance(before[0], getattr(builtins, raised[1]))
        assert not isinstance(now[0], Exception)
