"""A second encoder, as simple as the contract's table: the one that is tested has to agree."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sqlite3
from array import array
from collections import UserString, deque
from collections.abc import ItemsView, Iterator, KeysView, Mapping, Sequence, Set, ValuesView
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from ipaddress import _IPAddressBase
from pathlib import PurePath
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import sqlalchemy
from werkzeug.http import http_date
from werkzeug.local import LocalProxy

from jsonify_ext import JSONSettings, RawJSON
from jsonify_ext.optional import orjson

MAX_DEPTH = 254
_MAX_SAFE = 2**53 - 1
_JSON_TYPES = (str, int, float, list, tuple, dict)
_PLAIN = (str, int, float, bool, type(None), dict, list, tuple)
_BYTES = (bytes, bytearray, memoryview)
_STANDARD = (date, datetime, time, timedelta, Decimal, UUID, Fraction, *_BYTES)
_TEXT = (UUID, PurePath, Fraction, _IPAddressBase, UserString)
_TEXT_OF_PYDANTIC = ("pydantic.networks", "pydantic.types", "pydantic_core._pydantic_core")


class Refused(Exception):
    """The contract refuses the value."""


class Unsure(Exception):
    """The contract leaves open what becomes of the value."""


class Pairs(list[tuple[Any, Any]]):
    """An object's keys and values."""


class Items(list[Any]):
    """A set's items."""


