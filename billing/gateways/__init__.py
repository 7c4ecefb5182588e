"""What billing asks of the world outside: paper."""
