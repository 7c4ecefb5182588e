"""The cache of every role: Redis, but a Redis that is away only makes reads miss (money and pages do not depend on it)."""

import logging
import os
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_AWAY = (RedisError, OSError)


class _OneClient(RedisCacheClient):
    """Keeps its client and its connection: Django makes a client for every read and asks a pool whether the connection
    is alive, which costs more than the read. Django has one of these a thread; a connection that broke is made anew.
    """

    _kept: Any = None
    _process = 0

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the one server there is."""
        if self._kept is None or self._process != os.getpid():  # a forked worker must not share its parent's socket
            self._process = os.getpid()
            pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
            self._kept = self._client(connection_pool=pool, single_connection_client=True)  # type: ignore[attr-defined]
        return self._kept


class PatientCache(RedisCache):
    """Reads miss, writes are lost while Redis is away; counters and everything else still raise."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _OneClient

    def client(self) -> Any:
        """The client of this thread, for what is no cache (saas.config.lane)."""
        return self._cache.get_client()  # type: ignore[attr-defined]

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
