"""In Flask with nothing installed: the app's settings, live, and stock Flask's bytes."""

from __future__ import annotations

import dataclasses
import math
from collections import OrderedDict, UserDict
from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import flask
import pytest
from flask.json.provider import DefaultJSONProvider, JSONProvider
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from jsonify_ext import JSONEncodeError, JSONSettings, encode, jsonify, use_settings
from jsonify_ext.flask import Jsonify

from .samples import Html, Level, Point, Text, TextColour


@dataclasses.dataclass
class User:
    id: int
    born: date
    friends: list[User] = dataclasses.field(default_factory=list)
    _secret: str = "s"

    def __json__(self):
        return "stock Flask does not ask"


class SpokenDict(dict):
    def __json__(self):
        return "stock Flask does not ask"


class SpokenHtml(Html):
    def for_json(self):
        return "stock Flask does not ask"


class HtmlMapping(UserDict):
    def __html__(self):
        return "<dl>"


@dataclasses.dataclass
class MappedUser(Mapping):
    id: int

    def __getitem__(self, key):
        return "stock Flask sends the fields"

    def __iter__(self):
        return iter(["a"])

    def __len__(self):
        return 1


#: Older versions of orjson write 1e16 for 1e+16, as they write 1e-7 for 1e-07.
LARGEST = 1e15 if encode(1e16) == b"1e16" else math.inf

CORPUS: list[Any] = [
    {},
    [],
    None,
    True,
    0,
    -1.5,
    "",
    "é日本😀\x7f\x00\u2028</script>&'\"\\/",
    {"b": 1, "a": [1, {"d": None, "c": ()}]},
    {10: "a", 9: "b", -1: "c"},
    {1.5: 1, 1e16: 2, 2: 3, True: 4},
    {None: 1},
    {"ab": 1, "é": 2, "a": 3, "B": 4, "😀": 5, "\uffff": 6},
    [x for x in (0.1, 1e16, 1e22, 123456.789, 5.0, -0.0, 1e-4, 1.7e308) if x < LARGEST],
    [2**63, 2**64, -(2**70), 10**100],
    [
        date(2024, 2, 29),
        datetime(2024, 2, 29, 1, 2, 3, 4),
        datetime(2024, 1, 1, tzinfo=timezone.utc),
    ],
    [Decimal("1.10"), Decimal("1E+3"), UUID(int=5)],
    [User(1, date(2024, 1, 1), [User(2, date(2024, 1, 1))])],
    {"u": User(1, date(2024, 1, 1)), "t": Point(1, 2)},
    [Html(), SpokenHtml(), Markup("<b>")],
    [Level.HIGH, TextColour.RED, Text("x")],
    {TextColour.RED: Level.HIGH},
    [HtmlMapping(a=1), MappedUser(7)],
    [OrderedDict(b=1, a=2), SpokenDict(b=1, a=2), MultiDict([("a", "1"), ("a", "2")])],
    "x" * 10_000,
    [[[[[[[[[[{"a": [[[{}]]]}]]]]]]]]]],
]

CONFIGURATIONS: dict[str, Any] = {
    "stock": lambda app: None,
    "unsorted": lambda app: setattr(app.json, "sort_keys", False),
    "not ascii": lambda app: setattr(app.json, "ensure_ascii", False),
    "debug": lambda app: setattr(app, "debug", True),
    "debug, compact": lambda app: (
        setattr(app, "debug", True),
        setattr(app.json, "compact", True),
    ),
    "indented": lambda app: setattr(app.json, "compact", False),
    "mimetype": lambda app: setattr(app.json, "mimetype", "application/vnd.api+json"),
    "odd mimetype": lambda app: setattr(app.json, "mimetype", "json"),
    "text mimetype": lambda app: setattr(app.json, "mimetype", "text/json"),
}


def stock_and_ours(app: flask.Flask, value: Any) -> tuple[Any, Any]:
    """Status line, headers and bytes of the same view with either ``jsonify``."""
    app.add_url_rule("/stock", "stock", lambda: flask.jsonify(value))
    app.add_url_rule("/ours", "ours", lambda: jsonify(value))
    client = app.test_client()
    answers = [client.get(path) for path in ("/stock", "/ours")]
    first, second = [(answer.status, list(answer.headers), answer.data) for answer in answers]
    return first, second


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_a_view_with_another_import_sends_the_same_bytes_and_headers(configuration):
    for value in CORPUS:
        app = flask.Flask("tests")
        CONFIGURATIONS[configuration](app)
        stock, ours = stock_and_ours(app, value)
        if stock[0].startswith("500"):  # Flask cannot sort what it cannot compare
            assert ours[0] == "200 OK"
        else:
            assert stock == ours


