"""JSON responses for Flask and for every WSGI app."""

from __future__ import annotations

from .context import use_settings
from .encode import RawJSON, encode
from .errors import JSONEncodeError
from .problems import ProblemError, problem, problem_from
from .response import JSONResponse, jsonify
from .settings import JSONSettings
from .streaming import ServerSentEvent, stream_json
from .views import json_view

__all__ = [
    "JSONEncodeError",
    "JSONResponse",
    "JSONSettings",
    "ProblemError",
    "RawJSON",
    "ServerSentEvent",
    "encode",
    "json_view",
    "jsonify",
    "problem",
    "problem_from",
    "stream_json",
    "use_settings",
]

__version__ = "0.2.0"
