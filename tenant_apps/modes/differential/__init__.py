"""Differential: ranks earn what their rate exceeds the ranks below (MODES 5)."""
