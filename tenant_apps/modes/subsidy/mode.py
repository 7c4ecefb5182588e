"""The universal subsidy behind the contract of modes: no awards, a pool's part inside the pot, and what the law says."""

from collections.abc import Sequence
from typing import ClassVar

from saas.kernel.money import PPM
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
    Refusal,
    SaleFacts,
    SellerKind,
    Sentence,
    Told,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.subsidy.rules import X, terms_fault
from tenant_apps.modes.subsidy.settings import DEAREST_CONCESSION_PPM, PoolBase, SubsidySettings
from tenant_apps.modes.wording import told_data

LEAST_VALID_DAYS = 180

_FAULTS = {
    "pool_share_ppm": _(
        "The pool would not fund itself: its share must be at least the periods, times the first period's share, times the points of both sides. At least {least_ppm} is needed."
    ),
    "reserve_periods": _("The reserve cannot cover more periods than a lot takes part in ({periods})."),
    "growth_floor_ppm": _("The growth at least ({floor_ppm}) is above the growth at most ({cap_ppm})."),
}
_OUT_OF_RANGE = _("This value is out of its range.")


class Subsidy:
    """MODES 2. Its part of a line is taken by the waterfall before any award; lots and vouchers are settlement's to book."""

    key: ClassVar[str] = "subsidy"
    label: ClassVar[str] = _("Universal subsidy")
    settings = SubsidySettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: SubsidySettings, line: LineFacts) -> bool:
        """Goods of a seller who gives a concession, and own goods with a notional one."""
        own = line.seller.kind is SellerKind.SELF and line.seller.rate_ppm > 0
        return settings.enabled and line.is_plain and (own or line.seller.kind is SellerKind.CONCESSION)

    def quote(self, settings: SubsidySettings, offer: OfferFacts, buyer: BuyerFacts) -> Quote:
        """The price stays as it is; no figure of a multiple is shown beside a product (MODES 14 #9)."""
        return Quote(unit_price=offer.list_price)

    def award(self, settings: SubsidySettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        """Nobody is awarded at payment: points are granted when the order completes."""
        return ()

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        """The common formula; lots go by MODES 2.6."""
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: SubsidySettings, channel: Channel) -> Sequence[Problem]:
        """MODES 2.2 and 14 #8 to #11: self-funding in integers, the ranges that hang together, the reserve's warning."""
        found = _ranges(settings)
        if not settings.enabled:
            return found
        if settings.reserve_periods < settings.periods_max:
            found.append(
                Caution(
                    code="reserve_below_full",
                    field="reserve_periods",
                    message=_(
                        "RED: with a reserve of {reserve} of {periods} periods, growth is paid with newcomers' money. When newcomers stop, periods are postponed and most lots wait in a stopped pool; look at the projection first (rule 10)."
                    ),
                    data={"reserve": settings.reserve_periods, "periods": settings.periods_max},
                )
            )
        found.append(
            Caution(
                code="consumption_rebate",
                message=_(
                    "Six ministries warned in 2018 of returns on shopping that real earnings do not back. Vouchers are no cash, no yield and not promised; an 'up to' figure never stands without the real mean multiple (rules 8 and 9)."
                ),
            )
        )
        return found

    def explain(self, award: Award, told: Told) -> Sentence:
        """There are no awards to be explained; lots have pages of their own."""
        return Sentence(_("Points of order {order}."), told_data(award, told))


def _ranges(settings: SubsidySettings) -> list[Problem]:
    found: list[Problem] = []
    fault = terms_fault(settings.terms())
    if fault is not None:
        found.append(
            Refusal(
                code=f"subsidy_{fault.field}",
                field=fault.field,
                message=_FAULTS.get(fault.field, _OUT_OF_RANGE),
                data={
                    "least_ppm": least_share(settings),
                    "periods": settings.periods_max,
                    "floor_ppm": settings.growth_floor_ppm,
                    "cap_ppm": settings.growth_cap_ppm,
                },
            )
        )
    if 0 < settings.voucher_valid_days < LEAST_VALID_DAYS:
        found.append(
            Refusal(
                code="voucher_valid_days",
                field="voucher_valid_days",
                message=_("Vouchers are valid for ever (0) or for at least {days} days."),
                data={"days": LEAST_VALID_DAYS},
            )
        )
    if settings.pool_base is PoolBase.TURNOVER and settings.pool_share_ppm > settings.least_concession_ppm:
        found.append(share_above_concession(settings.least_concession_ppm))
    if settings.voucher_earns_points_ppm and not settings.voucher_concession_to_pool:
        found.append(
            Refusal(
                code="voucher_points_unfunded",
                field="voucher_earns_points_ppm",
                message=_(
                    "What vouchers pay may earn points only where the concession on it goes to the pool: otherwise nothing funds them."
                ),
            )
        )
    return found


def share_above_concession(concession_ppm: int) -> Refusal:
    """The pool would take more of a sale than a seller gives up."""
    return Refusal(
        code="pool_share_above_concession",
        field="pool_share_ppm",
        message=_("Of the turnover the pool may take no more than the smallest concession of a seller, {least_ppm}."),
        data={"least_ppm": concession_ppm},
    )


def least_share(settings: SubsidySettings) -> int:
    """The smallest share (ppm of its base) at which the pool funds itself."""
    points = (settings.buyer_point_ppm + settings.merchant_point_ppm) * settings.points_pool_ppm
    least = -(-settings.periods_max * settings.first_ppm * points // X)
    if settings.pool_base is PoolBase.TURNOVER:
        return -(-least * DEAREST_CONCESSION_PPM // PPM)
    return least
