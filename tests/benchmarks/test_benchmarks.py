"""Test that the benchmarks compare equal work; run them to learn how fast it is."""

from __future__ import annotations

import json
import math
import struct
import warnings
from contextvars import ContextVar
from xml.etree import ElementTree

import pytest

from tests.benchmarks import __main__ as command_line
from tests.benchmarks import growth, kinds, payloads, plots, server_apps, servers, survey, works
from tests.benchmarks.measure import Measured, Task, interleave
from tests.benchmarks.peers import FLOOR, OURS
from tests.benchmarks.targets import SERVER_TARGETS, TARGETS, Target, judge
from tests.benchmarks.wsgi import serve


class Clock:
    """A clock that only the functions it makes move."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now

    def taking(self, nanoseconds):
        def call():
            self.now += nanoseconds

        return Task(call)


def made(work):
    """The tasks whose modules are installed, made without the warnings of those modules."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return works.make(work)


def values(sent):
    """The parsed lines of a body; a request body is parsed already."""
    return [json.loads(line) for line in sent.splitlines()] if isinstance(sent, bytes) else sent


def size(value):
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


# Payloads


def test_sizes_of_the_payloads():
    assert size(payloads.users(100)) == pytest.approx(17_000, rel=0.05)
    assert size(payloads.users(5000)) == pytest.approx(900_000, rel=0.05)
    assert len(payloads.typed_rows(100)["rows"]) == 100
    assert len(payloads.customers(100)) == 100
    assert sum(1 for _ in payloads.rows(1000)) == 1000


def test_models_equal_dataclasses():
    from dataclasses import asdict

    models = payloads.customers_of_pydantic(3)
    assert [each.model_dump() for each in models] == list(map(asdict, payloads.customers(3)))


# Contestants


def test_targets_name_known_work():
    special = {"import", "memory, json", "memory, jsonl"}
    compared = {"100 users, Flask request"}  # in the README, without a target
    assert {each.work for each in TARGETS} == {*works.WORKS, *special} - compared
    assert len({each.name for each in TARGETS}) == len(TARGETS)


@pytest.mark.parametrize("work", works.WORKS)
def test_all_send_the_same(work, monkeypatch):
    monkeypatch.setattr(works, "ROWS", 10)
    monkeypatch.setattr(works, "consume", b"".join)
    tasks, missing = made(work)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sent = {name: values(task()) for name, task in tasks.items()}
    assert sent.keys().isdisjoint(missing)
    assert OURS in sent
    if work == "typed rows, ISO dates":  # stock Flask has no ISO dates
        for value in sent.values():
            for row in value[0]["rows"]:
                assert row.pop("created")
    for name in sent:
        assert sent[name] == sent[OURS], name


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_targets_name_contestants_of_their_work(target):
    if target.work in works.WORKS:
        tasks, missing = works.make(target.work, {target.ours, target.against})
        assert {*tasks, *missing} == {target.ours, target.against}


def test_missing_modules_are_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "werkzeug.wrappers", None)
    _, missing = works.make("hello", ["Werkzeug, json"])
    assert missing == {"Werkzeug, json": "werkzeug.wrappers"}


@pytest.mark.parametrize(
    "make",
    [
        server_apps.wsgi_jsonify_ext,
        server_apps.wsgi_werkzeug,
        server_apps.flask_jsonify_ext,
        server_apps.flask_jsonify,
    ],
)
def test_apps_of_the_servers(make):
    assert json.loads(serve(make())) == payloads.HELLO


def test_targets_of_servers():
    assert {each.ours for each in SERVER_TARGETS} <= servers.SERVERS.keys()
    assert {each.against for each in SERVER_TARGETS} <= servers.SERVERS.keys()


def test_missing_load_generator_names_its_package(monkeypatch, capsys):
    monkeypatch.setattr(servers.shutil, "which", lambda name: None)
    assert command_line.main(["--servers"]) == 2
    assert "apt-get install wrk" in capsys.readouterr().err


# The survey


