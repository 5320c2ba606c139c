"""Values guided by the coverage of the package, by libFuzzer, for a number of seconds."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import atheris

with atheris.instrument_imports(include=["jsonify_ext"]):
    from .random_values import TIMEOUT, any_text, any_value


def _try(data: bytes) -> None:
    """The first byte chooses between values and texts."""
    function: Any = any_text if data[:1] < b"\x20" else any_value
    function.hypothesis.fuzz_one_input(data[1:])


def run(seconds: float, seed: int) -> None:
    """Ends the process, as libFuzzer does; the input that fails is kept beside the corpus."""
    corpus = Path(tempfile.mkdtemp(prefix="fuzz-"), "corpus")
    corpus.mkdir()
    # Long enough for values of some size; it would begin with a single byte.
    for number in range(100):
        Path(corpus, f"seed-{number}").write_bytes(Random(seed + number).randbytes(1000))
    options = {
        "seed": seed,
        "max_total_time": max(1, round(seconds)),
        "timeout": TIMEOUT,
        "rss_limit_mb": 8192,
        "max_len": 4096,
        "len_control": 0,
        "artifact_prefix": f"{corpus.parent}/",
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], str(corpus), *arguments], _try)
    atheris.Fuzz()


if __name__ == "__main__":
    run(float(sys.argv[1]), int(sys.argv[2]))
