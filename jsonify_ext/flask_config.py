"""The settings of a Flask app, read live. Flask is recognised here, not imported."""

from __future__ import annotations

import sys
import warnings
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property, partial
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, cast

from werkzeug.local import LocalProxy
from werkzeug.utils import get_content_type

from .http import check_header
from .settings import DEFAULTS, FIELDS, JSONSettings, validate_changes

if TYPE_CHECKING:
    from typing_extensions import Self

    from .encode.encoder import Encoder

#: The app-level settings of older Flask versions, which Flask itself ignores since 2.3.
_LEGACY_KEYS = {
    "sort_keys": "JSON_SORT_KEYS",
    "compact": "JSONIFY_PRETTYPRINT_REGULAR",
    "ensure_ascii": "JSON_AS_ASCII",
}
_CONFIG_KEYS = {f"JSONIFY_{name.upper()}": name for name in FIELDS}
_KNOWN_KEYS = {*_CONFIG_KEYS, _LEGACY_KEYS["compact"], "JSONIFY_PROBLEMS"}
#: Settings that don't concern the encoding, so that a provider's own stays.
RESPONSE_FIELDS = frozenset({"mimetype", "headers", "etag"})
#: Attributes of a provider that are settings; ``compact`` is the opposite of ``pretty``.
_ATTRIBUTES = ("sort_keys", "compact", "ensure_ascii", "mimetype")
#: Those whose changes matter, and the apps, so that most providers have no others.
_COMPARED = {*_ATTRIBUTES, "default", "dumps", "response", "_app", "_jsonify_app"}
#: Equals any value of the others. Their own comparison may raise, as that of an array does.
_ANY: Any = type("Anything", (), {"__eq__": lambda *_: True})()  # pyright: ignore[reportUnknownLambdaType]  # of Any
_STOCK_MODULE = "flask.json.provider"

#: The variable that flask.current_app reads.
_context_variable: ContextVar[Any] | None = None


def current_flask_app() -> Any | None:
    """The Flask app of the current context, if Flask is in use at all."""
    global _context_variable
    if _context_variable is None:
        if "flask.globals" not in sys.modules:
            return None
        # Flask may be half imported; then there is no app.
        _context_variable = getattr(sys.modules["flask.globals"], "_cv_app", None)
        if _context_variable is None:
            return None
    context = _context_variable.get(None)
    return None if context is None else context.app


def flask_variables() -> list[ContextVar[Any]]:
    """The variables with Flask's current contexts; newer versions have one only."""
    values = vars(sys.modules["flask.globals"])
    return [values[name] for name in ("_cv_app", "_cv_request") if name in values]


@dataclass(frozen=True, kw_only=True)
class FlaskSettings(JSONSettings):
    """Settings under which everything that stock Flask can send keeps its bytes.

    :param flask_default: the ``default`` of the app's provider, which is called before
        the built-in rules.
    :param dates_set: whether the app has set ``dates``; then it isn't called for dates.
    :param own_encoding: the ``dumps`` of a provider that has its own, which encodes until
        other settings of the encoding apply; and what makes a response with it.
    :param own_response: the ``response`` of a provider that has its own.
    """

    flask_default: Callable[[Any], Any] | None = None
    dates_set: bool = False
    own_encoding: tuple[Callable[[Any], str], Callable[[Any], Any]] | None = None
    own_response: Callable[..., Any] | None = None

    @staticmethod
    def _check_mimetype(value: object) -> str:
        # Whatever the app has sent until now, as long as it is one header.
        return check_header("Content-Type", value)[1]

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        own: dict[str, Any] = {"dates_set": self.dates_set or "dates" in changes}
        if self.own_encoding and not RESPONSE_FIELDS.issuperset(changes):
            own |= {"own_encoding": None, "own_response": None}
        return super().replaced({**changes, **own})

    @cached_property
    def encoder(self) -> Encoder:
        from .encode.encoder import Encoder

        default = self.flask_default
        encoder = Encoder(self, flask=True, flask_default=default, dates_set=self.dates_set)
        if self.own_encoding is not None:
            encoder.delegate(*self.own_encoding)
        return encoder


