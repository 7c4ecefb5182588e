"""What the modes that pay a shop's month have in common: a line sets something aside and nothing else happens to it. Pure."""

from collections.abc import Sequence
from typing import ClassVar, Generic

from saas.kernel.money import pct
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BaseMode,
    BuyerFacts,
    Channel,
    LineFacts,
    OfferFacts,
    PayeeKind,
    Problem,
    Quote,
    S,
    Sentence,
    Told,
)
from tenant_apps.modes.rules import PotTerms
from tenant_apps.modes.wording import told_data


def fee_of(line: LineFacts) -> int:
    """The mall's take on a line."""
    return waterfall.margin(line, PotTerms()).fee


def accrual(mode: str, line: LineFacts, *, base_amount: int, rate_ppm: int) -> tuple[Award, ...]:
    """What a sale sets aside for its shop's month: the rate of the base, floored; nothing where that is nothing."""
    amount = pct(base_amount, rate_ppm)
    if not amount:
        return ()
    return (
        Award(
            mode=mode,
            kind="accrual",
            payee=line.seller.id,
            payee_kind=PayeeKind.ACCRUAL,
            base=BaseMode.PAID,
            base_amount=base_amount,
            rate_ppm=rate_ppm,
            amount=amount,
            full_amount=amount,
        ),
    )


class Accruing(Generic[S]):
    """The verbs of the contract that are the same for all of them; `set_aside` is the sentence of an accrual."""

    replaces: ClassVar[frozenset[str]] = frozenset()
    set_aside: ClassVar[str]

    def quote(self, settings: S, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is."""
        return Quote(unit_price=offer.list_price)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: S, channel: Channel) -> Sequence[Problem]:
        """Nothing to say: paid for a shop's own sales, never for those of a team or for joining (MODES 14 #2, #3, #5)."""
        return ()

    def explain(self, award: Award, told: Told) -> Sentence:
        """What was set aside, and for what."""
        return Sentence(self.set_aside, told_data(award, told))
