"""A pytest plugin with ``_pytest.monkeypatch.notset``, which Flask's suite imports.

pytest 9.2 has it under another name.
"""

from __future__ import annotations

from _pytest import monkeypatch


def pytest_configure() -> None:
    if not hasattr(monkeypatch, "notset"):
        monkeypatch.notset = monkeypatch.NOTSET
