"""Rules for types of libraries, which are recognised once the app has imported them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter, is_, methodcaller
from typing import TYPE_CHECKING, Any

from ..decode import loads
from ..errors import JSONEncodeError, NotEncodable, type_name
from ..optional import orjson
from .raw import RawJSON, Rule, members

if TYPE_CHECKING:
    from .encoder import Encoder

#: Values whose library has called us for what it doesn't know. A circle through both would
#: fill the stack.
_outers: ContextVar[frozenset[int]] = ContextVar("jsonify_ext.outers", default=frozenset())
_MAX_OUTERS = 32

Make = Callable[[Any, "Encoder"], Rule]


def find_rule(cls: type[Any], encoder: Encoder) -> Rule | None:
    """The rule for a library's class, or None.

    A library that isn't in ``sys.modules`` has made no class.
    """
    for module, names, make in _LIBRARIES:
        for name in names.split() if module in sys.modules else ():
            base = getattr(sys.modules[module], name, None)
            base = base if base is None or isinstance(base, type) else type(base)
            if base is not None and issubclass(cls, base):
                return make if isinstance(make, Rule) else make(cls, encoder)
    # Models, and pydantic's dataclasses; but not a dataclass that has one as its base.
    for base in cls.__mro__:
        if "__pydantic_serializer__" in vars(base):
            return _pydantic(cls, encoder)
        if "__dataclass_fields__" in vars(base):
            break
    return None


def refusal(cls: type[Any]) -> str | None:
    """Why a library's class isn't encoded, and what to do."""
    if hasattr(cls, "__mapper__"):
        base = next((each.__name__ for each in cls.__mro__[::-1] if each.__name__ == "Base"), None)
        return (
            "it is an ORM instance; choose its columns with "
            f"encoders={{{base or cls.__name__}: orm_columns}}"
        )
    mock = getattr(sys.modules.get("unittest.mock"), "NonCallableMock", None)
    if mock is not None and issubclass(cls, mock):
        return "it is a mock; give the code that is tested a real value"
    if hasattr(cls, "__fields_set__"):
        return (
            "it is a pydantic 1 model; register encoders={BaseModel: lambda model: model.dict()}"
        )
    if cls.__module__.partition(".")[0] == "polars" and cls.__name__ == "LazyFrame":
        return "it is a query; call collect() first"
    return None


def _encoded(unknown: Any, outer: Any, encoder: Encoder) -> Any:
    """What a library can write in place of a value that it doesn't know.

    :param outer: the value of the library that it is in.
    """
    outers = _outers.get()
    if id(outer) in outers or len(outers) >= _MAX_OUTERS:
        raise JSONEncodeError((), type_name(outer), "is in a circular reference, or too deep")
    _outers.set(outers | {id(outer)})
    try:
        return loads(encoder.encode(unknown))
    finally:
        _outers.set(outers)


def _by_texts(
    write: Callable[[list[Any]], Iterator[bytes]], encoder: Encoder, source: str
) -> Rule:
    """The rule for classes that their library writes as JSON text."""

    def convert(value: Any) -> Any:
        (text,) = write([value])
        return encoder.texts.embed(text)

    return Rule(convert, texts=write, source=source)


def _pydantic(cls: Any, encoder: Encoder) -> Rule:
    """What the class's own serializer writes in JSON mode, by alias, in one call."""

    def write(values: list[Any]) -> Iterator[bytes]:
        failures: dict[int, Exception] = {}
        value = None

        def fallback(unknown: Any) -> Any:
            # A union calls it for each of its choices.
            if id(unknown) not in failures:
                try:
                    return _encoded(unknown, value, encoder)
                except Exception as error:
                    failures[id(unknown)] = error
            raise failures[id(unknown)]

        # The serializer of today: a model may be rebuilt.
        to_json = cls.__pydantic_serializer__.to_json
        try:
            for value in values:
                if failures:  # a serializer has caught it
                    failures.clear()
                yield to_json(value, by_alias=True, fallback=fallback)
        except Exception as error:
            # pydantic keeps only the text of the fallback's exception.
            raise error from next(reversed(failures.values()), None)
        except BaseException as error:
            raise _without_panic(error) from error.__cause__

    return _by_texts(write, encoder, f"the serializer of {cls.__name__}")


