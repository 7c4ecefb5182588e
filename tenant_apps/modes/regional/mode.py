"""Regional agents behind the contract of modes."""

from collections.abc import Sequence
from typing import ClassVar

from saas.kernel.money import pct
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import (
    Award,
    BuyerFacts,
    Caution,
    Channel,
    Grade,
    LineFacts,
    OfferFacts,
    Problem,
    Quote,
    SaleFacts,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.regional import rules
from tenant_apps.modes.regional.settings import RegionalSettings
from tenant_apps.modes.wording import GRADE_WORDS, told_data

DISTRICT_USUAL_PPM = (10_000, 30_000)


class Regional:
    """MODES 8."""

    key: ClassVar[str] = "regional"
    label: ClassVar[str] = _("Regional agents")
    settings = RegionalSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: RegionalSettings, line: LineFacts) -> bool:
        """All goods but gift packs, which have area rates of their own."""
        return settings.enabled and line.is_plain

    def quote(self, settings: RegionalSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: RegionalSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Shares of the areas in the order's snapshot."""
        return rules.awards(settings, line, sale.areas)

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula, owner by owner."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: RegionalSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 8 (rate of a district), 14 #17, #20."""
        found: list[Problem] = []
        district = settings.rate_ppm.district
        low, high = DISTRICT_USUAL_PPM
        if district and not low <= district <= high:
            found.append(
                Caution(
                    code="district_rate_unusual",
                    field="rate_ppm",
                    message=_("A district usually has {low_ppm} to {high_ppm}; {district_ppm} was given."),
                    data={"low_ppm": low, "high_ppm": high, "district_ppm": district},
                )
            )
        if settings.enabled:
            found.append(
                Caution(
                    code="area_agencies",
                    message=_(
                        "Paid area agencies are commercial franchising: a disclosure file 30 days before the contract, a filing number, a licensed business as holder, and no earnings or promised return in recruiting texts (rules 17 and 20)."
                    ),
                )
            )
        if settings.holders_max > 10:
            found.append(
                Caution(
                    code="many_holders",
                    field="holders_max",
                    message=_(
                        "More than ten holders of one area look like an offer to the public: keep every share a contract with a licensed business (rule 17)."
                    ),
                )
            )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """One sentence: an order in the area, the grade, the rate, the agent's own part of it."""
        data = told_data(award, told) | {
            "grade_word": GRADE_WORDS[Grade(award.kind)],
            "pot_amount": pct(award.base_amount, award.rate_ppm),
        }
        return Sentence(
            _(
                "An order in your area ({grade_word}): “{product}” (order {order}). {rate_ppm} of {base_amount} {base_word} is {pot_amount}; your part of it by your contract is {full_amount}."
            ),
            data,
        )
