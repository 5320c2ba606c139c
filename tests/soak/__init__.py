"""A long mixed load on a real server: ``python -m tests.soak``.

Every response is compared with the first of its kind, and what the server's processes hold is
measured before and after.
"""
