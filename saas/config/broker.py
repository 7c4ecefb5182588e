"""kombu's transport of Redis, but a channel keeps its client: kombu makes one for each message, twice to acknowledge it."""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class _Channel(redis.Channel):
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous)  # type: ignore[misc]
        if self._kept is None or self._kept.connection_pool is not self.pool:  # the pool is made anew after a breakage
            self._kept = super()._create_client()  # type: ignore[misc]
        return self._kept


class Transport(redis.Transport):
    """Under the name of kombu's own, so that URLs stay as they are."""

    Channel = _Channel


def install() -> None:
    """Let `redis` name this transport, in this process."""
    for name in ("redis", "rediss"):
        TRANSPORT_ALIASES[name] = f"{__name__}:Transport"
