"""Reads of the cell's registry. Host look-ups are cached, unknown hosts too; the database gate decides about writes."""

from collections.abc import Sequence

from django.conf import settings
from django.core.cache import caches
from django_tenants.utils import schema_context

from saas.kernel.errors import NotFound
from saas.tenants.malls.models import Domain, Entitlement, Mall
from saas.tenants.malls.rules import MallState

_HOST_SECONDS = 30
_FIELDS: tuple[str, ...] = ("id", "ulid", "name", "schema_name", "state", "epoch", "schema_version", "created_at")
_FIELDS += ("live_at", "clock_offset_seconds", "demo_hour")


def mall_by_host(host: str) -> Mall | None:
    """The mall that answers under a normalised host, or None. Cached for half a minute, misses included."""
    cache = caches["public"]
    key = f"host:{host}"
    known = cache.get(key)
    if known is None:
        with schema_context("public"):
            domain = Domain.objects.select_related("tenant").filter(domain=host).first()
        known = {name: getattr(domain.tenant, name) for name in _FIELDS} if domain else {}
        cache.set(key, known, _HOST_SECONDS)
    if not known:
        return None
    mall = Mall(**known)
    mall._state.adding = False
    return mall


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
    caches["public"].delete(f"host:{host}")


def forget_mall(mall: Mall) -> None:
    """Drop every cached look-up of a mall after its row changed."""
    with schema_context("public"):
        hosts = list(Domain.objects.filter(tenant=mall).values_list("domain", flat=True))
    caches["public"].delete_many([f"origin:{mall.ulid}", f"mall:{mall.ulid}"])
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
