"""Reads of the cell's registry. Host look-ups are cached, unknown hosts too; the database gate decides about writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django_tenants.utils import schema_context

from saas.kernel.errors import NotFound
from saas.tenants.malls.models import Domain, Entitlement, Mall
from saas.tenants.malls.rules import LEFT, OWN_HOSTS, MallState, OwnHosts, may_have_certificate, sent_to

_HOST_SECONDS = 30
_ALL_HOSTS = "hosts"
_FIELDS: tuple[str, ...] = ("id", "ulid", "name", "schema_name", "state", "epoch", "schema_version", "created_at")
_FIELDS += ("live_at", "clock_offset_seconds", "demo_hour")


@dataclass(frozen=True)
class Found:
    """A host of this cell: its mall, where its shoppers are sent ("": nowhere), whether it may have a certificate."""

    mall: Mall
    sent_to: str
    may_have_certificate: bool


def look_up(host: str) -> Found | None:
    """What this cell knows of a normalised host, or None. Cached for half a minute.

    Unknown hosts cost one entry of the cache for all of them together, the list of the known ones: neither a flood of
    names nor their variety reaches the database or fills the cache.
    """
    cache = caches["public"]
    key = f"host:{host}"
    known = cache.get(key)
    if known is None:
        if host not in _known_hosts():
            return None
        known = _from_registry(host)
        cache.set(key, known, _HOST_SECONDS)
    if not known:
        return None
    mall = Mall(**known["mall"])
    mall._state.adding = False
    return Found(mall, known["sent_to"], known["certificate"])


def mall_by_host(host: str) -> Mall | None:
    """The mall that answers under a normalised host, or None. Cached for half a minute, misses included."""
    found = look_up(host)
    return found.mall if found else None


def _known_hosts() -> frozenset[str]:
    cache = caches["public"]
    known: frozenset[str] | None = cache.get(_ALL_HOSTS)
    if known is None:
        with schema_context("public"):
            known = frozenset(Domain.objects.values_list("domain", flat=True))
        cache.set(_ALL_HOSTS, known, _HOST_SECONDS)
    return known


def _from_registry(host: str) -> dict[str, Any]:
    with schema_context("public"):
        domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        if domain is None:
            return {}
        told = own_hosts(domain.tenant)
    return {
        "mall": {name: getattr(domain.tenant, name) for name in _FIELDS},
        "sent_to": sent_to(host, told),
        "certificate": may_have_certificate(host, told) and domain.tenant.state not in LEFT,
    }


def own_hosts(mall: Mall) -> OwnHosts:
    """The mall's own hosts as control told them last."""
    value = entitlement(mall, OWN_HOSTS)
    return OwnHosts.from_fact(value) if isinstance(value, dict) else OwnHosts()


def is_real(ulid: str) -> bool:
    """Whether a mall has opened: its money and its rules concern real people, so what takes two persons takes them."""
    return mall_by_ulid(ulid).state not in (MallState.CREATING, MallState.REHEARSAL)


def primary_origin(mall: Mall) -> str:
    """`https://host[:port]` of a mall's primary domain: for links that leave a request (notify URLs, share links)."""
    cache = caches["public"]
    key = f"origin:{mall.ulid}"
    host = cache.get(key)
    if host is None:
        with schema_context("public"):
            row = Domain.objects.filter(tenant_id=mall.pk).order_by("-is_primary", "pk").first()
        if row is None:
            raise NotFound(f"mall {mall.ulid} has no domain")
        host = row.domain
        cache.set(key, host, _HOST_SECONDS)
    port = f":{settings.MALL_PORT}" if settings.MALL_PORT else ""
    return f"{settings.MALL_SCHEME}://{host}{port}"


def forget_host(host: str) -> None:
    """Drop a cached look-up after the registry changed."""
    caches["public"].delete_many([_ALL_HOSTS, f"host:{host}"])


def forget_mall(mall: Mall) -> None:
    """Drop every cached look-up of a mall after its row changed."""
    with schema_context("public"):
        hosts = list(Domain.objects.filter(tenant=mall).values_list("domain", flat=True))
    caches["public"].delete_many([_ALL_HOSTS, f"origin:{mall.ulid}", f"mall:{mall.ulid}"])
    for host in hosts:
        forget_host(host)


def mall_by_ulid(ulid: str) -> Mall:
    """The mall of this cell with that ULID. Raises NotFound."""
    with schema_context("public"):
        mall = Mall.objects.filter(ulid=ulid).first()
    if mall is None:
        raise NotFound(f"no mall {ulid} in this cell")
    return mall


def mall_for_work(ulid: str) -> Mall:
    """As `mall_by_ulid`, cached for half a minute as hosts are; the gate decides about writes. Raises NotFound."""
    cache = caches["public"]
    key = f"mall:{ulid}"
    known = cache.get(key)
    if known is None:
        mall = mall_by_ulid(ulid)
        known = {name: getattr(mall, name) for name in _FIELDS}
        cache.set(key, known, _HOST_SECONDS)
    mall = Mall(**known)
    mall._state.adding = False
    return mall


def entitlement(mall: Mall, feature: str, default: object = None) -> object:
    """The mall's value for a plan feature, from the cell's own copy."""
    with schema_context("public"):
        row = Entitlement.objects.filter(mall_id=mall.pk, feature=feature).values_list("value", flat=True).first()
    return default if row is None else row


def entitlements(mall: Mall, features: Sequence[str]) -> dict[str, object]:
    """The mall's values of several features in one statement; what was never copied is not in it."""
    with schema_context("public"):
        rows = Entitlement.objects.filter(mall_id=mall.pk, feature__in=features)
        return dict(rows.values_list("feature", "value"))
