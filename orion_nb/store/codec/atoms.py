"""The built-in types that are the same everywhere and hold nothing else."""

ATOMS = frozenset({type(None), bool, int, float, complex})
TEXTS = frozenset({str, bytes})
"""Apart, because they can be long."""
