"""Errors of the server: no body, no header and no message of this package contains a value."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask
import pydantic
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request

from jsonify_ext import (
    JSONEncodeError,
    JSONResponse,
    JSONSettings,
    RawJSON,
    ServerSentEvent,
    encode,
    json_view,
    jsonify,
    stream_json,
)
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app

SECRET = "-".join(["value", "4711"])
#: Text that must not reach a client: the value, paths of this machine, names from inside.
FORBIDDEN = [
    SECRET,
    str(Path(__file__).parent),
    sys.prefix,
    os.sep + "site-packages",
    ".py",
    "Traceback",
    "jsonify_ext",
    " object at 0x",
    "RuntimeError",
    "ValueError",
    "Secret",
]


class Secret:
    """Has no JSON form, and its ``repr()`` is secret."""

    def __repr__(self) -> str:
        return SECRET


class Fails:
    def __json__(self) -> Any:
        raise ValueError(SECRET)


class FailsWithACause:
    def for_json(self) -> Any:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(SECRET) from error


@dataclass
class Record:
    name: str = SECRET
    photo: Any = field(default_factory=Secret)


class Model(pydantic.BaseModel):
    number: int


def circle() -> list[Any]:
    value: list[Any] = [SECRET]
    value.append(value)
    return value


def deep() -> Any:
    value: Any = SECRET
    for _ in range(1000):
        value = [value]
    return value


def failing_encoder(value: Any) -> Any:
    raise ValueError(f"bad secret {value!r}")


#: Values without a JSON form.
VALUES: dict[str, Callable[[], Any]] = {
    "no JSON form": lambda: {"users": [{"avatar": Secret()}]},
    "in a dataclass": lambda: {"users": [{"avatar": Record()}]},
    "a surrogate": lambda: {"users": [{"avatar": SECRET + "\ud800"}]},
    "bytes": lambda: {"users": [{"avatar": SECRET.encode() + b"\xff"}]},
    "raw": lambda: {"users": [{"avatar": RawJSON(f'["{SECRET}"')}]},
    "raw with a number": lambda: {"users": [{"avatar": RawJSON(f'["{SECRET}",{"9" * 5000}]')}]},
    "two keys in one": lambda: {"users": [{"avatar": {1: SECRET, "1": SECRET}}]},
    "a key of no type": lambda: {"users": [{"avatar": {Secret(): SECRET}}]},
    "a circle": lambda: {"users": [{"avatar": circle()}]},
    "too deep": lambda: {"users": [{"avatar": deep()}]},
    "a long number": lambda: {"users": [{"avatar": 10**5000}]},
}


def raises() -> Any:
    raise RuntimeError(SECRET)


def raises_with_a_cause() -> Any:
    try:
        raises()
    except RuntimeError as error:
        raise LookupError(SECRET) from error


def reads_a_file() -> Any:
    return (Path(__file__).parent / SECRET).read_text()


def later(value: Callable[[], Any]) -> Iterator[Any]:
    yield {"first": 1}
    yield value()


def as_stream(view: Callable[[], Any], kind: Any) -> Any:
    return stream_json(later(view), kind, chunk_size=0)


#: Views that fail in other ways.
FAILURES: dict[str, Callable[[], Any]] = {
    "raises": raises,
    "raises with a cause": raises_with_a_cause,
    "reads a file": reads_a_file,
    "validates": lambda: Model(number=SECRET),
    "__json__ raises": lambda: [Fails()],
    "for_json() raises": lambda: {"a": FailsWithACause()},
    "an encoder raises": lambda: JSONResponse(
        [Secret()], settings=JSONSettings(encoders={Secret: failing_encoder})
    ),
    "default raises": lambda: jsonify([Secret()], settings=JSONSettings(default=failing_encoder)),
    "a bad status": lambda: jsonify(1, status=SECRET),
    "a bad header": lambda: jsonify(1, headers={"X-A": SECRET + "\r\n"}),
    "a bad mimetype": lambda: jsonify(1, mimetype=SECRET),
    "a bad option": lambda: jsonify(1, **{SECRET: 1}),
    "a bad tuple": lambda: (SECRET, 200, {}, SECRET),
    "a bad event": lambda: stream_json([ServerSentEvent(1, id=SECRET + "\n")], "sse"),
    "a generator": lambda: stream_json(raises() for _ in range(3)),
    "a background callable": lambda: jsonify(1, background=[raises, raises_with_a_cause]),
    **{
        f"a stream of {kind}, {name}": lambda view=view, kind=kind: as_stream(view, kind)
        for kind in ("json", "jsonl", "sse")
        for name, view in [("raises", raises), ("value", VALUES["no JSON form"])]
    },
}
VIEWS = {**{f"value: {name}": view for name, view in VALUES.items()}, **FAILURES}


def problems_app(view: Callable[[], Any]) -> Any:
    return JSONMiddleware(json_app(lambda request: view()), problems=True)


def lazy_app(view: Callable[[], Any]) -> Any:
    """An app that fails when its body is first read."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield from json_view(view)()(environ, start_response)

    return JSONMiddleware(app, problems=True)


