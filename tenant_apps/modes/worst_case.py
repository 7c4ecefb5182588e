"""The payout ratio [拨比]: what the modes together could pay out of a sale at most (MODES 1). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from saas.kernel.money import PPM
from tenant_apps.modes import rules
from tenant_apps.modes.contract import (
    TOP_RANK,
    AreaFacts,
    BuyerFacts,
    Caution,
    Grade,
    HolderFacts,
    LineFacts,
    Problem,
    Refusal,
    SaleFacts,
    UplineFacts,
)
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.line_awards import awards_of_line
from tenant_apps.modes.settlement_terms.settings import SettlementSettings

EVERYBODY = SaleFacts(
    buyer=BuyerFacts(
        member="buyer",
        promoter=True,
        store="store",
        chain=tuple(UplineFacts(name, rank=TOP_RANK) for name in ("first", "second", "third")),
    ),
    areas=tuple(AreaFacts(grade=grade, code="area", holders=(HolderFacts("agent", 1),)) for grade in Grade),
    pickup_store="pickup",
    pickup_line="line",
)


@dataclass(frozen=True)
class Combination:
    """One piece of a product as it would be sold: no discount, everybody above of highest rank, all areas held."""

    title: str
    line: LineFacts


@dataclass(frozen=True)
class Payout:
    """What a combination could pay (`awarded`, uncut) against what it brings in (`funds`), both in fen."""

    combination: Combination
    funds: int
    awarded: int

    @property
    def ratio_ppm(self) -> int:
        """Awards as a part of the funds; above 100 % where there are no funds at all."""
        return self.awarded * PPM // self.funds if self.funds else (2 * PPM if self.awarded else 0)


def payouts(
    combinations: Iterable[Combination], settings: Mapping[str, Any], terms: SettlementSettings
) -> list[Payout]:
    """The payout of each combination under `settings` (mode → settings), worst first; equal lines are computed once."""
    pot_terms, found, seen = terms.pot_terms(), [], set()
    for one in combinations:
        line = one.line
        shape = (line.zone, line.sku, line.level_amount, line.supply_cost, line.seller, line.product, line.categories)
        if shape in seen:
            continue
        seen.add(shape)
        awarded = rules.total(awards_of_line(settings, line, replace(EVERYBODY, pickup_line=line.line)))
        found.append(Payout(one, rules.margin(line, pot_terms).funds, awarded))
    return sorted(found, key=lambda payout: -payout.ratio_ppm)


def problems(found: Sequence[Payout], terms: SettlementSettings) -> list[Problem]:
    """Above 100 % of what a sale brings in: refused, the dearest combination named. Above the warning line: a caution."""
    if not found:
        return []
    worst = found[0]
    data: Mapping[str, Any] = {
        "product": worst.combination.title,
        "awarded_amount": worst.awarded,
        "funds_amount": worst.funds,
        "ratio_ppm": worst.ratio_ppm,
        "count": sum(1 for payout in found if payout.ratio_ppm > PPM),
    }
    if worst.ratio_ppm > PPM:
        return [
            Refusal(
                code="payout_above_funds",
                message=_(
                    "One piece of “{product}” brings in {funds_amount}, but its awards could come to {awarded_amount}: more than the sale leaves ({count} products in all)."
                ),
                data=data,
            )
        ]
    if worst.ratio_ppm > terms.payout_warn_ppm:
        return [
            Caution(
                code="payout_high",
                message=_(
                    "One piece of “{product}” brings in {funds_amount}, and its awards could take {awarded_amount} of it ({ratio_ppm})."
                ),
                data=data,
            )
        ]
    return []
