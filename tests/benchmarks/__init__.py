"""How fast this package is, next to its peers: ``python -m tests.benchmarks``."""
