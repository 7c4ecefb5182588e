"""Each mall's platform host points to the balancer of the cell that serves it (Route 53); a move is one change of a record."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import F

from provisioning.domains import selectors
from provisioning.domains.models import HostBook, OwnDomain
from provisioning.domains.rules.states import DomainState
from provisioning.domains.services import certificates
from provisioning.gateways import route53
from saas.identity import audit
from saas.kernel.crashpoint import crashpoint
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState


def follow_places(*, now: dt.datetime, limit: int = 20) -> list[str]:
    """Bring the records of malls that were made, moved or removed after them; what went wrong, by mall.

    A mall's record goes to its new cell only when the certificates of its own domains are shown there.
    """
    if settings.DOMAIN_EDGE != certificates.AWS or not settings.ROUTE53_ZONE_ID:
        return []
    settled = HostBook.objects.filter(record_cell=F("place__cell__cell_id")).values("place")
    made = Place.objects.exclude(state__in=[PlaceState.REQUESTED, PlaceState.REMOVED]).exclude(pk__in=settled)
    gone = HostBook.objects.filter(place__state=PlaceState.REMOVED).exclude(record_cell="").values("place")
    troubles = [_point(place) for place in made.select_related("cell").order_by("pk")[:limit]]
    troubles += [_withdraw(place) for place in Place.objects.filter(pk__in=gone).order_by("pk")[:limit]]
    return [one for one in troubles if one]


def _point(place: Place) -> str:
    cell = place.cell.cell_id
    edge = selectors.edge_of(cell)
    if not edge.name:
        return f"DOMAIN_EDGES names no balancer for cell {cell}"
    waiting = OwnDomain.objects.filter(place=place, state=DomainState.ACTIVE).exclude(edge_cell=cell)
    if waiting.exists():
        return f"{place.subdomain}: certificates are not shown in {cell} yet"
    for host in vendor_facts.platform_hosts(place):
        zone = selectors.zone_of(host)
        if not zone:
            return f"ROUTE53_ZONES names no zone for {host}"
        trouble = route53.ensure_alias(zone_id=zone, host=host, name=edge.name, name_zone=edge.zone)
        crashpoint("domains.record_written")
        if trouble:
            return trouble
    return _note(place.mall, cell)


def _withdraw(place: Place) -> str:
    """The records go, unless another mall has the subdomain by now."""
    for base in platform.base_domains():
        host = f"{place.subdomain}.{base}"
        zone = selectors.zone_of(host)
        if zone and not vendor_facts.host_claimed(host):
            trouble = route53.remove_alias(zone_id=zone, host=host)
            if trouble:
                return trouble
    with transaction.atomic():
        HostBook.objects.filter(place=place).update(record_cell="")
    return ""


def _note(mall: str, cell: str) -> str:
    with transaction.atomic():
        place = vendor_facts.lock_place(mall)
        if place is not None and place.cell.cell_id == cell:  # else it moved meanwhile: the next round follows
            HostBook.objects.update_or_create(place=place, defaults={"record_cell": cell})
            audit.record("system", "domain.record_written", target=f"mall:{mall}", cell=cell)
    return ""
