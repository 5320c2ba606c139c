"""A value from the text that a visitor types: JSON, or a Python literal with known names.

No code of the visitor runs. The text is checked token by token first, so that the parsers
get text of limited size and depth only; then the syntax tree is evaluated node by node.
"""

from __future__ import annotations

import ast
import json
import re
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from werkzeug.exceptions import BadRequest

from .data import READY, User

__all__ = ["MAX_SIZE", "parse"]

#: Characters of a text and of one number or name in it, and levels of nesting.
MAX_SIZE, _MAX_NUMBER, _MAX_DEPTH = 20_000, 400, 100

_WORDS: dict[str, Any] = {"True": True, "False": False, "None": None}
_CONSTANTS = _WORDS | {"true": True, "false": False, "null": None, "timezone.utc": timezone.utc}
_CONSTANTS.update((name, float(name)) for name in ("nan", "NaN", "inf", "Infinity"))
_TYPES = (datetime, date, time, timedelta, timezone, Decimal, UUID, set, frozenset, float)
_CALLABLES: dict[str, Any] = {each.__name__: each for each in (*_TYPES, User, object)}

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>(?:[bB][rR]?|[rR][bB]?|[uU])?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<number>-?\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?)
    |(?P<keyword>[A-Za-z_]\w*\s*=(?!=))
    |(?P<name>-?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<open>[\[({])|(?P<close>[\])}])|(?P<mark>[,:])|(?P<other>.)""",
    re.X | re.S,
)


def parse(text: str) -> Any:
    """The value that a text describes.

    :raises BadRequest: for anything other than JSON or a literal with known names.

    >>> parse('{"ok": true, "score": NaN}')
    {'ok': True, 'score': nan}
    >>> parse("[date(2026, 1, 2), Decimal('1.50'), {1, 2}]")
    [datetime.date(2026, 1, 2), Decimal('1.50'), {1, 2}]
    """
    text = text.strip()
    if text in READY:
        return READY[text]()
    _check(text)
    try:
        return json.loads(text)
    except ValueError:
        pass  # then it is Python
    try:
        return _evaluate(ast.parse(text, "value", "eval").body)
    except (SyntaxError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BadRequest(f"Python can't read this. {type(error).__name__}: {error}.") from None


def _check(text: str) -> None:
    """Refuse text that the parsers must not get: long or deep, unknown names, operators."""
    if not 0 < len(text) <= MAX_SIZE:
        raise BadRequest(f"Enter a value of at most {MAX_SIZE:,} characters.")
    depth, before = 0, "mark"
    for found in _TOKEN.finditer(text):
        kind, token = found.lastgroup or "", found[0]
        here = repr(text[found.start() : found.start() + 20])
        if kind == "space":
            continue
        if kind == "other":
            raise BadRequest(f"Not JSON, and not supported in a Python literal: {here}.")
        if kind in ("number", "name") and len(token) > _MAX_NUMBER:
            raise BadRequest(f"A number or name has at most {_MAX_NUMBER} characters: {here}.")
        if kind == "name":
            _known(token.removeprefix("-"))
        # Anything else would nest without brackets, such as f()()().
        follows = before in ("mark", "open", "keyword") or kind in ("mark", "close")
        if not (follows or before == kind == "string" or (before == "name" and token == "(")):
            raise BadRequest(f"A comma or a bracket is missing before {here}.")
        depth += (kind == "open") - (kind == "close")
        if depth > _MAX_DEPTH:
            raise BadRequest(f"The value is nested deeper than {_MAX_DEPTH} levels.")
        before = kind


def _known(name: str) -> str:
    """A name without its module; a BadRequest for an unknown one."""
    short = re.sub(r"^(datetime|uuid)\.(?=\w)", "", name)  # repr() writes the module
    if short in _CONSTANTS or short in _CALLABLES:
        return short
    known = ", ".join([*_CALLABLES, *_CONSTANTS, *READY])
    raise BadRequest(f"{name[:40]!r} isn't a known name. The known names are {known}.")


def _evaluate(node: ast.expr) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.List() | ast.Tuple() | ast.Set():
            make = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
            return make([_evaluate(each) for each in node.elts])
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            return {_evaluate(key): _evaluate(each) for key, each in pairs if key is not None}
        case ast.UnaryOp(op=ast.USub()):
            return -_evaluate(node.operand)
        case ast.Name() | ast.Attribute() if (name := _known(ast.unparse(node))) in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.Call() if (name := _known(ast.unparse(node.func))) in _CALLABLES:
            keywords = {each.arg: _evaluate(each.value) for each in node.keywords if each.arg}
            return _CALLABLES[name](*map(_evaluate, node.args), **keywords)
        case _:
            raise BadRequest(f"This isn't a literal: {ast.unparse(node)[:40]!r}.")
