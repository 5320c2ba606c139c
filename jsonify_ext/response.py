"""A value in, a finished Werkzeug response out."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar, cast, overload

from werkzeug.datastructures import Headers
from werkzeug.utils import get_content_type
from werkzeug.wrappers import Response
from werkzeug.wsgi import ClosingIterator

from .app_settings import current_flask_app
from .encode.plan import Head, Plan, plan_for
from .http import HeadersLike, check_media_type, check_status, checked_headers
from .in_force import settings_in_force, use_settings
from .on_demand import OnDemand
from .response_class import KeepsClass, with_response_class
from .settings import DEFAULTS, JSONSettings, check_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

__all__ = ["JSONResponse", "jsonify"]

Status = int | str | HTTPStatus
BackgroundLike = Callable[[], object] | list[Callable[[], object]]

_logger = logging.getLogger("jsonify_ext")

_OPTIONS = ("status", "headers", "mimetype", "background", "settings")


@overload
def jsonify(
    value: Any,
    /,
    *values: Any,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    mimetype: str | None = None,
    background: BackgroundLike | None = None,
    settings: JSONSettings | None = None,
) -> JSONResponse: ...
@overload
def jsonify(**data: Any) -> JSONResponse: ...
def jsonify(*args: Any, **kwargs: Any) -> JSONResponse:
    """Make a JSON response of a value.

    ``jsonify(value)`` sends the value, ``jsonify(a, b)`` an array of the values, and
    ``jsonify(name=value)``, with keywords only, an object of all of them. With a
    positional value, keywords are options of the response:

    :param status: an int, an :class:`http.HTTPStatus`, or text such as
        ``"201 Created"``; 200 by default.
    :param headers: a mapping or pairs of header names and values.
    :param mimetype: the media type; by default the settings'.
    :param background: a callable without arguments, or a list of them, to run in order
        when the server has sent the body.
    :param settings: complete settings for this response; by default what is in force.
    :raises JSONEncodeError: when a part of the value has no JSON form; its ``path``
        says which.
    :raises TypeError: for an unknown option next to a positional value.
    :raises ValueError: for a bad status, header or mimetype.

    >>> response = jsonify({"id": 7}, status=201, headers={"Location": "/users/7"})
    >>> response.status, response.data
    ('201 CREATED', b'{"id":7}\\n')
    >>> jsonify(id=7, status="active").data
    b'{"id":7,"status":"active"}\\n'
    """
    if args and (kwargs or len(args) > 1):
        return respond(JSONResponse, args, kwargs)
    # What the constructor does with a content and nothing else, in one step.
    settings = settings_in_force()
    plan = settings.plan or plan_for(settings)
    cls = plan.response_class or _class_to_start(settings, plan)
    if cls is None:
        return respond(JSONResponse, args, kwargs)
    encode = plan.body  # not called as a method, which Python 3.11 looks for in the class
    response: JSONResponse = _new(cls)
    response._body = encode(args[0] if args else kwargs)  # pyright: ignore[reportPrivateUsage]  # our own
    response._head = plan.head  # pyright: ignore[reportPrivateUsage]  # our own
    return response


def _class_to_start(settings: JSONSettings, plan: Plan) -> type[JSONResponse] | None:
    """The class of what ``jsonify`` makes in one step, or None where it takes more of them.

    It stays with the plan of settings that are in force in one app only, or in none.
    """
    app = current_flask_app()
    cls = JSONResponse if app is None else with_response_class(JSONResponse, app.response_class)
    if plan.etag or not cls._starts_lean:  # pyright: ignore[reportPrivateUsage]  # our own
        return None
    if settings is DEFAULTS or (app is not None and settings.response_class is app.response_class):
        plan.response_class = cls
    return cls


def respond(
    cls: type[JSONResponse],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    settings: JSONSettings | None = None,
) -> JSONResponse:
    """The response of a class to what ``jsonify`` was called with."""
    if not args:
        return cls(kwargs, settings=settings)
    content = args[0] if len(args) == 1 else list(args)
    for name in kwargs:
        if name not in _OPTIONS:
            raise TypeError(
                f"jsonify() got an unknown option {name!r}; with a positional value the "
                f"keywords are the options {', '.join(_OPTIONS)}. To send {name!r} as data, "
                f"put it into the value, or pass all data as keywords"
            )
    return cls(
        content,
        kwargs.get("status"),
        kwargs.get("headers"),
        kwargs.get("mimetype"),
        kwargs.get("background"),
        settings=kwargs.get("settings", settings),
    )


def _as_text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:  # a subclass renders something else than JSON
        return body


class _Unsaid(int):
    """A default, where a class's own default comes first."""


