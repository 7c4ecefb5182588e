"""Settings of store income (MODES 9b)."""

from functools import cached_property

from pydantic import model_validator

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.overrides import Index, RateOverride, index
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

LOWEST_SHARE_PPM, HIGHEST_SHARE_PPM = 30_000, 200_000


class StoreIncomeSettings(SettingsModel):
    """What stores earn from the purchases of their people, and for handing goods over."""

    enabled: bool = setting(
        True,
        label=_("Store income is on"),
        help=_("Off: new orders earn no store anything. Orders already placed keep the rules they were sold under."),
        unit="yes_no",
    )
    rate_ppm: int = setting(
        50_000,
        label=_("Share of the buyer's store"),
        help=_("Of what was paid in money, to the store that the buyer is bound to: 0, or 3 % to 20 %."),
        unit="percent",
        at_least=0,
        at_most=HIGHEST_SHARE_PPM,
    )
    pickup_fen: int = setting(
        200,
        label=_("Award for handing over"),
        help=_("Fixed, once an order, to the store where it is picked up."),
        unit="yuan",
        at_least=0,
        at_most=10_000_000,
    )
    pickup_ppm: int = setting(
        0,
        label=_("Award for handing over, as a percentage"),
        help=_("Of what was paid for the order's first line; 0: the fixed award holds."),
        unit="percent",
        at_least=0,
        at_most=HIGHEST_SHARE_PPM,
    )
    overrides: tuple[RateOverride, ...] = setting(
        (),
        label=_("Other store shares for single categories, sellers, products or SKUs"),
        help=_(
            "One a line: category, seller, product or sku, its key, then 3 to 20 percent, or off. SKU goes before product, seller and category."
        ),
        unit="overrides",
        lengths=(0, 500),
    )

    @cached_property
    def overrides_index(self) -> Index:
        """The overrides for looking up."""
        return index(self.overrides)

    @model_validator(mode="after")
    def _three_to_twenty_percent(self) -> "StoreIncomeSettings":
        require_share(self.rate_ppm, "rate_ppm")
        for one in self.overrides:
            if len(one.rate_ppm) != 1:
                raise Fault(_("{scope} {key}: one percentage, or off"), field="overrides", scope=one.scope, key=one.key)
            require_share(one.rate_ppm[0], "overrides")
        return self


def require_share(rate_ppm: int, field: str) -> None:
    """Raises ValueError unless a store's share is 0 or 3 % to 20 %."""
    if rate_ppm and not LOWEST_SHARE_PPM <= rate_ppm <= HIGHEST_SHARE_PPM:
        raise Fault(_("a store's share is 0, or 3 % to 20 %"), field=field)
