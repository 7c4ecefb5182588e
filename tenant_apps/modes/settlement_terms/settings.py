"""Settings of the settlement itself (MODES 0, 1)."""

from enum import StrEnum

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.rules import PotTerms
from tenant_apps.modes.settings_model import SettingsModel, setting


class VisibleAt(StrEnum):
    """From when on the person whom an award is for sees it, frozen."""

    PAID = "on_payment"
    RECEIVED = "on_receipt"


class SettlementSettings(SettingsModel):
    """What holds for every sale of the mall, whatever the money rules."""

    platform_min_ppm: int = setting(
        0,
        label=_("Kept by the mall before awards"),
        help=_("This part of what a sale leaves stays with the mall; awards are paid out of the rest."),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )
    payout_warn_ppm: int = setting(
        700_000,
        label=_("Warn above this payout ratio"),
        help=_("Publishing settings warns when awards could take more than this part of what a sale leaves."),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
    )
    aftersales_days: int = setting(
        7,
        label=_("After-sales window"),
        help=_("Days after receipt in which goods may be returned; awards stay frozen until then. The law asks for 7."),
        unit="days",
        at_least=7,
        at_most=90,
    )
    aftersales_days_service: int = setting(
        3,
        label=_("After-sales window of services"),
        help=_("Days after a service was redeemed in which money may be asked back; awards stay frozen until then."),
        unit="days",
        at_least=0,
        at_most=30,
    )
    award_visible_at: VisibleAt = setting(
        VisibleAt.PAID,
        label=_("Awards are shown"),
        help=_("From payment on, as frozen, or only once the goods are received. Money moves the same way."),
        unit="choice",
    )
    auto_receive_days: int = setting(
        10,
        label=_("Automatic receipt"),
        help=_("Days after shipping when an order counts as received without a word from the shopper."),
        unit="days",
        at_least=7,
        at_most=30,
    )

    payment_fee_ppm: int = setting(
        6_000,
        label=_("Charged by the payment channel"),
        help=_("Of what is paid in money. Sellers who bear it by their terms pay it; for all others the mall does."),
        unit="percent",
        at_least=0,
        at_most=20_000,
    )
    two_persons_from_fen: int = setting(
        1_000_000,
        label=_("Withdrawals approved by two persons"),
        help=_("From this amount on a withdrawal is approved by two persons in an open mall. 0: every withdrawal."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
    )

    def pot_terms(self) -> PotTerms:
        """The part that the waterfall needs."""
        return PotTerms(platform_min_ppm=self.platform_min_ppm, payment_fee_ppm=self.payment_fee_ppm)
