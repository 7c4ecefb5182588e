"""Decisions at the counter, one module a subject. Pure."""
