"""Flash sales: a SKU of a zone at a price for a span, so many pieces, so many a person. Pure; amounts in fen.

The price is per piece and the same for every level; whoever pays less anyway keeps his price. Pieces above the limit or
above what is left are at the usual price. Goods at a flash price count for no coupon and no full reduction.
"""

import datetime as dt
from dataclasses import dataclass

from tenant_apps.promotions.rules import SELLER_MOST_PPM, Funder

MOST_DAYS = 31


@dataclass(frozen=True, kw_only=True)
class FlashDraft:
    """What somebody wants a flash sale to be. `key` is the offer's (catalog.rules.offer_key)."""

    title: str
    key: str
    price_amount: int
    by_seller: bool = False
    starts_at: dt.datetime
    ends_at: dt.datetime
    total_qty: int
    person_limit: int = 1


@dataclass(frozen=True, kw_only=True)
class FlashBounds:
    """What the mall allows a seller to make by himself: how much off the usual price (0: none at all), how many at once."""

    most_ppm: int = 0
    at_once: int = 1

    def least_price(self, usual_amount: int) -> int:
        """The lowest price (fen) below `usual_amount` that stays inside."""
        return max(1, usual_amount - usual_amount * min(self.most_ppm, SELLER_MOST_PPM) // 1_000_000)


@dataclass(frozen=True, kw_only=True)
class FlashSale:
    """A running flash sale of one offer. `left`: pieces not sold or held yet."""

    ulid: str
    title: str
    key: str
    product_ulid: str
    price_amount: int
    usual_amount: int = 0  # when it was made; 0: not known
    seller_ulid: str = ""
    left: int
    total_qty: int
    person_limit: int
    ends_at: dt.datetime

    @property
    def funder(self) -> Funder:
        """Who bears the difference to the usual price."""
        return Funder.SELLER if self.seller_ulid else Funder.MALL

    @property
    def sold_percent(self) -> int:
        """How much of it is gone, for a bar."""
        return 100 * (self.total_qty - self.left) // self.total_qty

    def risen(self, unit_amount: int, *, sold_by_others: bool) -> int:
        """What a piece costs more than when the mall made the sale of a seller's goods: he bears that himself, because he
        sets the price and the mall would pay him whatever he writes.
        """
        borne_by_mall = self.funder is Funder.MALL and sold_by_others
        return max(0, unit_amount - self.usual_amount) if borne_by_mall and self.usual_amount else 0

    def pieces(self, qty: int, *, unit_amount: int, bought: int = 0) -> int:
        """How many of `qty` pieces at `unit_amount` have the price, for one who has had `bought` of it."""
        if unit_amount <= self.price_amount:
            return 0
        return max(0, min(qty, self.left, self.person_limit - bought))


def draft_fault(draft: FlashDraft, *, usual_amount: int, now: dt.datetime) -> str:
    """The field of a draft that is impossible; empty where all are well. A seller keeps 5 % of the usual price."""
    least = 1
    if draft.by_seller:
        least = max(1, usual_amount - usual_amount * SELLER_MOST_PPM // 1_000_000)
    checks = {
        "title": 0 < len(draft.title.strip()) <= 40,
        "price": least <= draft.price_amount < usual_amount,
        "ends_at": draft.starts_at < draft.ends_at <= draft.starts_at + dt.timedelta(days=MOST_DAYS)
        and draft.ends_at > now,
        "total_qty": 1 <= draft.total_qty <= 1_000_000,
        "person_limit": 1 <= draft.person_limit <= min(100, draft.total_qty),
    }
    return next((field for field, holds in checks.items() if not holds), "")
