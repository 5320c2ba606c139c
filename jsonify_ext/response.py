"""A value in, a finished Werkzeug response out."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast, overload

from werkzeug.datastructures import Headers
from werkzeug.utils import get_content_type
from werkzeug.wrappers import Response

from .context import SettingsLike, current_settings, settings_in, use_settings
from .errors import type_name
from .flask_config import FlaskSettings, current_flask_app, settings_of
from .http import HeadersLike, check_media_type, check_status, checked_headers
from .options import BackgroundLike, check_background, check_options, run_background
from .response_class import PreservesClass, is_plain, with_response_class
from .settings import JSONSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from typing_extensions import Self

    from .encode.encoder import Encoder

__all__ = ["BackgroundLike", "JSONResponse", "Status", "jsonify"]

Status = int | str | HTTPStatus


@overload
def jsonify(
    value: Any,
    /,
    *values: Any,
    status: Status | None = None,
    headers: HeadersLike | None = None,
    mimetype: str | None = None,
    background: BackgroundLike | None = None,
    settings: SettingsLike | None = None,
) -> JSONResponse: ...
@overload
def jsonify(**data: Any) -> JSONResponse: ...
def jsonify(*args: Any, **kwargs: Any) -> JSONResponse:
    """Make a JSON response from a value.

    ``jsonify(value)`` sends the value, ``jsonify(a, b)`` an array, and ``jsonify(name=value)``
    an object of all keywords. With a positional value, keywords are options:

    :param status: an int (by default 200), :class:`http.HTTPStatus`, or ``"201 Created"``.
    :param headers: a mapping or pairs of header names and values.
    :param mimetype: the media type; by default that of the settings.
    :param background: a callable without arguments, or a list of them, to run afterwards.
    :param settings: complete settings for this response, or a mapping of changes to the
        settings that otherwise apply.
    :raises JSONEncodeError: when a part of the value has no JSON form; see its ``path``.
    :raises TypeError: for an unknown option or setting, or a bad ``background``.
    :raises ValueError: for a bad status, header, mimetype or setting.

    >>> response = jsonify({"id": 7}, status=201, headers={"Location": "/users/7"})
    >>> response.status_code, response.data
    (201, b'{"id":7}\\n')
    >>> jsonify(id=7, status="active").data
    b'{"id":7,"status":"active"}\\n'
    """
    app = current_flask_app()
    settings = settings_in(app)
    if app is not None:
        of_app: Any = settings if isinstance(settings, FlaskSettings) else settings_of(app)
        if of_app.own_response:
            changed = current_settings(kwargs.get("settings") if args else None)
            # Other settings of the encoding replace both.
            if getattr(changed, "own_encoding", None) == of_app.own_encoding:
                return _provided(args, kwargs, app, of_app.own_response, changed)
    return make_response(args, kwargs, app, settings)


def make_response(
    args: tuple[Any, ...], kwargs: dict[str, Any], app: Any | None, settings: JSONSettings
) -> JSONResponse:
    """The response for the arguments of :func:`jsonify`, by the settings that apply."""
    cls: Any = JSONResponse if app is None else with_response_class(JSONResponse, app)
    if len(args) < 2 and not (args and kwargs) and cls._is_simple:
        # What the constructor does for a content and nothing else, in half the time.
        encoder = settings.encoder
        body = encoder.body(args[0] if args else kwargs)
        response: JSONResponse = _new(cls)
        response._assemble(body, encoder, encoder.content_type)  # pyright: ignore[reportPrivateUsage]  # our own class's
        return response
    content: Any = args[0] if len(args) == 1 else [*args]
    if not args:
        content, kwargs = kwargs, {}
    check_options(kwargs)
    status, changes = kwargs.get("status", _DEFAULT_STATUS), kwargs.get("settings", settings)
    others = map(kwargs.get, ("headers", "mimetype", "background"))
    return cast("JSONResponse", cls(content, status, *others, settings=changes))


def _provided(
    args: tuple[Any, ...], kwargs: dict[str, Any], app: Any, make: Any, settings: JSONSettings
) -> JSONResponse:
    """The response that the app's provider makes itself; the options of the call win."""
    options = kwargs if args else {}
    check_options(options)
    with nullcontext() if options.get("settings") is None else use_settings(settings):
        made = make(*args) if args else make(**kwargs)
    is_ours = isinstance(made, JSONResponse)
    response: JSONResponse = with_response_class(JSONResponse, app).force_type(made)
    mimetype, functions = options.get("mimetype"), check_background(options.get("background"))
    if not is_ours:
        response._add_missing(settings.encoder.headers)  # pyright: ignore[reportPrivateUsage]  # our own class's
        response._etag = settings.etag  # pyright: ignore[reportPrivateUsage]  # our own class's
        if settings.mimetype != getattr(app.json, "mimetype", settings.mimetype):
            mimetype = mimetype or settings.mimetype
    if mimetype is not None:
        response.headers["Content-Type"] = check_media_type(mimetype)
    response._set_options(options.get("status"), options.get("headers"), mimetype, functions)  # pyright: ignore[reportPrivateUsage]  # our own class's
    return response


