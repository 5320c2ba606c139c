"""The Flask extension: all JSON of an app through this package."""

from __future__ import annotations

import traceback
import warnings
import weakref
from collections.abc import Iterator
from dataclasses import is_dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Flask, has_request_context, request
from flask.json.provider import DefaultJSONProvider, JSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.sansio.response import Response

from . import decode
from .context import settings_in
from .errors import type_name
from .flask_config import (
    RESPONSE_FIELDS,
    AppSettings,
    InstalledProvider,
    app_settings,
    current_flask_app,
    is_set,
    settings_from_config,
    unwrapped,
)
from .problems import MIMETYPE, ErrorMap, answer_to, check_errors, has_own_response, problem_from
from .response import make_response
from .settings import JSONSettings, SettingsChanges, replace_settings, validate_changes

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Jsonify", "JsonifyProvider"]

#: What ``app.json.dumps`` uses instead of the app's settings: sessions stay readable.
_SETTINGS_OF_DUMPS = {
    "omit_none": False,
    "big_ints": "number",
    "nan": "null",
    "pretty": False,
    "sort_keys": False,  # json.dumps sorts
}
#: What a view may return that has a meaning in Flask.
_FLASK_TYPES: tuple[type[Any], ...] = (Response, dict, str, list, bytes, bytearray)
#: Tuples have a meaning too, unless they are records; None and bools stay errors.
_NOT_VALUES = (tuple, bool, type(None))
#: Attributes of dataclasses, attrs classes, pydantic's and msgspec's models.
_RECORD_MARKS = (
    *("__dataclass_fields__", "__attrs_attrs__", "__pydantic_serializer__", "__struct_fields__"),
)