def test_the_survey_is_wide():
    assert len(kinds.KINDS) >= 75


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_both_apps_handle_a_kind_alike(kind):
    try:
        calls = [
            Task.made_by(lambda make=make: make(kinds.KINDS[kind]()))
            for make in (kinds.stock, kinds.ours)
        ]
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    # Stock Flask writes the digits of a float64.
    number = single if kind == "numpy float32" else float
    stock, ours, again = (plain(call(), number) for call in [*calls, calls[1]])
    assert ours == stock
    assert again == ours  # what is made for each response must not be used up


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def plain(sent, number):
    """What was sent or read, with NaN as None."""
    value = json.loads(sent.data) if hasattr(sent, "data") else sent
    if isinstance(value, dict):
        return {key: plain(item, number) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, number) for item in value]
    if isinstance(value, float):
        return None if math.isnan(value) else number(value)
    return value


def test_the_survey_marks_slower_kinds(monkeypatch, capsys):
    factors = {"hello": 0.8, "None": 0.95, "an integer": 2.0}
    monkeypatch.setattr(survey.kinds, "KINDS", {name: kinds.KINDS[name] for name in factors})
    found = iter(factors.values())

    def interleave(tasks, **options):
        return Measured({survey.STOCK: [next(found)] * 3, OURS: [1.0] * 3})

    monkeypatch.setattr(survey, "interleave", interleave)
    assert command_line.main(["--survey", "--check"]) == 1
    out = capsys.readouterr().out
    marks = {line.split("  ")[0]: line.split()[-1] for line in out.splitlines() if line}
    assert [marks[name] for name in factors] == ["SLOWER", "even", "x"]
    assert "3 kinds: 1 slower, 1 even, 0 failed; geometric mean 1.15 x" in out


def test_kinds_that_cannot_be_measured_fail_the_check(monkeypatch, capsys):
    broken = kinds.Case(object())
    monkeypatch.setattr(survey.kinds, "KINDS", {"an object": lambda: broken})
    assert command_line.main(["--survey", "--check"]) == 1
    assert "FAILED: TypeError" in capsys.readouterr().out
    assert command_line.main(["--survey", "--only", "nothing of the kind"]) == 2


# Measuring


def test_ratios_are_those_of_the_work():
    clock, told = Clock(), []
    measured = interleave(
        {"slow": clock.taking(3_000), "fast": clock.taking(1_000)},
        seconds=0,
        clock=clock,
        progress=told.append,
    )
    assert measured.of("fast").median == pytest.approx(1e-6)
    assert measured.ratio("slow", to="fast").median == pytest.approx(3)
    assert len(measured.rounds["slow"]) == len(measured.rounds["fast"]) == len(told) >= 5
    assert told[-1] == 1


def test_slow_first_calls_do_not_make_the_turns_short():
    clock, calls = Clock(), []

    def call():
        clock.now += 1_000 if len(calls) > 1 else 10_000_000
        calls.append(clock.now)

    measured = interleave({"a": Task(call)}, seconds=0, slice_seconds=0.001, clock=clock)
    assert measured.of("a").high == pytest.approx(1e-6)
    assert len(calls) > 5 * 1000


def test_noise_in_one_round_does_not_move_the_ratio():
    measured = Measured({"a": [2.0, 2.0, 90.0, 2.0, 2.0], "b": [1.0, 1.0, 45.0, 1.0, 0.5]})
    assert measured.ratio("a", to="b").median == 2


def test_a_task_runs_in_the_context_it_was_made_in():
    place: ContextVar[str] = ContextVar("place", default="outside")

    def make():
        place.set("inside")
        return place.get

    task = Task.made_by(make)
    assert (task(), place.get()) == ("inside", "outside")


@pytest.mark.parametrize(
    ("power", "sizes"), [(0, [1, 10, 100]), (1, [1, 10, 100]), (2, [7, 9, 30, 300])]
)
def test_exponent(power, sizes):
    assert growth.exponent(sizes, [5 * size**power for size in sizes]) == pytest.approx(power)


@pytest.mark.parametrize("curve", growth.CURVES, ids=lambda curve: curve.name)
def test_curves_can_be_walked(curve):
    for length in curve.sizes[:3]:
        task = Task.made_by(lambda length=length: curve.make(length))
        assert values(task())
        task.context.run(getattr(task.call, "close", bool))


# Results


