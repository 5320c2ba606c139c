"""The careful walk: any value to a tree of plain values, or an error that says where.

It is the definition of what is written. It keeps its own stack, so that depth is
counted and not suffered, and knows at each step the path that it went.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NoReturn

from ..errors import JSONEncodeError, type_name
from .keys import key_text
from .raw import Pairs, RawJSON, Unencodable
from .rules import Rule, Rules, Unordered

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["MAX_DEPTH", "Walk"]

#: Deeper documents could be written, but Python's own parser refuses them (its limit
#: is 1000, less what is on the stack), orjson's does from 1024 on.
MAX_DEPTH = 900

_CANNOT = "cannot be encoded as JSON"
_UNKNOWN = f"{_CANNOT}; register an encoder for it, or give it a __json__() method"
_TOO_DEEP = f"is nested too deep to encode (more than {MAX_DEPTH} levels)"
_SURROGATE = "a lone surrogate, which UTF-8 cannot encode"


class _Frame:
    """One object or array that is being walked."""

    __slots__ = ("items", "key", "keyed", "result", "size", "sorted", "source", "trail")

    def __init__(self, source: Any, trail: list[Any], items: Iterator[Any], keyed: bool) -> None:
        self.source: Any = source
        self.size: int = len(source)
        #: The values that led here, from one rule to the next; kept alive with the frame.
        self.trail: list[Any] = trail
        self.items: Iterator[Any] = items
        self.keyed: bool = keyed
        self.key: Any = None
        #: What is done of it, by key or by index.
        self.result: dict[Any, Any] = {}
        self.sorted: bool = False

    def sort_as_flask(self, items: Iterable[tuple[Any, Any]]) -> None:
        """Order the keys as they are, numbers as numbers; mixed ones as their text."""
        with suppress(Exception):
            self.items = iter(sorted(items, key=itemgetter(0)))
            self.sorted = True

    def path(self) -> str:
        if self.key is None:
            return ""
        if not self.keyed:
            return f"[{self.key}]"
        if self.key.isidentifier():
            return f".{self.key}"
        return f"[{json.dumps(self.key, ensure_ascii=False)}]"


class Walk:
    """One pass over one value.

    :param settings: what is in force.
    :param rules: the rule of each type under these settings.
    :param fragment: what the engine embeds unread.
    :param rank: the encoded form of a plain value, by which sets are sorted.
    """

    def __init__(
        self,
        settings: JSONSettings,
        rules: Rules,
        fragment: type,
        rank: Callable[[Any], bytes],
    ) -> None:
        self.settings = settings
        self.rules = rules
        self.fragment = fragment
        self.rank = rank
        self.frames: list[_Frame] = []
        #: The identities of everything on the way from the root to here.
        self.active: set[int] = set()

    def run(self, value: Any) -> Any:
        """The plain tree: dict with str keys, list, str, int, float, bool, None, fragments.

        :raises JSONEncodeError: with the path of what cannot be encoded.
        """
        root = self.enter(value)
        frames = self.frames
        while frames:
            frame = frames[-1]
            try:
                if not self.fill(frame):
                    root = self.leave(frame)
                    if frames:
                        frames[-1].result[frames[-1].key] = root
            except RecursionError:
                raise self.error(frame.source, _TOO_DEEP) from None
            except RuntimeError:  # a dict's iterator noticed it
                self.changed(frame)
        return root

    def fill(self, frame: _Frame) -> bool:
        """Go on with a frame to its end, or until another one is opened: then True.

        Plain items are looked at here as ``enter`` does, to save a call for each.
        """
        keyed, result = frame.keyed, frame.result
        for key, item in frame.items:
            if keyed and (type(key) is not str or not key.isascii() or key in result):
                key = self.key(frame, key)
            frame.key = key
            kind = type(item)  # pyright: ignore[reportUnknownVariableType]  # of Any
            if kind is str:
                if not item.isascii():
                    self.text(item)
            elif kind is int:
                if not -(2**63) <= item < 2**64:
                    self.long(item)
            elif kind is float:
                if item - item != 0:
                    self.no_number(item)
                    item = None
            elif kind is not bool and item is not None:
                item = self.enter(item)
                if item is _OPENED:
                    return True
            result[key] = item
        return False

    def enter(self, value: Any) -> Any:
        """A finished plain value, or ``_OPENED`` after a frame was opened for it."""
        trail: list[Any] = []
        rule: Rule | None = None
        while True:
            kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
            if kind is str:
                return value if value.isascii() else self.text(value)
            if kind is bool or value is None:
                return value
            if kind is int:
                return value if -(2**63) <= value < 2**64 else self.long(value)
            if kind is float:
                return value if value - value == 0 else self.no_number(value)
            if id(value) in self.active or (trail and any(value is each for each in trail)):
                raise self.error(value, "contains itself (a circular reference)")
            if kind is self.fragment:
                return value
            if kind is RawJSON:
                value = self.raw(value)
                continue
            # No table, which would ask a metaclass for the hash of a class.
            if kind is dict or kind is list or kind is tuple or kind is Pairs or kind is Unordered:
                return self.open(value, trail)
            if len(trail) + len(self.frames) >= MAX_DEPTH:
                raise self.error(value, _TOO_DEEP)
            trail.append(value)
            value, rule = self.step(value, rule)

    def step(self, value: object, rule: Rule | None) -> tuple[Any, Rule | None]:
        """One rule applied: the type's, or another one; and the one to apply next, likewise."""
        try:
            rule = rule or self.rules[type(value)]
            if rule is None:
                raise Unencodable
            result = rule.convert(value)
        except Unencodable as refusal:
            raise self.error(value, str(refusal) or _UNKNOWN) from None
        except MemoryError:
            raise
        except Exception as error:
            what = rule.asks if rule and rule.asks else f"reading {type_name(type(value))}"
            raised = type_name(type(error))
            raise self.error(value, f"{_CANNOT}: {what} raised {raised}") from error
        if result is value:
            raise self.error(value, f"{_CANNOT}: {rule.asks} returned what it was given")
        # An encoder may mend a value (its time zone, say) and leave the form to others.
        return result, rule.otherwise if type(result) is type(value) else None

    def open(self, value: Any, trail: list[Any]) -> Any:
        """Begin an object or an array."""
        if len(self.frames) >= MAX_DEPTH:
            raise self.error(value, _TOO_DEEP)
        kind = type(value)  # pyright: ignore[reportUnknownVariableType]  # of Any
        keyed = kind is dict or kind is Pairs
        trail.append(value)
        if not keyed:
            # A copy: a list that grows under the walk would never end.
            frame = _Frame(value, trail, enumerate(tuple(value)), keyed)
        else:
            items = value.items() if kind is dict else value
            frame = _Frame(value, trail, iter(items), keyed)
            if self.settings.sort_keys and self.settings.like_flask:
                frame.sort_as_flask(items)
        if len(trail) == 1:
            self.active.add(id(value))
        else:
            self.active.update(map(id, trail))
        self.frames.append(frame)
        return _OPENED

    def leave(self, frame: _Frame) -> Any:
        """End an object or an array; its plain form."""
        if len(frame.source) != frame.size:
            self.changed(frame)
        self.frames.pop()
        if len(frame.trail) == 1:
            self.active.discard(id(frame.source))
        else:
            self.active.difference_update(map(id, frame.trail))
        sort_keys = self.settings.sort_keys
        if frame.keyed:
            ordered = frame.sorted or not sort_keys
            return frame.result if ordered else dict(sorted(frame.result.items()))
        items = list(frame.result.values())
        if sort_keys and type(frame.source) is Unordered:
            items.sort(key=self.rank)
        return items

    def key(self, frame: _Frame, key: Any) -> str:
        """The final text of a key, which no other key of the object may have."""
        settings = self.settings
        frame.key = None  # until it has been read, errors are the object's
        try:
            text = (
                key
                if type(key) is str
                else key_text(
                    key,
                    http_dates=settings.dates == "http",
                    strict_nan=settings.nan == "error",
                )
            )
            if not text.isascii():
                text.encode()
        except Unencodable as refusal:
            raise self.error(frame.source, str(refusal)) from None
        except UnicodeEncodeError:
            raise self.error(frame.source, f"has a key with {_SURROGATE}") from None
        except Exception as error:
            text = f"has a key whose text raised {type_name(type(error))}"
            raise self.error(frame.source, text) from error
        if text in frame.result:
            frame.key = text
            raise self.error(frame.source, "has two keys that become this one; one would be lost")
        return text

    def text(self, value: str) -> str:
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise self.error(value, f"holds {_SURROGATE}, at index {error.start}") from None
        return value

    def long(self, value: int) -> int:
        try:
            str(value)
        except ValueError:
            raise self.error(
                value, "has more digits than Python prints; see sys.set_int_max_str_digits()"
            ) from None
        return value

    def no_number(self, value: float) -> None:
        if self.settings.nan == "error":
            raise self.error(value, f"is {value}, which JSON lacks (nan='error')")

    def raw(self, value: RawJSON) -> Any:
        """A fragment; or, where the settings ask for another form, the value itself."""
        try:
            if self.settings.pretty or self.settings.sort_keys:
                return value.parse(self.fragment)
            data = value.check()
            if self.settings.ensure_ascii:
                data.decode()
        except ValueError as error:
            raise self.error(value, "does not hold valid JSON") from error
        return self.fragment(data)

    def changed(self, frame: _Frame) -> NoReturn:
        frame.key = None
        raise self.error(frame.source, "was changed while it was being encoded")

    def error(self, value: object, text: str) -> JSONEncodeError:
        """An error about a value at the current path."""
        kind = type(value)
        name = "object" if kind is Pairs else "set" if kind is Unordered else type_name(kind)
        path = "".join(map(_Frame.path, self.frames))
        return JSONEncodeError(f"${path}", name, f"{name} {text}")


#: Says that a frame was opened where a finished value was asked for.
_OPENED = object()
