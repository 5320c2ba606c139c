"""The package's encoder and parser as they are where orjson isn't installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any

import jsonify_ext
from jsonify_ext import errors, optional

_NAME = "without_orjson"


def _import(name: str) -> Any:
    return importlib.import_module(f"{_NAME}.{name}")


_spec: Any = importlib.util.spec_from_file_location(
    _NAME, jsonify_ext.__file__, submodule_search_locations=list(jsonify_ext.__path__)
)
sys.modules[f"{_NAME}.errors"] = errors  # the same exceptions
sys.modules[_NAME] = importlib.util.module_from_spec(_spec)
sys.modules["orjson"] = None  # type: ignore[assignment]
try:
    _spec.loader.exec_module(sys.modules[_NAME])
    decode, encoder = _import("decode"), _import("encode.encoder")
finally:
    del sys.modules["orjson"]
    if optional.orjson is not None:
        sys.modules["orjson"] = optional.orjson
assert _import("optional").orjson is None
for _module in [each for name, each in sys.modules.items() if name.startswith(f"{_NAME}.")]:
    if hasattr(_module, "RawJSON"):
        _module.RawJSON = jsonify_ext.RawJSON  # the same class
