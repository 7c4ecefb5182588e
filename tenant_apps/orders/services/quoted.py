"""A line as it would be sold."""

import dataclasses
from dataclasses import dataclass

from tenant_apps.catalog.rules import OfferFact
from tenant_apps.modes.contract import SellerFacts
from tenant_apps.orders.rules import LineAmounts


@dataclass(frozen=True)
class QuotedLine:
    """A line as it would be sold; `unit_list_amount` is the zone's price, without the buyer's level."""

    offer: OfferFact
    qty: int
    amounts: LineAmounts
    seller: SellerFacts = dataclasses.field(default_factory=SellerFacts)

    @property
    def unit_list_amount(self) -> int:
        return self.amounts.gross_amount // self.qty

    @property
    def unit_amount(self) -> int:
        return self.amounts.level_amount // self.qty
