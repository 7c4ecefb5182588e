"""Distribution behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    WECHAT_MAX_LEVELS,
    Award,
    BaseMode,
    BuyerFacts,
    Caution,
    Channel,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    Refusal,
    SaleFacts,
    Sentence,
    Told,
    UplineFacts,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.distribution import rules
from tenant_apps.modes.distribution.settings import DistributionSettings, WhoPromotes

BASE_WORDS = {
    BaseMode.PAID: _("paid in money"),
    BaseMode.GROSS: _("of goods before discounts"),
    BaseMode.PROFIT: _("of profit"),
    BaseMode.CONCESSION: _("of concession"),
}


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
        )
        shopper = BuyerFacts(member="", chain=(UplineFacts("promoter"),))
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
        found: list[Problem] = []
        deepest = max([settings.levels, *(len(one.rate_ppm) for one in settings.overrides)])
        if channel.wechat and deepest > WECHAT_MAX_LEVELS:
            found.append(
                Refusal(
                    code="levels_on_wechat",
                    field="rate_ppm",
                    message=_(
                        "At most {limit} levels may earn where a mall sells through WeChat (rule 1 of the legal guard-rails): {levels} were given."
                    ),
                    data={"limit": WECHAT_MAX_LEVELS, "levels": deepest},
                )
            )
        elif deepest > WECHAT_MAX_LEVELS and not channel.third_level_approved:
            found.append(
                Refusal(
                    code="third_level_needs_approval",
                    field="rate_ppm",
                    message=_(
                        "A third level needs the platform operator's approval (rule 1 of the legal guard-rails)."
                    ),
                )
            )
        if settings.enabled and deepest > 1:
            found.append(
                Caution(
                    code="team_pay",
                    field="rate_ppm",
                    message=_(
                        "From the second level on people earn from the sales of people they did not introduce themselves. Article 7 of the Regulations on Prohibition of Pyramid Selling names this form; have counsel look at it (rule 5)."
                    ),
                )
            )
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
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose purchase, which level, how much of what."""
        data = {
            "buyer": told.buyer,
            "product": told.product,
            "order": told.order,
            "level": int(award.kind.removeprefix("level")),
            "full_amount": award.full_amount,
            "base_amount": award.base_amount,
            "rate_ppm": award.rate_ppm,
            "base_word": BASE_WORDS[award.base],
        }
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
