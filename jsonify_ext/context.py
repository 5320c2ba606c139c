"""Which settings apply to the current call."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import type_name
from .flask_config import current_flask_app, settings_of
from .settings import DEFAULTS, JSONSettings, SettingsChanges, replace_settings, validate_changes

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["use_settings"]

#: Complete settings, or changes to those that otherwise apply.
SettingsLike = JSONSettings | Mapping[str, Any]


class SettingsScope:
    """Settings that apply to a part of the program: complete ones, or changes, or both."""

    def __init__(
        self, settings: JSONSettings | None, changes: Mapping[str, object], *options: str
    ) -> None:
        if settings is not None and not isinstance(settings, JSONSettings):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
            raise TypeError(f"settings must be JSONSettings, not {type_name(settings)}")
        self.complete = settings
        self.changes: dict[str, Any] = validate_changes(changes, *options) if changes else {}
        #: The settings that the changes were last made to, and the result.
        self._last: tuple[JSONSettings | None, JSONSettings] = None, DEFAULTS

    def settings(self, app: Any | None) -> JSONSettings:
        """The settings that apply in this scope now."""
        base = self.complete or settings_of(app)
        last_base, settings = self._last
        if last_base is not base:
            settings = replace_settings(base, self.changes)
            self._last = base, settings
        return settings

    @contextmanager
    def activate(self) -> Generator[JSONSettings]:
        """Apply the settings, on top of the scope that is active already."""
        outer, scope = _block.get(), self
        if outer is not None and self.complete is None:
            scope = SettingsScope(outer.scope.complete, outer.scope.changes | self.changes)
        block = _Block(scope, outer)
        _block.set(block)
        try:
            yield current_settings()
        finally:
            # A generator may end in another context than it began in, or after the blocks
            # around it: then this block isn't active.
            active = _block.get()
            while active is not None and active is not block:
                active = active.outer
            if active is not None:
                _block.set(outer)


class _Block(NamedTuple):
    """A block to which a scope applies, and the one around it."""

    scope: SettingsScope
    outer: _Block | None


class BodyContext:
    """The scope in which a response's body is read: that of the call that made it.

    What a generator sets stays from one item to the next, and applies nowhere else.

    :param variables: those that it keeps, besides the settings.
    """

    def __init__(self, *variables: ContextVar[Any]) -> None:
        self._inner = {each: each.get(None) for each in (_block, *variables)}
        self._tokens: list[tuple[ContextVar[Any], Token[Any]]] = []

    def __enter__(self) -> None:
        self._tokens = [(each, each.set(value)) for each, value in self._inner.items()]

    def __exit__(self, *exc_info: object) -> None:
        self._inner = {each: each.get(None) for each in self._inner}
        for variable, token in self._tokens:
            variable.reset(token)


_block: ContextVar[_Block | None] = ContextVar("jsonify_ext.settings", default=None)


def use_settings(
    settings: JSONSettings | None = None, /, **changes: Unpack[SettingsChanges]
) -> AbstractContextManager[JSONSettings]:
    """Apply settings to the calls inside of a ``with`` block.

    They apply to the current thread, greenlet or task only. Other fields keep the value
    that otherwise applies. Call it anew for each block.

    :param settings: complete settings to start from.
    :param changes: fields of :class:`JSONSettings`.
    :return: the settings that apply inside of the block.
    :raises ValueError: for a bad value of a field.
    :raises TypeError: for an unknown field, or ``settings`` of another type.

    >>> from jsonify_ext import encode
    >>> with use_settings(sort_keys=True):
    ...     encode({"b": 1, "a": 2})
    b'{"a":2,"b":1}'
    """
    return SettingsScope(settings, changes).activate()


def current_settings(settings: SettingsLike | None = None) -> JSONSettings:
    """The settings of the current call, or ``settings``, complete ones or changes.

    First match: the innermost :func:`use_settings` or ``JSONMiddleware``; the current
    Flask blueprint's and app's; the defaults. Raises what :func:`validate_changes` does.
    """
    if isinstance(settings, JSONSettings):
        return settings
    current = settings_in(current_flask_app())
    return current if settings is None else replace_settings(current, settings)


def settings_in(app: Any | None) -> JSONSettings:
    """The settings of the current call in a Flask app."""
    block = _block.get()
    if block is not None:
        return block.scope.settings(app)
    return DEFAULTS if app is None else settings_of(app)
