"""Which operators of the platform may be inside a mall now: control's word, kept like an entitlement so that it moves along."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import transaction
from django_tenants.utils import schema_context

from saas.identity import services as identity
from saas.kernel.errors import NotFound
from saas.messaging.bus import services as bus
from saas.tenants.malls import selectors, services
from saas.tenants.malls.models import Entitlement, Mall

FEATURE = "support_access"
ENDED = "support.ended"
_SECONDS = 30


@dataclass(frozen=True)
class OpenAccess:
    """Leave that was given and is not over."""

    grant: str
    operator: str  # public id
    name: str
    reason: str
    until: dt.datetime


def keep(mall: Mall, value: Sequence[dict[str, str]], *, version: int) -> None:
    """Write down who may be inside; an older version than the one here changes nothing."""
    services.copy_entitlements(mall, {FEATURE: list(value)}, version=version)
    forget(mall)


def end(mall: Mall, *, grant: str, actor: str, now: dt.datetime) -> None:
    """The mall's owner ends an access, inside the mall: the guest is out with the next request, control is told.

    Raises NotFound if none of that name is open.
    """
    with transaction.atomic():
        found = _taken_off(mall, grant)
        if found is None:
            raise NotFound
        identity.end_support(operator=found.operator, grant=grant, actor=actor, now=now)
        fact = {"grant": grant, "by": actor, "at": now.isoformat()}
        bus.publish(ENDED, fact, key=grant, destination=bus.CONTROL)


def _taken_off(mall: Mall, grant: str) -> OpenAccess | None:
    """Take one off the mall's own list at once; control tells its new list later."""
    with schema_context("public"), transaction.atomic():
        row = Entitlement.objects.select_for_update().filter(mall_id=mall.pk, feature=FEATURE).first()
        found = next((one for one in row.value if one["grant"] == grant), None) if row else None
        if row is None or found is None:
            return None
        row.value = [one for one in row.value if one["grant"] != grant]
        row.save(update_fields=["value"])
    forget(mall)
    return _open(found)


def open_now(mall: Mall, *, now: dt.datetime) -> list[OpenAccess]:
    """Every access that is open, cached for half a minute; a change here is seen at once."""
    cache, key = caches["public"], f"support:{mall.ulid}"
    told: list[dict[str, Any]] | None = cache.get(key)
    if told is None:
        value = selectors.entitlement(mall, FEATURE)
        told = value if isinstance(value, list) else []
        cache.set(key, told, _SECONDS)
    return [one for one in map(_open, told) if one.until > now]


def forget(mall: Mall) -> None:
    """Drop what is cached, now and after the commit."""
    caches["public"].delete(f"support:{mall.ulid}")
    transaction.on_commit(lambda: caches["public"].delete(f"support:{mall.ulid}"), robust=True)


def _open(one: dict[str, str]) -> OpenAccess:
    return OpenAccess(
        grant=one["grant"],
        operator=one["operator"],
        name=one["name"],
        reason=one["reason"],
        until=dt.datetime.fromisoformat(one["until"]),
    )
