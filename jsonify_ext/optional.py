"""orjson where it is installed, or None."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import orjson
else:
    try:
        import orjson
    except ImportError:
        orjson = None

__all__ = ["orjson"]
