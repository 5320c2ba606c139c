"""Each hook runs once, on every path, and nothing lands in another's place."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pydantic
import pytest

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify, stream_json

from .. import samples as s
from ..samples import Counting, Image, error_of, nested

#: Values that are sent beside the hooks, and settings, which force each of the paths.
BESIDE: dict[str, Any] = {
    "nothing": [],
    "a long integer": [2**70],
    "an integer key": [{1: 2}],
    "a set": [{1}],
    "text": ["é"],
    "a moment": [s.SEVEN],
    "what needs Python": [Decimal(1), s.Html()],
    "a tuple": [((1,),)],
    "an iterator": [s.Countdown(1)],
    "deep nesting": [nested(100, lambda it: [it])],
}
FIELDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "pretty": {"pretty": True},
    "sort_keys": {"sort_keys": True},
    "ensure_ascii": {"ensure_ascii": True},
    "nan": {"nan": "error"},
    "omit_none": {"omit_none": True},
    "big_ints": {"big_ints": "string"},
    "dates": {"dates": "utc"},
    "all": {"pretty": True, "sort_keys": True, "ensure_ascii": True, "omit_none": True},
}
every_path = pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
FAILURES: dict[str, Any] = {
    "lone surrogate": "\ud800",
    "function": len,
    "colliding keys": {1: 0, "1": 0},
    "bytes": b"\xff",
    "digits": 10**5000,
}


class Watched:
    """Values with hooks of every kind, and how often each of them was called."""

    def __init__(self) -> None:
        self.form = Counting(lambda name: f"{name} form")
        watched = self

        class Spoken(Image):
            def __json__(self) -> Any:
                return [watched.form(f"__json__ {self.name}")]

        class Simple(Image):
            def for_json(self) -> Any:
                return {"b": watched.form(f"for_json {self.name}")}

        class Marked(Image):
            def __html__(self) -> str:
                return watched.form(f"__html__ {self.name}")

        class Other:
            name = "other"

        class Field(pydantic.BaseModel):
            name: str
            more: Any = None

            @pydantic.field_serializer("name")
            def count(self, name: str) -> str:
                return watched.form(f"serializer {name}")

        class Whole(Field):
            @pydantic.model_serializer
            def count_all(self) -> Any:
                return {"whole": watched.form(f"model {self.name}")}

        class Holder(msgspec.Struct):
            held: Any

        def generator() -> Any:
            yield watched.form("generator")
            yield Image("generated")

        self.kinds = [
            lambda: Image("a"),
            lambda: Spoken("b"),
            lambda: Simple("c"),
            lambda: Marked("d"),
            lambda: Other(),
            lambda: Field(name="e"),
            lambda: Field(name="f", more=Image("in a model")),
            lambda: Whole(name="g"),
            lambda: Holder(Image("in a struct")),
            lambda: generator(),
            lambda: {Spoken2("h"): Image("under a key")},
        ]

        class Spoken2(Image):
            def __json__(self) -> str:
                return watched.form(f"key {self.name}")

        self.settings = {
            "encoders": {Image: self.encoder},
            "default": lambda other: self.form(f"default {other.name}"),
        }

    def encoder(self, image: Image) -> Any:
        method = getattr(image, "__json__", None) or getattr(image, "for_json", None)
        if method is not None:
            return method()
        if hasattr(image, "__html__"):
            return image.__html__()
        return {"image": self.form(f"encoder {image.name}")}

    def rows(self) -> list[Any]:
        return [{"id": number, "it": make()} for number, make in enumerate(self.kinds)]


#: Each hook of ``Watched.rows()``.
NAMES = [
    "encoder a",
    "__json__ b",
    "for_json c",
    "__html__ d",
    "default other",
    "serializer e",
    "serializer f",
    "encoder in a model",
    "model g",
    "encoder in a struct",
    "generator",
    "encoder generated",
    "key h",
    "encoder under a key",
]


def body_of(rows: list[Any], watched: Watched, **fields: Any) -> list[Any]:
    return json.loads(encode(rows, JSONSettings(**watched.settings, **fields)))


@every_path
@pytest.mark.parametrize("beside", BESIDE)
def test_each_hook_runs_once(beside, fields):
    watched = Watched()
    # Made anew, because an iterator can be read once.
    others = [s.Countdown(1)] if beside == "an iterator" else BESIDE[beside]
    rows = body_of([*watched.rows(), *others], watched, **fields)
    assert watched.form.calls == dict.fromkeys(NAMES, 1)
    assert [row["id"] for row in rows[: len(watched.kinds)]] == [*range(len(watched.kinds))]
    # What each row contains is its own.
    its = [json.dumps(row["it"]) for row in rows[: len(watched.kinds)]]
    expected = [[0], [1], [2], [3], [4], [5], [6, 7], [8], [9], [10, 11], [12, 13]]
    for text, numbers in zip(its, expected, strict=True):
        found = [name for name in NAMES if f"{name} form" in text]
        assert found == [NAMES[number] for number in numbers]


@every_path
def test_responses_and_streams_run_each_hook_once(fields):
    for send in (jsonify, lambda rows, settings: stream_json(iter(rows), settings=settings)):
        watched = Watched()
        assert send(watched.rows(), settings=JSONSettings(**watched.settings, **fields)).data
        assert watched.form.calls == dict.fromkeys(NAMES, 1)


@every_path
def test_lines_of_a_stream_run_a_hook_once_for_each_line_in_their_order(fields):
    counted = Counting(lambda image: sum(counted.calls.values()))

    class Spoken(Image):
        def __json__(self) -> Any:
            return counted(self)

    for others in [], [2**70], ["é"], [{1: 2}], [s.Html()], [Decimal(1)]:
        counted.calls.clear()
        image, iterator = Spoken("a"), iter([1, 2])
        lines: list[Any] = [0, *({"it": image, "g": iterator} for _ in range(3))]
        lines[3]["n"] = others
        answer = stream_json(iter(lines), "jsonl", settings=JSONSettings(**fields))
        bodies = [json.loads(line) for line in answer.data.splitlines()]
        assert [body["it"] for body in bodies[1:]] == [1, 2, 3]
        assert [body["g"] for body in bodies[1:]] == [[1, 2], [], []]
        assert counted.calls == {"a": 3}


@every_path
@pytest.mark.parametrize("bad", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("first", [False, True], ids=["later", "first"])
def test_no_hook_runs_again_for_an_error(first, bad, fields):
    watched = Watched()
    watched.settings["default"] = None
    rows = [row for row in watched.rows() if row["id"] != 4]
    rows.insert(0 if first else len(rows), {"bad": [bad]})
    error = error_of(rows, **watched.settings, **fields)
    assert error.path.startswith(f"$[{0 if first else len(rows) - 1}].bad[0]")
    assert max(watched.form.calls.values(), default=1) == 1


@every_path
def test_a_hook_that_fails_is_not_called_again(fields):
    def fail(value: Any) -> Any:
        raise KeyError("secret")

    for make, settings in [
        (Image, {"encoders": {Image: Counting(fail)}}),
        (Image, {"default": Counting(fail)}),
    ]:
        (hook,) = settings.values()
        hook = hook[Image] if isinstance(hook, dict) else hook
        value = {"a": [s.Html(), make("x"), 2**70, {1: 2}]}
        error = error_of(value, **settings, **fields)
        assert (error.path, type(error.__cause__)) == ("$.a[1]", KeyError)
        assert hook.calls == {"x": 1}


@every_path
def test_the_same_object_in_two_places_is_two_calls(fields):
    counted = Counting(lambda image: counted.calls[image.name])
    image = Image("a")
    value = {"x": [image, image, {"y": image}], "z": image, "big": 2**70}
    body = json.loads(encode(value, JSONSettings(encoders={Image: counted}, **fields)))
    assert counted.calls == {"a": 4}
    assert sorted([*body["x"][:2], body["x"][2]["y"], body["z"]]) == [1, 2, 3, 4]


@every_path
def test_an_iterator_in_two_places_is_sent_in_one_of_them(fields):
    for others in [], [2**70], [s.Html()], [s.Said(1)]:
        iterator = iter([1, Decimal(2)])
        body = json.loads(encode([iterator, iterator, *others], JSONSettings(**fields)))
        assert body[:2] in ([[1, "2"], []], [[], [1, "2"]])


@every_path
def test_what_a_hook_returns_goes_by_the_same_rules(fields):
    encoders = {
        s.Base: lambda value: {"id": Decimal(value.id)},
        Decimal: lambda value: s.Slotted(int(value)),
        s.Text: lambda value: {s.Named.NUMBER: [timedelta(1)]},
    }
    text = encode([s.Base(7), s.Text("x")], JSONSettings(encoders=encoders, **fields))
    first = {"id": {"a": 7}} if fields.get("omit_none") else {"id": {"a": 7, "b": None}}
    assert json.loads(text) == [first, {"7": ["P1D"]}]


@every_path
def test_an_encode_error_raised_inside_a_hook_is_an_error(fields):
    def strict(image: Image) -> Any:
        return encode({"x": image.missing}) if image.name else encode({"x": object()})

    def asked(value: Any) -> Any:
        raise AssertionError("a refusal would ask the default")

    hook = Counting(strict)
    error = error_of({"a": [Image()]}, encoders={Image: hook}, default=asked, **fields)
    assert error.path == "$.a[0]"
    assert isinstance(error.__cause__, JSONEncodeError)
    assert error.__cause__.path == "$.x"
    assert sum(hook.calls.values()) == 1


@every_path
@pytest.mark.parametrize("raised", [TypeError, ValueError, KeyError, StopIteration, RuntimeError])
def test_a_hook_that_raises_is_chained(raised, fields):
    def fail(value: Any) -> Any:
        raise raised("secret")

    class Failing:
        __json__ = fail

    class Simple:
        for_json = fail

    class Marked:
        __html__ = fail

    for value, settings in [
        (Image(), {"encoders": {Image: fail}}),
        (Image(), {"default": fail}),
        (Failing(), {}),
        (Simple(), {}),
        (Marked(), {}),
        ({Failing(): 1}, {}),
    ]:
        error = error_of({"a": [0, value]}, **settings, **fields)
        assert error.path == "$.a[1]"
        assert type(error.__cause__) is raised
        assert "secret" not in str(error)


def test_a_type_error_inside_default_is_the_cause():
    error = error_of([Image()], default=lambda image: image.name + 1)
    assert error.path == "$[0]"
    assert isinstance(error.__cause__, TypeError)
    assert "concatenate" in str(error.__cause__)


def test_generators_that_fail_are_chained():
    def failing() -> Any:
        yield 1
        raise TypeError("secret")

    for value in failing(), [failing(), 2**70], {"a": failing()}:
        error = error_of(value)
        assert isinstance(error.__cause__, TypeError)
        assert "secret" not in str(error)


@every_path
def test_a_hook_that_returns_its_argument_is_an_error(fields):
    itself = s.Said(None)
    itself.value = itself
    for value, settings in [
        (itself, {}),
        (Image(), {"encoders": {Image: lambda image: image}}),
        (Image(), {"default": lambda image: image}),
    ]:
        error = error_of({"a": [value]}, **settings, **fields)
        assert error.path == "$.a[0]"
        assert "return" in str(error)


@every_path
@pytest.mark.parametrize("count", [1, 2, 3, 6])
def test_a_hook_that_returns_its_own_kind_without_end_is_an_error_soon(count, fields):
    for settings in ({"encoders": {}}, {"default": None}):
        hook = Counting(lambda value: [Image("x") for _ in range(count)])
        settings = {"default": hook} if "default" in settings else {"encoders": {Image: hook}}
        began = time.perf_counter()
        assert "deep" in str(error_of({"a": [Image("x")]}, **settings, **fields))
        assert time.perf_counter() - began < 5
        assert hook.calls["x"] < 20_000


def test_hooks_that_return_each_other_are_errors():
    class Ping:
        def __json__(self) -> Any:
            return Pong()

    class Pong:
        def __json__(self) -> Any:
            return Ping()

    assert error_of({"a": Ping()}).path.startswith("$.a")


@every_path
@pytest.mark.parametrize("levels", [1, 3, 7, 8, 9, 12, 50, 200])
def test_hooks_inside_of_what_hooks_return(levels, fields):
    encoder = Counting(lambda image: [*image.inner, int(image.name)])
    image: Any = None
    for number in range(levels):
        inner, image = ([] if image is None else [image]), Image(str(number))
        image.inner = inner
    value = nested(levels, lambda it: s.Said({"in": it}), "é")
    settings = JSONSettings(encoders={Image: encoder}, **fields)
    body = json.loads(encode([image, value], settings))
    assert body[1] == nested(levels, lambda it: {"in": it}, "é")
    expected: list[Any] = [0]
    for number in range(1, levels):
        expected = [expected, number]
    assert body[0] == expected
    assert encoder.calls == {str(number): 1 for number in range(levels)}
