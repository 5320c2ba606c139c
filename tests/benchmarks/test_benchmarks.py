"""The benchmarks compare equal work; run them to learn how fast it is."""

from __future__ import annotations

import json
import struct
import warnings

import pytest

from . import cases, growth, payloads, servers, works
from .kinds import KINDS
from .measure import Task
from .peers import OURS
from .wsgi import serve

#: What isn't a response or a request body.
MEASURED_ELSEWHERE = {"import", "memory, json", "memory, jsonl"}
COMPARED = dict.fromkeys([*works.WORKS, *(target.work for target in works.TARGETS)])


def values(sent):
    """The parsed lines of a body; a request body is parsed already."""
    return [json.loads(line) for line in sent.splitlines()] if isinstance(sent, bytes) else sent


@pytest.mark.parametrize("work", [each for each in COMPARED if each not in MEASURED_ELSEWHERE])
def test_all_contestants_of_the_targets_send_the_same(work, monkeypatch):
    monkeypatch.setattr(works, "ROWS", 10)
    monkeypatch.setattr(works, "consume", b"".join)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # warnings of the peers
        sent = {name: values(task()) for name, task in works.make_tasks(work).items()}
    if work == "typed rows, ISO dates":  # stock Flask has no ISO dates
        for value in sent.values():
            for row in value[0]["rows"]:
                assert row.pop("created")
    for name in sent:
        assert sent[name] == sent[OURS], name
    names = works.contestants(work).keys()
    for target in works.TARGETS:
        assert target.work != work or names >= {target.ours, target.against}


def test_apps_of_the_servers():
    for target in works.SERVER_TARGETS:
        assert servers.SERVERS.keys() >= {target.ours, target.against}
    for _, app in servers.SERVERS.values():
        if app != "fastapi":
            assert json.loads(serve(getattr(servers, app)())) == payloads.HELLO


@pytest.mark.parametrize("name", growth.CURVES)
def test_curves(name):
    sizes, make = growth.CURVES[name]
    assert [values(make(size)()) for size in sizes[:3]]


@pytest.mark.parametrize("kind", KINDS)
def test_both_apps_of_the_survey_handle_a_kind_alike(kind):
    try:
        case = KINDS[kind]()
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")
    stock, ours = (Task.made_by(make, case) for make in (cases.stock, cases.ours))
    expected = plain(stock(), kind)
    assert plain(ours(), kind) == expected
    assert plain(ours(), kind) == expected  # what is made for each response isn't used up


def plain(sent, kind):
    """What was sent or read, with NaN as None."""
    text = sent.data if hasattr(sent, "data") else json.dumps(sent)
    # Stock Flask writes the digits of a float64.
    number = single if kind == "numpy float32" else float
    return json.loads(text, parse_constant=lambda name: None, parse_float=number)


def single(digits):
    return struct.unpack("f", struct.pack("f", float(digits)))[0]