class Jsonify:
    """Send all JSON of a Flask app through this package.

    ``flask.jsonify``, dicts and lists that views return, and ``request.get_json()`` use
    this package's encoder and parser. Views can also return any other value, for example a
    dataclass. The output stays the same until you change a setting.

    :param app: the app; or a blueprint, to set settings for its views only; or None, to
        call :meth:`init_app` later.
    :param problems: turn errors into problem details (RFC 9457), unless the client
        prefers HTML or the app has an error handler for them: True, or a prefix of the
        paths to which this applies, such as ``"/api/"``.
    :param errors: ``{exception class: status or function}``: the responses to exceptions.
        The nearest class in the method resolution order wins. A function gets the exception
        and returns what a view may return.
    :param settings: fields of :class:`jsonify_ext.JSONSettings`, which override the
        config keys ``JSONIFY_<FIELD>``, for instance ``JSONIFY_DATES``.
    :raises ValueError: for a bad value; the message names the field or the config key.
    :raises TypeError: for an unknown field, or anything but an app or a blueprint.

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
        self,
        app: Flask | Blueprint | None = None,
        *,
        problems: bool | str = False,
        errors: ErrorMap | None = None,
        **settings: Unpack[SettingsChanges],
    ) -> None:
        self.problems: bool | str = _check_problems("problems", problems)
        self.errors: ErrorMap = check_errors(errors)
        self.settings: dict[str, Any] = validate_changes(settings, "problems", "errors")
        if app is not None:
            self.init_app(app)

    def __repr__(self) -> str:
        options = {**self.settings, "problems": self.problems}
        return f"<Jsonify {', '.join(f'{name}={each!r}' for name, each in options.items())}>"

    def init_app(self, app: Flask | Blueprint) -> None:
        """Install into an app or a blueprint. A second call replaces the settings.

        :raises ValueError: for a bad value of a config key, or an unknown ``JSONIFY_`` key.
        """
        app = unwrapped(app)  # flask.current_app
        if isinstance(app, Blueprint):
            self._init_blueprint(app)
            return
        if not isinstance(app, Flask):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
            raise TypeError(f"Jsonify takes a Flask app or blueprint, not {type_name(app)}")
        changes = settings_from_config(app.config, strict=True) | self.settings
        problems = self.problems or _check_problems(
            "config key JSONIFY_PROBLEMS",
            app.config.get("JSONIFY_PROBLEMS") or False,  # pyright: ignore[reportUnknownMemberType]  # of Any
        )
        before = app.json.dumps
        provider = _install_provider(app)
        settings = app_settings(app)
        settings.install(provider, changes)
        encoding = [name for name in changes if name not in RESPONSE_FIELDS]
        if encoding and is_set(provider, "dumps"):
            warnings.warn(
                f"{type(provider).__name__}.dumps() encodes the JSON of this app: "
                f"{', '.join(encoding)} may have no effect",
                stacklevel=2,
            )
        if "jinja_env" in vars(app):  # made with the method that was there then
            policies = app.jinja_env.policies
            if policies.get("json.dumps_function") == before:
                policies["json.dumps_function"] = provider.dumps
        settings.problems = problems
        _register_errors(app, self.errors)
        if "jsonify_ext" not in app.extensions:
            _extend_make_response(app, settings)
        app.extensions["jsonify_ext"] = self

    def _init_blueprint(self, blueprint: Blueprint) -> None:
        if self.problems:
            raise TypeError("problems= is for an app: errors may occur outside of a blueprint")
        _register_errors(blueprint, self.errors)
        settings = self.settings

        def register(state: Any) -> None:
            app: Flask = state.app
            if "jsonify_ext" not in app.extensions:
                Jsonify(app)
            name = f"{state.name_prefix}.{state.name}".lstrip(".")
            app_settings(app).blueprints[name] = settings

        blueprint.record(register)


class JsonifyProvider(InstalledProvider, DefaultJSONProvider):
    """A JSON provider for Flask with this package's encoder and parser.

    It has the attributes of Flask's provider, ``sort_keys``, ``compact``, ``ensure_ascii``,
    ``mimetype`` and ``default``. You can change them at any time. You can also subclass it,
    and use it without :class:`Jsonify`: ``app.json = JsonifyProvider(app)``, or
    ``json_provider_class = JsonifyProvider`` in a subclass of ``Flask``.

    :param app: the app.
    """

    #: Whose ``response`` an app's own ``dumps`` is used in.
    _stock: type[JSONProvider] = DefaultJSONProvider

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self._jsonify_app: Any = weakref.proxy(app)

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Encode a value as text, in the form of :func:`json.dumps`.

        :param kwargs: those of :func:`json.dumps`.
        """
        _, settings = self._app_and_settings()
        kwargs.setdefault("default", self._plain)
        kwargs.setdefault("ensure_ascii", settings.ensure_ascii)
        kwargs.setdefault("sort_keys", settings.sort_keys)
        return super().dumps(obj, **kwargs)

    def _plain(self, value: Any) -> Any:
        """What ``json`` can write in place of a value."""
        if isinstance(value, Decimal) and not value.is_finite():
            return DefaultJSONProvider.default(value)
        _, settings = self._app_and_settings()
        settings = replace_settings(settings, _SETTINGS_OF_DUMPS)
        if is_dataclass(value) and not isinstance(value, type):
            rule = settings.encoder.rules[type(value)]
            if not rule.source:
                return rule.convert(value)  # the fields, in which json writes NaN as Flask does
        return decode.loads(settings.encoder.encode(value))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Parse JSON.

        Bytes, such as request bodies, are parsed strictly: NaN, invalid UTF-8 and lone
        surrogates raise an error. Text, such as sessions, is parsed as Flask parses it.

        :param kwargs: those of :func:`json.loads`, which is used if there are any.
        :raises ValueError: if it isn't valid JSON.
        :raises TypeError: for anything but text and bytes.
        """
        if isinstance(s, (bytes, bytearray)) and not kwargs:
            return decode.loads(s)
        return super().loads(s, **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        """Make a response, as :func:`jsonify_ext.jsonify` does."""
        return make_response(args, kwargs, *self._app_and_settings())

    def stock_response(self, value: Any) -> Any:
        """Flask's own response for a value, which calls this provider's ``dumps``."""
        return self._stock.response(self, value)

    def _app_and_settings(self) -> tuple[Any, JSONSettings]:
        """The current app, if it uses this provider, or its own app; and the settings."""
        app = current_flask_app()
        if app is not None and app.json is self:
            return app, settings_in(app)
        app = self._jsonify_app
        return app, app_settings(app).current(app, self)


def _install_provider(app: Flask) -> JsonifyProvider:
    """Make ``app.json`` a :class:`JsonifyProvider` that keeps its attributes and methods."""
    provider = app.json
    if not isinstance(provider, JsonifyProvider):
        own: Any = type(provider)
        cls: Any = JsonifyProvider
        if own is not DefaultJSONProvider:
            namespace = {"__module__": own.__module__, "__doc__": own.__doc__}
            if not issubclass(own, DefaultJSONProvider):
                namespace["_stock"] = JSONProvider
            cls = type(own.__name__, (own, JsonifyProvider), namespace)
        provider.__class__ = cls
        provider = cast("JsonifyProvider", provider)
        provider._jsonify_app = weakref.proxy(app)  # pyright: ignore[reportPrivateUsage]  # our own class's
    return provider


def _extend_make_response(app: Flask, settings: AppSettings) -> None:
    """Let views return any value, and make problems of HTTP exceptions."""
    app_ref: Any = weakref.ref(app)  # so that the app is freed with its last reference
    own: Any = vars(app).get("make_response")
    is_stock = own is None and type(app).make_response is Flask.make_response

    def extended(rv: Any, *args: Any, **kwargs: Any) -> Any:  # as an app's own method takes them
        app: Any = app_ref()
        settings.check_provider(app.json)
        is_short = is_stock and not (args or kwargs)
        if is_short and isinstance(rv, _FLASK_TYPES) and type(rv) is not LocalProxy:  # pyright: ignore[reportUnknownArgumentType]  # of Any
            return Flask.make_response(app, rv)  # a short way, which saves 3 % of a request
        make: Any = partial(type(app).make_response, app) if own is None else own  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]  # of Any
        is_tuple = type(rv) is tuple and len(rv) in (2, 3)  # pyright: ignore[reportUnknownArgumentType]  # of Any
        first, *others = cast("tuple[Any, ...]", rv if is_tuple else (rv,))
        value = unwrapped(first)
        if isinstance(value, HTTPException):
            value = _problem(value) if _wants_problems(settings.problems) else value
        elif not isinstance(value, _FLASK_TYPES):
            # Flask would call some values and iterate over others.
            is_used = callable(value) or isinstance(value, Iterator)
            if not (is_stock or is_used):
                try:
                    # The app may know the type.
                    return make((value, *others) if others else value, *args, **kwargs)
                except TypeError as error:
                    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
                    is_flasks = frame.f_globals.get("__name__") == Flask.__module__
                    if not (is_flasks and frame.f_locals.get("rv") is value):
                        raise  # an error of the app; Flask's is that it doesn't know the value
            is_record = any(hasattr(type(value), name) for name in _RECORD_MARKS)  # pyright: ignore[reportUnknownArgumentType]  # of Any
            if is_record or not (is_used or isinstance(value, _NOT_VALUES)):
                value = app.json.response(value)
        return make((value, *others) if others else value, *args, **kwargs)

    app.make_response = extended  # type: ignore[method-assign]  # of one app


def _problem(exception: HTTPException) -> Any:
    """A problem response or a page; or the exception, if it has its own response."""
    if has_own_response(exception):
        return exception
    offers = [MIMETYPE, "application/json", "text/html"]
    environ = request.environ if has_request_context() else None
    if environ and request.accept_mimetypes.best_match(offers) == "text/html":
        response: Any = exception.get_response(environ)
    else:
        response = problem_from(exception, environ)
    response.vary.add("Accept")
    return response


def _wants_problems(prefix: bool | str) -> bool:
    if isinstance(prefix, bool):
        return prefix
    return has_request_context() and f"{request.path}/".startswith(prefix.rstrip("/") + "/")


def _register_errors(scaffold: Flask | Blueprint, errors: ErrorMap) -> None:
    """Answer exceptions for which an app or a blueprint has no error handler."""
    for handlers in scaffold.error_handler_spec[None].values():
        for cls, handler in [*handlers.items()]:
            if getattr(handler, "func", None) is answer_to:  # of an earlier call
                del handlers[cls]
    for cls in errors:
        code = cls.code if issubclass(cls, HTTPException) else None
        for each in {code, None}:  # subclasses may have another code
            handlers = scaffold.error_handler_spec[None][each]
            handlers.setdefault(cls, partial(answer_to, errors=errors))


def _check_problems(name: str, value: Any) -> bool | str:
    if value in (True, False) or (isinstance(value, str) and value.startswith("/")):
        return value if isinstance(value, str) else bool(value)
    raise ValueError(f"{name} must be True, False or a path such as '/api/', not {value!r}")