@pytest.mark.parametrize(
    ("target", "met", "within_noise"),
    [
        (Target("w", "other", at_least=3), True, False),
        (Target("w", "other", at_least=3.2), True, True),
        (Target("w", "other", at_least=3.4), False, False),
        (Target("w", "other", at_least=3.2, noise=0), False, False),
        (Target("w", "other", at_most=0.34), True, False),
        (Target("w", "other", at_most=0.31), True, True),
        (Target("w", "other", at_most=0.30), False, False),
        (Target("w", None, at_most=2), True, False),
        (Target("w", None, at_most=1.9), True, True),
        (Target("w", None, at_most=1.8), False, False),
    ],
)
def test_verdicts(target, met, within_noise):
    result = judge(target, Measured({OURS: [2.0, 2.0], "other": [6.0, 6.0]}))
    assert (result.met, result.within_noise) == (met, within_noise)


@pytest.fixture
def ran(monkeypatch, capsys):
    """Run the command line with given measures; return the exit code and the output."""

    def run(measured, *arguments):
        monkeypatch.setattr(command_line, "measure", lambda *_: measured)
        monkeypatch.setattr(works, "SHARED", ())
        code = command_line.main(arguments)
        return code, capsys.readouterr().out

    return run


def test_check_passes_where_targets_are_met(ran):
    code, out = ran(Measured({OURS: [1.0, 1.0], FLOOR: [1.0, 1.0]}), "--only", "floor", "--check")
    assert code == 0
    assert "3 of 3 targets met" in out
    assert "MISSED" not in out
    assert "noise" not in out.splitlines()[-2]


def test_targets_met_within_noise_are_marked(ran):
    close = Measured({OURS: [1.12, 1.12], FLOOR: [1.0, 1.0]})
    code, out = ran(close, "--only", "floor", "--check")
    assert code == 0
    assert sum(line.startswith("within noise") for line in out.splitlines()) == 2
    assert "3 of 3 targets met, 2 of them within noise" in out


def test_missed_targets_stand_out(ran):
    slow = Measured({OURS: [2.0, 2.0], FLOOR: [1.0, 1.0]})
    code, out = ran(slow, "--only", "floor", "--check")
    assert code == 1
    assert [line.split()[0] for line in out.splitlines() if "floor" in line] == [
        "met",
        "MISSED",
        "MISSED",
    ]
    assert ran(slow, "--only", "floor")[0] == 0


def test_unmeasured_targets_are_not_met(ran):
    code, out = ran({"Sanic": "sanic"}, "--only", "sanic", "--check")
    assert code == 1
    assert "not installed: sanic" in out
    assert "NOT MEASURED" in out


def test_unknown_names_are_an_error(ran):
    assert ran(None, "--only", "nothing of the kind")[0] == 2


def test_growth_worse_than_linear_is_missed(monkeypatch, capsys):
    curve = growth.Curve("steps", (1, 10, 100), lambda size: bool, growth.LINEAR)
    monkeypatch.setattr(growth, "CURVES", [curve])
    times = Measured({"1": [1.0] * 3, "10": [100.0] * 3, "100": [10_000.0] * 3})
    monkeypatch.setattr(growth, "interleave", lambda tasks, **options: times)
    assert command_line.main(["--growth", "--check"]) == 1
    assert "MISSED" in capsys.readouterr().out


def test_pictures_are_well_formed(tmp_path):
    plots.write(tmp_path / "new", "bars, all", plots.bars("a < b", {OURS: 2.0, "<b>": 1.0}))
    curve = ("one & two", [(1.0, 0.5), (1000.0, 20.0)])
    plots.write(tmp_path / "new", "lines", plots.lines("time", "rows", [curve]))
    files = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert files == ["bars-all.svg", "lines.svg"]
    texts = ElementTree.parse(tmp_path / "new" / "bars-all.svg").getroot().itertext()
    assert {"a < b", "<b>", OURS} <= set(texts)
    ElementTree.parse(tmp_path / "new" / "lines.svg")


def test_groups_of_bars_keep_their_order():
    text = plots.groups("title", {"small": {"b": 1.0, OURS: 2.0}, "large": {"b": 3.0}})
    shown = [each.text for each in ElementTree.fromstring(text) if each.text]
    assert shown == ["title", "title", "small", "b", "1.0", OURS, "2.0", "large", "b", "3.0"]