def _without_panic(error: BaseException) -> BaseException:
    """An Exception in place of a panic in Rust: code that it calls has changed a dict, perhaps."""
    return RuntimeError(str(error)) if type(error).__module__ == "pyo3_runtime" else error


def _masked(cls: type[Any], encoder: Encoder) -> Rule:
    to_json = sys.modules["pydantic"].TypeAdapter(cls).dump_json

    def masked(value: Any) -> Any:
        return loads(to_json(value))

    return Rule(masked)


def _msgspec(cls: type[Any], encoder: Encoder) -> Rule:
    """What msgspec writes; values that it doesn't support are encoded between its calls."""
    encode = sys.modules["msgspec.json"].encode

    def write(values: list[Any]) -> Iterator[bytes]:
        found: list[Any] = []

        def collect(unknown: Any) -> str:
            found.append(unknown)
            return ""

        for value in values:
            text = encode(value, enc_hook=collect)
            if found:
                # msgspec holds no references: a hook that changes a list would end the process.
                unknown = found.copy()
                parts = [_encoded(each, value, encoder) for each in unknown]
                found.clear()
                encode(value, enc_hook=collect)
                if len(found) != len(unknown) or not all(map(is_, found, unknown)):
                    raise NotEncodable("was changed while it was encoded; copy it first")
                found.clear()
                text = encode(value, enc_hook=partial(_next, iter(parts)))
            yield text

    return _by_texts(write, encoder, f"msgspec, for {cls.__name__},")


def _next(parts: Iterator[Any], unknown: Any) -> Any:
    for part in parts:
        return part
    # It is called again for a result that isn't a key.
    raise NotEncodable("has a dict whose keys aren't str or numbers, which msgspec can't write")


def _msgspec_raw(cls: type[Any], encoder: Encoder) -> Rule:
    def convert(value: Any) -> Any:
        return encoder.texts.embed_raw(RawJSON(bytes(value)))

    return Rule(convert, pure=True)


def _numpy_array(cls: type[Any], encoder: Encoder) -> Rule:
    def convert(value: Any) -> Any:
        dtype = value.dtype
        # orjson writes float16 as float32.
        if orjson is not None and value.ndim and dtype.kind in "biuf" and dtype.str[1:] != "f2":
            with suppress(TypeError):  # a mask, not contiguous, a type that it doesn't write
                # It writes the shortest digits of each type of floats, at the speed of C.
                text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
                if encoder.settings.nan == "null" or b"null" not in text:
                    return encoder.texts.embed(text)
        return _numpy_values(value)

    return Rule(convert, pure=True)


def _numpy_values(value: Any) -> Any:
    """Lists of plain values, dates and durations of the standard library, and objects."""
    dtype = value.dtype
    if dtype.names is None and dtype.kind not in "mM":
        if dtype.kind == "f" and dtype.itemsize != 8:
            # The shortest digits in the type's own precision: 0.1, not 0.10000000149011612.
            given, value = value, value.astype("U").astype(float)
            isinf = sys.modules["numpy"].isinf
            if (isinf(value) & ~isinf(given)).any():
                raise NotEncodable("is out of the range of Python's float")
        return value.tolist()
    if value.ndim > 1:
        return [_numpy_values(item) for item in value]
    if dtype.names is not None:
        given = [value[name] for name in dtype.names]
        # A scalar's member may be an object of another library.
        columns = [_numpy_values(each) if hasattr(each, "dtype") else each for each in given]
        if value.ndim:
            return _records(dtype.names, columns)
        return dict(zip(dtype.names, columns, strict=False))
    unit, count = sys.modules["numpy"].datetime_data(dtype)
    if unit in _NUMBERS:
        if value.ndim and count == 1:
            # numpy subtracts before it divides, so that its smallest values become positive,
            # or an error in newer versions.
            with suppress(OverflowError):
                rounded = value.astype(f"{dtype.kind}8[us]")
                if not ((value.astype("i8") < 0) & (rounded.astype("i8") > 0)).any():
                    return rounded.tolist()
        start: Any = datetime(1970, 1, 1) if dtype.kind == "M" else timedelta()
        moment, ticks = partial(_moment, start, count, _NUMBERS[unit]), value.tolist()
        return [*map(moment, ticks)] if value.ndim else moment(ticks)
    items = value.tolist()
    if not value.ndim and type(items) is int:
        raise NotEncodable(_OUT_OF_RANGE)
    if value.ndim and int in {*map(type, items)}:
        # The scalar's own rule raises the error, with its place.
        return [*value]
    return items


