"""What the published sources have next to the package: what its tests and its docs need."""

from __future__ import annotations

from setuptools.command.sdist import sdist

__all__ = ["SourceDistribution"]


class SourceDistribution(sdist):
    def make_distribution(self) -> None:
        self.filelist.graft("docs")
        self.filelist.graft("tests")
        self.filelist.append("CHANGES.rst")
        self.filelist.global_exclude("*.py[cod]")
        super().make_distribution()
