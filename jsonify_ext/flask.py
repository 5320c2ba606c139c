"""Flask: the whole app's JSON through this package; the only room that imports Flask."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from typing import Any

from flask import Flask, has_request_context, request
from flask.json.provider import DefaultJSONProvider, JSONProvider
from werkzeug.exceptions import HTTPException

from . import decode
from .app_settings import InstalledProvider, current_flask_app, settings_of
from .encode.plan import Plan, plan_for
from .encode.raw import Fragment
from .in_force import changed, check_changes, settings_in_force
from .problems import MIMETYPE, problem_from
from .response import JSONResponse, respond
from .response_class import with_response_class
from .settings import JSONSettings

__all__ = ["Jsonify", "JsonifyProvider"]

#: The settings that Flask's own provider has as attributes, and how to set them.
_ATTRIBUTES: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "sort_keys": lambda value: ("sort_keys", value),
    "pretty": lambda value: ("compact", not value),
    "ensure_ascii": lambda value: ("ensure_ascii", value),
    "mimetype": lambda value: ("mimetype", value),
    "default": lambda value: ("default", value),
}
#: What ``json.dumps`` takes and this package does as well.
_FORMATTING = frozenset({"default", "ensure_ascii", "indent", "separators", "sort_keys"})


class Jsonify:
    """Makes everything that is JSON in a Flask app go through this package.

    ``flask.jsonify``, dicts and lists that views return, ``flask.json``, the ``tojson``
    filter, the session and ``request.get_json()`` are faster and stricter then, and
    send the same bytes as before until a setting says otherwise.

    :param app: the app, or None to call :meth:`init_app` later.
    :param problems: answer errors with problem details (RFC 9457), unless the client
        prefers HTML or the app has an error handler of its own.
    :param settings: fields of :class:`jsonify_ext.JSONSettings`. The config keys
        ``JSONIFY_<FIELD>``, ``JSONIFY_DATES`` for instance, say the same; a keyword
        comes first.
    :raises ValueError: for a bad value; the message names the field or the config key.
    :raises TypeError: for an unknown field.

    >>> import flask
    >>> app = flask.Flask("example")
    >>> Jsonify(app, dates="iso", problems=True)
    <Jsonify dates='iso', problems=True>
    >>> @app.get("/")
    ... def view():
    ...     return flask.jsonify({"id": 7}, status=201)
    >>> app.test_client().get("/").status
    '201 CREATED'
    """

    def __init__(
        self, app: Flask | None = None, *, problems: bool = False, **settings: Any
    ) -> None:
        self.problems = problems
        self.settings: dict[str, Any] = check_changes(settings)
        if app is not None:
            self.init_app(app)

    def __repr__(self) -> str:
        said = [f"{name}={value!r}" for name, value in self.settings.items()]
        return f"<Jsonify {', '.join([*said, f'problems={self.problems}'])}>"

    def init_app(self, app: Flask) -> None:
        """Install into an app; once more is harmless, and the last settings count.

        :raises ValueError: for a bad value of a config key, or an unknown ``JSONIFY_`` key.
        """
        changes = _from_config(app.config) | self.settings
        provider = app.json
        if not isinstance(provider, JsonifyProvider):
            provider = app.json = JsonifyProvider(app, provider)
        provider.apply(changes)
        if "jinja_env" in vars(app):
            # Flask gave it the provider that there was when it was made.
            app.jinja_env.policies["json.dumps_function"] = provider.dumps
        known = app.extensions.get("jsonify_ext")
        app.extensions["jsonify_ext"] = self
        if known is None:
            _make_problems(app)


class JsonifyProvider(InstalledProvider, DefaultJSONProvider):
    """Flask's provider, with this package as its encoder and parser.

    It has the attributes of Flask's, ``sort_keys``, ``compact``, ``ensure_ascii``,
    ``mimetype`` and ``default``, with the values that the app had set; they may be changed
    at any time. What the app's provider does in a way of its own (``dumps``,
    ``loads``, ``response``) goes on being done that way.

    :param app: the app.
    :param before: the provider that the app had.
    """

    def __init__(self, app: Flask, before: JSONProvider) -> None:
        super().__init__(app)
        self.before = before
        self.changes: dict[str, Any] = {}
        self.chosen: frozenset[str] = frozenset()
        self._reference = weakref.ref(app)
        self._own = {name for name in ("dumps", "loads", "response") if _is_own(before, name)}
        self.keeps_encoding: bool = bool(self._own & {"dumps", "response"})
        for name in ("sort_keys", "compact", "ensure_ascii", "mimetype", "default"):
            setattr(self, name, getattr(before, name, getattr(self, name)))

    def apply(self, changes: Mapping[str, Any]) -> None:
        """Change settings: those that are attributes here, and the others."""
        for name, value in changes.items():
            if name in _ATTRIBUTES:
                setattr(self, *_ATTRIBUTES[name](value))
        others = {name: value for name, value in changes.items() if name not in _ATTRIBUTES}
        self.changes = self.changes | others
        self.chosen = self.chosen | changes.keys()

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """JSON text of a value.

        :param kwargs: those of :func:`json.dumps`; where they ask for more than a form
            (``cls``, ``skipkeys``, ``allow_nan``), the standard library does the work.
        """
        if "dumps" in self._own:
            text: str = self.before.dumps(obj, **kwargs)
            return text
        if not kwargs.keys() <= _FORMATTING:
            return super().dumps(obj, **kwargs)
        changes = {name: kwargs[name] for name in _FORMATTING & kwargs.keys()}
        indent = changes.pop("indent", None)
        separators = changes.pop("separators", None)
        settings = changed(self._settings(), {"pretty": indent == 2, **changes})
        plan = plan_for(settings)
        if separators == ((",", ": ") if settings.pretty else (",", ":")) or (
            settings.pretty and separators is None
        ):
            return plan.encode(obj).decode()
        return _formatted(plan, obj, indent, separators)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse JSON, strictly: NaN, invalid UTF-8 and lone surrogates are errors.

        :param kwargs: those of :func:`json.loads`, which does the work where there are any.
        :raises ValueError: when it is not valid JSON.
        """
        if "loads" in self._own:
            return self.before.loads(s, **kwargs)
        return super().loads(s, **kwargs) if kwargs else decode.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> JSONResponse:
        """What :func:`jsonify_ext.jsonify` makes, which is also an ``app.response_class``."""
        kind = with_response_class(JSONResponse, self._app_itself().response_class)
        return respond(kind, args, kwargs, self._settings())

    def _settings(self) -> JSONSettings:
        """What is in force inside of the app's context, and what the app says outside."""
        current = current_flask_app()
        if current is not None and current.json is self:
            return settings_in_force()
        return settings_of(self._app_itself())

    def _app_itself(self) -> Flask:
        app = self._reference()
        if app is None:
            raise RuntimeError("the app of this JSON provider is gone")
        return app


