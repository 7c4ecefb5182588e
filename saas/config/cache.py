"""The cache of every role: Redis, but a Redis that is away only makes reads miss (money and pages do not depend on it)."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_AWAY = (RedisError, OSError)


class _OneClient(RedisCacheClient):
    """Keeps its client: Django makes one for every read, which costs as much as the read."""

    _kept: Any = None

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the one server there is."""
        if self._kept is None:
            self._kept = super().get_client(key, write=write)
        return self._kept


class PatientCache(RedisCache):
    """Reads miss, writes are lost while Redis is away; counters and everything else still raise."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except _AWAY:
            return default

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(key, value, *args, **kwargs)
        except _AWAY:
            logger.warning("cache unreachable: %s not written", key)

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return bool(super().delete(key, version))
        except _AWAY:
            logger.warning("cache unreachable: %s not forgotten", key)
            return False

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        for key in keys:
            self.delete(key, version)
