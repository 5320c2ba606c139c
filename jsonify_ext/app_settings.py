"""What a Flask app says already, read live; Flask is recognised here, not imported."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from werkzeug.utils import get_content_type

from .http import check_header
from .settings import JSONSettings

__all__ = ["InstalledProvider", "current_flask_app", "settings_of"]


def current_flask_app() -> Any | None:
    """The Flask app of the current context, if Flask is in use at all."""
    context = app_context(None)
    return None if context is None else context.app


def _look_for_flask(default: None) -> Any | None:
    global app_context
    module = sys.modules.get("flask.globals")
    if module is None:
        return None
    # Flask's modules come one by one; until the variable is there, no app is.
    variable = getattr(module, "_cv_app", None)
    if variable is None:
        return None
    app_context = variable.get
    return variable.get(None)


#: Flask's current app context, or the None that it is called with. ``has_app_context()``
#: and ``current_app`` read the same variable, in five times the time.
app_context: Callable[[None], Any | None] = _look_for_flask


class FlaskSettings(JSONSettings):
    """Settings that an app has as a Flask app.

    What stock Flask can send keeps every byte: numeric keys are sorted as numbers, and
    a class that Flask knows is not asked for its ``__json__``. A provider with a ``dumps``
    of its own goes on making the bodies, until other settings are put in force.
    """

    like_flask: ClassVar[bool] = True

    def _check_mimetype(self) -> str:
        # Whatever the app has sent until now, as long as it is one header.
        return check_header("Content-Type", self.mimetype)[1]


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


_OLDER_KEYS = (
    "JSON_SORT_KEYS",
    "JSONIFY_PRETTYPRINT_REGULAR",
    "JSON_AS_ASCII",
    "JSONIFY_MIMETYPE",
)


class _Said:
    """All that the settings of an app are made of, as it was, and the settings."""

    def __init__(self, app: Any) -> None:
        self.provider = provider = app.json
        self.sort_keys = getattr(provider, "sort_keys", None)
        self.compact = getattr(provider, "compact", None)
        self.ensure_ascii = getattr(provider, "ensure_ascii", None)
        self.mimetype = getattr(provider, "mimetype", None)
        self.default = getattr(provider, "default", None)
        self.changes = getattr(provider, "changes", None)
        self.dumps = provider.__dict__.get("dumps")
        self.older = _older(app.config)
        self.debug = app.debug
        self.response_class = app.response_class
        self.settings = _compile(app)


def settings_of(app: Any) -> JSONSettings:
    """The settings that an app's provider and config say now.

    The older config keys win where they are present: ``JSON_SORT_KEYS``,
    ``JSONIFY_PRETTYPRINT_REGULAR``, ``JSON_AS_ASCII`` and ``JSONIFY_MIMETYPE``.
    """
    said: _Said | None = app.extensions.get("jsonify_ext.settings")
    provider, config = app.json, app.config
    try:
        # One by one and in place, because it is asked at each call.
        if (
            said is not None
            and said.provider is provider
            and said.sort_keys is provider.sort_keys
            and said.compact is provider.compact
            and said.ensure_ascii is provider.ensure_ascii
            and said.mimetype == provider.mimetype
            and said.default == provider.default
            and (said.changes is None or said.changes is provider.changes)
            and said.dumps is provider.__dict__.get("dumps")
            and said.debug is config["DEBUG"]  # where app.debug is kept
            and said.response_class is app.response_class
            and (
                said.older == _older(config)
                if said.older is not None
                # One by one here too: a view of all keys takes twice the time.
                else "JSON_SORT_KEYS" not in config
                and "JSONIFY_PRETTYPRINT_REGULAR" not in config
                and "JSON_AS_ASCII" not in config
                and "JSONIFY_MIMETYPE" not in config
            )
        ):
            return said.settings
    except (AttributeError, KeyError):  # a provider that is not of Flask's kind
        pass
    said = app.extensions["jsonify_ext.settings"] = _Said(app)
    return said.settings


def _older(config: Any) -> tuple[Any, ...] | None:
    """What the older keys say, which hardly any app has."""
    if config.keys().isdisjoint(_OLDER_KEYS):
        return None
    return tuple(map(config.get, _OLDER_KEYS))


def _compile(app: Any) -> JSONSettings:
    stock = sys.modules["flask.json.provider"].DefaultJSONProvider
    provider: object = app.json
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
    settings.__dict__["response_class"] = app.response_class
    return settings
