"""Reads of the counter, one module a subject."""
