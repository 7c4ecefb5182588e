"""Settings of link 2+1 (MODES 7)."""

from typing import Annotated

from pydantic import Field

from tenant_apps.modes.contract import HARD_MAX_LEVELS
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settings_model import SettingsModel, setting

Key = Annotated[str, Field(min_length=1, max_length=80)]
NEED_DIRECTS = 2  # MODES 7: fixed, it is what the mode is named after


class Link21Settings(SettingsModel):
    """What one pack pays to the line above its buyer. Off until the operator approved it."""

    enabled: bool = setting(
        False,
        label=_("Link 2+1 is on"),
        help=_("Off: new orders join nobody to a line. Orders already placed keep the rules they were sold under."),
        unit="yes_no",
    )
    products: tuple[Key, ...] = setting(
        (),
        label=_("Entry products"),
        help=_(
            "Keys of products or SKUs, one a line. Only these follow link 2+1, instead of distribution and differential."
        ),
        unit="keys",
        lengths=(0, 100),
    )
    direct_fen: int = setting(
        10_000,
        label=_("Direct award"),
        help=_("For each pack, to the person who introduced the buyer."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
    )
    see_fen: int = setting(
        20_000,
        label=_("See award"),
        help=_("For each pack, to the boss of the line."),
        unit="yuan",
        at_least=0,
        at_most=100_000_000,
    )
    need_directs: int = setting(
        NEED_DIRECTS,
        label=_("Directs that make an agent a boss"),
        help=_("Always two."),
        unit="pieces",
        at_least=NEED_DIRECTS,
        at_most=NEED_DIRECTS,
    )
    max_depth: int = setting(
        HARD_MAX_LEVELS,
        label=_("Invitations between a buyer and the boss who earns"),
        help=_("At most three; nobody earns from deeper."),
        unit="pieces",
        at_least=1,
        at_most=HARD_MAX_LEVELS,
    )
    peer_ppm: int = setting(
        0,
        label=_("Part of the see award for the boss above"),
        help=_("Taken from a boss's see award for the boss whose line he came from. 0: none."),
        unit="percent",
        at_least=0,
        at_most=200_000,
    )
    repurchase_pays: bool = setting(
        True,
        label=_("Buying again pays again"),
        help=_("A pack bought by somebody who has joined already pays the same awards; nothing else changes."),
        unit="yes_no",
    )
