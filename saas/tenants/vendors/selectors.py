"""Reads of control's book of vendors and places."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from saas.kernel.errors import NotFound
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors.models import AgreementAcceptance, Cell, CellHealth, HostClaim, MallDay, Place, Ruling, Vendor
from saas.tenants.vendors.rules import COUNTS_AGAINST_CEILING, CellState, PlaceState, cell_state

if TYPE_CHECKING:
    from saas.identity.models import User


_STANDING = (PlaceState.REHEARSAL, PlaceState.LIVE, PlaceState.HELD)  # whose cell knows them


@dataclass(frozen=True)
class CellLoad:
    """A cell and how full it is."""

    cell: Cell
    malls: int
    health: CellHealth | None = None
    state: CellState = CellState.UNKNOWN

    @property
    def free(self) -> int:
        return max(self.cell.ceiling - self.malls, 0)


@dataclass(frozen=True)
class Sales:
    """What a mall sold in a span of days."""

    orders: int
    sales_amount: int  # fen


def vendor_of_user(user: "User") -> Vendor | None:
    """The vendor that this user of control owns, or None."""
    return Vendor.objects.filter(owner=user).first() if user.is_authenticated else None


def vendor_by_ulid(ulid: str) -> Vendor:
    """Raises NotFound."""
    vendor = Vendor.objects.select_related("owner").filter(ulid=ulid).first()
    if vendor is None:
        raise NotFound
    return vendor


def place_of_mall(mall: str, *, vendor: Vendor | None = None) -> Place:
    """The place of a mall by its ULID; with `vendor`, only if it is theirs. Raises NotFound."""
    wanted = Q(mall=mall) if vendor is None else Q(mall=mall, vendor=vendor)
    place = Place.objects.select_related("vendor", "vendor__owner", "cell").filter(wanted).first()
    if place is None:
        raise NotFound
    return place


def places_of_malls(malls: Collection[str]) -> QuerySet[Place]:
    """The places of these malls, removed ones, too."""
    return Place.objects.filter(mall__in=malls).select_related("vendor")


def places_of_vendor(vendor: Vendor) -> QuerySet[Place]:
    """A vendor's malls, the newest first; removed ones are left out."""
    shown = Place.objects.filter(vendor=vendor, state__in=COUNTS_AGAINST_CEILING)
    return shown.select_related("cell").order_by("-created_at")


def host_of_subdomain(subdomain: str) -> str:
    """The host of a new mall with that (normalised) subdomain."""
    return f"{subdomain}.{platform.base_domain()}"


def platform_hosts(place: Place) -> list[str]:
    """The hosts that a mall has of the platform, one a base domain; the one that its links carry first."""
    claims = HostClaim.objects.filter(place=place, of_platform=True).exclude(host=place.host).order_by("pk")
    return [place.host, *claims.values_list("host", flat=True)]


def claim_near(base: str) -> str:
    """A host of some mall that `base` would be, or lie below, or a vendor's own domain below it; "" if there is none."""
    above = [base.split(".", cut)[-1] for cut in range(base.count(".") + 1)]
    near = Q(host__in=above) | Q(host__endswith=f".{base}", of_platform=False)
    return HostClaim.objects.filter(near).order_by("host").values_list("host", flat=True).first() or ""


def untold_count() -> int:
    """How many hosts of malls wait to be told to a cell."""
    return HostClaim.objects.filter(told=False, place__state__in=_STANDING).count()


def untold_hosts(*, limit: int) -> list[str]:
    """Malls that have a host which their cell does not know, in the order in which they were made."""
    rows = HostClaim.objects.filter(told=False, place__state__in=_STANDING)
    return list(rows.order_by("place_id").values_list("place__mall", flat=True).distinct()[:limit])


def host_claimed(host: str) -> bool:
    """Whether some place of the platform has that host."""
    return HostClaim.objects.filter(host=host).exists()


def place_of_host(host: str) -> Place | None:
    """Whose a host is."""
    claim = HostClaim.objects.select_related("place").filter(host=host).first()
    return claim.place if claim else None


def own_hosts(mall: str) -> int:
    """How many hosts of its own a mall has, besides its platform host."""
    place = place_or_none(mall)
    if place is None:
        return 0
    return HostClaim.objects.filter(place=place, of_platform=False).count()


def primary_host(place: Place) -> str:
    """The host under which people find the mall."""
    claim = HostClaim.objects.filter(place=place, primary=True).values_list("host", flat=True).first()
    return claim or place.host


def mall_url(place: Place, path: str = "/") -> str:
    """The public address of a page of the mall."""
    port = f":{settings.MALL_PORT}" if settings.MALL_PORT else ""
    return f"{settings.MALL_SCHEME}://{primary_host(place)}{port}{path}"


