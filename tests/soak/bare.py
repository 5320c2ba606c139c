"""The answers of a soak from Werkzeug alone, to tell the server's memory from this package's."""

from __future__ import annotations

from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from . import app as ours

_ANSWERS = [
    Client(ours.app).open(ask.path, method=ask.method, headers=ask.headers, data=ask.body)
    for ask in ours.ASKS
]
_STORED = [(each.data, each.status, list(each.headers)) for each in _ANSWERS]


@Request.application
def app(request: Request) -> Response:
    request.get_data()
    body, status, headers = _STORED[int(request.args["ask"])]
    return Response(body, status, headers)
