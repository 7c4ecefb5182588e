"""Advertising behind the contract of modes: purchases give ad points, never a share of the order."""

from collections.abc import Sequence
from typing import ClassVar

from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.advertising.settings import AdvertisingSettings, PayAs
from tenant_apps.modes.contract import (
    Award,
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
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.wording import told_data


class Advertising:
    """MODES 13a."""

    key: ClassVar[str] = "advertising"
    label: ClassVar[str] = _("Advertising")
    settings = AdvertisingSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: AdvertisingSettings, line: LineFacts) -> bool:
        """No line: nothing of what an order leaves is shared out. What gives ad points is `points_of`."""
        return False

    def quote(self, settings: AdvertisingSettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: AdvertisingSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Nothing out of an order: releases are paid from booked ad income (MODES 1, step 7)."""
        return ()

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: AdvertisingSettings, channel: Channel) -> Sequence[Problem]:
        """MODES 14 #8 and #9: money instead of vouchers is a caution; no text may promise a full return."""
        if not settings.enabled:
            return []
        found: list[Problem] = [
            Caution(
                code="no_full_return",
                field="tier_rate_ppm",
                message=_(
                    "Nobody may be told that purchases come back in full or for certain: releases depend on ad income, and the warning of six ministries of 2018 against “free by consuming” schemes is measured on such texts (rule 9)."
                ),
            )
        ]
        if settings.pay_as is PayAs.VOUCHER:
            found.append(
                Refusal(
                    code="no_vouchers_yet",
                    field="pay_as",
                    message=_("Releases cannot be paid as vouchers yet: choose money, and read the caution about it."),
                )
            )
        else:
            found.append(
                Caution(
                    code="release_in_cash",
                    field="pay_as",
                    message=_(
                        "Releases in money can be withdrawn: points from purchases that turn into money look like consumer rebates. Have counsel look at it, or pay vouchers (rules 8 and 9)."
                    ),
                )
            )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """Never asked for: orders pay no awards of this mode. The sentence says so."""
        return Sentence(_("“{product}” (order {order}) gave ad points, no award."), told_data(award, told))


def points_of(settings: AdvertisingSettings, line: LineFacts, cash: int) -> int:
    """Centi-points for `cash` fen of a line, without rounding: goods give them, fees and gift packs do not."""
    return cash * settings.ad_points_per_yuan if settings.enabled and line.is_plain else 0


def explain_release(
    *, title: str, day: str, points: int, rate_ppm: int, due: int, amount: int, budget: int
) -> Sentence:
    """Why a finished ad released what it did. Points in centi-points, amounts in fen."""
    data = {
        "title": title,
        "day": day,
        "points": f"{points // 100}.{points % 100:02d}",
        "rate_ppm": rate_ppm,
        "due_amount": due,
        "amount_amount": amount,
        "budget_amount": budget,
    }
    if not points or not rate_ppm:
        return Sentence(
            _("You watched “{title}” on {day} with {points} ad points: below the first tier, so nothing was released."),
            data,
        )
    if amount < due:
        return Sentence(
            _(
                "You watched “{title}” on {day} with {points} ad points: {rate_ppm} of them is {due_amount}. The day's ad income allowed {budget_amount} for everybody, your part is {amount_amount}."
            ),
            data,
        )
    return Sentence(
        _("You watched “{title}” on {day} with {points} ad points: {rate_ppm} of them is {amount_amount}."), data
    )
