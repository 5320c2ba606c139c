"""Settings compiled once, and the way from a value to bytes.

A value stops at the first of three steps that can write it:

1.  Native: orjson writes the value.
2.  Embed: what orjson has collected is replaced by the rules of its types, level by level.
    Then orjson writes the value again, with the results in place.
3.  Convert: Python converts the whole value to a plain tree, or raises an error with the path.

No Python code runs while orjson is inside a container: its only hook is a C function.
A hook could change the container, which orjson reads without holding it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timezone
from enum import Enum
from functools import partial
from itertools import chain, repeat
from operator import is_
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from ..errors import JSONEncodeError, NotEncodable, type_name
from ..optional import orjson
from .checks import PLAIN, has_enum_or_uuid, may_contain, tuples_may_overflow
from .convert import Converter, Failed, HookResults
from .dates import is_whole
from .escape import escape_non_ascii, write_ascii
from .raw import Fragment, Rule, Texts, write_tree
from .rules import Rules

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["Encoder"]

Encode = Callable[[Any], bytes]

#: A byte that isn't in any valid JSON, even in a string.
_SEPARATOR = b"\x1e"
_BETWEEN = b"," + _SEPARATOR + b","
#: The converter, depth first, takes over where hooks are in more levels of hooks than this,
#: or more values on one level contain their own type: here, level by level, a hook that
#: returns two of its kind would run twice as often on each level.
_MAX_LEVELS, _MAX_RECURSIVE = 8, 1000
_END = object()
_DATES = frozenset({date, datetime, time})
_ZONED = frozenset({datetime, time})
_ZONES = frozenset({type(None), timezone})


class _LeftToConverter(Exception):
    """The first two steps can't write a value."""


