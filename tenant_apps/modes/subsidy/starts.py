"""Sets of settings to start from (MODES 2.2): one that never stops, one as published elsewhere, with what to know. Pure."""

from collections.abc import Mapping
from typing import Any

from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.subsidy.settings import FULLY_RESERVED, PUBLIC_TABLE

SUBSIDY_STARTS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "fully_reserved": (
        _("Fully reserved"),
        _("60 % of the concession into the pool, all periods held in reserve: no period is ever postponed."),
        FULLY_RESERVED,
    ),
    "public_table": (
        _("Published table"),
        _(
            "RED: 40 % of the concession, no reserve: growth is paid with newcomers' money. After a boom most lots wait in a stopped pool."
        ),
        PUBLIC_TABLE,
    ),
}
