"""How many gift packs somebody may buy (MODES 6): looked at when an order is placed, under the member's lock."""

import datetime as dt

from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import GIFT_PACK
from tenant_apps.members import services as members
from tenant_apps.members.models import Member
from tenant_apps.modes.gift_pack import selectors as packs
from tenant_apps.orders.models import OrderLine
from tenant_apps.orders.rules import OrderState
from tenant_apps.orders.services.checkout import CheckoutQuote, SkuNotSellable


class PackLimit(DomainError):
    """More of a gift pack than one person may have."""

    code = "pack_limit"
    message = _("“{title}” is limited to {limit} a person; you have {bought} already.")  # type: ignore[assignment]


def check_packs(member: Member, quote: CheckoutQuote, now: dt.datetime) -> None:
    """Raise PackLimit, or SkuNotSellable for a SKU of the zone that is no pack. Orders without packs cost no statement."""
    wanted = [line for line in quote.lines if line.offer.zone == GIFT_PACK]
    if not wanted:
        return
    members.lock_member(member_ulid=member.ulid)
    known = packs.packs_in_force([line.offer.sku_ulid for line in wanted], at=now)
    for line in wanted:
        pack = known.get(line.offer.sku_ulid)
        if pack is None:
            raise SkuNotSellable(title=line.offer.title, sku_ulid=line.offer.key)
        bought = packs_bought(member, line.offer.sku_ulid)
        if bought + line.qty > pack.person_limit:
            raise PackLimit(title=line.offer.title, limit=pack.person_limit, bought=bought)


def packs_bought(member: Member, sku_ulid: str) -> int:
    """Pieces of a pack that a member has bought, or holds in an order to be paid; refunded ones do not count."""
    rows = OrderLine.objects.filter(order__member=member, zone=GIFT_PACK, sku_ulid=sku_ulid)
    kept = rows.exclude(order__state__in=[OrderState.CANCELLED, OrderState.REFUNDED])
    return kept.aggregate(pieces=Sum(F("qty") - F("refunded_qty")))["pieces"] or 0
