"""Whoever brought a seller in earns a part of the mall's take for a year, or a fixed sum; one level only (MODES 12)."""
