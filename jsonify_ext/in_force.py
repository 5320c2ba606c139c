"""Which settings are in force for the current call."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, replace
from functools import lru_cache
from typing import Any

from . import app_settings
from .settings import DEFAULTS, JSONSettings, check_settings

__all__ = ["BodyScope", "Scope", "changed", "check_changes", "settings_in_force", "use_settings"]


class Scope:
    """What one ``use_settings`` puts in force: settings of its own, or changes only.

    :raises ValueError: for a bad value of a field.
    :raises TypeError: for an unknown field, or ``settings`` of another type.
    """

    __slots__ = ("_last", "_settings", "changes")

    def __init__(self, settings: JSONSettings | None, changes: dict[str, Any]) -> None:
        self._settings = None if settings is None else _anywhere(check_settings(settings))
        self.changes: dict[str, Any] = check_changes(changes)
        # One pair, replaced as a whole, so that threads never see half of it.
        self._last: tuple[JSONSettings, JSONSettings] | None = None

    def settings(self) -> JSONSettings:
        """The settings that are in force in this scope now."""
        base = self._settings
        if base is None:
            app = app_settings.current_flask_app()
            base = DEFAULTS if app is None else app_settings.settings_of(app)
        if not self.changes:
            return base
        last = self._last
        if last is None or last[0] is not base:
            self._last = last = (base, changed(base, self.changes))
        return last[1]

    @contextmanager
    def entered(self) -> Generator[None]:
        """Put it in force, inside of the scope that is in force already."""
        outer = _scope.get()
        inner = self
        if outer is not None and self._settings is None:
            inner = Scope(outer._settings, outer.changes | self.changes)
        _scope.set(inner)
        try:
            yield
        finally:
            # No token: a generator may end in another thread than it has begun in.
            _scope.set(outer)


class BodyScope:
    """The scope in which a body is read, from the call on that made it.

    What a generator puts in force stays in force from one item to the next, and is seen
    by nobody else in between.
    """

    __slots__ = ("_scope",)

    def __init__(self) -> None:
        self._scope = _scope.get()

    @contextmanager
    def entered(self) -> Generator[None]:
        """Put it in force."""
        outer = _scope.get()
        _scope.set(self._scope)
        try:
            yield
        finally:
            self._scope = _scope.get()
            _scope.set(outer)


def _anywhere(settings: JSONSettings) -> JSONSettings:
    """Settings to put in force in any app: those of one, and the defaults, have a plan that
    knows the class of the responses there."""
    if settings is not DEFAULTS and settings.response_class is None:
        return settings
    free = replace(settings)
    free.__dict__["provider"] = settings.provider
    return free


_scope: ContextVar[Scope | None] = ContextVar("jsonify_ext.settings", default=None)


@contextmanager
def use_settings(
    settings: JSONSettings | None = None, /, **changes: Any
) -> Generator[JSONSettings]:
    """Put settings in force for the calls inside of a ``with`` block.

    They hold for the current thread, greenlet or task only. What ``changes`` does not
    name stays as it is otherwise in force: the given settings', the surrounding
    block's, the Flask app's, or the default.

    :param settings: complete settings to start from.
    :param changes: fields of :class:`JSONSettings`.
    :return: the settings in force inside of the block.
    :raises ValueError: for a bad value of a field.
    :raises TypeError: for an unknown field, or ``settings`` of another type.

    >>> from jsonify_ext import encode
    >>> with use_settings(sort_keys=True):
    ...     encode({"b": 1, "a": 2})
    b'{"a":2,"b":1}'
    """
    with Scope(settings, changes).entered():
        yield settings_in_force()


def check_changes(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes, which are fields of settings with good values.

    :raises TypeError: for an unknown field.
    :raises ValueError: for a bad value.
    """
    for name in changes:
        if name not in _FIELDS:
            raise TypeError(f"unknown setting {name!r}; the settings are {', '.join(_FIELDS)}")
    changed(DEFAULTS, changes)
    return changes


def changed(settings: JSONSettings, changes: dict[str, Any]) -> JSONSettings:
    """Settings with changes: the same ones for the same, so that their plan is kept.

    :raises ValueError: for a bad value of a field.
    """
    try:
        if changes.keys().isdisjoint(("default", "encoders")):
            return _changed(settings, **changes)
    except TypeError:  # headers in a list, which has no hash
        pass
    # Functions may hold much, of a request for instance, and are not kept.
    return replace(settings, **changes)


@lru_cache(maxsize=256, typed=True)  # by type, because 1 is no True
def _changed(settings: JSONSettings, **changes: Any) -> JSONSettings:
    return replace(settings, **changes)


_FIELDS = tuple(each.name for each in fields(JSONSettings))


def settings_in_force() -> JSONSettings:
    """The settings of the current call: the innermost ``use_settings`` or
    ``JSONMiddleware``, the current Flask app's, or the defaults."""
    scope = _scope.get()
    if scope is not None:
        return scope.settings()
    context = app_settings.app_context(None)
    return DEFAULTS if context is None else app_settings.settings_of(context.app)
