"""What a visitor has chosen: the value, the settings, and how to send it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from werkzeug.exceptions import BadRequest

from ..settings import JSONSettings
from ..streaming import Format
from .value import parse

__all__ = ["DEFAULTS", "Options", "read"]

_FIELDS = {each.name: each.default for each in fields(JSONSettings)}
#: The fields of JSONSettings that have a control, with their defaults in a Flask app.
DEFAULTS = {name: each for name, each in _FIELDS.items() if isinstance(each, bool | str)}
DEFAULTS.update(sort_keys=True, ensure_ascii=True, dates="http")

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_PATTERNS = {
    "status": "[2-5][0-9][0-9]",
    "stream": "|".join(get_args(Format)),
    "pause": "[0-9]{1,3}",
    # No type that a browser shows as a page, because the value is the visitor's.
    "mimetype": r"application/([a-z0-9.-]+\+)?json",
}


@dataclass(frozen=True)
class Options:
    """The choices; all of them are valid.

    :param changes: the settings that differ from those of a Flask app.
    :param stream: the format of a stream; None for one response.
    :param pause: milliseconds between two items of a stream.
    """

    value: Any = None
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    status: int = 200
    stream: Format | None = None
    pause: int = 0


def read(query: Mapping[str, str]) -> Options:
    """The choices of a query; empty parameters have their defaults.

    :raises BadRequest: for an unknown parameter, or a bad value of one.

    >>> read({"value": "[1, 2]", "pretty": "true", "status": ""})
    Options(value=[1, 2], changes={'pretty': True}, status=200, stream=None, pause=0)
    """
    changes: dict[str, Any] = {}
    others: dict[str, Any] = {}
    known = {"value": None, **_PATTERNS, **DEFAULTS}
    for name, text in query.items():
        if name not in known:
            raise BadRequest(f"{name!r} isn't a parameter. The parameters are {', '.join(known)}.")
        if text and not re.fullmatch(_PATTERNS.get(name, "(?s:.*)"), text):
            raise BadRequest(f"{name} must match {_PATTERNS[name]}, not {text!r}.")
        if name == "value":
            others[name] = parse(text)
        elif text and name in DEFAULTS:
            is_switch = isinstance(DEFAULTS[name], bool)
            changes[name] = _BOOLEANS.get(text, text) if is_switch else text
        elif text:
            others[name] = text if name == "stream" else int(text)
    if "stream" in others and not isinstance(others.get("value"), list | tuple | set | frozenset):
        raise BadRequest("A stream needs several items: enter a list, a tuple or a set.")
    try:
        JSONSettings(**changes)
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
    changes = {name: each for name, each in changes.items() if each != DEFAULTS[name]}
    return Options(changes=changes, **others)