class Reference:
    """Encodes under certain settings.

    :param inside: the ids of the libraries' records that the value is in. A record in itself
        is a circle, even if it ends because an iterator is empty at the second time.
    :ivar depth: the levels of the deepest value so far.
    """

    def __init__(self, settings: JSONSettings, inside: tuple[int, ...] = ()) -> None:
        self.settings = settings
        self.inside = inside
        self.is_flask = hasattr(settings, "flask_default")
        self.flask_default = getattr(settings, "flask_default", None)
        self.depth = 0

    def tree(self, value: Any, depth: int = 0) -> Any:
        """What :func:`json.loads` must return for the JSON of a value."""
        value = self.form(value)
        if isinstance(value, str):
            return _unicode(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else self._not_finite()
        if isinstance(value, int):
            return self._integer(value)
        self.depth = max(self.depth, depth + 1)
        if depth == MAX_DEPTH:
            raise Unsure
        if isinstance(value, (dict, Pairs)):
            return self._object(value, depth)
        items = [self.tree(item, depth + 1) for item in value]
        if isinstance(value, Items) and self.settings.sort_keys:
            items.sort(key=_compact)
        return items

    def _object(self, value: Any, depth: int) -> Any:
        pairs = [*(value.items() if isinstance(value, dict) else value)]
        by_text = self.settings.sort_keys
        if by_text and self.is_flask:
            with suppress(Exception):
                pairs.sort(key=lambda pair: pair[0])
                by_text = False
        result: dict[str, Any] = {}
        for key, item in pairs:
            name = _unicode(self.key(key))
            if name in result:
                raise Refused
            result[name] = self.tree(item, depth + 1)
        # orjson can't keep the order of such keys; docs/flask.rst states this.
        is_odd = orjson is not None and any(name[:1] in ("", "_") for name in result)
        if by_text or (is_odd and self.settings.sort_keys):
            result = dict(sorted(result.items()))
        if self.settings.omit_none:
            result = {key: item for key, item in result.items() if item is not None}
        return result

    def key(self, key: Any) -> str:
        """The text of a key."""
        for _ in range(MAX_DEPTH):
            if type(key) in _PLAIN:
                break
            key = self._hooks(key, 0)
        if isinstance(key, float) and not math.isfinite(key):
            self._not_finite()
        if not isinstance(key, (str, int, float, type(None))):
            raise Refused
        if isinstance(key, str):
            return key
        try:
            return str(next(iter(json.loads(json.dumps({key: 0})))))
        except ValueError:  # too many digits
            raise Refused from None

    def _not_finite(self) -> None:
        if self.settings.nan == "error":
            raise Refused

    def _integer(self, value: int) -> Any:
        try:
            text = str(value)
        except ValueError:
            raise Refused from None
        if abs(value) <= _MAX_SAFE or self.settings.big_ints == "number":
            return value
        if self.settings.big_ints == "error":
            raise Refused
        return text

    def form(self, value: Any) -> Any:
        """A value as a plain value or a container whose items are still to be encoded."""
        for _ in range(MAX_DEPTH):
            if type(value) in (*_PLAIN, Pairs, Items):
                return value
            value = self._hooks(value, 0)
        raise Unsure

    def _hooks(self, value: Any, first: int) -> Any:
        """The first of: encoder, Flask's default, own method, table, last resort."""
        cls, settings = type(value), self.settings
        hook = _encoder(settings.encoders, cls)
        if first < 1 and hook:
            return self._mended(_called(hook, value), value, 1)
        not_for = (*_JSON_TYPES, date) if getattr(settings, "dates_set", False) else _JSON_TYPES
        has_default = first < 2 and self.flask_default and not issubclass(cls, not_for)
        given, calls = value, 20 if has_default else 0
        for _ in range(calls):
            try:
                result = self.flask_default(value)
            except TypeError:
                break
            except Exception as error:
                raise _refused(error) from None
            if result is given:
                raise Refused
            if type(result) is not cls:
                return result
            if result is value:
                break
            value = result
        else:
            if calls:
                raise Refused
        if not issubclass(cls, Enum) and not (self.is_flask and _flask_encodes(cls)):
            for name in ("__json__", "for_json"):
                if callable(getattr(cls, name, None)):
                    return _called(getattr(cls, name), value)
        with suppress(LookupError, UnicodeDecodeError):
            return self._table(value, cls)
        if settings.default is None:
            raise Refused
        return _called(settings.default, value)

    def _mended(self, result: Any, value: Any, first: int) -> Any:
        if result is value:
            raise Refused
        cls, kind, encoders = type(value), type(result), self.settings.encoders
        # The hook isn't called again for its own class, nor for a standard class of it.
        served = [*cls.__mro__, *(_BYTES if issubclass(cls, _BYTES) else ())]
        is_standard = kind in _STANDARD and kind in served
        again = is_standard and _encoder(encoders, kind) is _encoder(encoders, cls)
        return self._hooks(result, first) if kind is cls or again else result

    def _table(self, value: Any, cls: type) -> Any:
        if isinstance(value, Enum):
            return value.value
        if cls is LocalProxy:
            return value._get_current_object()
        if isinstance(value, RawJSON):
            try:
                return strict(value.data.decode())
            except ValueError:
                raise Refused from None
        if isinstance(value, msgspec.Struct):
            return self._library(value, lambda hook: msgspec.json.encode(value, enc_hook=hook))
        if hasattr(cls, "__pydantic_serializer__"):
            to_json = cls.__pydantic_serializer__.to_json
            return self._library(value, lambda hook: to_json(value, by_alias=True, fallback=hook))
        if isinstance(value, (sqlite3.Row, sqlalchemy.Row)):
            names = value.keys() if isinstance(value, sqlite3.Row) else value._fields
            return Pairs(zip(names, value, strict=True))
        if isinstance(value, (np.ndarray, np.generic)):
            return _numpy(value)
        for plain in (str, int, float):
            if isinstance(value, plain):
                return getattr(plain, f"__{plain.__name__}__")(value)
        if isinstance(value, (date, time)):
            return self._date(value)
        if isinstance(value, timedelta):
            return _duration(value)
        if isinstance(value, _TEXT) or cls.__module__ in _TEXT_OF_PYDANTIC:
            return str(value)
        if isinstance(value, re.Pattern):
            return value.pattern
        if isinstance(value, _BYTES):
            try:
                return bytes(value).decode()
            except UnicodeDecodeError:
                raise
            except ValueError:  # a memoryview that was released
                raise Refused from None
        if isinstance(value, Decimal):
            return str(value) if value.is_finite() else self._not_finite()
        if isinstance(value, dict):
            return Pairs(cls.items(value))
        if isinstance(value, (list, tuple)):
            return [*value]
        if isinstance(value, type):
            raise LookupError
        if dataclasses.is_dataclass(cls):
            return {each.name: getattr(value, each.name) for each in dataclasses.fields(cls)}
        if hasattr(cls, "__attrs_attrs__"):
            return {each.name: getattr(value, each.name) for each in cls.__attrs_attrs__}
        if hasattr(cls, "__html__"):
            return str(_called(cls.__html__, value))
        if isinstance(value, Mapping):
            return Pairs(cls.items(value))
        if isinstance(value, Set) and not isinstance(value, (KeysView, ItemsView)):
            return Items(value)
        if isinstance(value, (Sequence, KeysView, ValuesView, ItemsView, array, deque, Iterator)):
            return [*value]
        raise LookupError

    def _library(self, value: Any, write: Any) -> Any:
        if id(value) in self.inside:
            raise Unsure

        def hook(unknown: Any) -> Any:
            return Reference(self.settings, (*self.inside, id(value))).tree(unknown)

        try:
            text = write(hook)
            if re.search(rb"\d{4000}", text):
                raise Unsure  # the library writes it; Python doesn't read it again
            return json.loads(text)
        except Exception as error:
            raise _refused(error) from None

    def _date(self, value: Any) -> str:
        dates = self.settings.dates
        if isinstance(value, time) or (dates == "iso" and isinstance(value, datetime)):
            return _with_minutes(value)
        try:
            if dates == "http":
                return http_date(value)
            if dates == "utc" and isinstance(value, datetime):
                naive = value.replace(tzinfo=None) - (value.utcoffset() or timedelta())
                return f"{naive.isoformat()}Z"
        except OverflowError:
            raise Refused from None
        return value.isoformat()


def strict(text: str) -> Any:
    """What ``json.loads`` returns for text that is JSON by RFC 8259 and has a meaning.

    :raises ValueError: for NaN, numbers too large for a float, lone surrogates.
    """
    value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    _all_text(value).encode()
    return value


def _all_text(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(map(_all_text, [*value, *value.values()]))
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    return value if isinstance(value, str) else ""


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    if math.isinf(float(text)):
        raise ValueError("not a float")
    return float(text)


def _unicode(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused from None
    return text


def _compact(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def _encoder(encoders: Any, cls: type) -> Any:
    bases = [*cls.__mro__]
    if issubclass(cls, _BYTES):
        bases.insert(-1, bytes)
    if issubclass(cls, Enum):
        bases = [base for base in bases if issubclass(base, Enum) or base is object]
    return next((encoders[base] for base in bases if base in encoders), None)


def _called(hook: Any, value: Any) -> Any:
    try:
        result = hook(value)
    except Exception as error:
        raise _refused(error) from None
    if result is value:
        raise Refused
    return result


def _refused(error: Exception) -> Exception:
    return error if isinstance(error, (Unsure, MemoryError, RecursionError)) else Refused()


def _flask_encodes(cls: type) -> bool:
    return (
        issubclass(cls, (*_JSON_TYPES, date, Decimal, UUID))
        or dataclasses.is_dataclass(cls)
        or hasattr(cls, "__html__")
    )


def _numpy(value: Any) -> Any:
    if value is np.ma.masked or value is None:
        return None
    if value.ndim:
        return [row if row is None else _numpy(np.asarray(row)) for row in _rows(value)]
    if value.dtype.names:
        return {name: _numpy(np.asarray(value[name])) for name in value.dtype.names}
    if value.dtype in ("M8[ns]", "m8[ns]"):
        value = value.astype(value.dtype.str.replace("ns", "us"))
    item = value.item()
    if value.dtype.kind in "mM" and isinstance(item, int):
        raise Refused
    return float(str(value)) if value.dtype in ("f2", "f4") else item


def _rows(value: Any) -> Any:
    return [None if row is np.ma.masked else row for row in value]


def _duration(value: timedelta) -> str:
    micros = abs(value) // timedelta(microseconds=1)
    texts = []
    for letter, size in ("D", 86400 * 10**6), ("H", 3600 * 10**6), ("M", 60 * 10**6):
        count, micros = divmod(micros, size)
        texts.append(f"{count}{letter}" if count else "")
    texts.append(f"{micros / 10**6:.6f}".rstrip("0").rstrip(".") + "S" if micros else "")
    clock = "".join(texts[1:]) or ("" if texts[0] else "0S")
    return "-" * (value < timedelta()) + "P" + texts[0] + ("T" + clock if clock else "")


def _with_minutes(value: Any) -> str:
    offset = value.utcoffset()
    if offset is None:
        return value.isoformat()
    minutes = math.floor(abs(offset) / timedelta(minutes=1) + 0.5)
    minutes = min(minutes, 24 * 60 - 1)
    sign = "-" if offset < timedelta() and minutes else "+"
    return f"{value.replace(tzinfo=None).isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
