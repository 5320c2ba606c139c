"""The Flask extension: all JSON of an app through this package."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import Flask, has_request_context, request
from flask.json.provider import DefaultJSONProvider, JSONProvider
from werkzeug.exceptions import HTTPException

from . import decode
from .context import current_settings
from .flask_config import InstalledProvider, current_flask_app, is_set, settings_of
from .problems import MIMETYPE, problem_from
from .response import JSONResponse, jsonify, respond
from .settings import FIELDS, JSONSettings, replace_settings, validate_changes

__all__ = ["Jsonify", "JsonifyProvider"]

#: What ``app.json.dumps`` uses instead of the app's settings: sessions stay readable.
_SETTINGS_OF_DUMPS = {
    "omit_none": False,
    "big_ints": "number",
    "nan": "null",
    "pretty": False,
    "sort_keys": False,  # json.dumps sorts
}


class Jsonify:
    """Makes all JSON of a Flask app go through this package.

    ``flask.jsonify``, dicts and lists that views return, ``flask.json``, the ``tojson``
    filter, the session and ``request.get_json()`` are faster and stricter then. The
    output stays the same until you change a setting.

    :param app: the app, or None to call :meth:`init_app` later.
    :param problems: answer errors with problem details (RFC 9457), unless the client
        prefers HTML or the app has an error handler for them.
    :param settings: fields of :class:`jsonify_ext.JSONSettings`, which override the
        config keys ``JSONIFY_<FIELD>``, for instance ``JSONIFY_DATES``.
    :raises ValueError: for a bad value; the message names the field or the config key.
    :raises TypeError: for an unknown field.

    >>> import flask
    >>> app = flask.Flask("example")
    >>> Jsonify(app, dates="iso", problems=True)
    <Jsonify dates='iso', problems=True>
    >>> @app.get("/")
    ... def view():
    ...     return flask.jsonify({"id": 7}, status=201)
    >>> app.test_client().get("/").status_code
    201
    """

    def __init__(
        self, app: Flask | None = None, *, problems: bool = False, **settings: Any
    ) -> None:
        self.problems = problems
        self.settings: dict[str, Any] = validate_changes(settings)
        if app is not None:
            self.init_app(app)

    def __repr__(self) -> str:
        options = {**self.settings, "problems": self.problems}
        return f"<Jsonify {', '.join(f'{name}={each!r}' for name, each in options.items())}>"

    def init_app(self, app: Flask) -> None:
        """Install into an app; if called again, the last settings count.

        :raises ValueError: for a bad value of a config key, or an unknown ``JSONIFY_`` key.
        """
        changes = _from_config(app.config) | self.settings
        provider = app.json
        if not isinstance(provider, JsonifyProvider):
            provider = app.json = JsonifyProvider(app, provider)
        provider.configure(changes)
        if "jinja_env" in vars(app):  # made with the provider that was there then
            app.jinja_env.policies["json.dumps_function"] = provider.dumps
        if "jsonify_ext" not in app.extensions:
            _make_problems(app)
        app.extensions["jsonify_ext"] = self


class JsonifyProvider(InstalledProvider, DefaultJSONProvider):
    """Flask's provider, with this package as its encoder and parser.

    It has the attributes of Flask's provider, ``sort_keys``, ``compact``, ``ensure_ascii``,
    ``mimetype`` and ``default``, with the values that the app had set; you can change them
    at any time. ``dumps``, ``loads`` and ``response`` of the app's provider stay in use
    where it overrides them.

    :param app: the app.
    :param wrapped: the provider that the app had.
    """

    def __init__(self, app: Flask, wrapped: JSONProvider) -> None:
        super().__init__(app)
        self.wrapped = wrapped
        self.changes: dict[str, Any] = {}
        self._reference = weakref.ref(app)
        methods = ("dumps", "loads", "response")
        self._overridden = {name for name in methods if _is_overridden(wrapped, name)}
        delegates_encoding = bool(self._overridden & {"dumps", "response"})
        self.encoding_provider: Any = wrapped if delegates_encoding else None
        for name in ("sort_keys", "compact", "ensure_ascii", "mimetype", "default"):
            if is_set(wrapped, name, DefaultJSONProvider):
                setattr(self, name, getattr(wrapped, name, getattr(self, name)))

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change settings: those that are attributes here, and the others."""
        others = {**changes}
        for name in ("sort_keys", "ensure_ascii", "mimetype"):
            if name in others:
                setattr(self, name, others.pop(name))
        if "pretty" in others:
            self.compact: bool | None = not others.pop("pretty")
        self.changes = self.changes | others

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """JSON text of a value, written by :func:`json.dumps`.

        :param kwargs: those of :func:`json.dumps`.
        """
        if "dumps" in self._overridden:
            text: str = self.wrapped.dumps(obj, **kwargs)
            return text
        kwargs.setdefault("default", self._plain)
        return super().dumps(obj, **kwargs)

    def _plain(self, value: Any) -> Any:
        """What ``json`` can write in place of a value."""
        if isinstance(value, Decimal) and not value.is_finite():
            return DefaultJSONProvider.default(value)
        settings = replace_settings(self._settings(), _SETTINGS_OF_DUMPS)
        return decode.loads(settings.encoder.encode(value))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse JSON, strictly: NaN, invalid UTF-8 and lone surrogates raise an error.

        :param kwargs: those of :func:`json.loads`, which then does the work.
        :raises ValueError: when it is not valid JSON.
        """
        if "loads" in self._overridden:
            return self.wrapped.loads(s, **kwargs)
        return super().loads(s, **kwargs) if kwargs else decode.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> JSONResponse:
        """What :func:`jsonify_ext.jsonify` returns, also an ``app.response_class``."""
        app = current_flask_app()
        if app is not None and app.json is self:
            return jsonify(*args, **kwargs)
        return respond(args, kwargs, self._app_itself(), self._settings())

    def _settings(self) -> JSONSettings:
        """The current settings in a context of the app, and the app's outside."""
        current = current_flask_app()
        if current is not None and current.json is self:
            return current_settings()
        return settings_of(self._app_itself())

    def _app_itself(self) -> Flask:
        app = self._reference()
        if app is None:
            raise RuntimeError("the app of this JSON provider is gone")
        return app


