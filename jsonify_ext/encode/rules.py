"""What each type becomes: one table from type to rule, resolved once per type.

A rule brings a value one step nearer to JSON: it returns a plain value, a container, a
fragment, or a value of another type with a rule.
"""

from __future__ import annotations

import inspect
import io
import ipaddress
import re
import types
import weakref
from array import array
from collections import UserString, abc, deque
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from operator import attrgetter
from pathlib import PosixPath, PurePath, PurePosixPath, PureWindowsPath, WindowsPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from werkzeug.sansio.response import Response

from ..errors import NotEncodable
from ..optional import orjson
from . import libraries
from .checks import PLAIN
from .dates import http_date, iso_date, iso_duration, iso_time, utc_date
from .hooks import Convert, acts_like, hook, html_text, last_resort
from .raw import Members, RawJSON, Rule, SetItems, members

if TYPE_CHECKING:
    from ..settings import JSONSettings
    from .encoder import Encoder

#: Classes that are made in functions, row classes for instance, must not pile up.
_MAX_TYPES = 2000
_UNKNOWN = "register an encoder for its type, or give it a __json__() method"
_BYTES = (bytes, bytearray, memoryview)
#: What ``json`` writes without calling ``default``.
_JSON_TYPES: tuple[type[Any], ...] = (str, int, float, list, tuple, dict)
#: Files that aren't ``io.IOBase``: of an upload, and a named temporary file.
_FILES = frozenset(
    {"werkzeug.datastructures.file_storage.FileStorage", "tempfile._TemporaryFileWrapper"}
)
_REFUSED: dict[Any, str] = {
    weakref.ProxyType: "it is a weak proxy; pass the object itself",
    weakref.CallableProxyType: "it is a weak proxy; pass the object itself",
    io.IOBase: "it is an open file; read it first",
    type: "it is the class {name}; pass an instance, or its name",
    types.ModuleType: "it is the module {name}; pass what you need from it",
    BaseException: "it is an exception; send str(error), or use problem()",
    abc.Awaitable: "it is awaitable; did you forget await?",
    abc.AsyncIterator: "it is an asynchronous iterator; collect its items first",
    types.FunctionType: "it is the function {name}; did you forget to call it?",
    types.MethodType: "it is the method {name}; did you forget to call it?",
    types.BuiltinFunctionType: "it is the function {name}; did you forget to call it?",
    Response: "it is a response; pass the value itself",
}