class InstalledProvider:
    """The base of this package's provider, which is recognised by it without Flask."""


class AppSettings:
    """The settings of one app; ``app.extensions`` keeps them."""

    def __init__(self) -> None:
        #: Fields that the extension and the config set; None until the config was read.
        self.changes: dict[str, Any] | None = None
        #: Fields for the views of a blueprint, by its name.
        self.blueprints: dict[str, dict[str, Any]] = {}
        #: The provider that the extension has installed.
        self.installed: Any = None
        #: Where errors become problems: everywhere, nowhere, or below a path.
        self.problems: bool | str = False
        self._legacy: dict[str, Any] | None = None
        self._checked: Any = None
        #: What the settings were last read from, and the settings.
        self._last: tuple[tuple[Any, ...], JSONSettings] = (), DEFAULTS

    def install(self, provider: Any, changes: dict[str, Any]) -> None:
        """Use the extension's provider and settings from now on."""
        if provider is self.installed:  # by an earlier call, whose attributes go
            attributes: dict[str, Any] = provider.__dict__
            for _, key, value in _attributes(self.changes or {}):
                if attributes.get(key) == value:  # not set since then
                    del attributes[key]
        for _, key, value in _attributes(changes):
            setattr(provider, key, value)
        self.installed = self._checked = provider
        self.changes, self._last = changes, ((), DEFAULTS)

    def check_provider(self, provider: Any) -> None:
        """Warn once if the app has replaced the provider that the extension had set."""
        if provider is self._checked:
            return
        self._checked = provider
        if self.installed is not None and not isinstance(provider, InstalledProvider):
            warnings.warn(
                "app.json was replaced after Jsonify(app): flask.jsonify and returned values "
                "don't use jsonify_ext now. Call Jsonify(app) after the provider is set",
                stacklevel=2,
            )

    def current(self, app: Any, provider: Any) -> JSONSettings:
        """The settings that a provider of the app and the config have now."""
        debug = app.config["DEBUG"]
        state, settings = self._last
        if state != (provider, provider.__dict__, debug):
            provider = unwrapped(provider)
            seen: dict[str, Any] = {**provider.__dict__}
            seen |= dict.fromkeys(seen.keys() - _COMPARED, _ANY)
            settings = self._read(app, provider)
            cls: Any = type(provider)  # pyright: ignore[reportUnknownVariableType]  # of Any
            members: list[Any] = [getattr_static(cls, name, None) for name in _COMPARED]
            if not any(map(_is_computed, members)):
                self._last = (provider, seen, debug), settings
        if self.blueprints and app is current_flask_app():
            return self._for_current_blueprint(app, settings)
        return settings

    def _for_current_blueprint(self, app: Any, settings: JSONSettings) -> JSONSettings:
        flask = sys.modules["flask"]
        rule = flask.request.url_rule if flask.has_request_context() else None
        # The innermost first; but not those of a request to another app.
        names = tuple(flask.request.blueprints) if rule and rule.map is app.url_map else ()
        variants = settings.encoder.variants
        known = variants.get(names)
        if known is None:
            changes = ChainMap(*[self.blueprints.get(name, {}) for name in names])
            known = variants[names] = settings.replaced(changes) if changes else settings
        return known

    def _read(self, app: Any, provider: Any) -> JSONSettings:
        if self.changes is None:
            self.changes = settings_from_config(app.config)
        if self._legacy is None:
            self._legacy = {name: app.config.get(key) for name, key in _LEGACY_KEYS.items()}
        self.check_provider(app.json)
        legacy, changes = self._legacy, self.changes
        if self.installed is not None:  # attributes that were assigned later win
            is_installed = provider is self.installed
            get: Any = partial(getattr, provider) if is_installed else provider.__dict__.get
            late = {name for name, key, value in _attributes(changes) if get(key, value) != value}
            changes = {name: changes[name] for name in changes.keys() - late}

        def lookup(name: str, fallback: Any) -> Any:
            """An attribute that the app has set, an older config key, or Flask's default."""
            older = legacy.get(name)
            if older is None or is_set(provider, name):
                return getattr(provider, name, fallback)
            return not older if name == "compact" else older

        compact, default = lookup("compact", None), getattr(provider, "default", None)
        # The function, because an app may replace the method of the class.
        stock_default = getattr(sys.modules[_STOCK_MODULE], "_default", None)
        is_ours = issubclass(type(provider), InstalledProvider)
        settings = FlaskSettings(
            sort_keys=bool(lookup("sort_keys", False)),
            pretty=bool(compact is False or (compact is None and app.debug)),
            ensure_ascii=bool(lookup("ensure_ascii", False)),
            # As the mimetype of a response: text/* gets a charset.
            mimetype=get_content_type(lookup("mimetype", None) or "application/json", "utf-8"),
            dates="http",
            flask_default=None if default is stock_default else default,
        )
        settings = settings.replaced(changes) if changes else settings
        if is_set(provider, "dumps"):
            respond = provider.stock_response if is_ours else provider.response
            settings = replace(settings, own_encoding=(provider.dumps, respond))
        if is_set(provider, "response") and (is_ours or settings.own_encoding):
            settings = replace(settings, own_response=provider.response)
        return settings


