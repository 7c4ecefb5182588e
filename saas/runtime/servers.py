"""The embedded servers as one thing that several processes use at once: the last user to leave stops them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from saas.runtime import paths
from saas.runtime.environment import CONTROL_DATABASE, is_external
from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis

_USERS_FILE = "users.lock"


class Servers:
    """PostgreSQL and Redis of one home, and our place among their users. External servers are never touched."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres, self.redis = Postgres(home), Redis(home)
        self._handle: IO[str] | None = None

    def join(self) -> None:
        """Become a user: start what does not run, make the two databases. Raises PostgresFailed, RedisFailed."""
        if is_external():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self._handle = (self.home / _USERS_FILE).open("a")
        fcntl.flock(self._handle, fcntl.LOCK_SH)
        self.ensure_running()

    def ensure_running(self) -> None:
        """Start what does not run (first time, or after a crash)."""
        if is_external():
            return
        self.postgres.start()
        self.redis.start()
        with paths.exclusive(self.home / "databases.lock"):
            for name in (CONTROL_DATABASE, f"cell_{os.environ.get('CELL', 'c1')}"):
                self.postgres.ensure_database(name)

    def missing(self) -> list[str]:
        """Names of the servers that should run and do not."""
        if is_external():
            return []
        found = {"PostgreSQL": self.postgres.running(), "Redis": self.redis.answers()}
        return [name for name, runs in found.items() if not runs]

    def leave(self) -> None:
        """Stop being a user."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def stop_if_unused(self) -> bool:
        """Stop both servers unless somebody uses them; whether they were stopped."""
        if is_external() or not self.home.exists():
            return False
        with (self.home / _USERS_FILE).open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self.redis.stop()
            self.postgres.stop()
        return True


@contextmanager
def using_servers(home: Path) -> Iterator[Servers]:
    """The servers of `home` for the length of the block."""
    servers = Servers(home)
    servers.join()
    try:
        yield servers
    finally:
        servers.leave()
        servers.stop_if_unused()
