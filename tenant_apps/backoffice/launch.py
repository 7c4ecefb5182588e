"""From rehearsal to open: what is still missing, and the step itself."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError
from saas.messaging.bus import services as bus
from saas.tenants.malls import services as malls
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from tenant_apps.catalog import selectors as catalog
from tenant_apps.design import selectors as design
from tenant_apps.design.rules import LegalKind, ReadinessItem, missing
from tenant_apps.payments import selectors as payments
from tenant_apps.payments.rules import Purpose


class NotReady(DomainError):
    """Something on the readiness list is not done; `items` are their keys."""

    code = "not_ready"
    message = _("The mall cannot open yet. Still missing: {what}.")


class NotInRehearsal(DomainError):
    """Only a mall in rehearsal can be opened."""

    code = "not_in_rehearsal"
    message = _("This mall is not in rehearsal.")


@dataclass(frozen=True)
class Step:
    """A line of the readiness list as the page shows it."""

    key: str
    done: bool
    text: str | Promise
    why: str | Promise
    page: str


_STEPS: dict[str, tuple[Promise, Promise, str]] = {
    "brand": (_("Brand"), _("Name and a way to reach the mall's service are published."), "brand"),
    "texts": (_("Legal texts"), _("Terms, privacy and returns policy are published in the mall's own name."), "brand"),
    "licence": (_("Licence"), _("Company and its unified social credit code stand in the footer."), "brand"),
    "product": (_("Goods"), _("At least one product is on shelf and in stock."), "goods"),
    "delivery": (_("Delivery"), _("There is an address to which goods can be returned."), "brand"),
    "payment": (
        _("Trial payments"),
        _("A payment account is connected, so the rehearsal can be walked through."),
        "channel",
    ),
    "live_channel": (_("Real payments"), _("The mall's own merchant account is connected and works."), "channel"),
}


def readiness() -> list[ReadinessItem]:
    """The list before a mall goes live, in order."""
    brand = design.published()
    facts = {
        "brand": bool(brand and brand.name and (brand.service_phone or brand.service_email)),
        "texts": bool(brand and all(getattr(brand, kind.value) for kind in LegalKind)),
        "licence": bool(brand and brand.company_name and brand.licence_number),
        "product": catalog.has_product_on_shelf(),
        "delivery": bool(brand and brand.return_name and brand.return_phone and brand.return_address),
        "payment": any(payments.credential(purpose) for purpose in Purpose),
        "live_channel": payments.has_live_channel(),
    }
    return [ReadinessItem(key, facts[key]) for key in _STEPS]


def steps() -> list[Step]:
    """The readiness list with its words and where each is done."""
    return [Step(item.key, item.done, *_STEPS[item.key]) for item in readiness()]


def publish_mall(*, actor: str, now: dt.datetime) -> Mall:
    """Open a mall that rehearses: from now on strangers come in and money is real. Control is told.

    Raises NotInRehearsal, NotReady; then nothing has changed.
    """
    mall = active_mall()
    if mall.state != MallState.REHEARSAL:
        raise NotInRehearsal
    lacking = missing(readiness())
    if lacking:
        raise NotReady(what=", ".join(str(_STEPS[key][0]) for key in lacking), items=lacking)
    with transaction.atomic():
        audit.record(actor, "mall.published", target=f"mall:{mall.ulid}")
        bus.publish(
            "mall.published", {"mall": mall.ulid, "at": now.isoformat()}, key=mall.ulid, destination=bus.CONTROL
        )
        opened = malls.change_state(mall.ulid, MallState.ACTIVE, now=now)
    return opened