class _DefaultStatus(int):
    """A status that gives way to the class's own default."""


_new = object.__new__
#: The headers of most bodies, which take as long to make as their list.
_LENGTHS = [("Content-Length", str(size)) for size in range(1024)]
_DEFAULT_STATUS = _DefaultStatus(200)
#: How many attributes a Werkzeug response with a finished body has.
_ATTRIBUTES = 6


class JSONResponse(PreservesClass, Response):
    """A Werkzeug response whose body is the JSON of a value.

    :param content: the value.
    :param status_code: an int, :class:`http.HTTPStatus`, or text such as ``"201 Created"``.
    :param headers: a mapping or pairs of header names and values.
    :param media_type: the media type, sent as it is; by default that of the headers,
        of the subclass, or of the settings, in this order.
    :param background: a callable without arguments, or a list of them, to run in order
        after the server has sent the body and closed it.
    :param settings: complete settings, or a mapping of changes, as for :func:`jsonify`.
    :raises JSONEncodeError: when a part of the value has no JSON form.
    :raises TypeError: for a ``background`` that can't be called or is async, or an unknown
        setting.
    :raises ValueError: for a bad status, header, media type or setting.

    >>> JSONResponse({"id": 7}, 201).data
    b'{"id":7}\\n'
    """

    #: The media type of this class of responses.
    media_type: str = "application/json"
    #: What runs after the body has been sent; see the parameter.
    background: BackgroundLike | None = None

    _etag = False
    #: Whether no subclass changes how a response is made and sent.
    _is_plain: ClassVar[bool] = True
    #: Whether none of them changes what is in a response either.
    _is_simple: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._is_plain = is_plain(cls, JSONResponse)
        same = cls.render is JSONResponse.render and cls.media_type is JSONResponse.media_type
        cls._is_simple = cls._is_plain and same

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made: type[Self] = with_response_class(cls, current_flask_app())
        return super(JSONResponse, made).__new__(made)

    def __init__(
        self,
        content: Any = None,
        status_code: Status | None = _DEFAULT_STATUS,
        headers: HeadersLike | None = None,
        media_type: str | None = None,
        background: BackgroundLike | None = None,
        *,
        settings: SettingsLike | None = None,
    ) -> None:
        functions, current = check_background(background), current_settings(settings)
        encoder, mimetype = current.encoder, media_type
        if type(self).render is JSONResponse.render and "render" not in vars(self):
            body = encoder.body(content)
        else:
            with use_settings(current):
                body = self.render(content)
            if not isinstance(body, bytes):  # pyright: ignore[reportUnnecessaryIsInstance]  # a subclass may not check types
                name = type(self).__name__
                raise TypeError(f"{name}.render() must return bytes, not {type_name(body)}")
        if mimetype is None and self.media_type is not JSONResponse.media_type:
            mimetype = self.media_type
        content_type = encoder.content_type
        if mimetype is not None:
            content_type = ("Content-Type", check_media_type(mimetype))
        self._assemble(body, encoder, content_type)
        if status_code is _DEFAULT_STATUS:
            status_code = None
        self._set_options(status_code, headers, media_type, functions)

    def _set_options(
        self,
        status_code: Status | None,
        headers: HeadersLike | None,
        media_type: str | None,
        background: BackgroundLike | None,
    ) -> None:
        if headers:
            self._set_headers(headers, keep_type=media_type is not None)
        if status_code is not None:
            checked = check_status(status_code)
            if checked != self.status_code:
                self.status = checked
        if background:
            self.background = background

    def _assemble(self, body: bytes, encoder: Encoder, content_type: tuple[str, str]) -> None:
        """Make a response with a finished body."""
        if self._is_plain:
            # The steps of Werkzeug's constructor, five times as fast.
            headers: Headers = _new(Headers)
            self.headers: Headers = headers
            size = len(body)
            length = _LENGTHS[size] if size < 1024 else ("Content-Length", str(size))
            headers._list = [content_type, length, *encoder.headers]  # pyright: ignore[reportPrivateUsage]  # Werkzeug's
            self._status = "200 OK"
            self._status_code = 200
            self.direct_passthrough = False
            self._on_close = []
            self.response: Iterable[str] | Iterable[bytes] = [body]
        else:
            # As Flask calls it, because a response class may look at its arguments.
            super().__init__(_as_text(body), mimetype=content_type[1])
            if self.headers.get("Content-Type") == get_content_type(content_type[1], "utf-8"):
                self.headers["Content-Type"] = content_type[1]
            self._add_missing(encoder.headers)
        if encoder.etag:
            self._etag = True

    def render(self, content: Any) -> bytes:
        """The whole body, newline included; override it to change the encoding.

        :param content: the value.

        >>> class Enveloped(JSONResponse):
        ...     def render(self, content):
        ...         return super().render({"data": content})
        >>> Enveloped([1, 2]).data
        b'{"data":[1,2]}\\n'
        """
        return current_settings().encoder.body(content)

    def _set_headers(self, headers: HeadersLike, *, keep_type: bool) -> None:
        """Put the headers of the call first, as Werkzeug does; they replace others."""
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
        """A response of this class with the response of another app."""
        return cast("Self", cls.force_type(Response.from_app(app, environ, buffered)))

    def close(self) -> None:
        """Close the body and run the background callables; called by the server."""
        try:
            super().close()
        finally:
            if self.background is not None:
                run_background(self.background)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response, as a WSGI application (PEP 3333)."""
        if self._is_plain:
            body: Any = self.response
            headers, code = self.headers, self._status_code
            kind = type(body)  # pyright: ignore[reportUnknownVariableType]  # of Any
            if (
                kind is list
                and len(body) == 1
                and type(body[0]) is bytes
                and type(headers) is Headers
                and not self._on_close
                and environ["REQUEST_METHOD"] != "HEAD"
                # RFC 9110, section 6.4.1: the others have no content.
                and (code == 200 or (code > 200 and code not in (204, 304)))
                and _are_final(headers._list)  # pyright: ignore[reportPrivateUsage]  # Werkzeug's
                # No background callables, no ETag, and no method is replaced.
                and len(self.__dict__) == _ATTRIBUTES
            ):
                # What Werkzeug would send, five times as fast.
                start_response(self._status, headers._list.copy())  # pyright: ignore[reportPrivateUsage]  # Werkzeug's
                return [*body]
        return super().__call__(environ, start_response)

    def get_wsgi_response(
        self, environ: WSGIEnvironment
    ) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Answer a conditional request, if this is a 200 (RFC 9110, section 13.2.1)."""
        conditional = self._status_code == 200 and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if not (self._etag and conditional and self.is_sequence):
            return super().get_wsgi_response(environ)
        answer = copy.copy(self)  # because the same response may be sent again
        answer.headers = Headers(self.headers)
        answer._etag = False
        answer.add_etag()
        answer.make_conditional(environ)
        if "Date" not in self.headers:  # the server adds one
            answer.headers.remove("Date")
        return answer.get_wsgi_response(environ)


def with_background(response: Response, background: BackgroundLike) -> Response:
    """A copy that runs functions afterwards: a view may return the same response again."""
    answer = copy.copy(response)
    answer._on_close = [*response._on_close, partial(run_background, background)]  # pyright: ignore[reportPrivateUsage]  # Werkzeug's
    return answer


def _are_final(headers: list[tuple[str, str]]) -> bool:
    """Whether Werkzeug would send headers as they are, without URLs to make absolute."""
    if len(headers) == 2 and headers[0][0] == "Content-Type":
        return headers[1][0] == "Content-Length"
    names = {name.lower() for name, _ in headers}
    return "content-length" in names and names.isdisjoint(("location", "content-location"))


def _as_text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:  # a subclass renders something other than JSON
        return body
