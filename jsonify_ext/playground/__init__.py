"""The playground: a WSGI app that shows what a value becomes, here and with Flask."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import get_host

from ..errors import JSONEncodeError
from ..problems import problem, problem_from
from ..response import jsonify
from ..wsgi import json_app
from .comparison import compare, printable
from .options import Options, read
from .value import MAX_SIZE
from .views import like_flask, our_view

__all__ = ["app"]

_HERE = Path(__file__).parent
#: The documentation's sources, which only a copy of the repository has.
_DOCS = _HERE.parents[1] / "docs"
_DOCS_HEAD = """<!doctype html><html lang="en"><title>jsonify_ext</title><body class="source">
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/playground.css">
"""
#: Names of this machine, which other sites can't have (DNS rebinding).
_HOSTS = ["127.0.0.1", "localhost"]
_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
#: A response is data, whatever the visitor's value contains.
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_FILES = {
    "/": ("index.html", "text/html"),
    "/playground.js": ("playground.js", "text/javascript"),
    "/playground.css": ("playground.css", "text/css"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


@json_app
def app(request: Request) -> Response:
    """The WSGI application."""
    try:
        response = _dispatch(request)
    except HTTPException as error:
        response = problem_from(error)
    response.headers.update(_HEADERS)
    is_page = request.path in _FILES or request.path.startswith("/docs/")
    policy = _PAGE_POLICY if is_page else _DATA_POLICY
    response.headers["Content-Security-Policy"] = policy
    return response


def _dispatch(request: Request) -> Response:
    get_host(request.environ, _HOSTS)
    view, values = _routes.bind_to_environ(request.environ).match()
    origin = request.headers.get("Sec-Fetch-Site", "none")
    if origin not in ("none", "same-origin") and request.path != "/":
        raise Forbidden("Pages of other sites can't use the playground.")
    response: Response = view(request, **values)
    return response


def _options(request: Request) -> Options:
    # A character of the value has at most four bytes, each in three characters.
    request.max_content_length = request.max_form_memory_size = 13 * MAX_SIZE
    given = request.form if request.method == "POST" else request.args
    return read(dict(given.items(multi=True)))  # the last of a name, as switches need it


def _response(request: Request) -> Response:
    options = _options(request)
    try:
        with like_flask(options):
            return our_view(options, live=True)
    except JSONEncodeError as error:
        # For the visitor, who is the developer; an app shouldn't send this to its clients.
        return problem(500, printable(f"{error}."), path=printable(error.path))


def _compare(request: Request) -> Response:
    return jsonify(compare(_options(request)))


def _file(request: Request) -> Response:
    name, mimetype = _FILES[request.path]
    content = (_HERE / name).read_bytes()
    if mimetype == "text/html":
        docs = b"docs" if (_DOCS / "playground.rst").exists() else b"no-docs"
        origin = escape(request.host_url).encode()
        content = content.replace(b"{{docs}}", docs).replace(b"{{origin}}", origin)
    response = Response(content, mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    response.headers.remove("Date")  # servers add it
    return response


def _docs(request: Request, page: str) -> Response:
    """The source of a page of the documentation."""
    pages = {each.relative_to(_DOCS).as_posix(): each for each in _DOCS.rglob("*.rst")}
    if page not in pages:
        raise NotFound("There is no such page. The documentation is in the repository's docs.")
    text = escape(pages[page].read_text("utf-8"))
    return Response(f"{_DOCS_HEAD}<pre>{text}</pre>", mimetype="text/html")


_views: dict[str, Callable[..., Response]] = dict.fromkeys(_FILES, _file)
_views |= {"/response": _response, "/docs/<path:page>": _docs}
_routes = Map([Rule(path, methods=["GET"], endpoint=view) for path, view in _views.items()])
_routes.add(Rule("/response", methods=["POST"], endpoint=_response))
_routes.add(Rule("/compare", methods=["POST"], endpoint=_compare))
