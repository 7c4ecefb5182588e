"""Rows of subsidy pools. Nothing is posted here: each function says what settlement has to book in the same transaction."""
