"""Flask: which settings an app has already, read live."""

from __future__ import annotations

from typing import Any, ClassVar, cast
from weakref import WeakKeyDictionary

from flask import Flask, Response
from flask.json.provider import DefaultJSONProvider, JSONProvider
from werkzeug.utils import get_content_type

from .encode.plan import Plan
from .settings import JSONSettings

__all__ = ["settings_of"]


class FlaskSettings(JSONSettings):
    """Settings that an app has as a Flask app.

    What stock Flask can send keeps every byte: numeric keys are sorted as numbers, and
    a class that Flask knows is not asked for its ``__json__``.
    """

    like_flask: ClassVar[bool] = True


class ProviderPlan(Plan):
    """Leaves the encoding to an app's provider that has its own ``dumps``."""

    def __init__(self, settings: JSONSettings, provider: JSONProvider) -> None:
        super().__init__(settings)
        self.provider = provider

    def encode(self, value: Any) -> bytes:
        return self.provider.dumps(value).encode()

    def body(self, value: Any) -> bytes:
        response = cast("Response", self.provider.response(value))
        return response.get_data()


_settings: WeakKeyDictionary[Flask, tuple[tuple[Any, ...], JSONSettings]] = WeakKeyDictionary()


def settings_of(app: Flask) -> JSONSettings:
    """The settings that an app's provider and config say now.

    The older config keys win where they are present: ``JSON_SORT_KEYS``,
    ``JSONIFY_PRETTYPRINT_REGULAR``, ``JSON_AS_ASCII`` and ``JSONIFY_MIMETYPE``.
    """
    provider, config = app.json, app.config
    said = (
        provider,
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
    provider: JSONProvider,
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
    pretty = compact is False or (compact is None and debug)
    mimetype = _first(config_mimetype, mimetype, "application/json")
    settings = FlaskSettings(
        sort_keys=bool(_first(config_sort_keys, sort_keys, False)),
        pretty=bool(_first(config_pretty, pretty)),
        ensure_ascii=bool(_first(config_ascii, ensure_ascii, False)),
        # As a response's mimetype: text/* gets a charset.
        mimetype=get_content_type(mimetype, "utf-8"),
        dates="http",
        default=None if default is DefaultJSONProvider.default else default,
    )
    if type(provider).dumps is not DefaultJSONProvider.dumps or "dumps" in vars(provider):
        settings.__dict__["_plan"] = ProviderPlan(settings, provider)
    return settings


def _first(*values: Any) -> Any:
    """The first value that is not None."""
    return next((value for value in values if value is not None), None)
