"""The settings: how values are encoded and responses are made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from .http import check_media_type, checked_headers

if TYPE_CHECKING:
    from typing_extensions import Self

    from .encode.encoder import Encoder

__all__ = ["JSONSettings"]

#: Types that ``encoders`` can't override.
_EXACT: tuple[type[Any], ...] = (str, int, float, bool, type(None), dict, list, tuple)
_CHOICES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("sort_keys", "pretty", "ensure_ascii", "omit_none", "etag"), (True, False)),
    "dates": ("iso", "utc", "http"),
    "nan": ("null", "error"),
    "big_ints": ("number", "string", "error"),
}


@dataclass(frozen=True, kw_only=True)
class JSONSettings:
    """How values are encoded and responses are made; every field has a default.

    :param sort_keys: write the keys of every object in code-point order.
    :param pretty: indent by two spaces.
    :param ensure_ascii: escape everything outside ASCII.
    :param omit_none: leave out members of objects that would be written as null. Items of
        arrays stay.
    :param mimetype: the media type of responses.
    :param dates: ``"iso"`` writes ``date`` and ``datetime`` with ``isoformat()``, ``"utc"``
        in UTC with ``Z`` (RFC 3339), ``"http"`` as HTTP dates (RFC 9110, section 5.6.7).
    :param nan: what NaN and the infinities become, which JSON doesn't have: ``"null"``, as
        in JavaScript, or ``"error"``.
    :param big_ints: what integers beyond 2**53 - 1 become, which JavaScript rounds:
        ``"number"``, ``"string"``, or ``"error"``.
    :param etag: give responses a strong ETag and answer conditional GET and HEAD
        requests (RFC 9110, section 13).
    :param headers: headers of every response, unless the call sets them: a mapping or
        ``(name, value)`` pairs.
    :param encoders: ``{type: callable}``: what instances of a type become. The nearest
        class in the method resolution order wins.
    :param default: a callable for values that nothing else can encode, as in
        :func:`json.dumps`.
    :raises ValueError: for a bad value; the message begins with the field's name.
    :raises TypeError: for an unknown field.

    >>> from jsonify_ext import encode
    >>> encode({"b": 1, "a": 2}, JSONSettings(sort_keys=True))
    b'{"a":2,"b":1}'
    """

    sort_keys: bool = False
    pretty: bool = False
    ensure_ascii: bool = False
    omit_none: bool = False
    mimetype: str = "application/json"
    dates: Literal["iso", "utc", "http"] = "iso"
    nan: Literal["null", "error"] = "null"
    big_ints: Literal["number", "string", "error"] = "number"
    etag: bool = False
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    encoders: Mapping[type[Any], Callable[[Any], Any]] = field(
        default_factory=dict[Any, Any], hash=False
    )
    default: Callable[[Any], Any] | None = None

    if not TYPE_CHECKING:  # which would read its signature instead of the fields'

        def __new__(cls, *args, **settings):
            if args:
                raise TypeError("JSONSettings takes keywords only, such as pretty=True")
            _check_names(settings, [each.name for each in fields(cls)])
            return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if type(value) is not type(choices[0]) or value not in choices:  # 1 equals True
                known = " or ".join(map(repr, choices))
                raise ValueError(f"{name} must be {known}, not {value!r}")
        if self.default is not None and not callable(self.default):
            raise ValueError(f"default must be a callable or None, not {self.default!r}")
        checks = {"mimetype": self._check_mimetype, "headers": _check_headers}
        for name, check in {**checks, "encoders": _check_encoders}.items():
            try:
                object.__setattr__(self, name, check(getattr(self, name)))
            except (TypeError, ValueError) as error:
                raise ValueError(f"{name}: {error}") from None

    _check_mimetype = staticmethod(check_media_type)

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder of these settings."""
        from .encode.encoder import Encoder

        return Encoder(self)

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        """These settings with changes, which are valid."""
        return replace(self, **changes)

    def __getstate__(self) -> dict[str, Any]:
        # Without the encoder; and a MappingProxyType can't be pickled.
        state = {each.name: getattr(self, each.name) for each in fields(self)}
        return state | {"encoders": dict(self.encoders)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, encoders=MappingProxyType(state["encoders"]))


