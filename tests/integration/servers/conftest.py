"""Each test of this folder runs once with every server of the docs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import ROOT, Server, commands, running


def _started(name: str, folders: pytest.TempPathFactory) -> Iterator[Server]:
    with running(name, folders.mktemp(name), "tests.integration.servers.app", ROOT) as server:
        yield server


@pytest.fixture(scope="session", params=commands())
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that all tests share."""
    yield from _started(request.param, tmp_path_factory)


@pytest.fixture(params=commands())
def own_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that a test may harm."""
    yield from _started(request.param, tmp_path_factory)