_new = object.__new__
_OK = _Unsaid(200)
#: The header of most bodies, which takes as long to make as the list that it is in.
_LENGTHS = tuple(zip(repeat("Content-Length"), map(str, range(1024))))
_ON_DEMAND = frozenset({"headers", "response", "_on_close"})
#: The two things that a lean response has in its ``__dict__``, and what it may have next
#: to them. No other response has only two.
_LEAN_STATE = frozenset({"_body", "_head"})
_LEAN_STATES = _LEAN_STATE | {"_status", "_status_code"}
#: What a subclass may define without a say in how the response is made and sent,
#: next to what Python itself puts into the namespace of every class.
_HARMLESS = frozenset(
    {
        *("_json_class", "_make", "_response_class", "_sends_lean", "_starts_lean"),
        *("__reduce__", "__parameters__"),
        *("autocorrect_location_header", "default_mimetype", "json_module", "max_cookie_size"),
        *("media_type", "render"),
        *vars(type("Subclass", (), {"__annotations__": {}, "__doc__": ""})),
        *("__annotate_func__", "__annotations_cache__", "__conditional_annotations__"),
        *("__firstlineno__", "__qualname__", "__static_attributes__", "__type_params__"),
    }
)


class JSONResponse(KeepsClass, Response):
    """A Werkzeug response whose body is the JSON of a value.

    A response that nobody changes keeps to its body, its status and its content type;
    its headers and all else that Werkzeug has are made when they are asked for.

    :param content: the value.
    :param status_code: an int, an :class:`http.HTTPStatus`, or text such as
        ``"201 Created"``; None is 200.
    :param headers: a mapping or pairs of header names and values.
    :param media_type: the media type, sent as it is; by default that of the headers,
        of the subclass, or of the settings, in this order.
    :param background: a callable without arguments, or a list of them, to run in order
        when the server has sent the body and closed it.
    :param settings: complete settings for this response; by default what is in force.
    :raises JSONEncodeError: when a part of the value has no JSON form.
    :raises ValueError: for a bad status, header or media type.

    >>> JSONResponse({"id": 7}, 201).data
    b'{"id":7}\\n'
    """

    #: The media type of this class of responses.
    media_type: str = "application/json"
    #: What runs when the body has been sent; see the parameter.
    background: BackgroundLike | None = None

    # Of Werkzeug's constructor, as far as it is the same for most responses.
    direct_passthrough = False
    _status = "200 OK"
    _status_code = 200

    _body: bytes
    _head: Head
    _etag = False
    #: What makes an instance: of the bases that come later, the first that has a say.
    _make: ClassVar[Callable[[Any], Any]] = object.__new__
    #: Whether no class has a say in how the response is sent; and in what it holds.
    _sends_lean: ClassVar[bool] = True
    _starts_lean: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        known = {JSONResponse, *JSONResponse.__mro__}
        others = [base for base in cls.__mro__ if base not in known]
        for base in reversed(others):
            # Werkzeug has these on instances only, where nothing hides a base's property.
            for name in _ON_DEMAND & vars(base).keys():
                setattr(cls, name, vars(base)[name])
        cls._make = super().__new__
        cls._sends_lean = all(vars(base).keys() <= _HARMLESS for base in others)
        cls._starts_lean = (
            cls._sends_lean
            and cls.render is JSONResponse.render
            and cls.media_type is JSONResponse.media_type
        )

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        app = current_flask_app()
        made: Any = cls if app is None else with_response_class(cls, app.response_class)
        response: Self = made._make(made)
        return response

    def __init__(
        self,
        content: Any = None,
        status_code: Status | None = _OK,
        headers: HeadersLike | None = None,
        media_type: str | None = None,
        background: BackgroundLike | None = None,
        *,
        settings: JSONSettings | None = None,
    ) -> None:
        in_force = settings_in_force() if settings is None else check_settings(settings)
        plan = plan_for(in_force)
        cls = type(self)
        if cls.render is JSONResponse.render:
            body = plan.body(content)
        else:
            with use_settings(in_force):
                body = self.render(content)
        if media_type is not None:
            content_type = check_media_type(media_type)
        elif cls.media_type is not JSONResponse.media_type:
            content_type = check_media_type(cls.media_type)
        else:
            content_type = plan.head[0][1]
        if cls._sends_lean:
            self._body = body
            self._head = (("Content-Type", content_type), plan.head[1])
        else:
            # As Flask calls it, because a response class may look at what it is given.
            super().__init__(_as_text(body), mimetype=content_type)
            if self.headers.get("Content-Type") == get_content_type(content_type, "utf-8"):
                self.headers["Content-Type"] = content_type
            self._add_missing(plan.head[1])
        if headers:
            self._set_headers(headers, keep_type=media_type is not None)
        if status_code is not None and status_code is not _OK:
            checked = check_status(status_code)
            if checked != self.status_code or type(checked) is not int:
                self.status = checked
        if plan.etag:
            self._etag = True
        if background is not None:
            self.background = background

    def render(self, content: Any) -> bytes:
        """The whole body, newline included; a subclass may make another.

        :param content: the value.

        >>> class Enveloped(JSONResponse):
        ...     def render(self, content):
        ...         return super().render({"data": content})
        >>> Enveloped([1, 2]).data
        b'{"data":[1,2]}\\n'
        """
        return plan_for(settings_in_force()).body(content)

    def _make_headers(self) -> Headers:
        """What Werkzeug's constructor would have set, and the settings' headers."""
        content_type, more = self._head
        return Headers([content_type, ("Content-Length", str(len(self._body))), *more])

    if TYPE_CHECKING:
        headers: Headers
    else:
        headers = OnDemand(_make_headers)
        response = OnDemand(lambda self: [self._body])
        _on_close = OnDemand(lambda self: [])

    def _set_headers(self, headers: HeadersLike, *, keep_type: bool) -> None:
        """Let the call's headers come first, in Werkzeug's order, and win by name."""
        given = checked_headers(headers)
        made, self.headers = self.headers, given
        for name in ("Content-Type", "Content-Length") if keep_type else ("Content-Length",):
            if name in given and name in made:
                given[name] = made[name]
        self._add_missing(made)

    def _add_missing(self, headers: Iterable[tuple[str, str]]) -> None:
        present = {name.lower() for name, _ in self.headers}
        for name, value in headers:
            if name.lower() not in present:
                self.headers.add(name, value)

    @classmethod
    def from_app(
        cls, app: WSGIApplication, environ: WSGIEnvironment, buffered: bool = False
    ) -> Self:
        """A response of this class with what another app answers, unchanged."""
        return cast("Self", cls.force_type(Response.from_app(app, environ, buffered)))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response; as a WSGI application does (PEP 3333)."""
        state = self.__dict__
        if (
            self._sends_lean
            and (len(state) == 2 or self._is_lean())
            and environ["REQUEST_METHOD"] != "HEAD"
        ):
            body: bytes = state["_body"]
            content_type, more = state["_head"]
            size = len(body)
            length = _LENGTHS[size] if size < 1024 else ("Content-Length", str(size))
            status = "200 OK" if len(state) == 2 else self._status
            start_response(status, [content_type, length, *more])
            return [body]
        return super().__call__(environ, start_response)

    def _is_lean(self) -> bool:
        """Whether nobody has read or changed anything that Werkzeug would look at."""
        return (
            _LEAN_STATE <= self.__dict__.keys() <= _LEAN_STATES
            # RFC 9110, section 6.4.1: these have no content.
            and self._status_code >= 200
            and self._status_code not in (204, 304)
        )

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Werkzeug's, after the answer to a conditional request was found.

        RFC 9110, section 13.2.1: conditions count for what would be a 200 only.
        """
        if not (
            self._etag
            and self._status_code == 200
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and self.is_sequence
        ):
            return super().get_wsgi_response(environ)
        # A copy, because the same response may answer the next request otherwise.
        answer = copy.copy(self)
        answer.headers = Headers(self.headers)
        answer._etag = False
        answer.add_etag()
        answer.make_conditional(environ)
        if "Date" not in self.headers:
            # Servers add it to every response, and would send a second one.
            answer.headers.remove("Date")
        return answer.get_wsgi_response(environ)

    def get_app_iter(self, environ: WSGIEnvironment) -> Iterable[bytes]:
        """Werkzeug's, and the background callables when it has been closed."""
        body = super().get_app_iter(environ)
        return body if self.background is None else _ThenBackground(body, self.background)


class _ThenBackground(ClosingIterator):
    """Runs callables when a body has been sent and closed."""

    def __init__(self, body: Iterable[bytes], background: BackgroundLike) -> None:
        super().__init__(body)
        self._background = [background] if callable(background) else list(background)

    def close(self) -> None:
        try:
            super().close()
        finally:
            for function in self._background:
                try:
                    function()
                except Exception:
                    _logger.exception("a background callable of a JSON response failed")
