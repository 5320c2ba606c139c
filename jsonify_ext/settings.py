"""The settings that say how values are encoded and responses are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from .http import check_header, check_media_type

__all__ = ["DEFAULTS", "JSONSettings", "check_settings"]

#: These are written by every engine without asking anybody (section "types").
_EXACT: tuple[type[Any], ...] = (str, int, float, bool, type(None), dict, list, tuple)


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
    encoders: Mapping[type[Any], Callable[[Any], Any]] = field(
        default_factory=dict[Any, Any], hash=False
    )
    default: Callable[[Any], Any] | None = None

    #: What stock Flask can send is written as stock Flask writes it (app_settings.py).
    like_flask: ClassVar[bool] = False
    #: What they are compiled to, at first use (encode/plan.py).
    plan: ClassVar[Any] = None
    #: The response class of the Flask app whose settings they are (app_settings.py).
    response_class: ClassVar[Any] = None
    #: A Flask app's provider that makes the bodies itself (app_settings.py).
    provider: ClassVar[Any] = None

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
            mimetype = self._check_mimetype()
        except ValueError as error:
            raise ValueError(f"mimetype: {error}") from None
        if not (self.default is None or callable(self.default)):
            raise ValueError(f"default must be a callable or None, not {self.default!r}")
        object.__setattr__(self, "mimetype", mimetype)
        object.__setattr__(self, "headers", _check_headers(self.headers))
        object.__setattr__(self, "encoders", _check_encoders(self.encoders))

    def _check_mimetype(self) -> str:
        return check_media_type(self.mimetype)

    def __getstate__(self) -> dict[str, Any]:
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return state | {"encoders": dict(self.encoders)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, encoders=MappingProxyType(state["encoders"]))


def _check_headers(headers: Any) -> tuple[tuple[str, str], ...]:
    try:
        pairs: list[Any] = [*(headers.items() if isinstance(headers, Mapping) else headers)]
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
    checked: dict[Any, Any] = {**encoders}
    for key, function in checked.items():
        if not isinstance(key, type):
            raise ValueError(f"encoders: the key {key!r} is not a type")
        if key in _EXACT:
            raise ValueError(
                f"encoders: {key.__name__} itself cannot be overridden; "
                "register a subclass of it instead"
            )
        if not callable(function):
            raise ValueError(f"encoders: what {key.__name__} becomes must be a callable")
    return MappingProxyType(checked)


DEFAULTS = JSONSettings()


def check_settings(settings: object) -> JSONSettings:
    """:raises TypeError: for anything but :class:`JSONSettings`."""
    if not isinstance(settings, JSONSettings):
        raise TypeError(f"settings must be JSONSettings, not {type(settings).__name__}")
    return settings
