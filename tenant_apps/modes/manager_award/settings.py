"""Settings of the manager award (MODES 9c)."""

from typing import Annotated

from pydantic import Field, model_validator

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

Fen = Annotated[int, Field(ge=1, le=100_000_000_000, strict=True)]
Rate = Annotated[int, Field(ge=0, le=200_000, strict=True)]
TIERS = 5


class ManagerAwardSettings(SettingsModel):
    """From which turnover of a month on a shop's manager earns how much of it."""

    enabled: bool = setting(
        True,
        label=_("The manager award is on"),
        help=_(
            "Off: new orders set nothing aside for it. What was set aside in a month that ends switched off is the mall's."
        ),
        unit="yes_no",
    )
    stores_only: bool = setting(
        True,
        label=_("Stores only"),
        help=_("Yes: merchants without a store have no manager award."),
        unit="yes_no",
    )
    tier_from_fen: tuple[Fen, ...] = setting(
        (1_000_000, 5_000_000),
        label=_("Turnover of the month from which a tier counts"),
        help=_("The shop's own completed sales, paid money less refunds. Below the first tier nothing is earned."),
        unit="yuan",
        at_least=1,
        at_most=100_000_000_000,
        lengths=(1, TIERS),
    )
    tier_rate_ppm: tuple[Rate, ...] = setting(
        (10_000, 20_000),
        label=_("Rate of each tier"),
        help=_(
            "Of the whole turnover of the month, not only of what lies above the tier. The highest rate is set aside from each sale."
        ),
        unit="percent",
        at_least=0,
        at_most=200_000,
        lengths=(1, TIERS),
    )

    @model_validator(mode="after")
    def _tiers_rise(self) -> "ManagerAwardSettings":
        if len(self.tier_from_fen) != len(self.tier_rate_ppm):
            raise Fault(_("each tier needs a turnover and a rate"), field="tier_from_fen")
        if list(self.tier_from_fen) != sorted(set(self.tier_from_fen)):
            raise Fault(_("the turnover has to rise from tier to tier"), field="tier_from_fen")
        if list(self.tier_rate_ppm) != sorted(self.tier_rate_ppm):
            raise Fault(_("a higher tier may not have a lower rate"), field="tier_rate_ppm")
        return self
