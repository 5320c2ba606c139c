"""The long run: ``python -m tests.fuzz --minutes 60``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from random import randrange

SAME_HASHES = {**os.environ, "PYTHONHASHSEED": "0"}
#: The modules, and their environments; libFuzzer checks the memory itself.
KINDS = {
    "random": ("tests.fuzz.random_values", {**SAME_HASHES, "PYTHONMALLOC": "debug"}),
    "coverage": ("tests.fuzz.coverage_guided", SAME_HASHES),
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
    options = parser.parse_args()
    kinds = [options.only] if options.only else [*KINDS]
    failed = []
    for kind in kinds:
        print(f"== {kind}, seed {options.seed}", flush=True)
        module, environment = KINDS[kind]
        seconds = options.minutes * 60 / len(kinds)
        command = [sys.executable, "-m", module, str(seconds), str(options.seed)]
        # A separate process: if one crashes, the other still runs.
        if subprocess.call(command, env=environment):
            failed.append(kind)
    print(f"== failed: {', '.join(failed)}" if failed else "== nothing found", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
