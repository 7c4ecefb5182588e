"""A line as it would be sold, and the lines of one seller that become one order."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from tenant_apps.catalog.rules import STORE_CARDS, OfferFact, ProductKind
from tenant_apps.modes.contract import SellerFacts
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.pricing import Share
from tenant_apps.orders.rules import DeliveryKind, LineAmounts


@dataclass(frozen=True)
class QuotedLine:
    """A line as it would be sold; `unit_list_amount` is the zone's price, without the buyer's level."""

    offer: OfferFact
    qty: int
    amounts: LineAmounts
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)
    shares: tuple[Share, ...] = ()  # of discounts
    coin_count: int = 0

    @property
    def unit_list_amount(self) -> int:
        return self.amounts.gross_amount // self.qty

    @property
    def unit_amount(self) -> int:
        return self.amounts.level_amount // self.qty

    @property
    def worth_amount(self) -> int:
        """What the buyer pays for the goods, in money, coins or vouchers."""
        taken = self.amounts.merchant_discount_amount + self.amounts.platform_discount_amount
        return self.amounts.level_amount - taken


@dataclass(frozen=True)
class QuotePart:
    """What one seller sells (empty: the mall itself) and one order will hold. Fen; freight by line in `freight_parts`."""

    seller_ulid: str
    lines: tuple[QuotedLine, ...]
    delivery: DeliveryWish
    freight_parts: tuple[int, ...]
    free_freight_from_amount: int | None = None

    @property
    def freight_amount(self) -> int:
        return sum(self.freight_parts)

    @property
    def goods_amount(self) -> int:
        """What is paid in money for the goods."""
        return sum(line.amounts.cash_amount for line in self.lines)

    @property
    def voucher_amount(self) -> int:
        return sum(line.amounts.voucher_amount for line in self.lines)

    @property
    def coin_count(self) -> int:
        return sum(line.coin_count for line in self.lines)

    @property
    def worth_amount(self) -> int:
        return sum(line.worth_amount for line in self.lines)

    @property
    def total_amount(self) -> int:
        return self.goods_amount + self.freight_amount

    @property
    def until_free_amount(self) -> int:
        """How much more of goods would be sent for nothing; 0 where nothing is to be gained."""
        if not self.freight_amount or self.free_freight_from_amount is None:
            return 0
        return max(0, self.free_freight_from_amount - self.worth_amount)

    @property
    def is_sent(self) -> bool:
        """Whether a carrier or a store brings something to the buyer's address."""
        return self.lines[0].offer.kind == ProductKind.GOODS and self.delivery.kind not in (
            DeliveryKind.PICKUP,
            DeliveryKind.TILL,
        )


def by_seller(lines: Sequence[QuotedLine]) -> dict[str, tuple[QuotedLine, ...]]:
    """Lines by who sells them, in the order of the first line of each; a fee is the mall's, whoever pays it."""
    found: dict[str, list[QuotedLine]] = {}
    for line in lines:
        is_fee = line.offer.kind != ProductKind.GOODS and line.offer.kind not in STORE_CARDS
        owner = "" if is_fee else line.offer.seller_ulid
        found.setdefault(owner, []).append(line)
    return {owner: tuple(of_owner) for owner, of_owner in found.items()}
