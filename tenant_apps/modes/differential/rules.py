"""Awards of a line by rank (MODES 5), and which rank a turnover reaches. Pure."""

from tenant_apps.modes import overrides, ranks
from tenant_apps.modes.contract import TOP_RANK, Award, BuyerFacts, LineFacts
from tenant_apps.modes.differential.settings import DifferentialSettings
from tenant_apps.modes.rules import base_amount


def rates_of(settings: DifferentialSettings, line: LineFacts) -> tuple[int, ...]:
    """Rates of V1 to V3 that hold for a line; empty where the narrowest override says off."""
    found = overrides.narrowest(settings.overrides_index, line)
    if found is None:
        return settings.rates
    return found if len(found) == TOP_RANK else ()


def awards(settings: DifferentialSettings, line: LineFacts, buyer: BuyerFacts) -> tuple[Award, ...]:
    """The awards of one line, walking up. Somebody who may not earn counts as without rank: nothing was paid to him."""
    rates = rates_of(settings, line)
    if not rates:
        return ()
    earned = ranks.walk(
        ranks.chain_by_rank(line, buyer.chain),
        base=base_amount(line, settings.base),
        rates=rates,
        depth=settings.max_depth,
        peer_ppm=settings.peer_ppm,
        covered_rank=buyer.rank if settings.include_buyer_rank else 0,
    )
    base = settings.base
    return tuple(
        [
            Award(
                mode="differential",
                kind=one.kind,
                payee=one.member,
                base=base,
                base_amount=one.base_amount,
                rate_ppm=one.rate_ppm,
                amount=one.amount,
                full_amount=one.amount,
            )
            for one in earned
        ]
    )


def reached_rank(settings: DifferentialSettings, *, own_amount: int, direct_amount: int) -> int:
    """The rank that completed turnover of the window reaches (fen: own, and of direct buyers); 0: none."""
    for rank in range(TOP_RANK, 0, -1):
        own, team = settings.upgrade_own_fen.of(rank), settings.upgrade_team_fen.of(rank)
        if (own and own_amount >= own) or (team and own_amount + direct_amount >= team):
            return rank
    return 0


def keeps_rank(settings: DifferentialSettings, rank: int, *, own_amount: int, direct_amount: int) -> bool:
    """Whether turnover is still enough, at a month's end, for a rank that was reached by turnover."""
    own, team = settings.upgrade_own_fen.of(rank), settings.upgrade_team_fen.of(rank)
    asked = [(own_amount, own), (own_amount + direct_amount, team)]
    part = settings.downgrade_below_ppm
    return any(has * 1_000_000 >= needed * part for has, needed in asked if needed) or not (own or team)
