"""The cache of every role: Redis, but a Redis that is away only makes reads miss (money and pages do not depend on it)."""

import logging
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_AWAY = (RedisError, OSError)


class PatientCache(RedisCache):
    """Reads miss, writes are lost while Redis is away; counters and everything else still raise."""

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