class Rules(dict[type, Rule]):
    """The rule of each type under the settings of an encoder.

    ``flask_default`` is the ``default`` of a Flask app's provider, which isn't called for
    dates if ``dates_set``.
    """

    def __init__(
        self, encoder: Encoder, flask_default: Convert | None, *, dates_set: bool
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.settings: JSONSettings = encoder.settings
        self.flask_default = flask_default
        #: Writes a ``date`` or a ``datetime``.
        self.write_date: Convert = _DATES[encoder.settings.dates]
        self._not_for_flask_default = (*_JSON_TYPES, date) if dates_set else _JSON_TYPES

    def __missing__(self, cls: type[Any]) -> Rule:
        if len(self) >= _MAX_TYPES:
            self.clear()
        rule = self[cls] = self._resolve(cls)
        return rule

    def _resolve(self, cls: type[Any]) -> Rule:
        """The first of: encoder, Flask default, own method, table, the last resort."""
        if cls is SetItems or cls is Members:
            return _refuse("is left to the converter")
        encoders = self.settings.encoders
        encoder = find_encoder(encoders, cls)
        if encoder is None:
            return self._without_encoder(cls) or _refused(cls)  # pyright: ignore[reportUnknownArgumentType]  # of Any
        # A value of the same class isn't given to it again, nor of a standard class.
        served = [*cls.__mro__, *(_BYTES if issubclass(cls, _BYTES) else ())]
        rules = {
            base: rule
            for base in served
            if (base is cls or base in _LEAVES)
            and find_encoder(encoders, base) is encoder
            and (rule := self._without_encoder(base)) is not None
        }
        return Rule(hook(encoder, rules), source=f"the encoder for {cls.__name__}")

    def _without_encoder(self, cls: type[Any]) -> Rule | None:
        name, settings = cls.__name__, self.settings
        rule = self._json_method(cls) or self._table(cls)
        if settings.default is not None and (rule is None or issubclass(cls, _BYTES)):
            rule = Rule(last_resort(settings.default, rule), source=f"default for {name}")
        if self.flask_default is not None and not issubclass(cls, self._not_for_flask_default):
            rule = rule or _refused(cls)  # pyright: ignore[reportUnknownArgumentType]  # of Any
            convert = hook(self.flask_default, {cls: rule}, declines=TypeError)
            rule = Rule(convert, source=f"default for {name}")
        elif rule is None and self.encoder.flask:
            rule = Rule(acts_like(_refused(cls)))  # pyright: ignore[reportUnknownArgumentType]  # of Any
        return rule

    def _json_method(self, cls: type[Any]) -> Rule | None:
        """The object's own method, which Flask doesn't call for types that it encodes."""
        if issubclass(cls, Enum) or (self.encoder.flask and _flask_encodes(cls)):
            return None
        for name in ("__json__", "for_json"):
            method = getattr(cls, name, None)
            if callable(method):
                try:
                    inspect.signature(method, follow_wrapped=False).bind(None)
                except TypeError:
                    return _refuse(f"has a {name}() with arguments; it is called without any")
                except ValueError:  # it has no signature
                    pass
                return Rule(hook(method), source=f"{cls.__name__}.{name}()")
        return None

    def _table(self, cls: type[Any]) -> Rule | None:
        """The built-in table; the first row that fits."""
        if issubclass(cls, Enum):
            return Rule(attrgetter("value"), pure=True)
        if issubclass(cls, RawJSON):
            return Rule(self.encoder.texts.embed_raw, pure=True)
        rule = libraries.find_rule(cls, self.encoder)
        if rule is not None:
            return rule
        if issubclass(cls, date):
            return Rule(self.write_date, leaf=cls in _LEAVES)
        if issubclass(cls, Decimal):
            return Rule(self._decimal, leaf=cls in _LEAVES)
        for base, convert in _TEXT.items():
            if issubclass(cls, base):
                return Rule(convert, leaf=cls in _LEAVES or base in _EXACT)
        if not issubclass(cls, _JSON_TYPES):
            declared = _declared(cls)
            if declared is not None or _refusal(cls) is not None:
                return declared
            if hasattr(cls, "__html__"):
                return Rule(html_text, source=f"{cls.__name__}.__html__()")
        if issubclass(cls, abc.Mapping):
            return _mapping(cls)
        if issubclass(cls, abc.Set) and not issubclass(cls, abc.MappingView):
            pure = not _has_own_iter(cls)
            return Rule(self._sorted_set if self.settings.sort_keys else list, pure=pure)
        if issubclass(cls, (abc.Sequence, abc.Set, abc.ValuesView, array, deque, abc.Iterator)):
            return Rule(list, pure=not (issubclass(cls, abc.Iterator) or _has_own_iter(cls)))
        return None

    def _decimal(self, value: Decimal) -> str | None:
        if value.is_finite():
            return str(value)
        if self.settings.nan == "error":
            name = "NaN" if value.is_nan() else str(value)
            raise NotEncodable(f"is {name}, which has no JSON form (nan='error')")
        return None

    def _sorted_set(self, value: abc.Set[Any]) -> Any:
        items = [*value]
        is_exact = self.settings.big_ints == "number" and self.settings.nan == "null"
        if is_exact and orjson is not None and PLAIN.issuperset(map(type, items)):
            with suppress(TypeError):  # a long integer, or a lone surrogate
                return sorted(items, key=orjson.dumps)
        return SetItems(items)


def find_encoder(encoders: abc.Mapping[type, Any], cls: type[Any]) -> Convert | None:
    """The encoder of the nearest class in the method resolution order.

    An Enum's is that of an Enum class; classes mixed into it are those of its value. The
    encoder for ``bytes`` serves ``bytearray`` and ``memoryview`` too.
    """
    bases: list[Any] = [*cls.__mro__] if encoders else []
    if bases and issubclass(cls, _BYTES):
        bases.insert(-1, bytes)
    if issubclass(cls, Enum):
        bases = [base for base in bases if issubclass(base, Enum) or base is object]
    if cls.__name__ == "NaTType":  # pandas' NaT, which isn't the datetime that it claims to be
        bases = [cls, object]
    return next((encoders[base] for base in bases if base in encoders), None)


def _refusal(cls: type[Any]) -> str | None:
    """Why a class isn't encoded, and what to do."""
    is_reader = all(hasattr(cls, name) for name in ("read", "readline", "__next__"))
    names = {f"{base.__module__}.{base.__name__}" for base in cls.__mro__}
    if is_reader or not _FILES.isdisjoint(names):
        return _REFUSED[io.IOBase]
    reasons = (reason for base, reason in _REFUSED.items() if issubclass(cls, base))
    return libraries.refusal(cls) or next(reasons, None)


def _refused(cls: type[Any]) -> Rule:
    return _refuse(f"cannot be encoded as JSON; {_refusal(cls) or _UNKNOWN}")


def _flask_encodes(cls: type[Any]) -> bool:
    """Whether stock Flask can encode a class, without calling ``__json__``."""
    known = issubclass(cls, (*_JSON_TYPES, date, Decimal, UUID))
    return known or is_dataclass(cls) or hasattr(cls, "__html__")


def _refuse(reason: str) -> Rule:
    def refuse(value: Any) -> Any:
        name = getattr(value, "__name__", "") if "{name}" in reason else ""
        raise NotEncodable(reason.replace("{name}", name))

    return Rule(refuse)


def _declared(cls: type[Any]) -> Rule | None:
    """The rule for a class that declares its fields: a dataclass or an attrs class."""
    if is_dataclass(cls):
        names = tuple(each.name for each in fields(cls))
    elif hasattr(cls, "__attrs_attrs__"):
        names = tuple(each.name for each in cls.__attrs_attrs__)
    else:
        return None

    def by_name(value: Any) -> dict[str, Any]:
        return {name: getattr(value, name) for name in names}

    def by_dict(value: Any) -> dict[str, Any]:
        # A third of the time of by_name(), where there is nothing but the fields.
        attributes: dict[str, Any] = value.__dict__
        return attributes.copy() if (*attributes,) == names else by_name(value)

    found = [inspect.getattr_static(cls, name, None) for name in names]
    # Descriptors and other ways to read an attribute may run code of the app.
    pure = (
        cls.__getattribute__ is _GETATTRIBUTE
        and not hasattr(cls, "__getattr__")
        and all(inspect.ismemberdescriptor(each) or not hasattr(each, "__set__") for each in found)
    )
    has_slots = any("__slots__" in vars(base) for base in cls.__mro__[:-1])
    return Rule(by_dict if pure and not has_slots else by_name, pure=pure)


def _mapping(cls: Any) -> Rule:
    def convert(value: Any) -> Any:
        # The type's method, which an attribute of the same name doesn't hide.
        return members(cls.items(value))

    pure = type(cls.items) is types.MethodDescriptorType and cls.__iter__ is _DICT_ITER
    return Rule(dict, pure=True) if pure else Rule(convert)


def _has_own_iter(cls: Any) -> bool:
    return type(cls.__iter__) is types.FunctionType


def _utf8(value: Any) -> str:
    try:
        return str(bytes(value) if type(value) is memoryview else value, "utf-8")
    except UnicodeDecodeError:
        raise NotEncodable(
            "contains bytes that aren't UTF-8; choose a text form for them, for instance "
            f"encoders={{{type(value).__name__}: base64_text}}"
        ) from None


_GETATTRIBUTE: Any = object.__getattribute__
_DICT_ITER: Any = dict.__iter__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of Any
_IPS = (
    *(ipaddress.IPv4Address, ipaddress.IPv4Network, ipaddress.IPv4Interface),
    *(ipaddress.IPv6Address, ipaddress.IPv6Network, ipaddress.IPv6Interface),
)
#: Exactly these become text without running code of the app.
_LEAVES = {
    *(date, datetime, time, timedelta, Decimal, UUID, Fraction, *_IPS, *_BYTES),
    *(PosixPath, PurePosixPath, PureWindowsPath, WindowsPath),
}
_DATES: dict[str, Convert] = {"iso": iso_date, "http": http_date, "utc": utc_date}
#: Subclasses of the plain types as the plain type, by its own method.
_EXACT: dict[Any, Convert] = {str: str.__str__, int: int.__int__, float: float.__float__}
_TEXT: dict[Any, Convert] = {
    **_EXACT,
    time: iso_time,
    timedelta: iso_duration,
    re.Pattern: attrgetter("pattern"),
    **dict.fromkeys((UUID, PurePath, Fraction, UserString, *_IPS), str),
    **dict.fromkeys(_BYTES, _utf8),
}
