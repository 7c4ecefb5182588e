"""A SKU in a zone: its price there, with prices by level and quantity."""

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput, NotFound
from tenant_apps.catalog.models import Offer, Sku, Zone
from tenant_apps.catalog.rules import MAX_AMOUNT, SELF_OPERATED, PriceTerms, terms_fault
from tenant_apps.catalog.services import cards


def set_offer_price(
    *, sku_ulid: str, price_amount: int, zone: str = SELF_OPERATED, terms: PriceTerms | None = None, actor: str
) -> None:
    """Offer a SKU in a zone at a price (fen), with level and quantity prices (None: those it has, if they still fit).

    Raises NotFound, InvalidInput (price_amount, level_prices, tiers).
    """
    if not 1 <= price_amount <= MAX_AMOUNT:
        raise InvalidInput(gettext("A price or stock figure is out of range."), field="price_amount")
    if terms and (wrong := terms_fault(terms, price_amount)):
        raise InvalidInput(gettext("A member or quantity price does not fit the price."), field=wrong)
    with transaction.atomic():
        sku = Sku.objects.filter(ulid=sku_ulid).first()
        place = Zone.objects.filter(key=zone).first()
        if sku is None or place is None:
            raise NotFound
        values: dict[str, object] = {"price_amount": price_amount}
        if terms is not None:
            values["terms"] = terms.to_json()
        Offer.objects.update_or_create(sku=sku, zone=place, defaults=values)
        cards.refresh([sku.product_id])
        audit.record(actor, "offer.priced", target=f"sku:{sku_ulid}", zone=zone, price_amount=price_amount)


def remove_offer(*, sku_ulid: str, zone: str, actor: str) -> None:
    """Take a SKU out of a zone; the self-operated zone is its home, which it leaves by the shelf alone.

    Raises NotFound, InvalidInput.
    """
    if zone == SELF_OPERATED:
        raise InvalidInput(gettext("A SKU stays in the mall's own zone: take the product off the shelf."), field="zone")
    with transaction.atomic():
        offer = Offer.objects.select_related("sku").filter(sku__ulid=sku_ulid, zone__key=zone).first()
        if offer is None:
            raise NotFound
        offer.delete()
        cards.refresh([offer.sku.product_id])
        audit.record(actor, "offer.removed", target=f"sku:{sku_ulid}", zone=zone)
