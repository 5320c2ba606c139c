"""The same value sent in two ways, with jsonify_ext and with Flask, and the code of both."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import chain
from typing import Any

from werkzeug.wrappers import Response

from ..context import use_settings
from ..response import jsonify
from ..streaming import stream_json
from .options import DEFAULTS, Options

__all__ = ["flask_code", "flask_config", "flask_view", "like_flask", "our_code", "our_view"]


@contextmanager
def like_flask(options: Options) -> Generator[Any]:
    """Apply the settings of a new Flask app and the changes to them.

    :return: Flask, or None if it isn't installed.
    """
    try:
        flask: Any = import_module("flask")
    except ImportError:
        flask = None
    app = flask and flask.Flask(__name__, static_folder=None)
    defaults: Any = DEFAULTS
    changes: Any = options.changes
    with app.app_context() if app else use_settings(**defaults), use_settings(**changes):
        yield flask


def our_view(options: Options, *, live: bool = False) -> Response:
    """The response of this package; ``live`` sends the items of a stream one by one."""
    if options.stream is None:
        return jsonify(options.value, status=options.status)
    items = _slowly(options.value, options.pause / 1000) if live else options.value
    size = 0 if live else None
    return stream_json(items, options.stream, status=options.status, chunk_size=size)


def _slowly(items: Iterable[Any], pause: float) -> Iterator[Any]:
    for index, item in enumerate(items):
        time.sleep(pause if index else 0)
        yield item


def our_code(options: Options) -> str:
    """The lines of a view that do the same."""
    status = f", status={options.status}" if options.status != 200 else ""
    stream = f'stream_json(value, "{options.stream}"{status})'
    call = f"return {stream if options.stream else f'jsonify(value{status})'}"
    changes = ", ".join(f"{name}={value!r}" for name, value in options.changes.items())
    return f"with use_settings({changes}):\n    {call}" if changes else call


#: What is before and after each item of a stream, and its media type.
_FRAMES = {
    "json": ("", "", "application/json"),
    "jsonl": ("", "\n", "application/jsonl"),
    "ndjson": ("", "\n", "application/x-ndjson"),
    "json-seq": ("\x1e", "\n", "application/json-seq"),
    "sse": ("data: ", "\n\n", "text/event-stream"),
}


def flask_config(options: Options) -> dict[str, Any]:
    """The attributes to set on ``app.json``: those of the settings that Flask has too."""
    shared = ("sort_keys", "ensure_ascii", "mimetype")
    config = {name: each for name, each in options.changes.items() if name in shared}
    return config | ({"compact": False} if "pretty" in options.changes else {})


def flask_view(flask: Any, options: Options) -> Any:
    """The return value of a view of a Flask app."""
    if options.stream is None:
        return flask.jsonify(options.value), options.status
    before, after, mimetype = _FRAMES[options.stream]
    dumps = partial(flask.json.dumps, separators=(",", ":"))
    rows: Iterable[str] = (before + dumps(item) + after for item in options.value)
    if options.stream == "json":
        rows = chain("[", (","[:i] + row for i, row in enumerate(rows)), ["]\n"])
    return flask.Response(flask.stream_with_context(rows), options.status, mimetype=mimetype)


def flask_code(options: Options) -> str:
    """The lines that do the same as :func:`flask_config` and :func:`flask_view`."""
    code = [f"app.json.{name} = {value!r}" for name, value in flask_config(options).items()]
    status = f", {options.status}" if options.status != 200 else ""
    if options.stream is None:
        return "\n".join([*code, f"return flask.jsonify(value){status}"])
    before, after, mimetype = _FRAMES[options.stream]
    row = f"{before!r} + dumps(item) + {after!r}".replace("'' + ", "").replace(" + ''", "")
    code += ['dumps = partial(flask.json.dumps, separators=(",", ":"))']
    code += [f"rows = ({row} for item in value)"]
    if options.stream == "json":
        code += [r'rows = chain("[", (","[:i] + row for i, row in enumerate(rows)), ["]\n"])']
    body = f"flask.stream_with_context(rows){status}"
    return "\n".join([*code, f'return flask.Response({body}, mimetype="{mimetype}")'])
