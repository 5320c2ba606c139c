"""Writes the table of settings into the page of settings, from the dataclass itself.

A line ``.. settings-table::`` is replaced, so that a field is described where it is declared, and
nowhere else.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from jsonify_ext import JSONSettings

_DIRECTIVE = ".. settings-table::\n"


def rows() -> Iterator[tuple[str, str, str]]:
    """Name, default and meaning of each field, as reST.

    :raises LookupError: for a field that the class's docstring does not describe.
    """
    text = inspect.getdoc(JSONSettings) or ""
    described = dict(re.findall(r"^:param (\w+): (.*(?:\n +.*)*)", text, re.M))
    for each in fields(JSONSettings):
        if each.name not in described:
            raise LookupError(f"the docstring of JSONSettings has no :param {each.name}:")
        yield each.name, repr(_default(each)), " ".join(described[each.name].split())


def _default(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


def table() -> str:
    """The table, as reST."""
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 20 22 58"]
    lines += ["   :class: stacked", ""]
    for first, second, third in [
        ("field", "default", "meaning"),
        *((f"``{name}``", f"``{default}``", meaning) for name, default, meaning in rows()),
    ]:
        lines += [f"   * - {first}", f"     - {second}", f"     - {third}"]
    return "\n".join(lines) + "\n"


def _write(app: Any, page: str, source: list[str]) -> None:
    if _DIRECTIVE in source[0]:
        source[0] = source[0].replace(_DIRECTIVE, table())
        app.env.note_dependency(inspect.getfile(JSONSettings))


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _write)
    return {"parallel_read_safe": True}
