"""Settings of shop growth (MODES 12)."""

from typing import Annotated

from pydantic import Field, model_validator

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import Fault, SettingsModel, setting

Fen = Annotated[int, Field(ge=1, le=100_000_000_000, strict=True)]
Rate = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Points = Annotated[int, Field(ge=0, le=10_000_000, strict=True)]
LEVELS = 5  # above the first


class ShopGrowthSettings(SettingsModel):
    """Levels above the first, each with the turnover it needs and the part of the take it gives back."""

    enabled: bool = setting(
        True,
        label=_("Shop growth is on"),
        help=_(
            "Off: new orders set nothing aside for it. What was set aside in a month that ends switched off is the mall's."
        ),
        unit="yes_no",
    )
    level_from_fen: tuple[Fen, ...] = setting(
        (10_000_000, 50_000_000, 200_000_000),
        label=_("Turnover of 90 days for level 2, 3, …"),
        help=_("The shop's own completed sales, paid money less refunds. Every shop begins at level 1."),
        unit="yuan",
        at_least=1,
        at_most=100_000_000_000,
        lengths=(1, LEVELS),
    )
    return_ppm: tuple[Rate, ...] = setting(
        (50_000, 100_000, 200_000),
        label=_("Part of the take given back at level 2, 3, …"),
        help=_("Of the take of the month, as credit for service fees: it is no cash. Level 1 has nothing back."),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
        lengths=(1, LEVELS),
    )
    promotion_points: tuple[Points, ...] = setting(
        (1_000, 5_000, 20_000),
        label=_("Points for reaching level 2, 3, …"),
        help=_("Written down with the promotion; points are paid once the mall has points."),
        unit="pieces",
        at_least=0,
        at_most=10_000_000,
        lengths=(1, LEVELS),
    )
    min_score_ppm: int = setting(
        900_000,
        label=_("Smallest service score for a promotion"),
        help=_(
            "90 % is 4.5 of 5. A shop below it, or with an open violation, keeps its level or falls, but never rises."
        ),
        unit="percent",
        at_least=0,
        at_most=1_000_000,
    )

    @model_validator(mode="after")
    def _levels_rise(self) -> "ShopGrowthSettings":
        if len({len(self.level_from_fen), len(self.return_ppm), len(self.promotion_points)}) != 1:
            raise Fault(_("each level needs a turnover, a part given back and points"), field="level_from_fen")
        if list(self.level_from_fen) != sorted(set(self.level_from_fen)):
            raise Fault(_("the turnover has to rise from level to level"), field="level_from_fen")
        if list(self.return_ppm) != sorted(self.return_ppm):
            raise Fault(_("a higher level may not give back less"), field="return_ppm")
        return self
