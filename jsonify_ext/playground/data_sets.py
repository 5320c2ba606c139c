"""The data sets to choose from: for each, the call that a query asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from ..problems import problem
from ..response import jsonify
from ..streaming import Format, stream_json
from .calls import Call
from .parameters import Parameter
from .sources import watched
from .values import broken, countries, country, rows, types

__all__ = ["COUNTRY", "DATA_SETS", "DataSet"]


@dataclass(frozen=True)
class DataSet:
    """Something to send, and how.

    :param path: where it is served, as a rule of Werkzeug's routing.
    :param title: its name for people.
    :param about: what it shows, in a few words.
    :param parameters: what a query may ask for, next to the settings.
    :param call: makes the call of what a query gives, and of what the path does.
    """

    path: str
    title: str
    about: str
    parameters: tuple[Parameter, ...]
    call: Callable[[dict[str, Any]], Call]


_STATUS = Parameter("status", "number", help="200 by default.", least=200, most=599)
_PROBLEM_STATUS = Parameter("status", "number", help="404 by default.", least=200, most=599)
_CONTINENTS = ("Africa", "Americas", "Asia", "Europe", "Oceania")
_CONTINENT = Parameter(
    "continent", "choice", help="only a part of the table.", choices=_CONTINENTS
)
_STREAM = (
    Parameter("format", "choice", "jsonl", "how rows are written.", choices=get_args(Format)),
    Parameter("rows", "number", 100, "how many to send.", least=0, most=10_000),
    Parameter("pause", "number", 50, "milliseconds between two rows.", least=0, most=2000),
)
#: What nobody chooses by hand: under which name /streams/ tells of a stream.
_NAME = Parameter("name", "text")


def _status(given: dict[str, Any]) -> dict[str, Any]:
    return {"status": given["status"]} if "status" in given else {}


def _countries(given: dict[str, Any]) -> Call:
    part = (given["continent"],) if "continent" in given else ()
    return Call(jsonify, (Call(countries, part),), _status(given))


def _stream(given: dict[str, Any]) -> Call:
    pause = given.get("pause", 50) / 1000
    source = Call(rows, (given.get("rows", 100),), {"pause": pause} if pause else {})
    if "name" in given:
        source = Call(watched, (given["name"], source))
    options = {"chunk_size": 0} | _status(given)
    return Call(stream_json, (source, given.get("format", "jsonl")), options)


def _problem(given: dict[str, Any]) -> Call:
    detail = "There is no country with the code 'XX'."
    return Call(problem, (given.get("status", 404), detail), {"code": "XX"})


DATA_SETS = (
    DataSet(
        "/countries",
        "Table",
        "rows of SQLite, as they come",
        (_CONTINENT, _STATUS),
        _countries,
    ),
    DataSet(
        "/types",
        "Python types",
        "dates, sets, dataclasses, NaN",
        (_STATUS,),
        lambda given: Call(jsonify, (Call(types),), _status(given)),
    ),
    DataSet(
        "/stream", "Stream", "row by row, until you stop it", (*_STREAM, _STATUS, _NAME), _stream
    ),
    DataSet(
        "/error",
        "Error",
        "something that has no JSON form",
        (_STATUS,),
        lambda given: Call(jsonify, (Call(broken),), _status(given)),
    ),
    DataSet(
        "/problem",
        "Problem",
        "an error for clients, RFC 9457",
        (_PROBLEM_STATUS,),
        _problem,
    ),
)

COUNTRY = DataSet(
    "/countries/<code>",
    "Row",
    "one row of the table",
    (_STATUS,),
    lambda given: Call(jsonify, (Call(country, (given["code"],)),), _status(given)),
)
