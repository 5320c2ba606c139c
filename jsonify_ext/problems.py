"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .http import HeadersLike, check_status
from .response import JSONResponse, Status

__all__ = ["problem", "problem_from"]

#: RFC 9457, section 6.1.
MIMETYPE = "application/problem+json"
_titles = {status.value: status.phrase for status in HTTPStatus}


def problem(
    status: Status,
    detail: str | None = None,
    *,
    title: str | None = None,
    type: str | None = None,
    instance: str | None = None,
    headers: HeadersLike | None = None,
    **members: Any,
) -> JSONResponse:
    """A problem response, to return from a view or to pass to ``abort()``.

    :param status: an int, an :class:`http.HTTPStatus`, or text, from 400 to 599.
    :param detail: what is wrong this time, for a person.
    :param title: what is wrong in general; by default the status's own text.
    :param type: a URI that identifies the kind of problem, if the status isn't enough.
    :param instance: a URI that identifies this occurrence.
    :param headers: a mapping or pairs of header names and values.
    :param members: further members of the object (RFC 9457, section 3.2).
    :raises ValueError: for a bad status or header.

    >>> problem(404, "There is no user 7.", user=7).data
    b'{"title":"Not Found","status":404,"detail":"There is no user 7.","user":7}\\n'
    """
    checked = check_status(status)
    code = int(checked.split()[0]) if isinstance(checked, str) else int(checked)
    if not 400 <= code <= 599:
        raise ValueError(f"the status of a problem is from 400 to 599, not {status!r}")
    named = {"type": type, "title": title or _titles.get(code), "status": code}
    named |= {"detail": detail, "instance": instance}
    content = {name: value for name, value in named.items() if value is not None}
    return JSONResponse(content | members, status, headers, MIMETYPE)


def problem_from(exception: HTTPException) -> Response:
    """The response to a Werkzeug exception, as a problem.

    It keeps the headers (``Allow``, ``Retry-After``). Redirects and exceptions with a
    response stay as they are.

    :param exception: the exception.

    >>> from werkzeug.exceptions import MethodNotAllowed
    >>> response = problem_from(MethodNotAllowed(["GET"]))
    >>> response.status_code, response.headers["Allow"]
    (405, 'GET')
    """
    code = exception.code or 500
    answer = exception.get_response()
    if exception.response is not None or code < 400:
        return answer
    entity = ("content-type", "content-length")
    headers = [pair for pair in answer.headers if pair[0].lower() not in entity]
    return problem(code, exception.description, title=exception.name, headers=headers)
