"""Awards of a line to the agents of its areas (MODES 8): the pot of each grade, split by contract weight. Pure."""

from collections.abc import Iterable

from saas.kernel.money import pct
from tenant_apps.modes import areas as held
from tenant_apps.modes.contract import AreaFacts, Award, BaseMode, LineFacts, SellerKind
from tenant_apps.modes.regional.settings import RegionalBase, RegionalMode, RegionalSettings, UnsoldShare
from tenant_apps.modes.rules import base_amount


def base_of(settings: RegionalSettings, line: LineFacts) -> BaseMode:
    """Paid for the mall's own goods, the concession for a concession seller's, unless the mall chose one for all."""
    if settings.base is not RegionalBase.BY_SELLER:
        return BaseMode(settings.base.value)
    return BaseMode.CONCESSION if line.seller.kind is SellerKind.CONCESSION else BaseMode.PAID


def pots(settings: RegionalSettings, base: int, areas: Iterable[AreaFacts]) -> list[tuple[AreaFacts, int, int]]:
    """(area, rate, fen) of each held grade, lowest first; a grade without holder or rate counts as not there."""
    found, covered = [], 0
    for area in held.in_order(areas):
        rate = settings.rate_ppm.of(area.word)
        if not rate:
            continue
        amount = pct(base, rate)
        if settings.mode is RegionalMode.DIFFERENTIAL:
            amount = max(0, amount - pct(base, covered))
            covered = max(covered, rate)
        found.append((area, rate, amount))
    return found


def awards(settings: RegionalSettings, line: LineFacts, areas: Iterable[AreaFacts]) -> tuple[Award, ...]:
    """The awards of one line: custom, street, district, city, province, region; holders in their order."""
    base = base_of(settings, line)
    amount = base_amount(line, base)
    to_owners = settings.unsold_share is UnsoldShare.OWNERS
    return tuple(
        [
            Award(
                mode="regional",
                kind=area.word,
                payee=agent,
                base=base,
                base_amount=amount,
                rate_ppm=rate,
                amount=part,
                full_amount=part,
            )
            for area, rate, pot in pots(settings, amount, areas)
            for agent, part in held.split(pot, area, line, unsold_to_owners=to_owners)
        ]
    )
