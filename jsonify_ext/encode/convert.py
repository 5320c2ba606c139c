"""Any value to a plain tree, or an error with its path.

A plain tree consists of str, int, float, bool, None, list, dict with str keys, fragments, and
objects whose keys are in order.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ..decode import loads
from ..errors import MAX_DEPTH, NotEncodable, TooDeep, type_name
from ..optional import orjson
from .checks import PLAIN
from .raw import Fragment, Members, Ordered, SetItems

if TYPE_CHECKING:
    from ..settings import JSONSettings
    from .encoder import Encoder

__all__ = ["Converter", "Failed", "HookResults"]

#: Containers near the root are left to orjson, unless it has refused as many on the same
#: level. Converting small ones takes less time.
_SPLIT_LEVELS, _MAX_MISSES, _SMALL = 6, 3, 6
#: The depth of a container that can't contain another one.
_LAST = MAX_DEPTH - 1
_NO_TRIES = [0] * MAX_DEPTH
_TRIES = [0, *[_MAX_MISSES] * _SPLIT_LEVELS, *_NO_TRIES]
_CONTAINERS = frozenset({dict, list, tuple, Members, Ordered, SetItems})
_DONE = PLAIN | _CONTAINERS | {Fragment}
#: What JavaScript doesn't round.
_MIN_SAFE, _MAX_SAFE = 1 - 2**53, 2**53 - 1
_MISSING = object()
_FIRST = itemgetter(0)


class Failed(NamedTuple):
    """A hook that raised an exception."""

    error: Exception


class HookResults(list[tuple[list[Any], list[Any]]]):
    """What hooks returned while one value is encoded, so that each of them runs once.

    A list of batches: values, and the results of the first of them.
    """

    #: Whether code of the app has run, which may have changed the value.
    app_code_ran: bool = False
    #: The types of the values.
    types: frozenset[type] = frozenset()
    #: The value whose hook has raised an exception, and the exception.
    failed: tuple[Any, Exception] | None = None

    @cached_property
    def _queues(self) -> dict[int, deque[Any]]:
        queues: dict[int, deque[Any]] = defaultdict(deque)
        for values, results in self:
            for value, result in zip(values, results, strict=False):
                queues[id(value)].append(result)
        return queues

    def take(self, value: Any) -> Any:
        """The next result of an object: one for each time that it occurred."""
        queue = self._queues.get(id(value))
        return queue.popleft() if queue else _MISSING


class Converter:
    """Converts one value; hooks that have ``results`` aren't called again.

    ``locates`` checks each key and value of a plain tree that can't be written.
    """

    def __init__(
        self, encoder: Encoder, results: HookResults | None, *, locates: bool = False
    ) -> None:
        self.encoder = encoder
        self.settings: JSONSettings = encoder.settings
        self.results: HookResults | None = results
        self.plain: frozenset[Any] = frozenset() if locates else encoder.plain
        self.locates: bool = locates
        # orjson doesn't indent fragments, and it writes Enums that have a hook.
        splits = not (locates or self.settings.pretty or encoder.checks_types or orjson is None)
        self.tries: list[int] = (_TRIES if splits else _NO_TRIES).copy()
        self.omit_none: bool = self.settings.omit_none
        # Whether the keys are sorted here; orjson sorts those of a dict itself.
        self.sorts: bool = self.settings.sort_keys and orjson is None
        self.finishes: bool = self.omit_none or self.sorts
        #: What makes the text of keys, by their type.
        self.key_text: dict[type, Callable[[Any], str]] = _KEY_TEXT
        if self.settings.nan == "error":
            self.key_text = _FINITE_KEY_TEXT
        self.in_flask_order: bool = self.settings.sort_keys and encoder.flask

    def write(self, tree: Any) -> bytes:
        """The JSON of a plain tree; a NotEncodable for a lone surrogate."""
        try:
            return self.encoder.write(tree)
        except (TypeError, ValueError):
            Converter(self.encoder, None, locates=True).convert(tree, 0)
            raise

    def convert(self, value: Any, depth: int) -> Any:
        """The plain tree of a value that is in ``depth`` containers.

        A NotEncodable has the steps from here to what can't be encoded.
        """
        kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
        while kind not in _CONTAINERS:
            if kind in self.plain or kind is Fragment:
                return value
            if kind in PLAIN:
                return self._scalar(value)
            value = self._apply_rules(value)
            kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
        if depth >= MAX_DEPTH:
            raise TooDeep
        if kind is dict:
            locates = self.locates
            for key in value:
                if type(key) is not str or locates:
                    return self._object([*value.items()], depth)
        elif kind is Members:
            return self._object(value.pairs, depth)
        elif kind is Ordered:
            return self._object([*value.__dict__.items()], depth)
        elif kind is SetItems:
            items = self._array(value.items, depth)
            with suppress(TypeError, ValueError):  # write() finds the place
                items.sort(key=self.encoder.write)
            return items
        if len(value) > _SMALL and self.tries[depth]:
            text = self.encoder.by_orjson(value)
            if text is not None:
                return Fragment(text)
            self.tries[depth] -= 1
        if kind is not dict:
            return self._array(value, depth)
        result = value.copy()  # which a hook can't change
        self._convert_each(result, result.items(), depth)
        return self._finished(result, sorts=self.sorts) if self.finishes else result

    def _array(self, items: Iterable[Any], depth: int) -> list[Any]:
        result = [*items]
        if not self.plain.issuperset(map(type, result)):
            self._convert_each(result, enumerate(result), depth)
        return result

    def _convert_each(self, result: Any, items: Iterable[tuple[Any, Any]], depth: int) -> None:
        """Convert what is in a container in place."""
        plain = self.plain
        key = item = None
        try:
            for key, item in items:
                kind = type(item)  # pyright: ignore[reportUnknownVariableType]  # of Any
                if kind in plain:
                    continue
                if kind is int:
                    if not _MIN_SAFE <= item <= _MAX_SAFE:
                        result[key] = self._long_integer(item)
                elif kind is list and depth < _LAST and plain.issuperset(map(type, item)):
                    result[key] = item.copy()  # in half the time of convert()
                else:
                    result[key] = self.convert(item, depth + 1)
        except NotEncodable as error:
            error.trace(key, item)
            raise

    def _object(self, pairs: list[tuple[Any, Any]], depth: int) -> Any:
        """An object some of whose keys may not be strings."""
        in_order = self.in_flask_order
        if in_order:
            try:
                pairs = sorted(pairs, key=_FIRST)
            except Exception:  # Flask raises an error for keys that can't be compared
                in_order = False
        result: dict[str, Any] = {}
        key_text, other = self.key_text, self._key
        for key, item in pairs:
            try:
                name = key_text.get(type(key), other)(key)  # pyright: ignore[reportUnknownArgumentType]  # of Any
            except ValueError:
                name = other(key)  # raises the error about it
            if name in result:
                raise NotEncodable("has two keys that become this one: rename one", name)
            result[name] = item
        self._convert_each(result, result.items(), depth)
        if self.finishes:
            result = self._finished(result, sorts=self.sorts and not in_order)
        if in_order and orjson is not None and [*result] != sorted(result):
            # orjson leaves out attributes that begin with "_", and aborts at one without a name.
            odd = {"", "_"} & {name[:1] for name in result}
            return result if odd else Ordered(result)
        return result

    def _finished(self, members: dict[str, Any], *, sorts: bool) -> dict[str, Any]:
        if self.omit_none:
            members = {key: item for key, item in members.items() if item is not None}
        return dict(sorted(members.items())) if sorts else members

    def _apply_rules(self, value: Any) -> Any:
        """Apply rules to a value, and to the result, until it has one of JSON's own types."""
        for _ in range(MAX_DEPTH):
            try:
                result = self.results.take(value) if self.results else _MISSING
                if result is _MISSING:
                    result = self.encoder.rules[type(value)].convert(value)
                elif type(result) is Failed:
                    raise result.error
            except NotEncodable as error:
                error.type_name = error.type_name or type_name(value)
                raise
            except MemoryError:
                raise
            except Exception as error:
                raise self.hook_error(value, error) from error
            if type(result) in _DONE:
                return result
            value = result
        raise TooDeep

    def hook_error(self, value: Any, cause: Exception) -> NotEncodable:
        source = self.encoder.rules[type(value)].source or f"reading {type_name(value)}"
        error = NotEncodable(f"cannot be encoded as JSON: {source} raised {type_name(cause)}")
        error.type_name = type_name(value)
        return error

    def _scalar(self, value: Any) -> Any:
        settings = self.settings
        if type(value) is float and value - value != 0:
            if settings.nan == "error":
                raise NotEncodable(f"is {value!r}, which has no JSON form (nan='error')")
            return None
        if type(value) is int and not _MIN_SAFE <= value <= _MAX_SAFE:
            return self._long_integer(value)
        return _checked(value) if type(value) is str else value

    def _long_integer(self, value: int) -> Any:
        big_ints = self.settings.big_ints
        if big_ints == "error":
            raise NotEncodable("is beyond 2**53 - 1, which JavaScript rounds (big_ints)")
        if big_ints == "number" and orjson is not None and -(2**63) <= value < 2**64:
            return value
        text = _digits(value)
        if big_ints == "string":
            return text
        return value if orjson is None else Fragment(text.encode())

    def _key(self, key: Any) -> str:
        """The text of a key of another type, by the rules for values."""
        name = type_name(key)
        try:
            text = self._apply_rules(key) if type(key) not in _DONE else key
            if type(text) is Fragment:
                text = loads(self.encoder.write(text))
            if type(text) in (float, str):
                self._scalar(text)  # NaN and lone surrogates may be errors
            if type(text) is int:
                return _digits(text)
            if type(text) in _KEY_TEXT:
                return _KEY_TEXT[type(text)](text)
        except NotEncodable as error:
            raise NotEncodable(
                f"has a key of type {name} that {error.reason}"
            ) from error.__cause__
        except ValueError as error:  # trusted JSON, or a number that no float can hold
            raise NotEncodable(f"has a key of type {name} that can't be read: {error}") from error
        raise NotEncodable(
            f"has a key of type {name}; keys may be str, int, float, bool, None, or what "
            "becomes one of these"
        )


def _digits(value: int) -> str:
    try:
        return repr(value)
    except ValueError:
        raise NotEncodable(
            "has more digits than Python prints; see sys.set_int_max_str_digits()"
        ) from None


def _checked(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotEncodable(
            f"contains a lone surrogate, which has no UTF-8 form, at index {error.start}"
        ) from None
    return text


def _text_key(key: str) -> str:
    key.encode()
    return key


def _float_key(key: float) -> str:
    text = repr(key)
    return _NON_FINITE.get(text, text)


#: Keys are spelled as json.dumps spells them. A key that can't be is a ValueError.
_KEY_TEXT: dict[type, Callable[[Any], str]] = {
    str: _text_key,
    int: repr,
    float: _float_key,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}
_FINITE_KEY_TEXT = {cls: text_of for cls, text_of in _KEY_TEXT.items() if cls is not float}
_NON_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
