"""The speed of this package and its peers: ``python -m tests.benchmarks``."""