class Encoder:
    """Encodes values under certain settings.

    ``flask`` leaves types that Flask encodes to the built-in rules, and keeps its order of
    keys. ``flask_default``, of its provider, is called before the built-in rules; but not
    for dates if ``dates_set``.
    """

    def __init__(
        self,
        settings: JSONSettings,
        *,
        flask: bool = False,
        flask_default: Callable[[Any], Any] | None = None,
        dates_set: bool = False,
    ) -> None:
        self.settings = settings
        self.flask = flask
        #: The headers of a response, besides its length; and whether it has an ETag.
        self.content_type: tuple[str, str] = ("Content-Type", settings.mimetype)
        self.headers: tuple[tuple[str, str], ...] = cast("Any", settings.headers)
        self.etag: bool = settings.etag
        #: Settings derived from these, by their changes; they live as long as these.
        self.variants: dict[Any, JSONSettings] = {}
        self.rules: Rules = Rules(self, flask_default, dates_set=dates_set)
        # A null may be a member to omit, or a NaN to refuse.
        self._checks_null = settings.omit_none or settings.nan == "error"
        # orjson writes Enums and UUIDs without calling the hook.
        self.checks_types: bool = flask_default is not None or any(
            issubclass(cls, (Enum, UUID)) or cls is object for cls in settings.encoders
        )
        #: Types whose values the converter leaves as they are. Integers may be too long.
        self.plain: frozenset[Any] = PLAIN - {int}
        if self._checks_null or orjson is None:
            self.plain -= {float}
        self.texts: Texts = Texts(settings)
        # What makes json write as orjson does.
        options: dict[str, Any] = {
            "check_circular": False,
            "allow_nan": False,
            "indent": 2 if settings.pretty else None,
            "separators": (",", ": ") if settings.pretty else (",", ":"),
        }
        self._json_ascii = partial(
            json.dumps, default=self._by_rule, sort_keys=settings.sort_keys, **options
        )
        #: Writes plain trees.
        self.write: Encode
        self._dumps: Callable[..., bytes] = _unavailable
        self._options = self._passthrough_dates = self._newline = 0
        if orjson is None:
            self.write = partial(write_tree, ensure_ascii=False, **options)
        else:
            form = (
                orjson.OPT_INDENT_2 * settings.pretty | orjson.OPT_SORT_KEYS * settings.sort_keys
            )
            self.write = partial(orjson.dumps, option=form)
            self._dumps = orjson.dumps
            self._options = (
                form
                | orjson.OPT_PASSTHROUGH_SUBCLASS
                | orjson.OPT_PASSTHROUGH_DATACLASS
                | orjson.OPT_PASSTHROUGH_DATETIME
                | orjson.OPT_STRICT_INTEGER * self.texts.checks_integers
            )
            self._newline = orjson.OPT_APPEND_NEWLINE
            if settings.dates == "iso":
                self._passthrough_dates = orjson.OPT_PASSTHROUGH_DATETIME
        #: The JSON of a value; they raise a JSONEncodeError where it has none.
        self.encode: Encode = self._compile(self._options, b"")
        #: The same, and a newline.
        self.body: Encode = self._compile(self._options | self._newline, b"\n")

    def _compile(self, options: int, end: bytes) -> Encode:
        """Make the function that encodes a value, with ``end`` after it.

        A closure, because it runs for each response: it looks up nothing on the way.
        """
        dumps, is_unsafe, embed = self._dumps, self._is_unsafe, self._embed
        checks_null, ensure_ascii = self._checks_null, self.settings.ensure_ascii

        def encode(value: Any) -> bytes:
            found: list[Any] = []
            body = results = None
            try:
                if not (may_contain(value) and is_unsafe(value)):
                    body = dumps(value, found.append, options)  # step 1
                    if found:
                        body = None  # the next one takes its memory, in half the time
                        results = HookResults()
                        body = embed(value, found, options, results)  # step 2
                    elif not checks_null and (
                        not ensure_ascii or (body.isascii() and 0x7F not in body)
                    ):
                        return body
            except Exception:  # the converter finds the reason and its place
                body = None
            if body is None or (checks_null and b"null" in body):
                body = self._convert(value, results) + end  # step 3
                self._raise_failed(results)
            elif ensure_ascii and (results is None or not (results or results.app_code_ran)):
                return write_ascii(body, value, found, self._json_ascii)
            return escape_non_ascii(body) if ensure_ascii else body

        return encode

    def _embed(self, value: Any, found: list[Any], options: int, results: HookResults) -> bytes:
        """The JSON of a value, with what they become in place of the objects found in it."""
        rules = {cls: self.rules[cls] for cls in {*map(type, found)}}
        if self.checks_types and bytes in rules:
            raise _LeftToConverter  # the value of an Enum, perhaps, which marshal accepts
        if not rules.keys().isdisjoint(_DATES):
            zones = [each.tzinfo for each in found if type(each) in _ZONED]
            # Other zones may be code of the app.
            results.app_code_ran |= not _ZONES.issuperset(map(type, zones))
            if not results.app_code_ran and self._writes_dates(rules, zones):
                options &= ~self._passthrough_dates
                found = [each for each in found if type(each) not in _DATES]
        trees = self._replacements(found, rules, results)
        # A value that is nothing else, or a list of it: no container can have changed.
        if found and found[0] is value:
            return self._dumps(trees[0], None, options)
        if type(value) is list and _are_same(value, found):  # pyright: ignore[reportUnknownArgumentType]  # of Any
            return self._dumps(trees, None, options)
        if results.app_code_ran:
            # A hook that changed a container must not put a tree in another's place.
            again: list[Any] = []
            self._dumps(value, again.append, options)
            if not _are_same(again, found):
                raise _LeftToConverter
        parts = iter(trees)
        body = self._dumps(value, partial(next, parts), options)
        if next(parts, _END) is not _END:  # another thread has changed it
            raise _LeftToConverter
        return body

    def _replacements(
        self, values: list[Any], rules: dict[type, Rule], results: HookResults
    ) -> list[Any]:
        """What orjson can write in place of values, which have these rules."""
        steps = {cls: rule.convert for cls, rule in rules.items()}
        if all(rule.leaf for rule in rules.values()):
            return [steps[type(value)](value) for value in values]
        is_recursive = len(values) > _MAX_RECURSIVE and not results.types.isdisjoint(rules)
        if is_recursive or len(results) == _MAX_LEVELS:
            raise _LeftToConverter
        results.types = results.types.union(rules)
        if not all(rule.leaf or rule.pure for rule in rules.values()):
            results.app_code_ran = True
        trees: list[Any] = []
        results.append((values, trees))
        texts_of = rules[type(values[0])].texts if len(rules) == 1 else None
        try:
            if texts_of is not None:
                trees.extend(texts_of(values))
                self.texts.embed_each(trees)
                return trees
            for value in values:
                trees.append(steps[type(value)](value))
        except Exception as error:
            if not isinstance(error, NotEncodable):
                results.failed = values[len(trees)], error
            if texts_of is not None:
                trees[:] = [Fragment(each) if type(each) is bytes else each for each in trees]
            trees.append(Failed(error))
            raise  # the converter takes the results
        return self._plain(trees, results)

    def _plain(self, trees: list[Any], results: HookResults) -> list[Any]:
        """Trees without objects that orjson doesn't write: themselves, or fragments."""
        if self._is_unsafe(trees):
            raise _LeftToConverter
        found: list[Any] = []
        self._dumps(trees, found.append, self._options)
        if not found:
            return trees
        if self.settings.pretty:  # orjson doesn't indent fragments
            raise _LeftToConverter
        text = self._embed(_separated(trees), found, self._options, results)
        texts = text[1:-3].split(_BETWEEN)
        if len(texts) != len(trees):  # trusted JSON contains the separator
            raise _LeftToConverter
        return [*map(Fragment, texts)]

    def _by_rule(self, value: Any) -> Any:
        return self.rules[type(value)].convert(value)

    def _writes_dates(self, rules: dict[type, Rule], zones: list[timezone | None]) -> bool:
        """Whether orjson writes the dates in a container as their rules do."""
        return (
            self._passthrough_dates > 0
            and time not in rules
            and all(rule.leaf for rule in rules.values())
            and all(zone is None or is_whole(zone) for zone in {*zones})
        )

    def _is_unsafe(self, value: Any) -> bool:
        """Whether orjson mustn't have a value, by its types."""
        return tuples_may_overflow(value) or (self.checks_types and has_enum_or_uuid(value))

    def _convert(self, value: Any, results: HookResults | None) -> bytes:
        """The JSON of a value by the converter, which raises the errors."""
        converter = Converter(self, results)
        try:
            return converter.write(converter.convert(value, 0))
        except NotEncodable as error:
            raise error.at_root(value) from error.__cause__
        except RecursionError:  # the stack was nearly full already
            reason = "is nested too deep for what is left of Python's stack"
            raise NotEncodable(reason).at_root(value) from None
        except MemoryError:
            raise
        except Exception as error:  # a class whose metaclass fails
            reason = f"cannot be encoded as JSON: reading it raised {type_name(error)}"
            raise NotEncodable(reason).at_root(value) from error

    def _raise_failed(self, results: HookResults | None) -> None:
        """Raise the error of a hook whose object isn't in the value any more."""
        if results and results.failed is not None:
            value, cause = results.failed
            raise Converter(self, results).hook_error(value, cause).at_root(value) from cause

    def lines(self, values: list[Any]) -> bytes:
        """The JSON of each value, separated by 0x1E.

        :raises JSONEncodeError: with the index of the value as the first key, if it is known.
        """
        results = HookResults()
        if len(values) == 1:  # in a quarter of the time
            return self._line(0, values[0], results)
        found: list[Any] = []
        array = b""
        with suppress(Exception):
            if not self._is_unsafe(values):
                separated = _separated(values)
                text = self._dumps(separated, found.append, self._options)
                array = self._embed(separated, found, self._options, results) if found else text
        complete = array.count(_SEPARATOR) == len(values)
        if complete and not (self._checks_null and b"null" in array):
            lines = array[1:-3].replace(_BETWEEN, _SEPARATOR)
        else:
            lines = _SEPARATOR.join(self._line(*each, results) for each in enumerate(values))
            self._raise_failed(results)
        return escape_non_ascii(lines) if self.settings.ensure_ascii else lines

    def _line(self, index: int, value: Any, results: HookResults) -> bytes:
        try:
            # Hooks that have run for all lines aren't called again.
            return self._convert(value, results) if results else self.encode(value)
        except JSONEncodeError as error:
            raise error.below(index) from error.__cause__

    def by_orjson(self, value: Any) -> bytes | None:
        """The JSON of a container by orjson alone, or None where it can't write it."""
        kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
        if tuple in map(type, value.values() if kind is dict else value):
            return None  # they may be in a circle
        try:
            # Many small results of orjson slow down the allocator of memory: this keeps a copy.
            body = self._dumps(value, None, self._options | self._newline)[:-1]
        except TypeError:
            return None
        return None if self._checks_null and b"null" in body else body

    def delegate(self, dumps: Callable[[Any], str], response: Callable[[Any], Any]) -> None:
        """Leave the encoding to a Flask provider that has its own ``dumps``."""

        def encode(value: Any) -> bytes:
            return dumps(value).encode()

        def body(value: Any) -> bytes:
            data: bytes = response(value).get_data()
            return data

        self.encode, self.body = encode, body


def _separated(values: list[Any]) -> list[Any]:
    return [*chain.from_iterable(zip(values, repeat(Fragment(_SEPARATOR))))]


def _are_same(first: list[Any], second: list[Any]) -> bool:
    return len(first) == len(second) and all(map(is_, first, second))


def _unavailable(*args: Any) -> bytes:
    """In place of ``orjson.dumps``, where it isn't installed."""
    raise TypeError