flask_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    # But for tiny floats, whose exponents orjson spells with one digit.
    | st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda number: number == 0 or 1e-4 <= abs(number) < LARGEST or abs(number) < 1e-9
    )
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([None, timezone.utc]))
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
    | st.just(Html()),
    lambda items: (
        st.lists(items)
        | st.lists(items).map(tuple)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), items)
        | st.dictionaries(st.integers() | st.booleans(), items)
    ),
    max_leaves=20,
)


@settings(max_examples=400)
@given(flask_values, st.booleans(), st.booleans(), st.booleans())
def test_any_value_that_stock_flask_sends_is_sent_the_same(value, sort_keys, ascii_only, compact):
    app = flask.Flask("tests")
    app.json.sort_keys = sort_keys
    app.json.ensure_ascii = ascii_only
    app.json.compact = compact
    with app.app_context():
        try:
            stock = flask.jsonify(value).data
            if "1" in stock.decode() and has_twins(value):
                return
        except (TypeError, ValueError):
            return
        assert jsonify(value).data == stock


def has_twins(value: Any) -> bool:
    """Whether two keys become the same string, of which Flask sends both."""
    if isinstance(value, dict):
        names = [str(key).lower() for key in value]
        return len(set(names)) < len(names) or any(map(has_twins, value.values()))
    return isinstance(value, (list, tuple)) and any(map(has_twins, value))


def test_the_three_documented_differences():
    app = flask.Flask("tests")
    with app.app_context():
        assert (flask.jsonify().data, jsonify().data) == (b"null\n", b"{}\n")
        assert (flask.jsonify(math.nan).data, jsonify(math.nan).data) == (b"NaN\n", b"null\n")
        assert flask.jsonify(1e-07).data == b"1e-07\n"
        assert jsonify(1e-07).data in (b"1e-07\n", b"1e-7\n")
        assert jsonify({1: 2, "a": 3}).data == b'{"1":2,"a":3}\n'


def test_settings_are_read_live():
    app = flask.Flask("tests")
    value = {"b": "é", "a": date(2024, 1, 1)}
    with app.app_context():
        ours = jsonify(value)
        assert ours.data == b'{"a":"Mon, 01 Jan 2024 00:00:00 GMT","b":"\\u00e9"}\n'
        app.json.sort_keys = False
        assert jsonify(value).data.startswith(b'{"b"')
        app.json.ensure_ascii = False
        assert "é" in jsonify(value).get_data(as_text=True)
        app.debug = True
        assert jsonify(value).data.startswith(b'{\n  "b"')
        app.json.compact = True
        assert jsonify(value).data.startswith(b'{"b"')
        app.json.compact = False
        app.debug = False
        assert jsonify(value).data.startswith(b'{\n  "b"')
        app.json.mimetype = "application/vnd.api+json"
        assert jsonify(value).mimetype == "application/vnd.api+json"
        app.json.default = lambda value: "replaced"
        assert jsonify(value).get_json()["a"] == "replaced"
        app.json = DefaultJSONProvider(app)
        assert jsonify(value).data == ours.data


@pytest.mark.parametrize("extension", [False, True])
def test_properties_of_a_provider_are_read_at_each_call(extension):
    class ByRequest(DefaultJSONProvider):
        @property
        def compact(self):
            return "pretty" not in flask.request.args

    app = flask.Flask("tests")
    app.json = ByRequest(app)
    blueprint = flask.Blueprint("blueprint", "tests", url_prefix="/blueprint")
    blueprint.add_url_rule("/", "view", lambda: jsonify([1]))
    if extension:
        Jsonify(blueprint, dates="iso")
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "view", lambda: jsonify([1]))
    client = app.test_client()
    for path in ("/", "/blueprint/"):
        for query, body in [("", b"[1]\n"), ("?pretty", b"[\n  1\n]\n"), ("", b"[1]\n")]:
            assert client.get(path + query).data == body


