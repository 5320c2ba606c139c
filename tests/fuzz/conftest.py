"""Which modules have no tests."""

collect_ignore = ["coverage_guided.py"]  # needs atheris
