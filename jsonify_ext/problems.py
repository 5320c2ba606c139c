"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, cast

from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.wrappers import Response

from .decode import describe_invalid
from .errors import logger, type_name
from .http import HeadersLike, check_status, checked_headers
from .response import JSONResponse, Status

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["ProblemError", "problem", "problem_from"]

#: RFC 9457, section 6.1.
MIMETYPE = "application/problem+json"
#: A dict or a list becomes the member ``errors``.
Detail = str | dict[str, Any] | list[Any]
_titles = {status.value: status.phrase for status in HTTPStatus}


def problem(
    status: Status,
    detail: Detail | None = None,
    *,
    title: str | None = None,
    type: str | None = None,
    instance: str | None = None,
    headers: HeadersLike | None = None,
    **members: Any,
) -> JSONResponse:
    """Make a problem response (RFC 9457), to return from a view or to pass to ``abort()``.

    :param status: an int, an :class:`http.HTTPStatus`, or text, from 400 to 599.
    :param detail: the reason this time, for a person. A dict or a list becomes the member
        ``errors``.
    :param title: what is wrong in general; by default the standard phrase of the
        code, if it has one.
    :param type: a URI that identifies the kind of problem, if the status isn't enough.
    :param instance: a URI that identifies this occurrence.
    :param headers: a mapping or pairs of header names and values.
    :param members: further members of the object (RFC 9457, section 3.2). If one has no
        JSON form, this is logged, and they and ``detail`` are left out.
    :raises ValueError: for a bad status or header.

    >>> problem(404, "There is no user 7.", user=7).data
    b'{"title":"Not Found","status":404,"detail":"There is no user 7.","user":7}\\n'
    """
    code = _problem_code(status)
    if isinstance(detail, (dict, list)) and "errors" not in members:
        members, detail = {"errors": detail, **members}, None
    content = {"type": type, "title": title or _titles.get(code), "status": code}
    # RFC 9457, section 3.1.4: a string; an exception, for instance, becomes its text.
    content |= {"detail": None if detail is None else str(detail), "instance": instance}
    content = {name: value for name, value in content.items() if value is not None}
    kept = {name: value for name, value in content.items() if name != "detail"}
    headers = checked_headers(headers)
    for tried in content | members, kept:
        try:
            return JSONResponse(tried, status, headers, MIMETYPE)
        except Exception:  # an app's own dumps may raise any; the client made an error first
            logger.exception("members of a problem can't be encoded and are left out")
    content = {"title": _titles[code]} if code in _titles else {}
    return JSONResponse(content | {"status": code}, status, headers, MIMETYPE)


def _problem_code(status: Status) -> int:
    with suppress(ValueError):
        checked = check_status(status)
        code = int(checked.split()[0] if isinstance(checked, str) else checked)
        if 400 <= code <= 599:
            return code
    raise ValueError(
        "the status of a problem is an int, an http.HTTPStatus or text, from 400 to 599, "
        f"not {status!r}"
    )


def problem_from(exception: HTTPException, environ: WSGIEnvironment | None = None) -> Response:
    """Make the problem response to a Werkzeug exception.

    It keeps the exception's headers, such as ``Allow`` and ``Retry-After``. Redirects, and
    exceptions with their own response or body, stay as they are. Werkzeug's standard
    descriptions, which are written for browsers, are left out.

    :param exception: the exception. Its ``description`` becomes the member ``detail``, or
        ``errors`` if it is a dict or a list.
    :param environ: the WSGI environment of the request, which the exception's own methods
        may read.
    :raises TypeError: for anything but an ``HTTPException``.

    >>> from werkzeug.exceptions import MethodNotAllowed
    >>> response = problem_from(MethodNotAllowed(["GET"]))
    >>> response.status_code, response.headers["Allow"]
    (405, 'GET')
    """
    if not isinstance(exception, HTTPException):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        kind = type_name(exception)
        raise TypeError(f"problem_from takes a werkzeug HTTPException, not {kind}")
    if has_own_response(exception):
        return exception.get_response(environ)
    headers = Headers(exception.get_headers(environ))
    for name in ("Content-Type", "Content-Length"):
        headers.remove(name)
    detail: Any = _invalid_json(exception) or _description(exception)
    return problem(exception.code or 500, detail, title=exception.name, headers=headers)


def has_own_response(exception: HTTPException) -> bool:
    """Whether an exception is a redirect, or has its own response or body."""
    cls, stock, code = type(exception), HTTPException, exception.code or 500
    has_own_body = cls.get_body is not stock.get_body or cls.get_response is not stock.get_response
    return exception.response is not None or not 400 <= code <= 599 or has_own_body


def _description(exception: HTTPException) -> Any:
    """The description, unless it is Werkzeug's own."""
    owner = next(cls for cls in type(exception).__mro__ if "description" in vars(cls))
    is_own = "description" in vars(exception) or owner.__module__ != HTTPException.__module__
    return exception.description if is_own else None


