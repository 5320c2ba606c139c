"""The settings of a Flask app, read live. Flask is recognised here, not imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.utils import get_content_type

from .http import check_header
from .settings import DEFAULTS, JSONSettings

if TYPE_CHECKING:
    from typing_extensions import Self

    from .encode.encoder import Encoder

__all__ = ["FlaskSettings", "InstalledProvider", "current_flask_app", "is_set", "settings_of"]

#: The app-level settings of older Flask versions, which Flask itself ignores since 2.3.
_LEGACY_KEYS = {
    "sort_keys": "JSON_SORT_KEYS",
    "compact": "JSONIFY_PRETTYPRINT_REGULAR",
    "ensure_ascii": "JSON_AS_ASCII",
    "mimetype": "JSONIFY_MIMETYPE",
}


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


@dataclass(frozen=True, kw_only=True)
class FlaskSettings(JSONSettings):
    """Settings under which everything that stock Flask can send keeps its bytes.

    :param flask_default: the ``default`` of the app's provider, which is called before
        the built-in rules.
    :param dates_set: whether the app has set ``dates``; then it isn't called for dates.
    :param provider: a provider with its own ``dumps``, which keeps its encoding until
        other settings apply.
    """

    flask_default: Callable[[Any], Any] | None = None
    dates_set: bool = False
    provider: Any = None

    def _check_mimetype(self) -> str:
        # Whatever the app has sent until now, as long as it is one header.
        return check_header("Content-Type", self.mimetype)[1]

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        dates_set = self.dates_set or "dates" in changes
        return super().replaced({**changes, "dates_set": dates_set, "provider": None})

    @cached_property
    def encoder(self) -> Encoder:
        from .encode.encoder import Encoder

        default, provider = self.flask_default, self.provider
        encoder = Encoder(self, flask=True, flask_default=default, dates_set=self.dates_set)
        if provider is not None:
            encoder.delegate(provider)
        return encoder


class InstalledProvider:
    """What this package's own provider has beyond the attributes of Flask's."""

    changes: dict[str, Any]  #: Settings that aren't attributes of a provider.
    encoding_provider: Any  #: The app's own provider, if that keeps its encoding.


def settings_of(app: Any | None) -> JSONSettings:
    """The settings that an app's provider and config have now; the defaults without an app."""
    if app is None:
        return DEFAULTS
    provider, debug = app.json, app.config["DEBUG"]
    snapshot: _Snapshot | None = app.extensions.get("jsonify_ext.settings")
    if (
        snapshot is None
        or snapshot.provider is not provider
        or snapshot.attributes != provider.__dict__
        or snapshot.debug is not debug
    ):
        snapshot = _Snapshot(provider, {**vars(provider)}, debug, _read_settings(app))
        app.extensions["jsonify_ext.settings"] = snapshot
    return snapshot.settings


class _Snapshot(NamedTuple):
    """What the settings of an app were read from, and the settings."""

    provider: Any
    attributes: dict[str, Any]
    debug: Any
    settings: JSONSettings


def _read_settings(app: Any) -> JSONSettings:
    stock = sys.modules["flask.json.provider"].DefaultJSONProvider
    provider = app.json
    default = getattr(provider, "default", None)

    def lookup(name: str, fallback: Any) -> Any:
        """An attribute that the app has set, an older config key, or Flask's default."""
        legacy = app.config.get(_LEGACY_KEYS[name])
        if legacy is None or is_set(provider, name, stock):
            return getattr(provider, name, fallback)
        return not legacy if name == "compact" else legacy

    compact = lookup("compact", None)
    settings = FlaskSettings(
        sort_keys=bool(lookup("sort_keys", False)),
        pretty=bool(compact is False or (compact is None and app.debug)),
        ensure_ascii=bool(lookup("ensure_ascii", False)),
        # As the mimetype of a response: text/* gets a charset.
        mimetype=get_content_type(lookup("mimetype", None) or "application/json", "utf-8"),
        dates="http",
        flask_default=None if default is stock.default else default,
    )
    if isinstance(provider, InstalledProvider):
        settings = settings.replaced(provider.changes) if provider.changes else settings
        return replace(settings, provider=provider.encoding_provider)
    own = getattr(type(provider), "dumps", None) is not stock.dumps or "dumps" in vars(provider)  # pyright: ignore[reportUnknownArgumentType]
    return replace(settings, provider=provider) if own else settings


def is_set(provider: Any, name: str, stock: type) -> bool:
    """Whether an attribute is set on a provider, or in its classes before ``stock``."""
    bases = type(provider).__mro__
    own = bases[: bases.index(stock)] if stock in bases else bases
    return any(name in vars(each) for each in (provider, *own))
