"""The options that responses share: checks, and what runs in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, cast

from .errors import logger
from .settings import FIELDS, nearest

BackgroundLike = Callable[[], object] | list[Callable[[], object]]

_OPTIONS = ("status", "headers", "mimetype", "background", "settings")
_OTHER_NAMES = {"status_code": "status", "code": "status", "content_type": "mimetype"}


def check_options(options: Iterable[str]) -> None:
    """A TypeError for an unknown option, with the one that was probably meant."""
    for name in options:
        if name in _OPTIONS:
            continue
        if name in FIELDS:
            hint = f"{name} is a setting: pass settings={{{name!r}: ...}}, or use_settings()"
        else:
            near = _OTHER_NAMES.get(name) or nearest(name, _OPTIONS)
            hint = f"did you mean {near!r}" if near else "to send it as data, put it in the value"
        raise TypeError(
            f"jsonify() got an unknown option {name!r} ({hint}). It takes either args or kwargs "
            f"as data; with a positional value, the keywords are options: {', '.join(_OPTIONS)}"
        )


def check_background(background: BackgroundLike | None) -> list[Callable[[], object]]:
    """The callables to run when the body has been sent; a TypeError for anything else."""
    if background is None:
        return []
    functions = cast("list[Any]", background if isinstance(background, list) else [background])
    for function in functions:
        if not callable(function) or any(
            iscoroutinefunction(each) for each in (function, type(function).__call__)
        ):
            takes = "background takes a function that isn't async, or a list of them"
            raise TypeError(f"{takes}, not {function!r}")
    return [*functions]


def run_background(background: BackgroundLike) -> None:
    """Call what runs when a response has been sent; exceptions are logged."""
    functions = cast("list[Any]", background if isinstance(background, list) else [background])
    for function in functions:
        try:
            if function is not None:  # it may be assigned later, without a check
                function()
        except Exception:
            logger.exception("a background callable of a JSON response failed")
