"""How many generated cases a property is tried with: the number it names, times CASES."""

import os


def cases(count: int) -> int:
    """`count` at CASES=1 (a developer's run), ten times that at CASES=10 (the full run)."""
    return count * int(os.environ.get("CASES", "1"))