def app_settings(app: Any) -> AppSettings:
    """The settings of an app, made when they are first needed."""
    settings: AppSettings = app.extensions.setdefault("jsonify_ext.settings", AppSettings())
    return settings


def settings_of(app: Any | None) -> JSONSettings:
    """The settings of an app, and of the current blueprint; the defaults without an app."""
    if app is None:
        return DEFAULTS
    known: AppSettings | None = app.extensions.get("jsonify_ext.settings")
    return (known or app_settings(app)).current(app, app.json)


def settings_from_config(config: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
    """The settings of the config keys ``JSONIFY_<FIELD>`` that aren't None.

    :param strict: whether an unknown ``JSONIFY_`` key raises an error.
    :raises ValueError: for a bad value.
    """
    changes: dict[str, Any] = {}
    for key, value in config.items():
        name = _CONFIG_KEYS.get(key)
        if name is not None and value is not None:
            try:
                changes |= validate_changes({name: value})
            except (TypeError, ValueError) as error:
                is_text = value in ("True", "False")  # from_prefixed_env() parses JSON
                hint = "; in the environment, write true or false" * is_text
                raise ValueError(f"config key {key}: {error}{hint}") from None
        elif strict and str(key).startswith("JSONIFY_") and key not in _KNOWN_KEYS:
            known = ", ".join(sorted({*_CONFIG_KEYS, "JSONIFY_PROBLEMS"}))
            raise ValueError(f"unknown config key {key}; there are {known}")
    return changes


def _attributes(changes: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Those of the changes that are attributes of a provider: field, attribute and value."""
    for name, value in changes.items():
        key, value = ("compact", not value) if name == "pretty" else (name, value)
        if key in _ATTRIBUTES:
            yield name, key, value


def _is_computed(member: Any) -> bool:
    """Whether a member of a class is a property or the like, whose value may differ."""
    is_other = hasattr(member, "__get__") and not callable(member)
    is_standard = type(member).__module__ in ("builtins", "functools")
    return isinstance(member, property) or (is_other and not is_standard)


def unwrapped(value: Any) -> Any:
    """The object behind a LocalProxy."""
    while type(value) is LocalProxy:  # pyright: ignore[reportUnknownArgumentType]  # of Any
        value = cast("Any", value)._get_current_object()
    return value


def is_set(provider: Any, name: str) -> bool:
    """Whether an app has set an attribute of a provider: on it, or in the app's own class."""
    if name in vars(provider):
        return True
    owner = next((cls for cls in type(provider).__mro__ if name in vars(cls)), None)
    return owner is not None and owner.__module__ not in (_STOCK_MODULE, f"{__package__}.flask")
