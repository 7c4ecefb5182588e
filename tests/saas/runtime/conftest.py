"""Homes of their own for servers that these tests start, stop and kill."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from saas.runtime.postgres import Postgres
from saas.runtime.redis import Redis

_OWN = ("ROLE", "CELL", "SECRET_KEY", "REDIS_URL", "CELERY_BROKER_URL", "CONTROL_DATABASE_URL", "DATABASE_URL")
_OWN += ("CONTROL_DATABASE_OWNER_URL", "DATABASE_OWNER_URL", "MALL_HOME", "DJANGO_SETTINGS_MODULE")


@pytest.fixture
def place() -> Iterator[Path]:
    """A home of this test's own."""
    with own_place() as folder:
        yield folder


@contextmanager
def own_place() -> Iterator[Path]:
    """An empty home that the database server's account may enter; whatever runs in it is stopped afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mall-"))
    folder.chmod(0o755)
    yield folder
    Postgres(folder).stop(immediate=True)
    Redis(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a terminal: the suite's own servers are not named."""
    for name in _OWN:
        monkeypatch.delenv(name, raising=False)


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return (Path(f"/proc/{pid}/stat")).read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def is_root() -> bool:
    """Whether the suite runs as root."""
    return os.geteuid() == 0
