"""Gift packs behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from saas.kernel.money import pct
from tenant_apps.modes import legal
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    GIFT_PACK_ZONE,
    Award,
    BuyerFacts,
    Caution,
    Channel,
    Grade,
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
from tenant_apps.modes.gift_pack import rules
from tenant_apps.modes.gift_pack.settings import GiftPackSettings
from tenant_apps.modes.wording import GRADE_WORDS, told_data


class GiftPack:
    """MODES 6."""

    key: ClassVar[str] = "gift_pack"
    label: ClassVar[str] = _("Gift packs")
    settings = GiftPackSettings
    replaces: ClassVar[frozenset[str]] = frozenset({"distribution", "link21", "differential", "regional"})

    def takes(self, settings: GiftPackSettings, line: LineFacts) -> bool:
        """Goods of the gift pack zone."""
        return settings.enabled and line.kind is LineKind.GOODS and line.zone == GIFT_PACK_ZONE

    def quote(self, settings: GiftPackSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; sharing a pack earns its first level at most."""
        is_pack = settings.enabled and offer.kind is LineKind.GOODS and offer.zone == GIFT_PACK_ZONE
        rate = min(settings.level_ppm[0], settings.payout_cap_ppm) if is_pack else 0
        return Quote(unit_price=offer.list_price, share_earning=pct(offer.list_price, rate))

    def award(self, settings: GiftPackSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Level, rank and area awards under the pack's cap."""
        return rules.awards(settings, line, sale)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: GiftPackSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #1, #4, #5."""
        found = legal.depth_problems(settings.max_depth, channel, field="max_depth")
        if settings.enabled:
            found += [
                legal.team_pay("level_ppm"),
                Caution(
                    code="purchase_grants_rank",
                    message=_(
                        "A pack whose purchase grants a rank or an agency can be read as an entry fee (Article 7, second form). Keep the goods at 80 % of the price or more, the seven-day return, one pack a person, and a way to the same rank without buying (rule 4)."
                    ),
                ),
            ]
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: whose pack, and as what he earns: level, rank or area."""
        data = told_data(award, told)
        if award.kind.startswith("level"):
            data["level"] = int(award.kind.removeprefix("level"))
            text = _(
                "{buyer} in your team bought the gift pack “{product}” (order {order}). Level {level}: {rate_ppm} of {base_amount} {base_word} is {full_amount}."
            )
        elif award.kind in set(Grade):
            data |= {
                "grade_word": GRADE_WORDS[Grade(award.kind)],
                "pot_amount": pct(award.base_amount, award.rate_ppm),
            }
            text = _(
                "The gift pack “{product}” was bought in your area ({grade_word}, order {order}). {rate_ppm} of {base_amount} {base_word} is {pot_amount}; your part of it by your contract is {full_amount}."
            )
        else:
            data |= {"rank": award.kind, "below_amount": waterfall.covered_below(award)}
            text = _(
                "{buyer} in your team bought the gift pack “{product}” (order {order}). Rank {rank}: {rate_ppm} of {base_amount} {base_word}, less the {below_amount} covered by ranks below you, is {full_amount}."
            )
        return Sentence(text, data)
