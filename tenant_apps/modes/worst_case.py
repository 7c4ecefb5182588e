"""The payout ratio [拨比]: what the modes together could pay out of a sale at most (MODES 1). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saas.kernel.money import PPM
from tenant_apps.modes import rules
from tenant_apps.modes.contract import BuyerFacts, Caution, LineFacts, Mode, Problem, Refusal, UplineFacts
from tenant_apps.modes.contract import noop as _
from tenant_apps.modes.settlement_terms.settings import SettlementSettings

EVERYBODY = BuyerFacts(
    member="buyer", promoter=True, chain=(UplineFacts("first"), UplineFacts("second"), UplineFacts("third"))
)


@dataclass(frozen=True)
class Combination:
    """One piece of a product as it would be sold, no discount, everybody above the buyer eligible."""

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
    combinations: Iterable[Combination], modes: Sequence[tuple[Mode[Any], Any]], terms: SettlementSettings
) -> list[Payout]:
    """The payout of each combination, worst first; equal lines are computed once."""
    pot_terms, found, seen = terms.pot_terms(), [], set()
    for one in combinations:
        line = one.line
        shape = (line.zone, line.sku, line.level_amount, line.supply_cost, line.seller, line.product, line.categories)
        if shape in seen:
            continue
        seen.add(shape)
        awarded = sum(
            rules.total(list(mode.award(settings, line, EVERYBODY))) for mode, settings in modes if settings is not None
        )
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
