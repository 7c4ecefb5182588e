"""Reads of own domains."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Q, QuerySet, When

from provisioning.domains.models import DomainEvent, FilingEvidence, HostBook, OwnDomain
from provisioning.domains.rules import filing, names
from provisioning.domains.rules.states import MAY_HAVE_CERTIFICATE, OPEN, DomainState
from provisioning.facts import Record
from saas.kernel import hosts
from saas.kernel.errors import NotFound
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors.models import Place, Vendor


@dataclass(frozen=True)
class Edge:
    """Where the malls of a cell are reached, as DOMAIN_EDGES tells it."""

    addresses: tuple[str, ...] = ()
    tls: str = ""  # address:port of the cell's Caddy, as control reaches it
    listener: str = ""  # ARN of the balancer's listener
    name: str = ""  # DNS name of the balancer
    zone: str = ""  # and its hosted zone


def edge_of(cell_id: str) -> Edge:
    """The edge of a cell; `*` in the setting stands for every cell without an entry."""
    value: dict[str, Any] = settings.DOMAIN_EDGES.get(cell_id) or settings.DOMAIN_EDGES.get("*") or {}
    return Edge(
        addresses=tuple(value.get("addresses", ())),
        **{name: str(value.get(name, "")) for name in ("tls", "listener", "name", "zone")},
    )


def our_hosts() -> set[str]:
    """Hosts that are the platform's; nobody can have them, or anything below them."""
    return {host for raw in (*platform.base_domains(), own_site()) if (host := hosts.normalise(raw)) and "." in host}


def own_site() -> str:
    """The host of the platform's own site."""
    return hosts.normalise(settings.CONTROL_ORIGIN.split("://", 1)[-1].split("/", 1)[0]) or ""


def zone_of(host: str) -> str:
    """The hosted zone of Route 53 that a platform host (or a base domain) is written to; "" if none is set."""
    for base, zone in settings.ROUTE53_ZONES.items():
        if host == base or host.endswith(f".{base}"):
            return str(zone)
    ours = settings.PLATFORM_DOMAIN
    return str(settings.ROUTE53_ZONE_ID) if host == ours or host.endswith(f".{ours}") else ""


def domains_of(place: Place) -> QuerySet[OwnDomain]:
    """The domains of a mall that are not removed, the oldest first."""
    return OwnDomain.objects.filter(place=place, state__in=OPEN).order_by("pk")


def domain(ulid: str, *, vendor: Vendor | None = None) -> OwnDomain:
    """A domain; with `vendor`, only if it is theirs. Raises NotFound."""
    wanted = Q(ulid=ulid) if vendor is None else Q(ulid=ulid, place__vendor=vendor)
    found = OwnDomain.objects.select_related("place", "place__cell", "place__vendor").filter(wanted).first()
    if found is None:
        raise NotFound
    return found


def listed(*, state: str = "", text: str = "") -> QuerySet[OwnDomain]:
    """For operators: what needs a person first, then the newest."""
    wanted = Q(state__in=OPEN) if not state else Q(state=state)
    if text:
        normal = hosts.normalise(text) or text
        wanted &= Q(host__contains=normal) | Q(place__name__icontains=text) | Q(place__vendor__company__icontains=text)
    rows = OwnDomain.objects.filter(wanted).select_related("place", "place__vendor", "place__cell")
    waiting = Case(When(state=DomainState.REVIEW, then=0), When(state=DomainState.BROKEN, then=1), default=2)
    return rows.order_by(waiting, "-pk")


def counts() -> dict[str, int]:
    """How many domains stand in each state."""
    return dict(OwnDomain.objects.values_list("state").annotate(n=Count("pk")).order_by())


def events_of(found: OwnDomain) -> QuerySet[DomainEvent]:
    """What happened to a domain, the newest first."""
    return DomainEvent.objects.filter(domain=found).order_by("-pk")


def evidence_of(found: OwnDomain) -> FilingEvidence | None:
    """The file handed in with the filing number, if any."""
    return FilingEvidence.objects.filter(domain=found).first()


def book_of(place: Place) -> HostBook:
    """What the place's cell was told; unsaved if nothing was."""
    return HostBook.objects.filter(place=place).first() or HostBook(place=place)


def due(*, now: dt.datetime, limit: int = 50) -> list[str]:
    """Domains whose time to be looked at has come, or whose mall stands in another cell than their certificate."""
    moved = Q(state__in=MAY_HAVE_CERTIFICATE) & ~Q(edge_cell="") & ~Q(edge_cell=F("place__cell__cell_id"))
    gone = Q(state__in=OPEN) & Q(place__state="removed")
    rows = OwnDomain.objects.filter(Q(next_look_at__lte=now) | moved | gone).order_by("next_look_at")
    return list(rows.values_list("ulid", flat=True)[:limit])


def filing_needed(place: Place) -> bool:
    """Whether a domain of that mall needs a filing number."""
    return filing.filing_needed(settings.DOMAIN_FILING, place.cell.region)


def platform_host(place: Place) -> str:
    """The host of the platform that the mall's links carry: the target of CNAMEs."""
    return place.host


def proof_record(found: OwnDomain) -> Record:
    """The TXT record that proves whose the domain is."""
    return Record(names.proof_name(found.host), "TXT", names.proof_value(found.token))


def pointing_records(found: OwnDomain) -> tuple[Record, ...]:
    """The CNAME that lets the domain point here, and for names that cannot have one the addresses."""
    addresses = edge_of(found.place.cell.cell_id).addresses
    return (
        Record(found.host, "CNAME", platform_host(found.place)),
        *(Record(found.host, "AAAA" if ":" in one else "A", one) for one in addresses),
    )