def _is_overridden(provider: JSONProvider, name: str) -> bool:
    """Whether a provider has a method that is not Flask's."""
    stock = DefaultJSONProvider if isinstance(provider, DefaultJSONProvider) else JSONProvider
    return name in vars(provider) or getattr(type(provider), name) is not getattr(stock, name)


def _from_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the config keys ``JSONIFY_<FIELD>`` that aren't None."""
    known = {f"JSONIFY_{name.upper()}": name for name in FIELDS}
    changes: dict[str, Any] = {}
    for key, value in config.items():
        if not key.startswith("JSONIFY_") or key == "JSONIFY_PRETTYPRINT_REGULAR":
            continue
        if key not in known:
            raise ValueError(f"unknown config key {key}; there are {', '.join(sorted(known))}")
        if value is not None:
            try:
                changes |= validate_changes({known[key]: value})
            except (TypeError, ValueError) as error:
                raise ValueError(f"config key {key}: {error}") from None
    return changes


def _make_problems(app: Flask) -> None:
    """Turn HTTP exceptions without an error handler into problems, where asked to."""
    own = vars(app).get("make_response")
    reference = weakref.ref(app)  # so that the app is freed with its last reference

    def make_response(rv: Any) -> Any:
        current = reference()
        assert current is not None  # the app calls this
        if isinstance(rv, HTTPException) and current.extensions["jsonify_ext"].problems:
            rv = _problem(rv)
        return type(current).make_response(current, rv) if own is None else own(rv)

    app.make_response = make_response  # type: ignore[method-assign]


def _problem(exception: HTTPException) -> Any:
    """A problem response, or the exception, from which Flask makes a page."""
    if has_request_context():
        offers = [MIMETYPE, "application/json", "text/html"]
        if request.accept_mimetypes.best_match(offers) == "text/html":
            return exception
    response = problem_from(exception)
    if isinstance(response, JSONResponse):
        response.vary.add("Accept")
    return response
