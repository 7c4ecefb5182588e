"""Settings of the reward for bringing in a seller (MODES 12)."""

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import SettingsModel, setting


class MerchantReferralSettings(SettingsModel):
    """What a member has for a seller he brought in, out of the mall's take of the first twelve months."""

    enabled: bool = setting(
        True,
        label=_("The reward for bringing in sellers is on"),
        help=_(
            "Off: new orders set nothing aside for it. What was set aside in a month that ends switched off is the mall's."
        ),
        unit="yes_no",
    )
    rate_ppm: int = setting(
        100_000,
        label=_("Part of the mall's take"),
        help=_("Set aside from each sale of the seller in his first twelve months, and paid month by month."),
        unit="percent",
        at_least=0,
        at_most=500_000,
    )
    fixed_fen: int = setting(
        0,
        label=_("Fixed sum instead"),
        help=_(
            "Above 0: this sum in all, paid out of the same part of the take, month by month, once the seller has reached the turnover below."
        ),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
    )
    min_turnover_fen: int = setting(
        0,
        label=_("Turnover that the seller has to reach first"),
        help=_("His own completed sales since he was brought in. Until then what was set aside goes to the mall."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000_000,
    )
