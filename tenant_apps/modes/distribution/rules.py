"""Commission of a line to the buyer's ancestors (MODES 4): by the order's snapshot, no compression, floored. Pure."""

from collections.abc import Sequence

from saas.kernel.money import pct
from tenant_apps.modes import overrides
from tenant_apps.modes.contract import (
    HARD_MAX_LEVELS,
    PARTNER_LEVEL,
    Award,
    BaseMode,
    BuyerFacts,
    LineFacts,
    UplineFacts,
)
from tenant_apps.modes.distribution.settings import DistributionSettings, WhoPromotes
from tenant_apps.modes.rules import base_amount

ADDED = "added"  # kind of the award that the seller adds


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
    fixed = settings.fixed_fen
    shares = fixed or rates_of(settings, line)
    made: list[Award] = []
    left = line.cash
    for level, (share, payee) in enumerate(zip(shares, payees(settings, line, buyer), strict=False), start=1):
        rate, amount = (0, min(share * line.quantity, left)) if fixed else (share, pct(base, share))
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
    made += _added(line, payees(settings, line, buyer), settings, left)
    return tuple(made)


def _added(line: LineFacts, chain: Sequence[UplineFacts], settings: DistributionSettings, left: int) -> list[Award]:
    """What the seller adds for whoever brought the buyer, of what was paid in money (own_terms)."""
    amount = min(
        pct(line.cash, line.seller.added_ppm), left
    )  # below zero where levels of the gross took more than was paid
    payee = chain[0] if chain else None
    if amount <= 0 or payee is None or not may_earn(settings, payee, line):
        return []
    return [
        Award(
            mode="distribution",
            kind=ADDED,
            payee=payee.member,
            base=BaseMode.PAID,
            base_amount=line.cash,
            rate_ppm=line.seller.added_ppm,
            amount=amount,
            full_amount=amount,
        )
    ]
