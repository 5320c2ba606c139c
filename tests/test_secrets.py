"""Errors of the server: no body, no header and no message of this package contains a value."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import flask
import pydantic
import pytest
from werkzeug.test import Client

from jsonify_ext import (
    JSONEncodeError,
    RawJSON,
    ServerSentEvent,
    encode,
    json_view,
    jsonify,
    stream_json,
)
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, JSONRequest, json_app

from .samples import nested

SECRET = "-".join(["value", "4711"])
#: Text that must not reach a client: the value, paths of this machine, names from inside.
FORBIDDEN = [SECRET, str(Path(__file__).parent), sys.prefix, os.sep + "site-packages", ".py"]
FORBIDDEN += ["Traceback", "jsonify_ext", " object at 0x", "RuntimeError", "ValueError", "Secret"]


class Secret:
    """Has no JSON form, and its ``repr()`` is secret."""

    def __repr__(self) -> str:
        return SECRET


class Fails:
    def __json__(self) -> Any:
        raises_with_a_cause()


@dataclass
class Record:
    name: str = SECRET
    photo: Any = field(default_factory=Secret)


class Model(pydantic.BaseModel):
    number: int


CIRCLE: list[Any] = [SECRET]
CIRCLE.append(CIRCLE)

#: Values without a JSON form.
VALUES: dict[str, Any] = {
    "no JSON form": Secret(),
    "in a dataclass": Record(),
    "a surrogate": SECRET + "\ud800",
    "bytes": SECRET.encode() + b"\xff",
    "raw": RawJSON(f'["{SECRET}"'),
    "raw with a number": RawJSON(f'["{SECRET}",{"9" * 5000},]'),
    "two keys in one": {1: SECRET, "1": SECRET},
    "a key of no type": {Secret(): SECRET},
    "a circle": CIRCLE,
    "too deep": nested(1000, lambda value: [value], SECRET),
    "a long number": 10**5000,
}


def body(name: str) -> Any:
    return {"users": [{"avatar": VALUES[name]}]}


def raises(*_: Any) -> Any:
    raise RuntimeError(SECRET)


def raises_with_a_cause() -> Any:
    try:
        raises()
    except RuntimeError as error:
        raise LookupError(SECRET) from error


def stream(view: Callable[[], Any], kind: Any) -> Any:
    return stream_json((each() for each in (dict, view)), kind, chunk_size=0)


#: Views that fail.
VIEWS: dict[str, Callable[[], Any]] = {
    **{f"value: {name}": partial(body, name) for name in VALUES},
    "raises": raises,
    "raises with a cause": raises_with_a_cause,
    "reads a file": (Path(__file__).parent / SECRET).read_text,
    "validates": lambda: Model(number=SECRET),
    "__json__ raises": lambda: [Fails()],
    "an encoder raises": lambda: jsonify([Secret()], settings={"encoders": {Secret: raises}}),
    "default raises": lambda: jsonify([Secret()], settings={"default": raises}),
    "a bad status": lambda: jsonify(1, status=SECRET),
    "a bad header": lambda: jsonify(1, headers={"X-A": SECRET + "\r\n"}),
    "a bad mimetype": lambda: jsonify(1, mimetype=SECRET),
    "a bad option": lambda: jsonify(1, **{SECRET: 1}),
    "a bad tuple": lambda: (SECRET, 200, {}, SECRET),
    "a bad event": lambda: stream_json([ServerSentEvent(1, id=SECRET + "\n")], "sse"),
    "a generator": lambda: stream_json(raises() for _ in range(3)),
    "a background callable": lambda: jsonify(1, background=[raises, raises_with_a_cause]),
    **{
        f"a stream of {kind}, {name}": partial(stream, view, kind)
        for kind in ("json", "jsonl", "sse")
        for name, view in (("raises", raises), ("value", partial(body, "no JSON form")))
    },
}


def problems_app(view: Callable[[], Any]) -> Any:
    return JSONMiddleware(json_app(lambda request: view()), problems=True)


def lazy_app(view: Callable[[], Any]) -> Any:
    """An app that fails when its body is first read."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from json_view(view)()(environ, start_response)

    return JSONMiddleware(app, problems=True)


