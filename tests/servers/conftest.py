"""Each test of this folder runs once with every server of the docs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import ROOT, Server, commands, running


@pytest.fixture(scope="session", params=commands())
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that all tests share."""
    folder = tmp_path_factory.mktemp(request.param)
    with running(request.param, folder, "tests.servers.app", ROOT) as server:
        yield server


@pytest.fixture(params=commands())
def own_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that a test may harm."""
    folder = tmp_path_factory.mktemp(request.param)
    with running(request.param, folder, "tests.servers.app", ROOT) as server:
        yield server
