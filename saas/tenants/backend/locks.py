"""Locks of a cell that last as long as a session: one process at a time, and a killed one's lock ends with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_KEY = "hashtextextended(%s, 5)"


@contextmanager
def session_lock(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold the lock of a name; yields False when another session has it, unless it shall `wait` for that one's end."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT pg_advisory_lock({_KEY})", [name])
            held = True
        else:
            cursor.execute(f"SELECT pg_try_advisory_lock({_KEY})", [name])
            held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({_KEY})", [name])