def async_app(view: Callable[[], Any]) -> Any:
    async def function(request: JSONRequest) -> Any:
        return view()

    return JSONMiddleware(json_app(function), problems=True)


def flask_app(view: Callable[[], Any], install: Any = lambda app: None) -> flask.Flask:
    app = flask.Flask("secrets")
    app.secret_key = SECRET
    install(app)
    app.add_url_rule("/", "view", json_view(view), methods=["GET", "POST"])
    return app


flask_with_problems = partial(flask_app, install=partial(Jsonify, problems=True))
APPS: dict[str, Callable[[Callable[[], Any]], Any]] = {
    "problems": problems_app,
    "problems of a lazy app": lazy_app,
    "problems of async functions": async_app,
    "Flask": flask_app,
    "Flask with Jsonify": partial(flask_app, install=Jsonify),
    "Flask with problems": flask_with_problems,
    "Flask in a middleware": lambda view: JSONMiddleware(flask_app(view), problems=True),
}
READERS = [
    JSONMiddleware(json_app(JSONRequest.get_json), problems=True),
    flask_with_problems(lambda: flask.request.get_json()),
]


def answered(app: Any, **request: Any) -> str:
    """All that a client gets, even of a body that ends early."""
    answer = Client(app).open("/", **request)
    parts = [answer.status, *map(str, answer.headers)]
    with contextlib.suppress(RuntimeError, JSONEncodeError):  # the server breaks the connection
        parts.extend(part.decode() for part in answer.response)
    answer.close()
    return "\n".join(parts)


def assert_nothing_is_told(answer: str) -> None:
    assert [text for text in FORBIDDEN if text in answer] == []


@pytest.mark.parametrize("app", APPS)
def test_no_answer_tells_what_went_wrong_inside(app):
    for name, view in VIEWS.items():
        served = APPS[app](view)
        for request in {}, {"headers": {"Accept": "text/html"}}:
            answer = answered(served, **request)
            started = "stream of" in name or name == "a background callable"
            assert started or answer.startswith("500 ")
            assert_nothing_is_told(answer)


@pytest.mark.parametrize(
    "data",
    [b"{", b"\xff", b'"\\ud800"', b"[1e999]", b"NaN", b"9" * 5000, b"[" * 100_000, b"", b"{]" * 9],
    ids=lambda data: repr(data[:9]),
)
@pytest.mark.parametrize("app", READERS, ids=["wsgi", "flask"])
def test_no_answer_to_a_bad_body_tells_how_it_was_read(app, data):
    answer = answered(app, method="POST", data=data, content_type="application/json")
    assert answer.startswith("400 ")
    assert_nothing_is_told(answer)


# Logs.


@pytest.mark.parametrize("name", VALUES)
def test_an_error_tells_where_and_not_what(name):
    with pytest.raises(JSONEncodeError) as caught:
        encode(body(name))
    assert caught.value.path.startswith("$.users[0].avatar")
    assert SECRET not in repr(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_the_log_has_the_path_and_not_the_value(caplog, name, streamed):
    view = partial(body, name)
    answered(problems_app(partial(stream, view, "json") if streamed else view))
    assert {record.name for record in caplog.records} == {"jsonify_ext"}
    log = "\n".join(
        map(logging.Formatter("%(message)s").format, caplog.records)
    )  # with tracebacks
    assert "users[0].avatar" in log
    assert "JSONEncodeError" in log
    assert SECRET not in log


@pytest.mark.parametrize("name", VIEWS)
def test_a_message_of_this_package_has_no_word_of_others(caplog, name):
    answered(problems_app(VIEWS[name]))
    assert {record.name for record in caplog.records} == {"jsonify_ext"}
    for record in caplog.records:
        assert SECRET not in record.getMessage()


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[2J"])
def test_a_path_cannot_forge_a_line_of_the_log(caplog, sign):
    path = f"/a{sign}jsonify_ext all is well"
    Client(problems_app(raises)).get("/", environ_overrides={"PATH_INFO": path})
    (record,) = caplog.records
    assert sign not in record.getMessage()
    assert "jsonify_ext all is well" in record.getMessage()
