"""Distribution behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import legal
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
    UplineFacts,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.distribution import rules
from tenant_apps.modes.distribution.settings import DistributionSettings, WhoPromotes
from tenant_apps.modes.wording import told_data


class Distribution:
    """MODES 4."""

    key: ClassVar[str] = "distribution"
    label: ClassVar[str] = _("Distribution")
    settings = DistributionSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: DistributionSettings, line: LineFacts) -> bool:
        """All goods but gift packs."""
        return settings.enabled and line.is_plain

    def quote(self, settings: DistributionSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; sharing the offer earns the first level of one piece at most."""
        line = LineFacts(
            line="",
            list_amount=offer.list_price,
            level_amount=offer.list_price,
            supply_cost=offer.supply_cost,
            kind=offer.kind,
            zone=offer.zone,
            sku=offer.sku,
            product=offer.product,
            categories=offer.categories,
            seller=offer.seller,
            earns=offer.earns,
        )
        shopper = BuyerFacts(member="", chain=(UplineFacts("promoter", partner=True),))
        earning = waterfall.total(rules.awards(settings, line, shopper)) if self.takes(settings, line) else 0
        return Quote(unit_price=offer.list_price, share_earning=earning)

    def award(self, settings: DistributionSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Commission to the ancestors in the order's snapshot."""
        return rules.awards(settings, line, sale.buyer)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: DistributionSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #1, #4, #5."""
        deepest = max([settings.levels, *(len(one.rate_ppm) for one in settings.overrides)])
        found = legal.depth_problems(deepest, channel, field="rate_ppm")
        if settings.enabled and deepest > 1:
            found.append(legal.team_pay("rate_ppm"))
        if settings.who_promotes is WhoPromotes.REGISTERED:
            found.append(
                Caution(
                    code="everybody_promotes",
                    field="who_promotes",
                    message=_(
                        "Everybody who signs up may earn. Promoters who applied have agreed to your promotion terms; people who only signed up have not."
                    ),
                )
            )
        if settings.who_promotes is WhoPromotes.PARTNERS:
            found.append(
                Caution(
                    code="promoter_by_purchase",
                    field="who_promotes",
                    message=_(
                        "Only people who bought the membership may earn: a fee for the right to earn is the second form of Article 7 of the Regulations on Prohibition of Pyramid Selling. Becoming a promoter without buying should stay possible; say on your pages what the fee is for (rule 4)."
                    ),
                )
            )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose purchase, which level, how much of what."""
        if award.kind == rules.ADDED:
            text = _(
                "{buyer} in your team bought “{product}” (order {order}). The shop adds {rate_ppm} of {base_amount} {base_word}: {full_amount}."
            )
            own = _(
                "You bought “{product}” yourself (order {order}). The shop adds {rate_ppm} of {base_amount} {base_word}: {full_amount}."
            )
            return Sentence(own if told.is_own_purchase else text, told_data(award, told))
        data = {**told_data(award, told), "level": int(award.kind.removeprefix("level"))}
        if award.rate_ppm:
            text = _(
                "{buyer} in your team bought “{product}” (order {order}). Level {level} commission: {rate_ppm} of {base_amount} {base_word} is {full_amount}."
            )
            own = _(
                "You bought “{product}” yourself (order {order}). Level {level} commission: {rate_ppm} of {base_amount} {base_word} is {full_amount}."
            )
        else:
            text = _(
                "{buyer} in your team bought “{product}” (order {order}). Level {level} commission: a fixed {full_amount}."
            )
            own = _("You bought “{product}” yourself (order {order}). Level {level} commission: a fixed {full_amount}.")
        return Sentence(own if told.is_own_purchase else text, data)
