"""A long mixed load on a real server: ``python -m tests.soak``.

Every byte of every response is compared, and what the server's processes hold is measured
before and after.
"""