def _check_headers(headers: Any) -> tuple[tuple[str, str], ...]:
    if headers is None:
        raise ValueError("they must be a mapping or (name, value) pairs, not None")
    checked = checked_headers(headers)
    if "Content-Type" in checked:
        raise ValueError("set Content-Type with the field mimetype")
    if "Content-Length" in checked:
        raise ValueError("Content-Length is counted for each response")
    return tuple(checked)


def _check_encoders(encoders: Any) -> Mapping[type, Callable[[Any], Any]]:
    if not isinstance(encoders, Mapping):
        raise ValueError(f"they must be a mapping, not {type(encoders).__name__}")
    checked: dict[Any, Any] = {**encoders}
    for key, function in checked.items():
        if not isinstance(key, type):
            raise ValueError(f"the key {key!r} is not a type")
        if key in _EXACT:
            raise ValueError(
                f"{key.__name__} itself can't be overridden; register a subclass of it instead"
            )
        if not callable(function):
            raise ValueError(f"what {key.__name__} becomes must be a callable")
    return MappingProxyType(checked)


class SettingsChanges(TypedDict, total=False):
    """The fields of :class:`JSONSettings` as optional keywords, for type checkers."""

    sort_keys: bool
    pretty: bool
    ensure_ascii: bool
    omit_none: bool
    mimetype: str
    dates: Literal["iso", "utc", "http"]
    nan: Literal["null", "error"]
    big_ints: Literal["number", "string", "error"]
    etag: bool
    headers: Mapping[str, str] | Iterable[tuple[str, str]]
    encoders: Mapping[type[Any], Callable[[Any], Any]]
    default: Callable[[Any], Any] | None


def nearest(name: object, known: Collection[str]) -> str | None:
    """The known name that a misspelt one probably means."""
    from difflib import get_close_matches  # takes a fortieth of the import of this package

    return next(iter(get_close_matches(str(name), known, 1)), None)


def _check_names(names: Iterable[object], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}? " if near else ""
            raise TypeError(f"unknown setting {name!r}; {hint}the settings are {', '.join(known)}")


def validate_changes(changes: Mapping[str, object], *options: str) -> dict[str, Any]:
    """A copy of changes; a TypeError for an unknown field, a ValueError for a bad value.

    :param options: other names to suggest for a misspelt one.
    """
    if not isinstance(changes, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        kind = type(changes).__name__
        raise TypeError(f"settings must be JSONSettings or a mapping of changes, not {kind}")
    checked: dict[str, Any] = {**changes}
    _check_names(checked, (*FIELDS, *options))
    made = JSONSettings(**checked)
    if "headers" in checked:  # an iterator is empty now
        checked["headers"] = made.headers
    return checked


def replace_settings(settings: JSONSettings, changes: Mapping[str, Any]) -> JSONSettings:
    """Settings with changes; the same object, with its encoder, for the same changes.

    Raises what :func:`validate_changes` does.
    """
    if changes == {}:
        return settings
    if not (isinstance(changes, Mapping) and _CHOICES.keys() >= changes.keys()):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        # Not kept: functions may hold much, a request for instance.
        return settings.replaced(validate_changes(changes))
    # With the types, because True equals 1, which isn't a valid value.
    key: Any = tuple((name, type(value), value) for name, value in changes.items())  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  # of Any
    variants = settings.encoder.variants
    try:
        known = variants.get(key)
    except TypeError:  # a bad value, without a hash
        known = None
    if known is None:
        if len(variants) >= MAX_VARIANTS:
            variants.clear()
        known = variants[key] = settings.replaced(validate_changes(changes))
    return known


FIELDS = tuple(each.name for each in fields(JSONSettings))
DEFAULTS = JSONSettings()
MAX_VARIANTS = 64
