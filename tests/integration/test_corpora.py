"""Documents of others go in and out again unharmed, or are refused with a 400.

``json-test-suite.zip`` holds the documents of JSONTestSuite by Nicolas Seriot
(github.com/nst/JSONTestSuite), unchanged and with their license (MIT). Their names begin
with ``y_`` where a parser must accept them, with ``n_`` where it must refuse them, and with
``i_`` where RFC 8259 leaves it to the parser; those of ``test_transform`` are valid JSON that
parsers are known to read differently. The real documents are files of packages.
"""

from __future__ import annotations

import importlib.resources
import json
import zipfile
from itertools import product
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.test import Client

from jsonify_ext import JSONEncodeError, JSONSettings, decode, encode
from jsonify_ext.flask import Jsonify
from jsonify_ext.wsgi import JSONMiddleware, json_app


def documents(folder: str) -> dict[str, bytes]:
    """The documents of a folder of the suite, by name."""
    with zipfile.ZipFile(Path(__file__).with_name("json-test-suite.zip")) as suite:
        names = [name for name in suite.namelist() if name.startswith(f"{folder}/")]
        return {Path(name).stem: suite.read(name) for name in names}


PARSING = documents("test_parsing")
TRANSFORM = documents("test_transform")
REAL = {
    name: importlib.resources.files(package).joinpath(name).read_bytes()
    for package, name in (
        ("pycountry", "databases/iso639-3.json"),
        ("emoji", "unicode_codes/emoji.json"),
    )
}

#: Can be read, and is too deep to be sent.
TOO_DEEP = "i_structure_500_nested_arrays"
#: What RFC 8259 leaves open, and this package accepts: numbers that a float can only come
#: near to (section 6), integers of any size, nesting that fits into memory (section 9), and
#: other encodings and a byte order mark, as the standard library (section 8.1). Numbers past
#: all floats, lone surrogates (section 8.2), and bytes that aren't text are refused, because
#: they could not be sent again.
ACCEPTED = {
    TOO_DEEP,
    *("i_number_double_huge_neg_exp", "i_number_real_underflow", "i_number_too_big_neg_int"),
    *("i_number_too_big_pos_int", "i_number_very_big_negative_int", "i_string_UTF-16LE_with_BOM"),
    *("i_string_utf16BE_no_BOM", "i_string_utf16LE_no_BOM", "i_structure_UTF-8_BOM_empty_object"),
}
VALID = {name: data for name, data in PARSING.items() if name[0] == "y" or name in ACCEPTED}
INVALID = {name: data for name, data in PARSING.items() if name not in VALID}

COMBINATIONS = [
    dict(zip(("sort_keys", "pretty", "ensure_ascii", "nan", "dates"), choice, strict=True))
    for choice in product(*[[False, True]] * 3, ["null", "error"], ["iso", "http"])
]
EVERY_SETTING = pytest.mark.parametrize(
    "settings", COMBINATIONS, ids=["-".join(map(str, each.values())) for each in COMBINATIONS]
)


def wsgi_client(**changes: Any) -> Client:
    """A client of a plain WSGI app that sends back what it gets."""
    return Client(JSONMiddleware(json_app(lambda request: [request.get_json()]), **changes))


def flask_client(**changes: Any) -> Client:
    """A client of a Flask app that sends back what it gets."""
    app = flask.Flask("echo")
    Jsonify(app, **changes)
    app.add_url_rule("/", "/", lambda: [flask.request.get_json()], methods=["POST"])
    return Client(app)


CLIENTS = pytest.mark.parametrize("client_of", [wsgi_client, flask_client])


def post(client: Client, data: bytes) -> Any:
    return client.post("/", data=data, content_type="application/json")


def text(value: Any, *, sort_keys: bool = False) -> str:
    """A value's exact text: 1 differs from 1.0, and one order of keys from another."""
    return json.dumps(value, sort_keys=sort_keys, allow_nan=False)


def test_no_document_is_left_out():
    assert (len(VALID), len(INVALID), len(TRANSFORM)) == (105, 213, 22)
    assert all(len(data) > 500_000 for data in REAL.values())


@CLIENTS
@EVERY_SETTING
def test_valid_documents_come_back(client_of, settings):
    client = client_of(**settings)
    for name in VALID.keys() - {TOO_DEEP}:
        answer = post(client, VALID[name])
        assert answer.status_code == 200, name
        expected = text([json.loads(VALID[name])], sort_keys=settings["sort_keys"])
        assert text(json.loads(answer.data)) == expected
        assert answer.data.startswith(b"[\n  " if settings["pretty"] else b"[")
        assert answer.data.isascii() or not settings["ensure_ascii"]
        assert post(client, answer.data[:-1]).status_code == 200


@CLIENTS
@pytest.mark.parametrize("name", INVALID)
def test_invalid_documents_are_a_400(client_of, name):
    assert post(client_of(), INVALID[name]).status_code == 400


@CLIENTS
@pytest.mark.parametrize("name", TRANSFORM)
def test_documents_that_parsers_read_differently(client_of, name):
    """As the standard library reads them; RFC 8259, section 4: most parsers report the last
    of several members of one name."""
    answer = post(client_of(), TRANSFORM[name])
    if "codepoint" in name:  # lone surrogates
        assert answer.status_code == 400
    else:
        expected = [json.loads(TRANSFORM[name])]
        assert text(answer.json) == text(expected, sort_keys=client_of is flask_client)


@CLIENTS
@pytest.mark.parametrize(
    "data",
    [
        b"[" * 10_000_000,
        b'{"a":' * 1_000_000,
        b"[" * 100_000 + b"9" * 20,  # which another parser reads than what has short numbers
        b"[" + b"9" * 5000 + b"]",
        b"1" * 1_000_000,
        b'"' + b"\\ud800" * 100_000 + b'"',
        b"[1e" + b"9" * 100_000 + b"]",
        b"\x00",
        b"",
        b"\r\n",
    ],
    ids=lambda data: f"{data[:8]}...{len(data)}",
)
def test_documents_made_to_harm_are_a_400(client_of, data):
    answer = post(client_of(), data)
    assert answer.status_code == 400
    assert b"sys." not in answer.data


def test_what_can_be_read_but_not_sent_again_is_an_error():
    value = decode.loads(b"[" * 300 + b"]" * 300)
    with pytest.raises(JSONEncodeError, match="nested too deep"):
        encode(value)
    value = decode.loads(b"[" * 254 + b"]" * 254)
    assert encode(value) == b"[" * 254 + b"]" * 254


@EVERY_SETTING
@pytest.mark.parametrize("name", REAL)
def test_real_documents_under_every_setting(name, settings):
    """As the standard library writes them."""
    value = decode.loads(REAL[name])
    expected = json.dumps(
        json.loads(REAL[name]),
        sort_keys=settings["sort_keys"],
        ensure_ascii=settings["ensure_ascii"],
        indent=2 if settings["pretty"] else None,
        separators=None if settings["pretty"] else (",", ":"),
    )
    assert encode(value, JSONSettings(**settings)) == expected.encode()
