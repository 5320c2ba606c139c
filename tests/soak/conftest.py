"""Where the soak test can run."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_soak.py"]  # it reads /proc
