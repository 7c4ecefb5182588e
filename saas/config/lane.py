"""The short way of committed events to the deliverers of their cell: a list in Redis, which may be lost at any time.

Whoever is free takes the next one, so any number of deliverers share the work. Nothing is acknowledged: an event that is
lost with Redis, or with the process that took it, is still pending in the outbox, and the sweeper brings it.
"""

from typing import Any

from django.conf import settings
from django.core.cache import caches
from redis import Redis

KEY = f"lane:{settings.CELL}"
MOST = 1000  # without a deliverer the list must not grow for ever


def push(event_id: str, mall: str) -> None:
    """Put an event on the lane. Raises RedisError, OSError."""
    client: Any = caches["public"].client()  # type: ignore[attr-defined]
    if client.lpush(KEY, f"{mall}/{event_id}") > MOST:
        client.ltrim(KEY, 0, MOST - 1)


class Taker:
    """Takes from the lane, over a connection of its own."""

    def __init__(self) -> None:
        self._client: Any = Redis.from_url(settings.REDIS_URL, socket_timeout=5, single_connection_client=True)

    def take(self, seconds: int) -> tuple[str, str] | None:
        """The oldest event, id and mall; None after `seconds` without one. Raises RedisError, OSError."""
        found = self._client.brpop([KEY], seconds)
        if found is None:
            return None
        mall, _, event_id = found[1].decode().partition("/")
        return event_id, mall
