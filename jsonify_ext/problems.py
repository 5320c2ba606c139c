"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from .http import HeadersLike
from .response import JSONResponse

__all__ = ["problem", "problem_from"]

#: RFC 9457, section 6.1.
MIMETYPE = "application/problem+json"


def problem(
    status: int,
    detail: str | None = None,
    *,
    title: str | None = None,
    type: str | None = None,
    instance: str | None = None,
    headers: HeadersLike | None = None,
    **members: Any,
) -> JSONResponse:
    """A problem response, to return from a view or to pass to ``abort()``.

    :param status: the status code.
    :param detail: what is wrong this time, for a person.
    :param title: what is wrong in general; by default the status's own text.
    :param type: a URI that identifies the kind of problem; none means that the status
        says it all (RFC 9457, section 4.2.1).
    :param instance: a URI that identifies this occurrence.
    :param headers: a mapping or pairs of header names and values.
    :param members: further members of the object (RFC 9457, section 3.2).
    :raises ValueError: for a bad status or header.

    >>> problem(404, "There is no user 7.", user=7).data
    b'{"title":"Not Found","status":404,"detail":"There is no user 7.","user":7}\\n'
    """
    named = {
        "type": type,
        "title": title or HTTP_STATUS_CODES.get(status),
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    content = {name: value for name, value in named.items() if value is not None}
    return JSONResponse(content | members, status, headers, MIMETYPE)


def problem_from(exception: HTTPException) -> Response:
    """The response to a Werkzeug exception, as a problem.

    Its headers stay (``Allow``, ``Retry-After``, ``WWW-Authenticate``), and so does a
    response that it brings itself. Redirects are no problems and stay as they are.

    >>> from werkzeug.exceptions import MethodNotAllowed
    >>> response = problem_from(MethodNotAllowed(["GET"]))
    >>> response.status, response.headers["Allow"]
    ('405 METHOD NOT ALLOWED', 'GET')
    """
    code = exception.code or 500
    answer = exception.get_response()
    if exception.response is not None or code < 400:
        return answer
    entity = ("content-type", "content-length")
    headers = [pair for pair in answer.headers if pair[0].lower() not in entity]
    return problem(code, exception.description, title=exception.name, headers=headers)
