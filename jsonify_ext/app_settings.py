"""What a Flask app says already, read live; Flask is recognised here, not imported."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from werkzeug.utils import get_content_type

from .http import check_header
from .settings import JSONSettings

__all__ = ["InstalledProvider", "current_flask_app", "settings_of"]


def current_flask_app() -> Any | None:
    """The Flask app of the current context, if Flask is in use at all.

    The attribute may be missing while another thread is still importing Flask.
    """
    flask = sys.modules.get("flask")
    try:
        if flask is None or not flask.has_app_context():
            return None
    except AttributeError:
        return None
    return flask.current_app._get_current_object()


class FlaskSettings(JSONSettings):
    """Settings that an app has as a Flask app.

    What stock Flask can send keeps every byte: numeric keys are sorted as numbers, and
    a class that Flask knows is not asked for its ``__json__``. A provider with a ``dumps``
    of its own goes on making the bodies, until other settings are put in force.
    """

    like_flask: ClassVar[bool] = True

    def _check_mimetype(self) -> None:
        # Whatever the app has sent until now, as long as it is one header.
        check_header("Content-Type", self.mimetype)


class InstalledProvider:
    """What this package's own provider tells beyond the attributes of Flask's."""

    #: The provider that the app had before.
    before: Any
    #: Whether that one goes on making the bodies.
    keeps_encoding: bool
    #: Settings that are no attributes of a provider.
    changes: dict[str, Any]
    #: The fields that somebody set by keyword or by config, which older keys do not undo.
    chosen: frozenset[str]


_settings: WeakKeyDictionary[Any, tuple[tuple[Any, ...], JSONSettings]] = WeakKeyDictionary()


def settings_of(app: Any) -> JSONSettings:
    """The settings that an app's provider and config say now.

    The older config keys win where they are present: ``JSON_SORT_KEYS``,
    ``JSONIFY_PRETTYPRINT_REGULAR``, ``JSON_AS_ASCII`` and ``JSONIFY_MIMETYPE``.
    """
    provider, config = app.json, app.config
    said = (
        provider,
        getattr(provider, "changes", None),
        "dumps" in vars(provider),
        app.debug,
        getattr(provider, "sort_keys", None),
        getattr(provider, "compact", None),
        getattr(provider, "ensure_ascii", None),
        getattr(provider, "mimetype", None),
        getattr(provider, "default", None),
        config.get("JSON_SORT_KEYS"),
        config.get("JSONIFY_PRETTYPRINT_REGULAR"),
        config.get("JSON_AS_ASCII"),
        config.get("JSONIFY_MIMETYPE"),
    )
    known = _settings.get(app)
    if known is None or known[0] != said:
        known = _settings[app] = (said, _compile(app))
    return known[1]


def _compile(app: Any) -> JSONSettings:
    stock = sys.modules["flask.json.provider"].DefaultJSONProvider
    provider = app.json
    installed = provider if isinstance(provider, InstalledProvider) else None

    def said(field: str, key: str, otherwise: Any) -> Any:
        """What an older config key says, or else the provider's attribute."""
        older = None if installed and field in installed.chosen else app.config.get(key)
        return otherwise if older is None else older

    compact = getattr(provider, "compact", None)
    pretty = compact is False or (compact is None and app.debug)
    media_type = getattr(provider, "mimetype", None) or "application/json"
    default = getattr(provider, "default", None)
    sort_keys = getattr(provider, "sort_keys", False)
    ensure_ascii = getattr(provider, "ensure_ascii", False)
    settings = FlaskSettings(
        sort_keys=bool(said("sort_keys", "JSON_SORT_KEYS", sort_keys)),
        pretty=bool(said("pretty", "JSONIFY_PRETTYPRINT_REGULAR", pretty)),
        ensure_ascii=bool(said("ensure_ascii", "JSON_AS_ASCII", ensure_ascii)),
        # As a response's mimetype: text/* gets a charset.
        mimetype=get_content_type(said("mimetype", "JSONIFY_MIMETYPE", media_type), "utf-8"),
        dates="http",
        default=None if default is stock.default else default,
    )
    if installed is not None:
        settings = replace(settings, **installed.changes)
        if installed.keeps_encoding:
            settings.__dict__["provider"] = installed.before
    elif getattr(type(provider), "dumps", None) is not stock.dumps or "dumps" in vars(provider):
        settings.__dict__["provider"] = provider
    return settings