def _invalid_json(exception: HTTPException) -> str | None:
    """Why ``request.get_json()`` could not parse the body, if that raised the exception.

    Flask raises a BadRequest from Werkzeug's, which has the parser's error as its context.
    """
    for each in (exception, exception.__cause__):
        if isinstance(each, BadRequest) and each.__context__ is not None:
            error = each.__context__
            if each.description == f"Failed to decode JSON object: {error}":
                return describe_invalid(error)
    return None


#: What is easily written in place of an attribute of ProblemError.
_ATTRIBUTES = {"code": "status", "status_code": "status", "description": "detail"}


class ProblemError(HTTPException):
    """A problem to raise and to subclass.

    Subclasses set ``status``, ``title`` and ``type`` as class attributes. It becomes a
    problem response in Flask, with and without the extension, and in
    :func:`jsonify_ext.wsgi.json_app`.

    :param detail: what is wrong this time, for a person.
    :param status: an int, an :class:`http.HTTPStatus`, or text, from 400 to 599; by
        default the class's, which is 500.
    :param title: what is wrong in general; by default the class's, or the standard phrase
        of the code, if it has one.
    :param type: a URI that identifies the kind of problem; by default the class's.
    :param instance: a URI that identifies this occurrence.
    :param headers: a mapping or pairs of header names and values.
    :param members: further members of the object (RFC 9457, section 3.2).
    :raises ValueError: for a bad status or header.

    >>> class OutOfCredit(ProblemError):
    ...     status = 403
    ...     title = "You do not have enough credit"
    >>> try:
    ...     raise OutOfCredit("Your balance is 30", balance=30)
    ... except OutOfCredit as error:
    ...     error.get_response().json["balance"]
    30
    """

    status: Status = 500
    title: str | None = None
    type: str | None = None
    # For a subclass whose __init__ doesn't call this one, as HTTPException has them.
    response = None
    detail: Detail | None = None
    instance: str | None = None
    headers: HeadersLike = ()
    members: Mapping[str, Any] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, right in _ATTRIBUTES.items():
            if name in vars(cls):
                raise TypeError(f"{cls.__name__}: the class attribute is {right}, not {name}")
        cls.code = _problem_code(cls.status)

    def __init__(
        self,
        detail: Detail | None = None,
        *,
        status: Status | None = None,
        title: str | None = None,
        type: str | None = None,
        instance: str | None = None,
        headers: HeadersLike | None = None,
        **members: Any,
    ) -> None:
        if isinstance(detail, int):
            raise TypeError(f"the first argument is the detail; pass status={detail!r}")
        super().__init__(cast("Any", detail))  # which abort() also takes
        self.detail = self.detail if detail is None else detail
        self.status = self.status if status is None else status
        self.code: int | None = _problem_code(self.status)
        self.title = title or self.title
        self.type = type or self.type
        self.instance = instance
        self.headers = [*checked_headers(self.headers if headers is None else headers)]
        self.members = members

    def get_response(self, *args: Any, **kwargs: Any) -> Any:
        """Make the problem response. The arguments are Werkzeug's and are ignored."""
        options: Any = {"title": self.title, "type": self.type, "instance": self.instance}
        options |= {"headers": self.headers, **self.members}
        return problem(self.status, self.detail, **options)


#: ``{exception class: status or function}``.
ErrorMap = Mapping[type[Exception], Status | Callable[[Any], Any]]


def check_errors(errors: ErrorMap | None) -> ErrorMap:
    """A copy of ``errors=``; a TypeError or ValueError if it is not an :data:`ErrorMap`."""
    checked: ErrorMap = {} if errors is None else errors
    if not isinstance(checked, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
        raise TypeError(f"errors must be a mapping, not {type_name(errors)}")
    for cls, answer in checked.items():
        if not (isinstance(cls, type) and issubclass(cls, Exception)):  # pyright: ignore[reportUnnecessaryIsInstance]  # a caller may not check types
            raise TypeError(f"errors: {cls!r} is not an exception class")
        if iscoroutinefunction(answer):
            raise TypeError(f"errors takes functions that aren't async, not {answer!r}")
        try:
            if not callable(answer):
                _problem_code(answer)
        except ValueError as error:
            raise ValueError(f"errors: {cls.__name__}: {error}") from None
    return {**checked}


def answer_to(exception: Exception, errors: ErrorMap) -> Any:
    """The answer to an exception of one of the classes, which a view could return."""
    answer: Any = next(errors[cls] for cls in type(exception).__mro__ if cls in errors)
    if isinstance(exception, HTTPException) and (exception.code or 0) < 400:
        return exception  # a redirect, or abort(response), isn't an error; as in Flask
    try:
        if callable(answer):
            return answer(exception)
        if _problem_code(answer) >= 500:
            logger.error("%s became a %s", type_name(exception), answer, exc_info=exception)
        return problem(answer)
    except HTTPException as raised:  # by abort(); a view could return it too
        return raised