def _is_own(provider: JSONProvider, name: str) -> bool:
    """Whether a provider has a method that is not Flask's."""
    stock = DefaultJSONProvider if isinstance(provider, DefaultJSONProvider) else JSONProvider
    own = getattr(type(provider), name) is not getattr(stock, name)
    return own or name in vars(provider)


def _formatted(plan: Plan, value: Any, indent: Any, separators: Any) -> str:
    """JSON text in a form that only the standard library writes."""

    def write(tree: Any, **options: Any) -> str:
        return json.dumps(
            tree,
            allow_nan=False,
            ensure_ascii=plan.settings.ensure_ascii,
            indent=indent,
            separators=separators,
            **options,
        )

    if plan.try_text(value) is not None:
        # Plain types, exactly, and no keys but strings; json itself notices the rest.
        try:
            return write(value, sort_keys=plan.settings.sort_keys)
        except (TypeError, ValueError, RecursionError):
            pass

    def parsed(fragment: Fragment) -> Any:
        return json.loads(fragment.contents)

    return write(plan.walk(value), default=parsed)


def _from_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that config keys say; None says nothing."""
    known = {f"JSONIFY_{each.name.upper()}": each.name for each in fields(JSONSettings)}
    changes: dict[str, Any] = {}
    for key, value in config.items():
        if not key.startswith("JSONIFY_") or key == "JSONIFY_PRETTYPRINT_REGULAR":
            continue
        if key not in known:
            raise ValueError(f"unknown config key {key}; there are {', '.join(sorted(known))}")
        if value is not None:
            changes[known[key]] = value
            try:
                JSONSettings(**{known[key]: value})
            except (TypeError, ValueError) as error:
                raise ValueError(f"config key {key}: {error}") from None
    return changes


def _make_problems(app: Flask) -> None:
    """Let HTTP exceptions that no error handler took become problems, where asked to."""
    make_response = app.make_response

    @wraps(make_response)
    def made(rv: Any) -> Any:
        if isinstance(rv, HTTPException) and app.extensions["jsonify_ext"].problems:
            rv = _problem(rv)
        return make_response(rv)

    app.make_response = made  # type: ignore[method-assign]  # Flask asks it for every response


def _problem(exception: HTTPException) -> Any:
    """A problem response, or the exception, which Flask makes a page of."""
    if has_request_context():
        offers = [MIMETYPE, "application/json", "text/html"]
        if request.accept_mimetypes.best_match(offers) == "text/html":
            return exception
    response = problem_from(exception)
    if isinstance(response, JSONResponse):
        response.vary.add("Accept")
    return response
