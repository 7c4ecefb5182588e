"""Every mode, and every settings model that is versioned. Adding a mode = a folder and a line here."""

from typing import Any

from pydantic import BaseModel

from tenant_apps.modes.contract import Mode
from tenant_apps.modes.distribution.mode import Distribution
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.modes.settlement_terms.settings import SettlementSettings

# In the order in which the pot of a line pays them (MODES 1, steps 3 to 7).
MODES: dict[str, Mode[Any]] = {
    "distribution": Distribution(),
}

# What can be published and pinned: the modes' own settings, and the terms that hold for all of them.
SETTINGS: dict[str, type[BaseModel]] = {
    "settlement": SettlementSettings,
    "orders": OrderSettings,
    **{key: mode.settings for key, mode in MODES.items()},
}
