"""orjson where a version that can be used is installed, or None."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import orjson
else:
    try:
        import orjson
    except ImportError:
        orjson = None
    if orjson is not None and [*map(int, orjson.__version__.split(".")[:2])] < [3, 13]:
        # It writes past its memory for nested lists, which a client can send.
        warnings.warn(
            f"orjson {orjson.__version__} is ignored, because it can crash on nested lists: "
            "install orjson>=3.13, or uninstall it",
            RuntimeWarning,
            stacklevel=2,
        )
        orjson = None

__all__ = ["orjson"]
