"""Differential behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import legal
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Channel,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.differential import rules
from tenant_apps.modes.differential.settings import DifferentialSettings
from tenant_apps.modes.wording import told_data


class Differential:
    """MODES 5."""

    key: ClassVar[str] = "differential"
    label: ClassVar[str] = _("Differential by rank")
    settings = DifferentialSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: DifferentialSettings, line: LineFacts) -> bool:
        """All goods but gift packs, unless the narrowest override says off."""
        return settings.enabled and line.is_plain and bool(rules.rates_of(settings, line))

    def quote(self, settings: DifferentialSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; what a rank earns depends on the ranks of others and is not promised."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: DifferentialSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Awards to the ranks in the order's snapshot."""
        return rules.awards(settings, line, sale.buyer)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: DifferentialSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #1, #5."""
        found = legal.depth_problems(settings.max_depth, channel, field="max_depth")
        if settings.enabled:
            found.append(legal.team_pay("rank_rate_ppm"))
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose purchase, which rank, what the ranks below had already."""
        data = told_data(award, told)
        if award.kind.startswith("peer"):
            data["rank"] = "V" + award.kind.removeprefix("peer")
            return Sentence(
                _(
                    "{buyer} in your team bought “{product}” (order {order}). Peer award of rank {rank}: {rate_ppm} of the {base_amount} that somebody of your rank below you earned is {full_amount}."
                ),
                data,
            )
        data |= {"rank": award.kind, "below_amount": waterfall.covered_below(award)}
        return Sentence(
            _(
                "{buyer} in your team bought “{product}” (order {order}). Rank {rank}: {rate_ppm} of {base_amount} {base_word}, less the {below_amount} covered by ranks below you, is {full_amount}."
            ),
            data,
        )
