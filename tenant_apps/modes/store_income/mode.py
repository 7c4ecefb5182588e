"""Store income behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Channel,
    LineFacts,
    LineKind,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.store_income import rules
from tenant_apps.modes.store_income.settings import StoreIncomeSettings
from tenant_apps.modes.wording import told_data


class StoreIncome:
    """MODES 9b."""

    key: ClassVar[str] = "store_income"
    label: ClassVar[str] = _("Store income")
    settings = StoreIncomeSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: StoreIncomeSettings, line: LineFacts) -> bool:
        """All goods; of a gift pack only the award for handing over is left."""
        return settings.enabled and line.kind is LineKind.GOODS

    def quote(self, settings: StoreIncomeSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: StoreIncomeSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """The buyer's store, then the store that hands over; never a store on its own goods."""
        return rules.awards(settings, line, sale)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: StoreIncomeSettings, channel: Channel) -> Sequence[Problem]:
        """Nothing in MODES 14 stands against one level to a licensed store; the range is the model's."""
        return []

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose purchase, or what was handed over."""
        data = told_data(award, told)
        if award.kind == "store":
            text = _(
                "{buyer}, who belongs to your store, bought “{product}” (order {order}). Store share: {rate_ppm} of {base_amount} {base_word} is {full_amount}."
            )
        elif award.rate_ppm:
            text = _(
                "Your store hands over “{product}” (order {order}). Award: {rate_ppm} of {base_amount} {base_word} is {full_amount}."
            )
        else:
            text = _("Your store hands over “{product}” (order {order}). Award: a fixed {full_amount} an order.")
        return Sentence(text, data)
