"""``python -m jsonify_ext``: serve the playground."""

import sys

from .playground.command import main

if __name__ == "__main__":
    sys.exit(main())
