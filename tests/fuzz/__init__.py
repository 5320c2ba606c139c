"""Unusual values, and what they must become.

``makers`` draws recipes for values of every kind that can be encoded, and of classes
that lie, fail or change what is being encoded. ``check`` encodes them in several ways
and compares the results with those of ``reference``, a second encoder that is written
from the contract. ``texts`` draws what may be JSON, for the parser.
"""
