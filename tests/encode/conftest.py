"""The settings that take each path through the encoder."""

from __future__ import annotations

from typing import Any

import pytest

FIELDS: list[dict[str, Any]] = [
    {},
    {"pretty": True},
    {"sort_keys": True},
    {"ensure_ascii": True},
    {"omit_none": True},
    {"big_ints": "string"},
]


@pytest.fixture(params=FIELDS, ids=lambda fields: "-".join(fields) or "defaults")
def fields(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings, each of which makes the encoder take another path."""
    return dict(request.param)
