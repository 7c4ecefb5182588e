"""Sessions: the database holds them, the mall's cache answers for a minute, so that a signed-in page reads no session row.

The cache's keys carry the schema. Redis away: the database answers. A session that ends while Redis cannot be told
lives on for that minute at most.
"""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import cache

SECONDS = 60


class SessionStore(DatabaseStore):
    """Read through the cache, written to both."""

    def load(self) -> dict[str, Any]:
        """The session's content; empty, and without a key, when there is none."""
        key = _key(str(self.session_key))
        known: dict[str, Any] | None = cache.get(key)
        if known is None:
            row = self._get_session_from_db()  # type: ignore[attr-defined]
            known = self.decode(row.session_data) if row else {}
            if row:
                cache.set(key, known, _seconds(self.get_expiry_age(expiry=row.expire_date)))
        return known

    def save(self, must_create: bool = False) -> None:
        """Write the row, then what the cache says."""
        super().save(must_create)
        cache.set(_key(str(self.session_key)), self._session, _seconds(self.get_expiry_age()))  # type: ignore[attr-defined]

    def delete(self, session_key: str | None = None) -> None:
        """Remove the row, then what the cache says."""
        super().delete(session_key)
        gone = session_key or self.session_key
        if gone:
            cache.delete(_key(gone))


def _key(session_key: str) -> str:
    return f"session:{session_key}"


def _seconds(left: int) -> int:
    return max(0, min(SECONDS, left))
