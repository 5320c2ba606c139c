"""Real servers with the same app: all of the docs, and one where any will do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .servers.running import ROOT, Server, commands, running


def _started(name: str, folders: pytest.TempPathFactory) -> Iterator[Server]:
    with running(name, folders.mktemp(name), "tests.integration.servers.app", ROOT) as server:
        yield server


@pytest.fixture(scope="session", params=commands())
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each server of the docs, which all tests share."""
    yield from _started(request.param, tmp_path_factory)


@pytest.fixture(params=commands())
def own_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each server of the docs, which a test may harm."""
    yield from _started(request.param, tmp_path_factory)


@pytest.fixture(scope="session")
def any_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from _started("gthread", tmp_path_factory)