def _moment(start: Any, count: int, number: int, ticks: int | None) -> Any:
    """``start`` and so many ticks, each of a ``count`` of units: ``number`` in a microsecond."""
    try:
        return ticks if ticks is None else start + timedelta(microseconds=ticks * count // number)
    except OverflowError:
        raise NotEncodable(_OUT_OF_RANGE) from None


def _records(names: Sequence[Any], columns: list[list[Any]], count: int = 0) -> list[Any]:
    """Objects of the rows of a table."""
    return [
        members(zip(names, row, strict=False))
        for row in (zip(*columns, strict=False) if columns else [()] * count)
    ]


def _series(value: Any) -> Any:
    by_numpy = isinstance(value.dtype, sys.modules["numpy"].dtype)
    return _numpy_values(value.to_numpy()) if by_numpy else value.tolist()


def _frame(value: Any) -> Any:
    names = value.columns.tolist()
    columns = [_series(value.iloc[:, index]) for index in range(len(names))]
    return _records(names, columns, len(value))


def _arrow_rows(value: Any) -> Any:
    columns = [column.to_pylist() for column in value.columns]
    return _records(value.schema.names, columns, len(value))


def _timestamp(cls: type[Any], encoder: Encoder) -> Rule:
    def convert(value: Any) -> Any:
        if not 1 <= value.year <= 9999:  # pandas has years that datetime lacks
            raise NotEncodable("is out of the range of Python's datetime")
        return encoder.rules.write_date(value)

    return Rule(convert, pure=True)


def _row(names: Callable[[Any], Any]) -> Rule:
    def convert(row: Any) -> Any:
        return members(zip(names(row), row, strict=False))

    return Rule(convert, pure=True)


def _polars(method: str) -> Rule:
    def convert(value: Any) -> Any:
        try:
            return getattr(value, method)()
        except BaseException as error:
            raise _without_panic(error) from error.__cause__

    return Rule(convert)


def _record(value: Any) -> Any:
    return members(value.items())


def _none(value: Any) -> None:
    return None


_TEXT = Rule(str)
_OUT_OF_RANGE = "is out of the range of Python's datetime and timedelta"
#: How many of numpy's units are in a microsecond. Python has no type for them.
_NUMBERS = {"ns": 10**3, "ps": 10**6, "fs": 10**9, "as": 10**12}
#: The module, the names of classes or of constants in it, and the rule for them. A rule for
#: subclasses comes before the one for their base.
_LIBRARIES: tuple[tuple[str, str, Rule | Make], ...] = (
    ("werkzeug.local", "LocalProxy", Rule(methodcaller("_get_current_object"))),
    ("msgspec", "Struct", _msgspec),
    ("msgspec", "Raw", _msgspec_raw),
    ("pydantic_core", "Url MultiHostUrl", _TEXT),
    ("pydantic.networks", "_BaseUrl _BaseMultiHostUrl NameEmail", _TEXT),
    ("pydantic.types", "SecretStr SecretBytes", _masked),
    ("pydantic.types", "Secret", _TEXT),
    ("sqlite3", "Row", _row(methodcaller("keys"))),
    ("sqlalchemy.engine.row", "Row", _row(attrgetter("_fields"))),
    ("asyncpg", "Record", Rule(_record, pure=True)),
    ("numpy", "ndarray", _numpy_array),
    ("numpy", "generic", Rule(_numpy_values, pure=True)),
    ("pandas", "NaT NA", Rule(_none, leaf=True)),
    ("pandas", "Timestamp", _timestamp),
    ("pandas", "Period Interval", _TEXT),
    ("pandas", "DataFrame", Rule(_frame)),
    ("pandas", "Series Index", Rule(_series)),
    ("pandas.api.extensions", "ExtensionArray", Rule(methodcaller("tolist"))),
    ("polars", "DataFrame", _polars("to_dicts")),
    ("polars", "Series", _polars("to_list")),
    ("pyarrow", "Table RecordBatch", Rule(_arrow_rows)),
    ("pyarrow", "Array ChunkedArray", Rule(methodcaller("to_pylist"))),
    ("pyarrow", "Scalar", Rule(methodcaller("as_py"))),
    ("django.utils.functional", "Promise", _TEXT),
    ("flask_babel.speaklater", "LazyString", _TEXT),
    ("babel.support", "LazyProxy", _TEXT),
)
