"""Which modes work on a line, what its pot is, and what they award before the pot cuts (MODES 1, steps 2 to 7). Pure."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from tenant_apps.modes.contract import Award, LineFacts, SaleFacts
from tenant_apps.modes.registry import MODES
from tenant_apps.modes.rules import PotTerms
from tenant_apps.modes.settlement_terms.settings import SettlementSettings
from tenant_apps.modes.subsidy.settings import PoolBase, SubsidySettings


def pot_terms(terms: SettlementSettings, settings: Mapping[str, Any]) -> PotTerms:
    """The terms of a line's pot: the mall's own, and the subsidy's part where it is on. `settings`: mode → its settings."""
    subsidy: SubsidySettings | None = settings.get("subsidy")
    if subsidy is None or not subsidy.enabled:
        return terms.pot_terms()
    return dataclasses.replace(
        terms.pot_terms(),
        subsidy=True,
        pool_share_ppm=subsidy.pool_share_ppm,
        pool_of_turnover=subsidy.pool_base is PoolBase.TURNOVER,
        voucher_concession_to_pool=subsidy.voucher_concession_to_pool,
    )


def modes_of_line(settings: Mapping[str, Any], line: LineFacts) -> list[str]:
    """Keys of the modes that work on a line, in the order in which its pot pays them. `settings`: mode → its settings."""
    if not line.earns:
        return []
    taking = [key for key, mode in MODES.items() if key in settings and mode.takes(settings[key], line)]
    replaced = {key for taken in taking for key in MODES[taken].replaces}
    return [key for key in taking if key not in replaced]


def awards_of_line(settings: Mapping[str, Any], line: LineFacts, sale: SaleFacts) -> list[Award]:
    """Awards of every mode for a line, in the order of the pot, not cut to it yet."""
    return [award for key in modes_of_line(settings, line) for award in MODES[key].award(settings[key], line, sale)]