def platform_url(place: Place, path: str = "/") -> str:
    """The address of a page under the mall's platform host: for staff, who come from the platform's own site."""
    port = f":{settings.MALL_PORT}" if settings.MALL_PORT else ""
    return f"{settings.MALL_SCHEME}://{place.host}{port}{path}"


def cell_loads(*, now: dt.datetime) -> list[CellLoad]:
    """Every cell with the number of places that stand in it and its newest report."""
    reports = {health.cell_id: health for health in CellHealth.objects.all()}
    counts = dict(
        Place.objects.filter(state__in=COUNTS_AGAINST_CEILING).values_list("cell").annotate(n=Count("pk")).order_by()
    )
    return [
        _load(cell, counts.get(cell.pk, 0), reports.get(cell.pk), now)
        for cell in Cell.objects.select_related("dedicated_to").order_by("pk")
    ]


def cell_load(cell_id: str, *, now: dt.datetime) -> CellLoad:
    """A cell by its name. Raises NotFound."""
    cell = Cell.objects.select_related("dedicated_to").filter(cell_id=cell_id).first()
    if cell is None:
        raise NotFound
    malls = Place.objects.filter(cell=cell, state__in=COUNTS_AGAINST_CEILING).count()
    return _load(cell, malls, CellHealth.objects.filter(cell=cell).first(), now)


def _load(cell: Cell, malls: int, health: CellHealth | None, now: dt.datetime) -> CellLoad:
    reported, lag = (health.reported_at, health.outbox_lag_seconds) if health else (None, 0)
    return CellLoad(cell, malls, health, cell_state(reported, lag, now=now))


def versions_of_open_cells() -> set[str]:
    """The migrations that the code of cells brings which take new malls, as they reported."""
    found = CellHealth.objects.filter(cell__accepts_new=True).exclude(version="")
    return set(found.values_list("version", flat=True))


def cell_ids() -> list[str]:
    """The names of all registered cells."""
    return list(Cell.objects.order_by("pk").values_list("cell_id", flat=True))


def places_in(cell: Cell) -> QuerySet[Place]:
    """The malls that stand in a cell, by name."""
    return Place.objects.filter(cell=cell, state__in=COUNTS_AGAINST_CEILING).select_related("vendor").order_by("name")


def vendors_by_name() -> QuerySet[Vendor]:
    """Every vendor, by company."""
    return Vendor.objects.order_by("company")


def acceptances(vendor: Vendor) -> QuerySet[AgreementAcceptance]:
    """What the vendor's people accepted, the newest first."""
    return AgreementAcceptance.objects.filter(vendor=vendor).select_related("user").order_by("-accepted_at", "-pk")


def sales(malls: Sequence[str], *, since: dt.date) -> Sales:
    """Completed orders and their sum of these malls from `since` on."""
    total = MallDay.objects.filter(mall__in=malls, date__gte=since).aggregate(n=Sum("orders"), fen=Sum("sales_amount"))
    return Sales(orders=total["n"] or 0, sales_amount=total["fen"] or 0)


def place_counts() -> dict[str, int]:
    """How many places stand in each state."""
    return dict(Place.objects.values_list("state").annotate(n=Count("pk")).order_by())


def platform_sales(*, since: dt.date) -> Sales:
    """Completed orders and their sum of all malls from `since` on."""
    total = MallDay.objects.filter(date__gte=since).aggregate(n=Sum("orders"), fen=Sum("sales_amount"))
    return Sales(orders=total["n"] or 0, sales_amount=total["fen"] or 0)


def lock_place(mall: str) -> Place | None:
    """The place of a mall, its row locked until the caller's transaction ends; None if there is none or it is removed."""
    found = Place.objects.select_for_update(of=("self",)).select_related("cell").filter(mall=mall).first()
    return None if found is None or found.state == PlaceState.REMOVED else found


def rulings(mall: str) -> QuerySet[Ruling]:
    """Everything that was ruled about a mall, the newest first."""
    return Ruling.objects.filter(mall=mall).order_by("-version")


def newest_rulings(mall: str) -> dict[tuple[str, str], Ruling]:
    """The ruling that counts, by kind and subject."""
    return {(one.kind, one.subject): one for one in Ruling.objects.filter(mall=mall).order_by("version")}


def lock_vendor(pk: int) -> Vendor:
    """A vendor, the row locked until the caller's transaction ends: the vendor's billing is done in turn."""
    return Vendor.objects.select_for_update().get(pk=pk)


def place_or_none(mall: str) -> Place | None:
    """The place of a mall unless there is none or it is removed."""
    found = Place.objects.select_related("cell").filter(mall=mall).exclude(state=PlaceState.REMOVED)
    return found.first()
