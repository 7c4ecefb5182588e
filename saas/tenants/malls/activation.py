"""The one helper that switches schema, for middleware, tasks, provisioning and tests."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django_tenants.utils import tenant_context

from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState


def active_mall_ulid() -> str:
    """The ULID of the mall that is active on the connection: part of media keys, salts and documents' facts."""
    ulid: str = connection.tenant.ulid
    if not ulid:
        raise RuntimeError("no mall is active")
    return ulid


@contextmanager
def in_mall(mall: Mall) -> Iterator[Mall]:
    """Run the block inside `mall`'s schema; afterwards the connection looks where it looked before."""
    with tenant_context(mall):
        yield mall
        if connection.schema_name != mall.schema_name:
            raise RuntimeError(f"schema changed to {connection.schema_name} inside mall {mall.schema_name}")


def active_mall() -> Mall:
    """The mall that is active on this connection. Raises RuntimeError outside a mall."""
    tenant = getattr(connection, "tenant", None)
    if not isinstance(tenant, Mall):
        raise RuntimeError("no mall is active")
    return tenant


def is_rehearsing() -> bool:
    """Whether the active mall has never been open: what happens in it concerns no real people and no real money."""
    tenant = getattr(connection, "tenant", None)
    if not isinstance(tenant, Mall) or tenant.live_at is not None:
        return False
    return tenant.state in (MallState.REHEARSAL, MallState.SUSPENDED)


def clock_ahead() -> dt.timedelta:
    """How far the active mall is ahead of the world; zero where no mall is active (saas.kernel.clock.follow)."""
    return dt.timedelta(seconds=getattr(getattr(connection, "tenant", None), "clock_offset_seconds", 0))
