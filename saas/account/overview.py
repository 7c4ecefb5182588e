"""What the vendor's start page shows of each mall."""

from dataclasses import dataclass

from billing import selectors as billing
from provisioning.orchestrator import selectors as runs
from provisioning.orchestrator.models import Run
from saas.support import selectors as support
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place, Vendor


@dataclass(frozen=True)
class MallCard:
    """A mall in a list."""

    place: Place
    url: str
    plan_name: str
    run: Run | None
    settled: int
    items: int


def mall_cards(vendor: Vendor) -> list[MallCard]:
    """The vendor's malls, the newest first."""
    return [_card(place) for place in vendor_facts.places_of_vendor(vendor)]


def _card(place: Place) -> MallCard:
    lines = support.checklist(place.mall)
    return MallCard(
        place=place,
        url=vendor_facts.mall_url(place),
        plan_name=billing.plan_by_code(place.plan_code).name,
        run=runs.newest_run(place),
        settled=sum(line.settled for line in lines),
        items=len(lines),
    )
