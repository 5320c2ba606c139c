"""Attributes that are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["OnDemand"]


class OnDemand:
    """An attribute made when it is first asked for, and then an ordinary one.

    :param make: makes its value from the instance.
    """

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self.make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        # setdefault: of two threads that ask at once, one makes it for both.
        return instance.__dict__.setdefault(self.name, self.make(instance))
