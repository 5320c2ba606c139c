"""Values that nobody would write, and what must become of them.

``makers`` draws recipes for values, of every kind that can be encoded and of classes
that lie, fail or change what is being encoded; ``check`` says what may come of one.
``test_fuzz`` tries some thousand of them; ``python -m tests.fuzz`` goes on for as long
as one likes, also led by the coverage of the code (atheris).
"""
