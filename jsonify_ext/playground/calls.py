"""A call that can be made, and shown as Python: what is shown is what is made."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jsonify_ext

__all__ = ["Call", "as_python"]


@dataclass(frozen=True)
class Call:
    """A function and what it is called with, of which each may be a call itself.

    >>> call = Call(dict, (), {"rows": Call(list, ("ab",))})
    >>> str(call), call()
    ('dict(rows=list("ab"))', {'rows': ['a', 'b']})
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __call__(self) -> Any:
        """Make the calls that it is called with, and then itself."""
        call = self.prepared()
        return call.function(*call.arguments, **call.options)

    def prepared(self) -> Call:
        """The same call, with what it is called with made already."""
        return replace(
            self,
            arguments=tuple(_made(each) for each in self.arguments),
            options={name: _made(each) for name, each in self.options.items()},
        )

    def __str__(self) -> str:
        arguments = [_source(each) for each in self.arguments]
        arguments += [f"{name}={_source(each)}" for name, each in self.options.items()]
        return f"{self.function.__name__}({', '.join(arguments)})"

    def functions(self) -> Iterator[Callable[..., Any]]:
        """Every function that takes part."""
        yield self.function
        for each in (*self.arguments, *self.options.values()):
            if isinstance(each, Call):
                yield from each.functions()


def _made(value: Any) -> Any:
    return value() if isinstance(value, Call) else value


def _source(value: Any) -> str:
    # JSON's strings are Python's too, with the quotes that most people write.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def as_python(call: Call, settings: Mapping[str, Any]) -> str:
    """A program that makes the response of a call.

    :param call: a call whose functions can be imported.
    :param settings: the settings to have in force.

    >>> print(as_python(Call(jsonify_ext.jsonify, (7,)), {"etag": True}))
    from jsonify_ext import jsonify, use_settings
    <BLANKLINE>
    with use_settings(etag=True):
        response = jsonify(7)
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    used = [*call.functions(), *([jsonify_ext.use_settings] if settings else [])]
    for function in used:
        public = getattr(jsonify_ext, function.__name__, None) is function
        names["jsonify_ext" if public else function.__module__].add(function.__name__)
    lines = [
        f"from {module} import {', '.join(sorted(names[module]))}" for module in sorted(names)
    ]
    lines.append("")
    if settings:
        lines.append(f"with {Call(jsonify_ext.use_settings, (), settings)}:")
    lines.append(f"{'    ' if settings else ''}response = {call}")
    return "\n".join(lines)
