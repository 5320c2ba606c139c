"""Each hook runs once on every path, and its result stays in its place."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any

import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify, stream_json

from .. import samples as s
from ..samples import Counting, Image, error_of, nested
from .conftest import assert_refused

#: Values that are sent beside the hooks, each of which forces another path.
BESIDE: dict[str, Any] = {
    "nothing": list,
    "a long integer": lambda: [2**70],
    "an integer key": lambda: [{1: 2}],
    "a set": lambda: [{1}],
    "text and a date": lambda: ["é", s.SEVEN],
    "Python objects": lambda: [Decimal(1), s.Html()],
    "tuples": lambda: [((1,),)],
    "an iterator": lambda: [s.Countdown(1)],
    "deep nesting": lambda: [nested(100, lambda it: [it])],
}


class Hooks:
    """Values with hooks of every kind, and how often each hook was called."""

    def __init__(self) -> None:
        self.form = form = Counting(lambda name: f"{name} form")

        def own(method: str, name: str, wrap: Any) -> Any:
            form_of = lambda self: wrap(form(f"{method} {name}"))  # noqa: E731  # of a class
            return type("Own", (), {method: form_of})()

        class Field(pydantic.BaseModel):
            name: str
            more: Any = None

            @pydantic.field_serializer("name")
            def count(self, name: str) -> str:
                return form(f"serializer {name}")

        class Whole(Field):
            @pydantic.model_serializer
            def count_all(self) -> Any:
                return {"whole": form(f"model {self.name}")}

        def generator() -> Any:
            yield form("generator")
            yield Image("generated")

        #: How each row is made, and the hooks that it has.
        self.kinds = [
            (lambda: Image("a"), ["encoder a"]),
            (lambda: own("__json__", "b", lambda it: [it]), ["__json__ b"]),
            (lambda: own("for_json", "c", lambda it: {"b": it}), ["for_json c"]),
            (lambda: own("__html__", "d", str), ["__html__ d"]),
            (lambda: Field(name="e"), ["serializer e"]),
            (lambda: Field(name="f", more=Image("f")), ["serializer f", "encoder f"]),
            (lambda: Whole(name="g"), ["model g"]),
            (lambda: s.Tagged(Image("h")), ["encoder h"]),
            (lambda: generator(), ["generator", "encoder generated"]),
            (lambda: {own("__json__", "i", str): Image("j")}, ["__json__ i", "encoder j"]),
            (lambda: Counting(None), ["default Counting"]),
        ]
        self.names = [name for _, names in self.kinds for name in names]
        self.settings: dict[str, Any] = {
            "encoders": {Image: lambda image: {"image": form(f"encoder {image.name}")}},
            "default": lambda other: form(f"default {type(other).__name__}"),
        }

    def rows(self) -> list[Any]:
        return [{"id": number, "it": make()} for number, (make, _) in enumerate(self.kinds)]


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_each_hook_runs_once(beside, fields):
    for send in (
        encode,
        lambda rows, settings: jsonify(rows, settings=settings).data,
        lambda rows, settings: stream_json(iter(rows), settings=settings).data,
    ):
        hooks = Hooks()
        settings = JSONSettings(**hooks.settings, **fields)
        rows = json.loads(send([*hooks.rows(), *beside()], settings))
        assert hooks.form.calls == dict.fromkeys(hooks.names, 1)
        for number, (_, names) in enumerate(hooks.kinds):
            assert rows[number]["id"] == number
            text = json.dumps(rows[number]["it"])
            assert [name for name in hooks.names if f"{name} form" in text] == names


def test_lines_of_a_stream_run_a_hook_once_for_each_line_in_their_order(fields):
    counted = Counting(lambda image: sum(counted.calls.values()))

    class Own(Image):
        def __json__(self) -> Any:
            return counted(self)

    for others in [], [2**70], ["é"], [{1: 2}], [s.Html()], [Decimal(1)]:
        counted.calls.clear()
        image, iterator = Own("a"), iter([1, 2])
        lines: list[Any] = [0, *({"it": image, "g": iterator} for _ in range(3))]
        lines[3]["n"] = others
        response = stream_json(iter(lines), "jsonl", settings=JSONSettings(**fields))
        bodies = [json.loads(line) for line in response.data.splitlines()]
        assert [body["it"] for body in bodies[1:]] == [1, 2, 3]
        assert [body["g"] for body in bodies[1:]] == [[1, 2], [], []]
        assert counted.calls == {"a": 3}


@pytest.mark.parametrize(
    "bad",
    ["\ud800", len, {1: 0, "1": 0}, b"\xff", 10**5000],
    ids=["lone surrogate", "function", "colliding keys", "bytes", "digits"],
)
@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
def test_no_hook_runs_again_for_an_error(first, bad, fields):
    hooks = Hooks()
    rows = hooks.rows()[:-1]
    rows.insert(0 if first else len(rows), {"bad": [bad]})
    error = error_of(rows, encoders=hooks.settings["encoders"], **fields)
    assert error.path.startswith(f"$[{0 if first else len(rows) - 1}].bad[0]")
    assert max(hooks.form.calls.values(), default=1) == 1


@pytest.mark.parametrize("raised", [TypeError, KeyError, StopIteration])
def test_an_exception_of_a_hook_is_the_cause_and_the_hook_runs_once(raised, fields):
    def fail(value: Any) -> Any:
        raise raised("secret")

    def generator() -> Any:
        yield 1
        fail(1)

    hook = Counting(fail)
    causes = {raised, RuntimeError} if raised is StopIteration else {raised}
    settings = [{"encoders": {Image: hook}}, {"default": hook}]
    methods = "__json__", "for_json", "__html__"
    objects = [type("Failing", (), {method: fail})() for method in methods]
    values = [*objects, {objects[0]: 1}, generator()]
    for value, extra in [*((Image("x"), each) for each in settings), *((it, {}) for it in values)]:
        hook.calls.clear()
        error = error_of({"a": [s.Html(), value, {1: 2}]}, **extra, **fields)
        assert error.path.startswith("$.a[1]")
        assert type(error.__cause__) in causes
        assert "secret" not in str(error)
        assert hook.calls == ({"x": 1} if extra else {})


class Either(pydantic.BaseModel, arbitrary_types_allowed=True):
    image: int | Image


def test_a_hook_that_fails_for_a_union_runs_once(fields):
    hook = Counting(lambda image: image.missing)
    error = error_of([Either(image=Image("x"))], encoders={Image: hook}, **fields)
    assert (error.path, hook.calls) == ("$[0]", {"x": 1})


@pytest.mark.parametrize("key", [True, None, (1, 2)])
def test_keys_that_msgspec_cannot_write(key, fields):
    word = "keys aren't str or numbers, which msgspec can't write"
    assert_refused(s.LooseStruct({"a": Image("x"), key: 1}), word, encoders={Image: str}, **fields)


def test_the_same_object_in_two_places_is_two_calls(fields):
    counted = Counting(lambda image: counted.calls[image.name])
    image = Image("a")
    value = {"x": [image, image, {"y": image}], "z": image, "big": 2**70}
    body = json.loads(encode(value, JSONSettings(encoders={Image: counted}, **fields)))
    assert counted.calls == {"a": 4}
    assert sorted([*body["x"][:2], body["x"][2]["y"], body["z"]]) == [1, 2, 3, 4]


def test_an_iterator_in_two_places_is_sent_in_one_of_them(fields):
    for others in [], [2**70], [s.Html()], [s.Said(1)]:
        iterator = iter([1, Decimal(2)])
        body = json.loads(encode([iterator, iterator, *others], JSONSettings(**fields)))
        assert body[:2] in ([[1, "2"], []], [[], [1, "2"]])


def test_an_encode_error_raised_inside_a_hook_is_an_error(fields):
    hook = Counting(lambda image: encode({"x": object()}))
    default = Counting(repr)  # for types without an encoder
    error = error_of({"a": [Image()]}, encoders={Image: hook}, default=default, **fields)
    assert error.path == "$.a[0]"
    assert isinstance(error.__cause__, JSONEncodeError)
    assert error.__cause__.path == "$.x"
    assert (sum(hook.calls.values()), sum(default.calls.values())) == (1, 0)


def test_a_hook_that_returns_its_argument_is_an_error(fields):
    itself = s.Said(None)
    itself.value = itself
    unchanged = lambda image: image  # noqa: E731  # for both settings
    assert_refused(itself, "returned", **fields)
    assert_refused(Image(), "returned", encoders={Image: unchanged}, **fields)
    assert_refused(Image(), "returned", default=unchanged, **fields)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_a_hook_that_returns_its_own_kind_without_end_is_an_error_soon(count, fields):
    hook = Counting(lambda value: [Image("x") for _ in range(count)])
    for settings in {"encoders": {Image: hook}}, {"default": hook}:
        hook.calls.clear()
        began = time.perf_counter()
        assert "deep" in str(error_of({"a": [Image("x")]}, **settings, **fields))
        assert time.perf_counter() - began < 5
        assert hook.calls["x"] < 20_000


def test_hooks_that_return_each_other_are_errors(fields):
    ping = s.Said(s.Said(None))
    ping.value.value = ping
    assert_refused(ping, "deep", **fields)


@pytest.mark.parametrize("levels", [1, 3, 7, 8, 9, 50, 200])
def test_hooks_in_results_of_hooks(levels, fields):
    encoder = Counting(lambda image: [*image.inner, int(image.name)])
    image: Any = None
    expected: Any = 0
    for number in range(levels):
        inner, image = ([] if image is None else [image]), Image(str(number))
        image.inner = inner
        expected = [expected, number] if number else [0]
    value = nested(levels, lambda it: s.Said({"in": it}), "é")
    settings = JSONSettings(encoders={Image: encoder}, **fields)
    body = json.loads(encode([image, value], settings))
    assert body == [expected, nested(levels, lambda it: {"in": it}, "é")]
    assert encoder.calls == {str(number): 1 for number in range(levels)}
