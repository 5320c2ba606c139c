"""The exception that encoding raises, and the internal one that carries the path upwards."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Hashable
from typing import Any

__all__ = ["JSONEncodeError"]

#: Logs what can't be raised any more.
logger: logging.Logger = logging.getLogger("jsonify_ext")
#: The name of a class, without its metaclass.
_name: Callable[[type], str] = type.__dict__["__name__"].__get__
#: Longer paths are shortened in the middle.
MAX_PATH_STEPS = 24
#: Levels of objects and arrays that are always written; orjson has the same limit.
MAX_DEPTH = 254


class JSONEncodeError(TypeError):
    """A value has no JSON form.

    :param keys: the keys and indexes that lead to the value, from the root.
    :param type_name: the name of the value's type, for instance ``"Image"``.
    :param reason: what is wrong and what to do about it, in one sentence. It never
        contains the value itself, so that you can log it.

    >>> from jsonify_ext import encode
    >>> try:
    ...     encode({"users": [{"avatar": object()}]})
    ... except JSONEncodeError as error:
    ...     print(error.path, error.type_name)
    $.users[0].avatar object
    """

    def __init__(self, keys: tuple[Hashable, ...], type_name: str, reason: str) -> None:
        super().__init__(keys, type_name, reason)
        self.keys = keys  #: The keys and indexes of the path.
        self.type_name = type_name  #: The name of the value's type.
        self.reason = reason  #: What is wrong and what to do, without the path.
        #: Where the value is: ``$`` is the root. Keys that aren't identifiers are bracketed.
        self.path: str = format_path(keys)

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"

    def below(self, *keys: Hashable) -> JSONEncodeError:
        """The same error for a document that has the encoded value at ``keys``."""
        return JSONEncodeError((*keys, *self.keys), self.type_name, self.reason)


class NotEncodable(Exception):
    """The reason why a value has no JSON form, until the root adds the path.

    :param reason: what is wrong and what to do, without the name of the type.
    :param key: the key of an object, where the error is about one of its members.
    """

    def __init__(self, reason: str, *key: Hashable) -> None:
        super().__init__(reason)
        self.reason = reason
        self.type_name: str | None = None
        #: The keys and the values that lead here, innermost first.
        self.steps: list[tuple[Hashable, Any]] = [(each, None) for each in key]

    def trace(self, key: Hashable, value: Any) -> None:
        """Add a step: the container that is left has ``value`` at ``key``."""
        self.type_name = self.type_name or type_name(value)
        self.steps.append((key, value))

    def at_root(self, root: Any) -> JSONEncodeError:
        """The public error, with its path from ``root``."""
        name, reason, steps = self.type_name or type_name(root), self.reason, self.steps[::-1]
        if isinstance(self, TooDeep):
            seen = {id(root)}
            for index, (_, value) in enumerate(steps):
                if id(value) in seen:
                    steps = steps[: index + 1]
                    name, reason = type_name(value), "contains itself (a circular reference)"
                    break
                seen.add(id(value))
        return JSONEncodeError(tuple(key for key, _ in steps), name, f"{name} {reason}")


class TooDeep(NotEncodable):
    """More levels than every JSON writer and parser supports, or a circular reference."""

    def __init__(self) -> None:
        super().__init__(f"is nested too deep to encode (more than {MAX_DEPTH} levels)")


def type_name(value: object) -> str:
    """The name of a value's type, as error messages write it."""
    return _name(type(value))


def format_path(keys: tuple[Hashable, ...]) -> str:
    """``$.users[3].avatar`` for ``("users", 3, "avatar")``."""
    steps = [*map(_step, keys)]
    if len(steps) > MAX_PATH_STEPS:
        half = MAX_PATH_STEPS // 2
        steps[half:-half] = [f"...({len(steps) - 2 * half} more)..."]
    return "".join(["$", *steps])


def _step(key: Hashable) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    text = str(key)
    if text.isidentifier():
        return f".{text}"
    quoted = json.dumps(text, ensure_ascii=False)
    return f"[{quoted.encode(errors='backslashreplace').decode()}]"  # of a lone surrogate