@pytest.mark.parametrize(
    ("key", "value", "attribute", "opposite", "text"),
    [
        ("JSON_SORT_KEYS", False, "sort_keys", True, '{"b":1,"a":"\\u00e9"}\n'),
        ("JSON_AS_ASCII", False, "ensure_ascii", True, '{"a":"é","b":1}\n'),
        (
            *("JSONIFY_PRETTYPRINT_REGULAR", True, "compact", True),
            '{\n  "a": "\\u00e9",\n  "b": 1\n}\n',
        ),
    ],
)
def test_older_config_keys_come_after_attributes_that_the_app_has_set(
    key, value, attribute, opposite, text
):
    def sent(app: flask.Flask) -> str:
        with app.app_context():
            return jsonify({"b": 1, "a": "é"}).get_data(as_text=True)

    stock = sent(flask.Flask("tests"))
    app = flask.Flask("tests")
    app.config[key] = value
    assert sent(app) == text
    setattr(app.json, attribute, opposite)
    assert sent(app) == stock
    by_class = flask.Flask("tests")
    by_class.config[key] = value
    by_class.json = type("Own", (DefaultJSONProvider,), {attribute: opposite})(by_class)
    assert sent(by_class) == stock
    empty = flask.Flask("tests")
    empty.config[key] = None
    assert sent(empty) == stock


def test_the_older_mimetype_key():
    app = flask.Flask("tests")
    app.config["JSONIFY_MIMETYPE"] = "application/x"
    with app.app_context():
        app.json.mimetype = "application/y"
        assert jsonify(1).mimetype == "application/x"


class Status(Enum):
    OPEN = "open"


class OwnDefault(DefaultJSONProvider):
    sort_keys = False

    @staticmethod
    def default(value):
        if isinstance(value, (Status, IntEnum)):
            return {"enum": value.name}
        if isinstance(value, UUID):
            return value.hex
        return DefaultJSONProvider.default(value)


def test_a_provider_with_its_own_default_is_asked():
    app = flask.Flask("tests")
    app.json = OwnDefault(app)
    value = {"b": Status.OPEN, "a": [UUID(int=1), date(2024, 1, 1), Level.HIGH]}
    stock, ours = stock_and_ours(app, value)
    assert stock == ours
    with app.app_context():
        assert encode({1j.__class__.__name__: {1}}) == b'{"complex":[1]}'  # ours when it declines


def test_an_encode_error_inside_of_a_default_is_an_error():
    inner = []

    class Inner(DefaultJSONProvider):
        @staticmethod
        def default(value):
            if isinstance(value, set):
                inner.append(value)
                return encode({"inner": [object()]}).decode()
            return DefaultJSONProvider.default(value)

    app = flask.Flask("tests")
    app.json = Inner(app)
    with app.app_context():
        assert jsonify([1j.imag, date(2024, 1, 1), b"a"]).status_code == 200
        for value in {"a": {1}}, {"a": {1}, "b": 2**70}, {"a": {1}, "b": {1: 2}}:
            inner.clear()
            with pytest.raises(JSONEncodeError) as caught:
                jsonify(value)
            assert caught.value.path == "$.a"
            assert isinstance(caught.value.__cause__, JSONEncodeError)
            assert caught.value.__cause__.path == "$.inner[0]"
            assert len(inner) == 1


class OwnDumps(DefaultJSONProvider):
    def dumps(self, obj, **kwargs):
        kwargs["sort_keys"] = False
        return super().dumps({"own": obj}, **kwargs)


class OwnProvider(JSONProvider):
    def dumps(self, obj, **kwargs):
        return f"own({obj})"

    def loads(self, s, **kwargs):
        raise NotImplementedError


class OwnResponse(OwnProvider):
    mimetype = "application/x"

    def response(self, *args, **kwargs):
        value = self._prepare_response_obj(args, kwargs)
        return self._app.response_class(self.dumps(value) + "!", mimetype=self.mimetype)


@pytest.mark.parametrize("provider", [OwnDumps, OwnProvider, OwnResponse])
def test_a_provider_with_its_own_dumps_keeps_its_encoding(provider):
    app = flask.Flask("tests")
    app.json = provider(app)
    stock, ours = stock_and_ours(app, {"b": 1, "a": 2})
    assert stock == ours
    with app.app_context():
        assert encode({"b": 1}).decode() == app.json.dumps({"b": 1})
        with use_settings(JSONSettings(pretty=True)):
            assert jsonify([1]).data == b"[\n  1\n]\n"


def test_a_function_put_in_the_place_of_dumps_counts_as_well():
    app = flask.Flask("tests")
    with app.app_context():
        jsonify(1)
    app.json.dumps = lambda obj, **kwargs: "own"
    with app.app_context():
        assert jsonify(1).data == flask.jsonify(1).data == b"own\n"


def test_each_app_has_its_own_settings():
    first, second = flask.Flask("first"), flask.Flask("second")
    second.json.sort_keys = False
    with first.app_context():
        assert jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'
        with second.app_context():
            assert jsonify(b=1, a=2).data == b'{"b":1,"a":2}\n'
        assert jsonify(b=1, a=2).data == b'{"a":2,"b":1}\n'
