"""The long run: ``python -m tests.fuzz --minutes 60``."""

from __future__ import annotations

import argparse
import faulthandler
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random, randrange
from typing import Any


def targets() -> Any:
    """The module with what is done to one value and to one text."""
    import hypothesis

    if os.environ.get("HIDE_ORJSON"):
        sys.modules["orjson"] = None  # type: ignore[assignment]  # importing it fails
    hypothesis.settings.register_profile("long", deadline=None, database=None, derandomize=False)
    hypothesis.settings.load_profile("long")
    from . import test_fuzz

    return test_fuzz


def run_random(seconds: float, first_seed: int) -> None:
    """Values as hypothesis draws them."""
    import hypothesis

    module = targets()
    faulthandler.enable()
    started, rounds = time.monotonic(), 0
    while (passed := time.monotonic() - started) < seconds:
        print(f"{passed:6.0f} s, {rounds * 500:,} values", flush=True)
        for function in module.TARGETS:
            hypothesis.seed(first_seed + rounds)(function)()
        rounds += 1
    os._exit(0)  # some library's objects do not survive an end under PYTHONMALLOC=debug


def run_coverage(seconds: float, seed: int) -> None:
    """Values guided by the coverage of the package, by libFuzzer, which ends the process.

    The input that fails is kept beside the corpus.
    """
    import atheris

    with atheris.instrument_imports(include=["jsonify_ext"]):
        module = targets()

    def attempt(data: bytes) -> None:
        """The first byte chooses between values and texts."""
        function = module.TARGETS[data[:1] < b"\x20"]
        function.hypothesis.fuzz_one_input(data[1:])

    corpus = Path(tempfile.mkdtemp(prefix="fuzz-"), "corpus")
    corpus.mkdir()
    # Long enough for values of some size; it would begin with a single byte.
    for number in range(100):
        Path(corpus, f"seed-{number}").write_bytes(Random(seed + number).randbytes(1000))
    limits = {
        "max_total_time": max(1, round(seconds)),
        "timeout": module.TIMEOUT,
        "rss_limit_mb": 8192,
    }
    lengths = {"max_len": 4096, "len_control": 0, "artifact_prefix": f"{corpus.parent}/"}
    options = {"seed": seed, **limits, **lengths}
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], str(corpus), *arguments], attempt)
    atheris.Fuzz()


SAME_HASHES = {**os.environ, "PYTHONHASHSEED": "0"}
#: The ways to look, and their environments; libFuzzer checks the memory itself.
KINDS: dict[str, tuple[Any, dict[str, str]]] = {
    "random": (run_random, {**SAME_HASHES, "PYTHONMALLOC": "debug"}),
    "without orjson": (run_random, {**SAME_HASHES, "HIDE_ORJSON": "1"}),
    "coverage": (run_coverage, SAME_HASHES),
}


def main() -> int:
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz", description="Encode unusual values, and check the results."
    )
    parser.add_argument("--minutes", type=float, default=10, help="in total (default: 10)")
    parser.add_argument(
        "--only", choices=KINDS, help="random values, or values guided by the code's coverage"
    )
    parser.add_argument(
        "--seed", type=int, default=randrange(2**31), help="try the values of another run again"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        KINDS[options.only][0](options.minutes * 60, options.seed)
    kinds = [options.only] if options.only else [*KINDS]
    failed = []
    for kind in kinds:
        print(f"== {kind}, seed {options.seed}", flush=True)
        # A separate process: if one crashes, the others still run.
        chosen = [f"--minutes={options.minutes / len(kinds)}", f"--seed={options.seed}", "--here"]
        command = [sys.executable, "-m", "tests.fuzz", f"--only={kind}", *chosen]
        if subprocess.call(command, env=KINDS[kind][1]):
            failed.append(kind)
    print(f"== failed: {', '.join(failed)}" if failed else "== nothing found", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
