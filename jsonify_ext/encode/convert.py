"""Any value to a plain tree, or an error with its path.

A plain tree consists of str, int, float, bool, None, list, dict with str keys, and fragments.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import MAX_DEPTH, NotEncodable, TooDeep, type_name
from .raw import Fragment, Members, SetItems
from .writers import digits, writable

if TYPE_CHECKING:
    from ..settings import JSONSettings
    from .encoder import Encoder

__all__ = ["Converter", "Failed", "HookResults"]

#: Containers this near to the root are left to orjson, where it refused the whole.
_SPLIT_LEVELS = 3
#: Containers that orjson may refuse before all others are converted.
_MAX_MISSES = 8
_SCALARS = frozenset({str, int, float, bool, type(None)})
_DONE = _SCALARS | {dict, list, tuple, Members, SetItems, Fragment}
_MAX_SAFE = 2**53 - 1
_MISSING = object()
_FIRST = itemgetter(0)


class Failed(NamedTuple):
    """A hook that raised an exception."""

    error: Exception


class HookResults(list[tuple[list[Any], list[Any]]]):
    """What hooks returned while one value is encoded, so that each of them runs once.

    A list of batches: values, and the results of the first of them. ``refused`` means that
    orjson refused the value before any hook ran.
    """

    #: Whether code of the app has run, which may have changed the value.
    app_code_ran: bool = False
    _taken: int = 0

    def __init__(self, *, refused: bool = False) -> None:
        super().__init__()
        self.refused: bool = refused

    def take(self, value: Any) -> Any:
        """The next result of an object: one for each time that it occurred."""
        if self._taken < len(self):
            self._queues: dict[int, deque[tuple[Any, Any]]] = getattr(self, "_queues", {})
            for values, results in self[self._taken :]:
                for each, result in zip(values, results, strict=False):
                    self._queues.setdefault(id(each), deque()).append((each, result))
            self._taken = len(self)
        queue = self._queues.get(id(value)) if self else None
        return queue.popleft()[1] if queue else _MISSING


class Converter:
    """Converts one value.

    Hooks with ``results`` aren't called again. ``split`` leaves containers near the root to
    orjson as a whole.
    """

    def __init__(self, encoder: Encoder, results: HookResults, *, split: bool = False) -> None:
        self.encoder = encoder
        self.settings: JSONSettings = encoder.settings
        self.results: HookResults = results
        self.plain: frozenset[Any] = encoder.plain
        if results.refused:  # for a long integer, perhaps
            self.plain -= {int}
        self.omit_none: bool = self.settings.omit_none
        self.split: bool = split
        self.misses: int = 0
        #: The depth of the nearest object in Flask's order: fragments in it are indented
        #: from there.
        self.base: int = 0

    def convert(self, value: Any, depth: int, *, split: bool = True) -> Any:
        """The plain tree of a value that is in ``depth`` containers.

        A NotEncodable has the steps from here to what can't be encoded.
        """
        is_set = False
        kind = type(value)  # pyright: ignore[reportUnknownVariableType]
        while kind is not dict and kind is not list and kind is not tuple:
            if kind in self.plain or kind is Fragment:
                return value
            if kind is float or kind is int:
                return self._number(value)
            if kind is Members:
                return self._members(value.pairs, depth)
            is_set = kind is SetItems
            value = value.items if is_set else self._apply_rules(value)
            kind = type(value)  # pyright: ignore[reportUnknownVariableType]
        if depth >= MAX_DEPTH:
            raise TooDeep
        # Copies, which a hook can't change.
        result: Any
        items: Iterable[tuple[Any, Any]]
        if kind is dict:
            for key in value:
                if type(key) is not str:
                    return self._members([*value.items()], depth)
            result = value.copy()
            items = result.items()
        else:
            result = [*value]
            items = enumerate(result)  # pyright: ignore[reportUnknownVariableType]
        if split and self.split and not is_set and 0 < depth <= _SPLIT_LEVELS:
            text = self._try_orjson(value)
            if text is not None:
                return Fragment(text)
        plain = self.plain
        key = item = None
        try:
            for key, item in items:  # pyright: ignore[reportUnknownVariableType]
                if type(item) not in plain:  # pyright: ignore[reportUnknownArgumentType]
                    if type(item) is int and -_MAX_SAFE <= item <= _MAX_SAFE:  # pyright: ignore[reportUnknownArgumentType]
                        continue
                    result[key] = self.convert(item, depth + 1)
        except NotEncodable as error:
            error.trace(key, item)
            raise
        if is_set:
            result.sort(key=self.encoder.write)
        elif self.omit_none and kind is dict:
            return {key: item for key, item in result.items() if item is not None}
        return result

    def _try_orjson(self, value: Any) -> bytes | None:
        text = self.encoder.native(value)
        if text is None:
            self.misses += 1
            self.split = self.misses < _MAX_MISSES
        return text

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
            except RecursionError as error:
                raise TooDeep from error
            except MemoryError:
                raise
            except Exception as error:
                raise self._hook_error(value, error) from error
            if type(result) in _DONE:
                return result
            value = result
        raise TooDeep

    def _hook_error(self, value: Any, cause: Exception) -> NotEncodable:
        source = self.encoder.rules[type(value)].source or f"reading {type_name(value)}"
        error = NotEncodable(f"cannot be encoded as JSON: {source} raised {type_name(cause)}")
        error.type_name = type_name(value)
        return error

    def _number(self, value: Any) -> Any:
        settings = self.settings
        if type(value) is float:
            if value - value != 0:
                if settings.nan == "error":
                    raise NotEncodable(f"{value!r} has no JSON form (nan='error')")
                return None
        elif not -_MAX_SAFE <= value <= _MAX_SAFE:
            if settings.big_ints == "error":
                raise NotEncodable("is beyond 2**53 - 1, which JavaScript rounds (big_ints)")
            return writable(value) if settings.big_ints == "number" else digits(value)
        return value

    def _members(self, pairs: list[tuple[Any, Any]], depth: int) -> Any:
        """An object some of whose keys may not be strings."""
        keeps_order = self.encoder.flask and self.settings.sort_keys
        if keeps_order:
            try:
                pairs = sorted(pairs, key=_FIRST)
            except Exception:  # Flask raises an error for keys that can't be compared
                keeps_order = False
        result: dict[str, Any] = {}
        is_flat = not self.omit_none
        for key, item in pairs:
            text_of = _KEY_TEXT.get(type(key), self._key)  # pyright: ignore[reportUnknownArgumentType]
            name = text_of(key)
            if name in result:
                raise NotEncodable("has two keys that become this one: rename one", name)
            result[name] = item
            is_flat = is_flat and type(item) in self.encoder.plain
        if not keeps_order:
            return self.convert(result, depth)
        if not is_flat:
            outer, self.base = self.base, depth
            result = self.convert(result, depth, split=False)
            self.base = outer
            result = {key: self._embedded(key, item) for key, item in result.items()}
        text = self.encoder.write_in_order(result)
        return Fragment(self._indent(text, depth - self.base))

    def _embedded(self, key: str, item: Any) -> Any:
        """A member of an object in Flask's order, in which orjson mustn't sort the keys."""
        if type(item) in _SCALARS or type(item) is Fragment:
            return item
        try:
            # As the item of an array, which indents its lines by one level.
            return Fragment(self.encoder.write([item])[1:-1].strip())
        except NotEncodable as error:
            error.steps[-1:] = [(key, item)]
            raise

    def _indent(self, text: bytes, levels: int) -> bytes:
        # In valid JSON, a line break is never in a string.
        return text.replace(b"\n", b"\n" + b"  " * levels) if self.settings.pretty else text

    def _key(self, key: Any) -> str:
        """The text of a key of another type, by the rules for values."""
        name = type_name(key)
        try:
            text = self._apply_rules(key) if type(key) not in _DONE else key
            if type(text) in _KEY_TEXT:
                return _KEY_TEXT[type(text)](text)
            if type(text) is float:
                return self._float_key(text)
        except NotEncodable as error:
            raise NotEncodable(
                f"has a key of type {name} that {error.reason}"
            ) from error.__cause__
        raise NotEncodable(
            f"has a key of type {name}; keys may be str, int, float, bool, None, or what "
            "becomes one of these"
        )

    def _float_key(self, key: float) -> str:
        text = repr(key)
        if text not in _NON_FINITE:
            return text
        if self.settings.nan == "error":
            raise NotEncodable(f"{text} has no JSON form (nan='error')")
        return _NON_FINITE[text]


#: Keys are spelled as json.dumps spells them.
_KEY_TEXT: dict[type, Callable[[Any], str]] = {
    str: str,
    int: digits,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}
_NON_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
