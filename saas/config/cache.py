"""The cache of every role: Redis, but a Redis that is away only makes reads miss (money and pages do not depend on it)."""

import logging
import os
import time
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
_AWAY = (RedisError, OSError)
_AHEAD_SECONDS = 0.5


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
        self._ahead: dict[str, Any] = {}  # of this thread, as the whole object is
        self._ahead_until = 0.0

    def client(self) -> Any:
        """The client of this thread, for what is no cache (saas.config.lane)."""
        return self._cache.get_client()  # type: ignore[attr-defined]

    def read_ahead(self, keys: Iterable[str]) -> None:
        """Ask for several keys at once: the next `get` of each finds its answer here, once and within half a second."""
        try:
            self._ahead = {self._name(key): value for key, value in self.get_many(list(keys)).items()}
        except _AWAY:
            self._ahead = {}
        self._ahead_until = time.monotonic() + _AHEAD_SECONDS

    def _name(self, key: str, version: int | None = None) -> str:
        return str(self.make_key(key, version=version))  # the mall is in it

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        if self._ahead and (name := self._name(key, version)) in self._ahead:
            value = self._ahead.pop(name)
            if time.monotonic() < self._ahead_until:
                return value
        try:
            return super().get(key, default, version)
        except _AWAY:
            return default

    def set(self, key: str, value: Any, *args: Any, **kwargs: Any) -> None:
        self._ahead.clear()
        try:
            super().set(key, value, *args, **kwargs)
        except _AWAY:
            logger.warning("cache unreachable: %s not written", key)

    def delete(self, key: str, version: int | None = None) -> bool:
        self._ahead.clear()
        try:
            return bool(super().delete(key, version))
        except _AWAY:
            logger.warning("cache unreachable: %s not forgotten", key)
            return False

    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        for key in keys:
            self.delete(key, version)
