"""Settings, compiled once: which engine with which options, which rule for which type."""

from __future__ import annotations

from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, cast

from .engines import LINE_END, JSONEngine, OrjsonEngine, best_engine
from .rules import Rules
from .text import escape_non_ascii
from .walk import Walk

if TYPE_CHECKING:
    from ..settings import JSONSettings

__all__ = ["LINE_END", "Head", "Plan", "plan_for"]

#: The content type of a response, and its other headers but for the length.
Head = tuple[tuple[str, str], tuple[tuple[str, str], ...]]


class Plan:
    """How values are encoded under certain settings.

    :param settings: what to compile.
    """

    def __init__(self, settings: JSONSettings) -> None:
        self.settings = settings
        #: Checked when the settings were made, and pairs since.
        headers = cast("tuple[tuple[str, str], ...]", settings.headers)
        self.head: Head = (("Content-Type", settings.mimetype), headers)
        self.etag = settings.etag
        #: The class of lean responses under these settings, when it is known (response.py).
        self.response_class: Any = None
        self.rules = Rules(settings)
        self._escapes = settings.ensure_ascii
        self.use(best_engine(settings, self.rules))

    def use(self, engine: JSONEngine | OrjsonEngine) -> None:
        """Write with an engine."""
        self.engine = engine
        self._try_text = self.engine.first_try(newline=False)
        self._try_body = self.engine.first_try(newline=True)

    def encode(self, value: Any) -> bytes:
        """The JSON of a value.

        :raises JSONEncodeError: for a value that has none.
        """
        text = self._try_text(value)
        if text is None:
            text = self.engine.write(self.walk(value))
        return escape_non_ascii(text) if self._escapes else text

    def body(self, value: Any) -> bytes:
        """The JSON of a value, and a newline."""
        body = self._try_body(value)
        if body is None:
            body = self.engine.write(self.walk(value)) + b"\n"
        return escape_non_ascii(body) if self._escapes else body

    def try_lines(self, values: list[Any]) -> bytes | None:
        """One line for each value, with ``LINE_END`` in between; None where one call
        cannot make them all."""
        separator = self.engine.separator
        if separator is None:
            return None
        array = self._try_text([*chain.from_iterable(zip(values, repeat(separator)))])
        if array is None:
            return None
        lines = array[1 : -len(LINE_END) - 2].replace(b"," + LINE_END + b",", LINE_END)
        if b"\n" in lines or b"\r" in lines:  # between the tokens of a RawJSON
            lines = lines.replace(b"\n", b" ").replace(b"\r", b" ")
        return escape_non_ascii(lines) if self._escapes else lines

    def walk(self, value: Any) -> Any:
        """The plain tree of a value, by the careful walk."""
        engine = self.engine
        return Walk(self.settings, self.rules, engine.fragment, engine.write).run(value)


class ProviderPlan(Plan):
    """Leaves the encoding to a Flask app's provider that has its own ``dumps``."""

    def try_lines(self, values: list[Any]) -> None:
        return None

    def encode(self, value: Any) -> bytes:
        text: str = self.settings.provider.dumps(value)
        return text.encode()

    def body(self, value: Any) -> bytes:
        data: bytes = self.settings.provider.response(value).get_data()
        return data


def plan_for(settings: JSONSettings) -> Plan:
    """The plan of settings, made at first use and kept with them."""
    plan: Plan | None = settings.plan
    if plan is None:
        plan = Plan(settings) if settings.provider is None else ProviderPlan(settings)
        settings.__dict__["plan"] = plan
    return plan
