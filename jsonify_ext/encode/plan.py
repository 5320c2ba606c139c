"""Settings, compiled once: which engine with which options, which rule for which type."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, cast

from .engines import LINE_END, JSONEngine, OrjsonEngine, best_engine
from .rules import Rules
from .text import escape_non_ascii
from .walk import Walk

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from ..settings import JSONSettings

__all__ = ["LINE_END", "Head", "Plan", "plan_for"]

#: The content type of a response, and its other headers but for the length.
Head = tuple[tuple[str, str], tuple[tuple[str, str], ...]]


Encode = Callable[[Any], bytes]


class Plan:
    """How values are encoded under certain settings.

    :param settings: what to compile.
    """

    #: The JSON of a value; raises JSONEncodeError for a value that has none.
    encode: Encode
    #: The JSON of a value, and a newline.
    body: Encode

    def __init__(self, settings: JSONSettings) -> None:
        self.settings = settings
        #: Checked when the settings were made, and pairs since.
        headers = cast("tuple[tuple[str, str], ...]", settings.headers)
        self.head: Head = (("Content-Type", settings.mimetype), headers)
        self.etag: bool = settings.etag
        #: The class of lean responses under these settings, when it is known (response.py).
        self.response_class: Any = None
        self.rules: Rules = Rules(settings)
        self.use(best_engine(settings, self.rules))

    def use(self, engine: JSONEngine | OrjsonEngine) -> None:
        """Write with an engine."""
        self.engine = engine
        #: The JSON of a value, or None where the careful walk has to look at it.
        self.try_text: Callable[[Any], bytes | None] = engine.first_try(_no_text, newline=False)
        encode: Encode = engine.first_try(self._walked, newline=False)
        body: Encode = engine.first_try(self._walked_body, newline=True)
        if self.settings.ensure_ascii:
            encode, body = _escaped(encode), _escaped(body)
        self.encode, self.body = encode, body

    def _walked(self, value: Any) -> bytes:
        return self.engine.write(self.walk(value))

    def _walked_body(self, value: Any) -> bytes:
        return self._walked(value) + b"\n"

    def try_lines(self, values: list[Any]) -> bytes | None:
        """One line for each value, with ``LINE_END`` in between; None where one call
        cannot make them all."""
        separator = self.engine.separator
        if separator is None:
            return None
        array = self.try_text([*chain.from_iterable(zip(values, repeat(separator)))])
        if array is None:
            return None
        lines = array[1 : -len(LINE_END) - 2].replace(b"," + LINE_END + b",", LINE_END)
        return escape_non_ascii(lines) if self.settings.ensure_ascii else lines

    def walk(self, value: Any) -> Any:
        """The plain tree of a value, by the careful walk."""
        engine = self.engine
        return Walk(self.settings, self.rules, engine.fragment, engine.write).run(value)


class ProviderPlan(Plan):
    """Leaves the encoding to a Flask app's provider that has its own ``dumps``."""

    def use(self, engine: JSONEngine | OrjsonEngine) -> None:
        super().use(engine)
        provider = self.settings.provider

        def encode(value: Any) -> bytes:
            text: str = provider.dumps(value)
            return text.encode()

        def body(value: Any) -> bytes:
            response: Response = provider.response(value)
            return response.get_data()

        self.encode: Encode = encode
        self.body: Encode = body


def _no_text(value: Any) -> None:
    return None


def _escaped(encode: Encode) -> Encode:
    return lambda value: escape_non_ascii(encode(value))


def plan_for(settings: JSONSettings) -> Plan:
    """The plan of settings, made at first use and kept with them."""
    plan: Plan | None = settings.plan
    if plan is None:
        plan = Plan(settings) if settings.provider is None else ProviderPlan(settings)
        settings.__dict__["plan"] = plan
    return plan
