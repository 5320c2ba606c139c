"""The old lines of the pages about migrating, and the new ones, respond as in the pages."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from typing import Any

import django.conf
import flask
import pytest

from jsonify_ext.optional import orjson

from ..docs.samples import ROOT, blocks

_ROW = re.compile(r"   \* - ``(.+)``\n     - ``(.+)``\n     - (.+)\n")


def rows() -> Iterator[Any]:
    for path in sorted((ROOT / "docs" / "migrating").glob("*.rst")):
        if path.stem == "index" or (path.stem == "flask-orjson" and orjson is None):
            continue
        text = path.read_text("utf-8")
        found = _ROW.findall(text)
        assert len(found) == text.count("   * - ``"), path
        for old, new, differs in found:
            yield pytest.param(str(path), old, new, differs, id=f"{path.stem}: {new}")


def answer(page: str, side: str, line: str) -> tuple[Any, ...]:
    """What a line answers in a new app that was set up by the page for its side."""
    app = flask.Flask("migrating")
    names: dict[str, Any] = {"app": app}
    [setup] = [each.text for each in blocks(page) if each.language == "diff"]
    exec("\n".join(each[1:] for each in setup.splitlines() if each[0] == side), names)
    for each in blocks(page):
        if each.language == "python":
            exec(each.text, names)
    try:
        if "flask" not in setup:
            return sent(eval(line, names))
        with app.test_request_context():
            made = eval(line, names)
            return sent(made if isinstance(made, bytes) else app.make_response(made))
    except (TypeError, ValueError) as error:
        return (error,)


def sent(made: Any) -> tuple[Any, ...]:
    """The status, the headers and the body of the response of any framework."""
    if isinstance(made, bytes):
        return (made,)
    body = next(getattr(made, name) for name in ("data", "content", "body") if hasattr(made, name))
    headers = {name.lower(): value for name, value in made.headers.items()}
    headers.pop("content-length", None)  # counts the newline, or is added by the server
    return made.status_code, headers, body.rstrip(b"\n")


@pytest.mark.parametrize(("page", "old", "new", "differs"), [*rows()])
def test_a_line_of_a_page(page: str, old: str, new: str, differs: str):
    if not django.conf.settings.configured:  # without settings, Django makes no response
        django.conf.settings.configure()
    before, now = answer(page, "-", old), answer(page, "+", new)
    assert (before == now) is differs.startswith("nothing"), (before, now)
    raised = re.match(r"it was a ``(\w+Error)``", differs)
    if raised:
        assert isinstance(before[0], getattr(builtins, raised[1]))
        assert not isinstance(now[0], Exception)
