"""Commission of a line to the buyer's ancestors (MODES 4): by the order's snapshot, no compression, floored. Pure."""

from collections.abc import Sequence

from saas.kernel.money import pct
from tenant_apps.modes import overrides
from tenant_apps.modes.contract import HARD_MAX_LEVELS, PARTNER_LEVEL, Award, BuyerFacts, LineFacts, UplineFacts
from tenant_apps.modes.distribution.settings import DistributionSettings, WhoPromotes
from tenant_apps.modes.rules import base_amount


def rates_of(settings: DistributionSettings, line: LineFacts) -> tuple[int, ...]:
    """The rates that hold for a line: its narrowest override, else the mall's."""
    found = overrides.narrowest(settings.overrides_index, line)
    return settings.rate_ppm if found is None else found


def may_earn(settings: DistributionSettings, member: UplineFacts, line: LineFacts) -> bool:
    """Whether an ancestor may earn from a line: promoters, partners or anybody, as the mall says; never on his own shop."""
    if not member.open or (line.seller.member and line.seller.member == member.member):
        return False
    match settings.who_promotes:
        case WhoPromotes.REGISTERED:
            return True
        case WhoPromotes.PARTNERS:
            return member.partner
        case _:
            return member.promoter


def payees(settings: DistributionSettings, line: LineFacts, buyer: BuyerFacts) -> Sequence[UplineFacts]:
    """Who stands at level 1, 2, 3. With own purchases on, an eligible buyer is level 1 himself."""
    myself = UplineFacts(buyer.member, buyer.promoter, partner=buyer.level == PARTNER_LEVEL)
    chain: tuple[UplineFacts, ...] = buyer.chain
    if settings.self_buy and may_earn(settings, myself, line):
        chain = (myself, *chain)
    return chain[:HARD_MAX_LEVELS]


def awards(settings: DistributionSettings, line: LineFacts, buyer: BuyerFacts) -> tuple[Award, ...]:
    """The awards of one line, nearest first. The share of somebody who may not earn stays with the mall."""
    base = base_amount(line, settings.base)
    made: list[Award] = []
    left = line.cash
    for level, payee in enumerate(payees(settings, line, buyer), start=1):
        rate, amount = _share(settings, line, base, level)
        if settings.fixed_fen:
            amount = min(amount, left)
        if not amount or not may_earn(settings, payee, line):
            continue
        left -= amount
        made.append(
            Award(
                mode="distribution",
                kind=f"level{level}",
                payee=payee.member,
                base=settings.base,
                base_amount=base,
                rate_ppm=rate,
                amount=amount,
                full_amount=amount,
            )
        )
    return tuple(made)


def _share(settings: DistributionSettings, line: LineFacts, base: int, level: int) -> tuple[int, int]:
    """Rate and amount of a level; (0, fen) where the amount is fixed; (0, 0) where there is no such level."""
    if settings.fixed_fen:
        fixed = settings.fixed_fen[level - 1] if level <= len(settings.fixed_fen) else 0
        return 0, fixed * line.quantity
    rates = rates_of(settings, line)
    rate = rates[level - 1] if level <= len(rates) else 0
    return rate, pct(base, rate)
