"""What a query may ask for: read from it, and shown as the controls of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from inspect import cleandoc
from typing import Any, Literal, get_args, get_origin, get_type_hints

from werkzeug.exceptions import BadRequest

__all__ = ["Parameter", "parameters_of", "read"]

_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a query.

    :param name: its name.
    :param kind: which values it takes, and which control the page has for it.
    :param default: what counts where a query does not have it.
    :param help: what it does, in a sentence.
    :param choices: for a choice: the values.
    :param least: for a number: the smallest.
    :param most: for a number: the largest.
    """

    name: str
    kind: Literal["switch", "choice", "text", "number"]
    default: Any = None
    help: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0

    def read(self, text: str) -> Any:
        """The value that a query's text stands for.

        :raises BadRequest: for one that this parameter does not take.
        """
        if self.kind == "switch":
            if text.lower() not in _BOOLEANS:
                raise BadRequest(f"{self.name} must be true or false, not {text!r}.")
            return _BOOLEANS[text.lower()]
        if self.kind == "choice" and text not in self.choices:
            known = ", ".join(map(repr, self.choices))
            raise BadRequest(f"{self.name} must be one of {known}, not {text!r}.")
        if self.kind == "number":
            if not (re.fullmatch("[0-9]{1,9}", text) and self.least <= int(text) <= self.most):
                raise BadRequest(
                    f"{self.name} must be a number from {self.least} to {self.most}, not {text!r}."
                )
            return int(text)
        return text


def parameters_of(settings: type) -> tuple[Parameter, ...]:
    """One parameter for each field of a dataclass that has a simple type.

    :param settings: a dataclass whose docstring describes its fields.

    >>> from jsonify_ext import JSONSettings
    >>> " ".join(parameter.name for parameter in parameters_of(JSONSettings))
    'sort_keys pretty ensure_ascii omit_none mimetype dates nan big_ints etag'
    """
    hints = get_type_hints(settings)
    about = _about_fields(settings)
    found: list[Parameter] = []
    for each in fields(settings):
        hint = hints[each.name]
        more: dict[str, Any] = {"default": each.default, "help": about.get(each.name, "")}
        if hint is bool:
            found.append(Parameter(each.name, "switch", **more))
        elif hint is str:
            found.append(Parameter(each.name, "text", **more))
        elif get_origin(hint) is Literal:
            found.append(Parameter(each.name, "choice", choices=get_args(hint), **more))
    return tuple(found)


def _about_fields(settings: type) -> dict[str, str]:
    """What a docstring says of each field, on one line and without markup."""
    described = re.findall(
        r"^:param (\w+): (.*?)(?=^:|\n\n|\Z)", cleandoc(settings.__doc__ or ""), re.M | re.S
    )
    return {name: " ".join(text.replace("``", "").split()) for name, text in described}


def read(parameters: Iterable[Parameter], query: Mapping[str, str]) -> dict[str, Any]:
    """The values that a query gives, by name.

    :raises BadRequest: for a value that a parameter does not take, and for a name that
        none of them has.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in query:
        if name not in known:
            names = ", ".join(known)
            raise BadRequest(f"{name!r} is no parameter here; the parameters are {names}.")
    return {name: known[name].read(text) for name, text in query.items()}
