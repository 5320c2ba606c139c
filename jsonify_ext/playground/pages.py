"""The files of the page, and the headers that keep it to itself."""

from __future__ import annotations

from importlib import resources

from werkzeug.wrappers import Request, Response

__all__ = ["FILES", "page", "secured"]

#: The files of the page by their paths, and their types.
FILES = {
    "/": ("index.html", "text/html"),
    "/playground.js": ("playground.js", "text/javascript"),
    "/playground.css": ("playground.css", "text/css"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(request: Request) -> Response:
    """One of the files, or a 304 for who has it already."""
    name, mimetype = FILES[request.path]
    content = resources.files("jsonify_ext.playground").joinpath(name).read_bytes()
    response = Response(content, mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    # Servers add it to every response, and would send a second one.
    response.headers.remove("Date")
    return secured(response)


def secured(response: Response) -> Response:
    """The response, with headers that forbid other hosts, guesses and frames."""
    response.headers.update(_HEADERS)
    return response
