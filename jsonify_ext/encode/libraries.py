"""Types of libraries, recognised when the app uses them and never imported."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from ..decode import parse
from ..optional import orjson
from .quick import Quick, row
from .raw import Pairs, RawJSON, Unencodable

__all__ = ["rule_for"]

Convert = Callable[[Any], Any]

_MAPPING: type[Any] = dict
_ARRAYS: tuple[type[Any], ...] = (list, tuple, set, frozenset)


def rule_for(cls: Any, *, strict_nan: bool, in_parts: bool) -> tuple[Convert, Quick | None] | None:
    """What a library's class becomes, and how on the fast path, or None when no known
    library made it.

    A library that has not been imported cannot have made the class, so looking into
    ``sys.modules`` is enough.

    :param strict_nan: refuse what would hide a NaN.
    :param in_parts: give a value to write, where JSON text would have to be read again.
    """
    for module, name, convert in _LIBRARIES:
        base = getattr(sys.modules.get(module), name, None)
        if base is None or not issubclass(cls, base):
            continue
        if convert is _pydantic_model:
            if strict_nan:
                return _without_nan, None
            own = cls.model_dump_json is not base.model_dump_json
            if in_parts:
                return _pydantic_parts, None if own else _PYDANTIC_PARTS
            return _pydantic_model, None if own else _pydantic_quick(cls)
        # Subclasses may be read differently, but for those that are made to be subclasses.
        exact = cls is base or cls.__module__ == "numpy" or name == "Struct"
        return convert, _QUICK[convert] if exact else None
    return None


def _sqlite_row(value: Any) -> Pairs:
    return Pairs(zip(value.keys(), value, strict=True))


def _sqlalchemy_row(value: Any) -> Any:
    return value._mapping


def _pydantic_model(value: Any) -> Any:
    try:
        text = value.model_dump_json(by_alias=True)
    except Exception:
        # pydantic cannot encode something in it; ours can, or say where it is.
        return value.model_dump(by_alias=True)
    if "NaN" in text or "Infinity" in text:
        # In text, or as numbers that are not JSON (ser_json_inf_nan="constants"): these
        # become floats again, for the nan setting.
        return json.loads(text, object_pairs_hook=Pairs)
    return RawJSON(text, trusted=True)


def _pydantic_parts(value: Any) -> Any:
    """The value of the text; ``model_dump`` gives another in some configurations."""
    raw = _pydantic_model(value)
    return parse(raw.data.decode(), pairs=Pairs) if isinstance(raw, RawJSON) else raw


def _without_nan(value: Any) -> Any:
    raw = _pydantic_model(value)
    if isinstance(raw, RawJSON) and b"null" in raw.data and _has_nan(value.model_dump()):
        raise Unencodable("holds NaN or an infinity, which JSON lacks (nan='error')")
    return raw


def _has_nan(value: Any) -> bool:
    if isinstance(value, float):
        return value - value != 0
    if isinstance(value, _MAPPING):
        value = value.values()
    elif not isinstance(value, _ARRAYS):
        return False
    return any(map(_has_nan, value))


def _to_builtins(value: Any) -> Any:
    return sys.modules["msgspec"].to_builtins(value)


def _msgspec_struct(value: Any) -> Any:
    try:
        return _to_builtins(value)
    except Exception:
        # msgspec cannot encode something in it; ours can, or say where it is.
        config = value.__struct_config__
        items = [getattr(value, name) for name in value.__struct_fields__]
        if config.array_like:
            return items if config.tag is None else [config.tag, *items]
        tag = [] if config.tag is None else [(config.tag_field, config.tag)]
        return Pairs(tag + list(zip(value.__struct_encode_fields__, items, strict=True)))


def _numpy_values(value: Any) -> Any:
    """A numpy scalar or array as plain values of the same shape."""
    kind, size = value.dtype.kind, value.dtype.itemsize
    if kind in "mM":
        return value.astype(f"{kind}8[us]").tolist()
    if kind == "f" and size != 8 and not hasattr(value, "mask"):
        # The shortest form in the value's own precision: 0.1, not 0.10000000149011612.
        return _each(value, lambda item: float(str(item)))
    return value.tolist()


def _each(value: Any, convert: Convert) -> Any:
    if not value.shape:
        return convert(value[()])
    return [_each(item, convert) for item in value]


def _numbers_only(value: Any) -> Any:
    """Values that need no look at what came out."""
    if value.dtype.kind not in "biufU":
        raise Unencodable
    return _numpy_values(value)


def _without_constants(text: bytes) -> bytes:
    if b"NaN" in text or b"Infinity" in text:
        raise Unencodable
    return text


def _pydantic_quick(cls: Any) -> Quick:
    """The texts of ``model_dump_json``, without a call in between or for several at once."""

    def fragment(value: Any) -> Any:
        text = value.__pydantic_serializer__.to_json(value, by_alias=True)
        return orjson.Fragment(_without_constants(text))

    @cache
    def adapter() -> Any:
        # The configuration of a model is that of the whole text, if the model is all of it.
        return sys.modules["pydantic"].TypeAdapter(list[cls], config=cls.model_config)

    def texts(values: list[Any]) -> bytes:
        return _without_constants(adapter().dump_json(values, by_alias=True))

    return Quick(fragment, foreign=True, texts=texts)


def _pydantic_tree(value: Any) -> Any:
    """The value of the text, where orjson reads every digit of it."""
    text = _without_constants(value.__pydantic_serializer__.to_json(value, by_alias=True))
    tree = orjson.loads(text)
    if orjson.dumps(tree) != text:
        raise Unencodable
    return tree


_PYDANTIC_PARTS = Quick(_pydantic_tree, foreign=True)
_QUICK: dict[Convert, Quick] = {
    str: Quick(str),
    _sqlite_row: row(lambda value: value.keys()),
    _sqlalchemy_row: row(lambda value: value._fields),
    _msgspec_struct: Quick(_to_builtins, deep=True),
    _numpy_values: Quick(_numbers_only),
}
_LIBRARIES: tuple[tuple[str, str, Convert], ...] = (
    ("fractions", "Fraction", str),
    ("sqlite3", "Row", _sqlite_row),
    ("sqlalchemy.engine.row", "Row", _sqlalchemy_row),
    ("pydantic.main", "BaseModel", _pydantic_model),
    ("msgspec", "Struct", _msgspec_struct),
    ("numpy", "ndarray", _numpy_values),
    ("numpy", "generic", _numpy_values),
)
