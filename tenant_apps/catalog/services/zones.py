"""Zones of a mall's own: made, changed, removed while they are empty. Prices are offers (services.offers)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog.models import Offer, ProductCard, Zone
from tenant_apps.catalog.rules import GIFT_PACK, SELF_OPERATED, ZoneTerms, zone_fault

FIXED = frozenset({SELF_OPERATED, GIFT_PACK})  # their rules are those of the shop and of gift packs
_MESSAGES = {
    "key": _("The short name of a zone has 2 to 30 small letters, digits or _ and begins with a letter."),
    "name": _("Give the zone a name of at most 30 characters."),
    "least_qty": _("The least quantity is 1 or more."),
    "person_limit": _("The limit a person is 0 for none, or not below the least quantity."),
}


class ZoneInvalid(InvalidInput):
    """A field of a zone is impossible; `field` names it."""

    code = "zone_invalid"


class ZoneKept(DomainError):
    """A zone that cannot be removed or changed."""

    code = "zone_kept"
    message = _("“{name}” cannot be changed or removed: it is the mall's own, or goods are still offered in it.")


def save_zone(*, key: str, name: str, terms: ZoneTerms, actor: str, position: int = 10, is_new: bool = False) -> Zone:
    """Make a zone, or change one; orders already placed keep the rules they were sold under.

    Raises ZoneInvalid naming the field, NotFound, ZoneKept.
    """
    if field := zone_fault(key, name, terms):
        raise ZoneInvalid(_MESSAGES[field], field=field)
    with transaction.atomic():
        row = Zone.objects.select_for_update().filter(key=key).first()
        if is_new and row is not None:
            raise ZoneInvalid(_("There is a zone with this short name already."), field="key")
        if row is None and not is_new:
            raise NotFound
        if key in FIXED:
            raise ZoneKept(name=name)
        row = row or Zone(key=key)
        row.name, row.position, row.terms = name.strip(), min(max(position, 0), 999), terms.to_json()
        row.save()
        audit.record(actor, "zone.saved", target=f"zone:{key}", name=row.name, terms=vars(terms))
    return row


def remove_zone(*, key: str, actor: str) -> None:
    """Remove a zone in which nothing is offered. Raises NotFound, ZoneKept."""
    with transaction.atomic():
        row = Zone.objects.select_for_update().filter(key=key).first()
        if row is None:
            raise NotFound
        if key in FIXED or Offer.objects.filter(zone=row).exists():
            raise ZoneKept(name=row.name)
        ProductCard.objects.filter(zone=row).delete()
        row.delete()
        audit.record(actor, "zone.removed", target=f"zone:{key}", name=row.name)
