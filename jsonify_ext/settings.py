"""The settings of an app, and which of them are in force for the current call."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .http import check_header, check_media_type

if TYPE_CHECKING:
    from .encode.plan import Plan

__all__ = ["JSONSettings", "settings_in_force", "use_settings"]

#: These are written by every engine without asking anybody (section "types").
_EXACT = (str, int, float, bool, type(None), dict, list, tuple)


@dataclass(frozen=True, kw_only=True)
class JSONSettings:
    """How values are encoded and responses are made; every field has a default.

    :param sort_keys: write the keys of every object in code-point order.
    :param pretty: indent by two spaces.
    :param ensure_ascii: escape everything outside ASCII.
    :param mimetype: the media type of responses, ``application/json``.
    :param dates: ``"iso"`` writes RFC 3339 / ISO 8601, ``"http"`` writes ``date`` and
        ``datetime`` as HTTP dates (RFC 9110, section 5.6.7), as Flask does.
    :param nan: what NaN and the infinities, which JSON lacks, become: ``"null"``, as
        in JavaScript, or ``"error"``.
    :param etag: give responses a strong ETag and answer conditional GET and HEAD
        requests (RFC 9110, section 13).
    :param headers: headers that every response gets unless the call sets them: a
        mapping or ``(name, value)`` pairs.
    :param encoders: ``{type: callable}``: what instances of a type become. The nearest
        class in the method resolution order wins.
    :param default: a callable asked, before the built-in rules, about any value that
        is no instance of a plain JSON type; raises :exc:`TypeError` to decline.
    :raises ValueError: for a bad value; the message begins with the field's name.

    >>> from jsonify_ext import encode
    >>> encode({"b": 1, "a": 2}, JSONSettings(sort_keys=True))
    b'{"a":2,"b":1}'
    """

    sort_keys: bool = False
    pretty: bool = False
    ensure_ascii: bool = False
    mimetype: str = "application/json"
    dates: Literal["iso", "http"] = "iso"
    nan: Literal["null", "error"] = "null"
    etag: bool = False
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    encoders: Mapping[type, Callable[[Any], Any]] = field(default_factory=dict, hash=False)
    default: Callable[[Any], Any] | None = None

    #: What stock Flask can send is written as stock Flask writes it (see flask.py).
    like_flask: ClassVar[bool] = False
    #: The compiled form; made and kept by ``encode.plan.plan_for``.
    _plan: ClassVar[Plan | None] = None

    def __post_init__(self) -> None:
        for name in ("sort_keys", "pretty", "ensure_ascii", "etag"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be True or False, not {getattr(self, name)!r}")
        for name, known in (("dates", ("iso", "http")), ("nan", ("null", "error"))):
            if getattr(self, name) not in known:
                first, second = known
                raise ValueError(
                    f"{name} must be {first!r} or {second!r}, not {getattr(self, name)!r}"
                )
        try:
            check_media_type(self.mimetype)
        except ValueError as error:
            raise ValueError(f"mimetype: {error}") from None
        if not (self.default is None or callable(self.default)):
            raise ValueError(f"default must be a callable or None, not {self.default!r}")
        object.__setattr__(self, "headers", _check_headers(self.headers))
        object.__setattr__(self, "encoders", _check_encoders(self.encoders))

    def __getstate__(self) -> dict[str, Any]:
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return state | {"encoders": dict(self.encoders)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, encoders=MappingProxyType(state["encoders"]))


def _check_headers(headers: Any) -> tuple[tuple[str, str], ...]:
    try:
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        if any(isinstance(pair, str) for pair in pairs):
            raise TypeError
        checked = tuple(check_header(name, value) for name, value in pairs)
    except ValueError as error:
        raise ValueError(f"headers: {error}") from None
    except TypeError:
        raise ValueError("headers must be a mapping or (name, value) pairs") from None
    for name, _ in checked:
        if name.lower() == "content-type":
            raise ValueError("headers: set Content-Type with the field mimetype")
        if name.lower() == "content-length":
            raise ValueError("headers: Content-Length is counted for each response")
    return checked


def _check_encoders(encoders: Any) -> Mapping[type, Callable[[Any], Any]]:
    if not isinstance(encoders, Mapping):
        raise ValueError(f"encoders must be a mapping, not {type(encoders).__name__}")
    for key, function in encoders.items():
        if not isinstance(key, type):
            raise ValueError(f"encoders: the key {key!r} is not a type")
        if key in _EXACT:
            raise ValueError(
                f"encoders: {key.__name__} itself cannot be overridden; "
                "register a subclass of it instead"
            )
        if not callable(function):
            raise ValueError(f"encoders: what {key.__name__} becomes must be a callable")
    return MappingProxyType(dict(encoders))


DEFAULTS = JSONSettings()


class Scope:
    """What one ``use_settings`` puts in force: settings of its own, or changes only.

    :raises ValueError: for a bad value of a field.
    :raises TypeError: for an unknown field, or ``settings`` of another type.
    """

    __slots__ = ("_last", "_settings", "changes")

    def __init__(self, settings: JSONSettings | None, changes: dict[str, Any]) -> None:
        self._settings = None if settings is None else check_settings(settings)
        self.changes = _check_changes(changes)
        # One pair, replaced as a whole, so that threads never see half of it.
        self._last: tuple[JSONSettings, JSONSettings] | None = None

    def settings(self) -> JSONSettings:
        """The settings that are in force in this scope now."""
        base = self._settings or _outside_scopes()
        if not self.changes:
            return base
        last = self._last
        if last is None or last[0] is not base:
            self._last = last = (base, replace(base, **self.changes))
        return last[1]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put it in force, inside of the scope that is in force already."""
        outer = _scope.get()
        inner = self
        if outer is not None and self._settings is None:
            inner = Scope(outer._settings, outer.changes | self.changes)
        token = _scope.set(inner)
        try:
            yield
        finally:
            _scope.reset(token)


_scope: ContextVar[Scope | None] = ContextVar("jsonify_ext.settings", default=None)


@contextmanager
def use_settings(
    settings: JSONSettings | None = None, /, **changes: Any
) -> Iterator[JSONSettings]:
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


def check_settings(settings: object) -> JSONSettings:
    """:raises TypeError: for anything but :class:`JSONSettings`."""
    if not isinstance(settings, JSONSettings):
        raise TypeError(f"settings must be JSONSettings, not {type(settings).__name__}")
    return settings


def _check_changes(changes: dict[str, Any]) -> dict[str, Any]:
    known = [each.name for each in fields(JSONSettings)]
    for name in changes:
        if name not in known:
            raise TypeError(f"unknown setting {name!r}; the settings are {', '.join(known)}")
    JSONSettings(**changes)
    return changes


def settings_in_force() -> JSONSettings:
    """The settings of the current call: the innermost ``use_settings`` or
    ``JSONMiddleware``, the current Flask app's, or the defaults."""
    scope = _scope.get()
    return _outside_scopes() if scope is None else scope.settings()


def _outside_scopes() -> JSONSettings:
    app = current_flask_app()
    if app is None:
        return DEFAULTS
    from .flask import settings_of

    return settings_of(app)


def current_flask_app() -> Any | None:
    """The Flask app of the current context, if Flask is in use at all.

    Flask is recognised, not imported. The attribute may be missing while another
    thread is still importing Flask.
    """
    flask = sys.modules.get("flask")
    if flask is None or not getattr(flask, "has_app_context", bool)():
        return None
    return flask.current_app._get_current_object()
