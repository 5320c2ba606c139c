"""The long run: ``python -m tests.fuzz --minutes 60``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from random import randrange

SAME_HASHES = {**os.environ, "PYTHONHASHSEED": "0"}
KINDS = {"random": "tests.fuzz.randomly", "led": "tests.fuzz.led"}
#: Memory is checked, but under libFuzzer, which looks after its own.
ENVIRONMENTS = {"random": {**SAME_HASHES, "PYTHONMALLOC": "debug"}, "led": SAME_HASHES}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Encode values that nobody would write, and check what comes of them.",
    )
    parser.add_argument("--minutes", type=float, default=10, help="in all (default: 10)")
    parser.add_argument(
        "--only", choices=KINDS, help="random values, or values led by the code's coverage"
    )
    parser.add_argument(
        "--corpus", type=Path, help="a folder that keeps the input that led further"
    )
    parser.add_argument(
        "--seed", type=int, default=randrange(2**31), help="try the values of another run again"
    )
    options = parser.parse_args()
    kinds = [options.only] if options.only else list(KINDS)
    failed = []
    for kind in kinds:
        print(f"== {kind}, seed {options.seed}", flush=True)
        seconds = options.minutes * 60 / len(kinds)
        command = [sys.executable, "-m", KINDS[kind], str(seconds), str(options.seed)]
        if kind == "led" and options.corpus:
            command.append(str(options.corpus))
        # A process of its own: a crash of one is seen, and the other still runs.
        if subprocess.call(command, env=ENVIRONMENTS[kind]):
            failed.append(kind)
    print(f"== failed: {', '.join(failed)}" if failed else "== nothing found", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
