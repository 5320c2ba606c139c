"""JSON responses for Flask and for every WSGI app."""

from __future__ import annotations

from .encode import RawJSON, encode
from .errors import JSONEncodeError
from .in_force import use_settings
from .response import JSONResponse, jsonify
from .settings import JSONSettings

__all__ = [
    "JSONEncodeError",
    "JSONResponse",
    "JSONSettings",
    "RawJSON",
    "encode",
    "jsonify",
    "use_settings",
]
