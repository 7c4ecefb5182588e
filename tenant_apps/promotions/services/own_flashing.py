"""Flash sales that a seller makes of his own goods, inside the mall's bounds and at his cost; and his ending of them."""

import dataclasses
import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, NotFound
from saas.kernel.money import display_yuan
from tenant_apps.catalog import selectors as catalog
from tenant_apps.promotions import selectors
from tenant_apps.promotions.flash import FlashBounds, FlashDraft
from tenant_apps.promotions.models import Coupon
from tenant_apps.promotions.rules import CouponKind
from tenant_apps.promotions.services import flashing
from tenant_apps.promotions.services.offering import end_coupon


class FlashNotAllowed(DomainError):
    """The mall makes flash sales alone."""

    code = "flash_not_allowed"
    http_status = 403
    message = _("The mall does not let sellers make flash sales at the moment.")  # type: ignore[assignment]


class TooManyFlashSales(DomainError):
    """The shop has as many flash sales, running or to come, as the mall allows."""

    code = "too_many_flash_sales"
    message = _("Your shop may have {limit} flash sales at once, running or to come: end one first.")  # type: ignore[assignment]


_MESSAGES = {
    "sku": _("These are not goods of your shop that are on sale."),
    "price": _("The mall allows a price from {least} to below the usual {usual}."),
}


def make_own_flash_sale(
    *, seller_ulid: str, draft: FlashDraft, bounds: FlashBounds, actor: str, now: dt.datetime
) -> Coupon:
    """Sell a SKU of the shop at a price for a time; the shop pays the difference (Ds).

    Raises FlashNotAllowed, TooManyFlashSales, and FlashInvalid naming the field; then nothing has changed.
    """
    if bounds.most_ppm <= 0:
        raise FlashNotAllowed
    offer = catalog.offers([draft.key]).get(draft.key)
    if offer is None or offer.seller_ulid != seller_ulid:
        raise flashing.FlashInvalid(_MESSAGES["sku"], field="sku")
    least = bounds.least_price(offer.price_amount)
    if not least <= draft.price_amount < offer.price_amount:
        text = str(_MESSAGES["price"]).format(least=display_yuan(least), usual=display_yuan(offer.price_amount))
        raise flashing.FlashInvalid(text, field="price")
    with transaction.atomic():
        flashing.one_at_a_time()
        if selectors.flash_of_seller(seller_ulid).filter(ended_at=None, ends_at__gt=now).count() >= bounds.at_once:
            raise TooManyFlashSales(limit=bounds.at_once)
        return flashing.make_flash_sale(draft=dataclasses.replace(draft, by_seller=True), actor=actor, now=now)


def end_own_flash_sale(*, seller_ulid: str, ulid: str, actor: str, now: dt.datetime) -> Coupon:
    """End a flash sale that the shop made. One that the mall made only the mall ends. Raises NotFound, IllegalTransition."""
    row = selectors.coupon(ulid, seller_ulid=seller_ulid)
    if row.kind != CouponKind.FLASH or not made_by_shop(row):
        raise NotFound
    return end_coupon(ulid=ulid, seller_ulid=seller_ulid, actor=actor, now=now)


def made_by_shop(row: Coupon) -> bool:
    """Whether somebody of a shop made it, not the mall's staff."""
    return row.created_by.startswith("member:")
