"""Being an instance of the app's response class as well.

Flask assigns ``__class__`` to a response that is no instance of its
``response_class``, which would lose what a subclass of :class:`JSONResponse` adds. So a
JSON response takes the other class as a second base instead of changing over to it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

__all__ = ["KeepsClass", "with_response_class"]


class KeepsClass:
    """A base whose instances add a class, where they are told to change theirs."""

    def _change_class(self, cls: type) -> None:
        own = getattr(type(self), "_json_class", type(self))
        # The assignment itself; here __class__ is a property of ours.
        object.__dict__["__class__"].__set__(self, with_response_class(own, cls))

    if not TYPE_CHECKING:  # to a type checker it is what it is everywhere
        __class__ = property(type, _change_class)


def _with_response_class(json_class: type, response_class: type) -> type:
    """The class that is both: the one that includes the other, or a new one of the two."""
    if issubclass(json_class, response_class):
        return json_class
    if issubclass(response_class, json_class):
        return response_class
    namespace = {
        "__module__": json_class.__module__,
        "__doc__": json_class.__doc__,
        "__qualname__": json_class.__qualname__,
        "__reduce__": _reduce,
        "_json_class": json_class,
        "_response_class": response_class,
    }
    return type(json_class.__name__, (json_class, response_class), namespace)


with_response_class: Callable[[type, type], Any] = lru_cache(maxsize=256)(_with_response_class)


def _reduce(self: Any) -> tuple[Any, ...]:
    return _restore, (self._json_class, self._response_class), self.__dict__


def _restore(json_class: type, response_class: type) -> Any:
    return object.__new__(with_response_class(json_class, response_class))
