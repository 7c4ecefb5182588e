"""Writes to the book of own domains."""