def async_app(view: Callable[[], Any]) -> Any:
    @json_app
    async def app(request: Request) -> Any:
        return view()

    return JSONMiddleware(app, problems=True)


def flask_app(view: Callable[[], Any], install: Any = lambda app: None) -> flask.Flask:
    app = flask.Flask("secrets")
    app.secret_key = SECRET
    install(app)
    app.add_url_rule("/", "view", json_view(view))
    return app


APPS: dict[str, Callable[[Callable[[], Any]], Any]] = {
    "problems": problems_app,
    "problems of a lazy app": lazy_app,
    "problems of async functions": async_app,
    "Flask": flask_app,
    "Flask with Jsonify": lambda view: flask_app(view, Jsonify),
    "Flask with problems": lambda view: flask_app(view, lambda app: Jsonify(app, problems=True)),
    "Flask in a middleware": lambda view: JSONMiddleware(flask_app(view), problems=True),
}


def answered(app: Any, **request: Any) -> str:
    """All that a client gets, even of a body that ends early."""
    answer = Client(app).open("/", **request)
    parts = [answer.status, *map(str, answer.headers)]
    with contextlib.suppress(RuntimeError, JSONEncodeError):  # the server breaks the connection
        parts.extend(part.decode() for part in answer.response)
    answer.close()
    return "\n".join(parts)


STARTED = ("stream of", "a background callable")


@pytest.mark.parametrize("app", APPS)
def test_no_answer_tells_what_went_wrong_inside(app):
    for name, view in VIEWS.items():
        served = APPS[app](view)
        for request in {}, {"headers": {"Accept": "text/html"}}:
            answer = answered(served, **request)
            if not any(each in name for each in STARTED):
                assert answer.startswith("500 ")
            for text in FORBIDDEN:
                assert text not in answer


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b'"\\ud800"', b"[1e999]", b"NaN", b"9" * 5000, b"[" * 100_000, b"", b"{]" * 9],
    ids=lambda body: repr(body[:9]),
)
def test_no_answer_to_a_bad_body_tells_how_it_was_read(body):
    def read() -> Any:
        return flask.request.get_json()

    plain = JSONMiddleware(json_app(lambda request: request.get_json()), problems=True)
    installed = flask_app(read, lambda app: Jsonify(app, problems=True))
    installed.add_url_rule("/", "read", read, methods=["POST"])
    for app in (plain, installed):
        answer = answered(app, method="POST", data=body, content_type="application/json")
        assert answer.startswith("400 ")
        for text in FORBIDDEN:
            assert text not in answer


# Logs.


def logged(caplog: Any) -> str:
    """The text of the log, with tracebacks."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(map(formatter.format, caplog.records))


@pytest.mark.parametrize("name", VALUES)
def test_an_error_tells_where_and_not_what(name):
    with pytest.raises(JSONEncodeError) as caught:
        encode(VALUES[name]())
    assert caught.value.path.startswith("$.users[0].avatar")
    assert SECRET not in repr(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
def test_the_log_has_the_path_and_not_the_value(caplog, name, streamed):
    view = VALUES[name]
    answered(problems_app((lambda: as_stream(view, "json")) if streamed else view))
    assert {record.name for record in caplog.records} == {"jsonify_ext"}
    log = logged(caplog)
    assert "users[0].avatar" in log
    assert "JSONEncodeError" in log
    assert SECRET not in log


@pytest.mark.parametrize("name", FAILURES)
def test_a_message_of_this_package_has_no_word_of_others(caplog, name):
    answered(problems_app(FAILURES[name]))
    assert caplog.records
    for record in caplog.records:
        assert record.name == "jsonify_ext"
        assert SECRET not in record.getMessage()


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b[2J"])
def test_a_path_cannot_forge_a_line_of_the_log(caplog, sign):
    path = f"/a{sign}jsonify_ext all is well"
    Client(problems_app(raises)).get("/", environ_overrides={"PATH_INFO": path})
    (record,) = caplog.records
    assert sign not in record.getMessage()
    assert "jsonify_ext all is well" in record.getMessage()
