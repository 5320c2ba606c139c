"""The one exception that encoding raises."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["JSONEncodeError", "type_name"]

#: The name of a class, without asking its metaclass.
type_name: Callable[[type], str] = type.__dict__["__name__"].__get__


class JSONEncodeError(TypeError, ValueError):
    """A value that has no valid JSON form, and where it is.

    It is a :exc:`TypeError` and a :exc:`ValueError`, because the standard library's
    ``json`` raises the one or the other and existing ``except`` clauses shall go on
    working.

    :param path: where the value is, for instance ``"$.users[3].avatar"``. Keys that
        are no identifiers stand in brackets: ``$["a b"]``.
    :param type_name: the name of the value's type, for instance ``"Image"``.
    :param reason: what is wrong and what to do about it, in one sentence. It never
        holds the value itself, so that it can be logged.

    >>> from jsonify_ext import encode
    >>> try:
    ...     encode({"users": [{"avatar": object()}]})
    ... except JSONEncodeError as error:
    ...     print(error.path, error.type_name)
    $.users[0].avatar object
    """

    #: Where the value is, from ``$``, the whole.
    path: str
    #: The name of the value's type.
    type_name: str
    #: What is wrong and what to do, without the path.
    reason: str

    def __init__(self, path: str, type_name: str, reason: str) -> None:
        super().__init__(path, type_name, reason)
        self.path = path
        self.type_name = type_name
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"
