"""A mall that was restored or imported is held: people look at it, then an operator opens it."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.messaging.bus import services as bus
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place
from saas.tenants.vendors.rules import PlaceState

OPENED = "mall.opened_again"


class NotHeld(DomainError):
    """The mall works already, or is not made."""

    code = "not_held"
    message = _("Only a mall that was restored or imported, and is held, can be opened.")


def open_held_mall(*, mall: str, reason: str, actor: str, now: dt.datetime) -> Place:
    """Let the mall work: its storefront opens if it was open when the file was made, and what waits in it is done.

    Raises NotFound, InvalidInput (reason), NotHeld.
    """
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason.")), field="reason")
    with transaction.atomic():
        place = vendor_facts.lock_place(mall)
        if place is None:
            raise NotFound
        if place.state != PlaceState.HELD:
            raise NotHeld
        bus.publish(OPENED, {"mall": mall}, key=mall, destination=place.cell.cell_id, mall=mall)
        audit.record(actor, "mall.open_asked", target=f"mall:{mall}", reason=reason.strip())
    return place
