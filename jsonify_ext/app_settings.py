"""What a Flask app says already, read live; Flask is recognised here, not imported."""

from __future__ import annotations

import sys
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from werkzeug.utils import get_content_type

from .settings import JSONSettings

__all__ = ["current_flask_app", "settings_of"]


def current_flask_app() -> Any | None:
    """The Flask app of the current context, if Flask is in use at all.

    The attribute may be missing while another thread is still importing Flask.
    """
    flask = sys.modules.get("flask")
    if flask is None or not getattr(flask, "has_app_context", bool)():
        return None
    return flask.current_app._get_current_object()


class FlaskSettings(JSONSettings):
    """Settings that an app has as a Flask app.

    What stock Flask can send keeps every byte: numeric keys are sorted as numbers, and
    a class that Flask knows is not asked for its ``__json__``. A provider with a ``dumps``
    of its own goes on making the bodies, until other settings are put in force.
    """

    like_flask: ClassVar[bool] = True


_settings: WeakKeyDictionary[Any, tuple[tuple[Any, ...], JSONSettings]] = WeakKeyDictionary()


def settings_of(app: Any) -> JSONSettings:
    """The settings that an app's provider and config say now.

    The older config keys win where they are present: ``JSON_SORT_KEYS``,
    ``JSONIFY_PRETTYPRINT_REGULAR``, ``JSON_AS_ASCII`` and ``JSONIFY_MIMETYPE``.
    """
    provider, config = app.json, app.config
    said = (
        provider,
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
        known = _settings[app] = (said, _compile(*said))
    return known[1]


def _compile(
    provider: Any,
    own_dumps: bool,
    debug: bool,
    sort_keys: bool | None,
    compact: bool | None,
    ensure_ascii: bool | None,
    mimetype: str | None,
    default: Any,
    config_sort_keys: bool | None,
    config_pretty: bool | None,
    config_ascii: bool | None,
    config_mimetype: str | None,
) -> JSONSettings:
    stock = sys.modules["flask.json.provider"].DefaultJSONProvider
    pretty = compact is False or (compact is None and debug)
    media_type: str = _first(config_mimetype, mimetype, "application/json")
    settings = FlaskSettings(
        sort_keys=bool(_first(config_sort_keys, sort_keys, False)),
        pretty=bool(_first(config_pretty, pretty)),
        ensure_ascii=bool(_first(config_ascii, ensure_ascii, False)),
        # As a response's mimetype: text/* gets a charset.
        mimetype=get_content_type(media_type, "utf-8"),
        dates="http",
        default=None if default is stock.default else default,
    )
    if own_dumps or type(provider).dumps is not stock.dumps:
        settings.__dict__["provider"] = provider
    return settings


def _first(*values: Any) -> Any:
    """The first value that is not None."""
    return next((value for value in values if value is not None), None)
