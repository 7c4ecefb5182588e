"""Walking up the ranks above a buyer (MODES 5): each rank earns what its rate exceeds the highest one met below. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from saas.kernel.money import pct
from tenant_apps.modes.contract import HARD_MAX_LEVELS, LineFacts, UplineFacts


class Earned(NamedTuple):
    """What one person earns by rank: `kind` V1..V3, or peer1..3 with what it is taken of as `base_amount`."""

    kind: str
    member: str
    base_amount: int
    rate_ppm: int
    amount: int


def may_earn(line: LineFacts, member: UplineFacts) -> bool:
    """Whether somebody may earn by rank: his account is open, and the shop is not his own. He need not be a promoter."""
    return member.open and not (line.seller.member and line.seller.member == member.member)


def chain_by_rank(line: LineFacts, chain: Sequence[UplineFacts]) -> list[UplineFacts]:
    """The people above a buyer; whoever may not earn from the line counts as without rank."""
    owner = line.seller.member
    return [one if one.open and not (owner and one.member == owner) else without_rank(one) for one in chain]


def without_rank(member: UplineFacts) -> UplineFacts:
    """Somebody who takes up a step but earns nothing and covers nothing."""
    return replace(member, rank=0)


def walk(
    chain: Sequence[UplineFacts],
    *,
    base: int,
    rates: Sequence[int],
    depth: int,
    peer_ppm: int = 0,
    covered_rank: int = 0,
) -> list[Earned]:
    """Awards of the first `depth` people of `chain`, nearest first, zeros left out; `rates` are those of V1 to V3.

    The sum of the differentials is exactly `pct(base, highest rate met)`: floors of a telescope. The peer award goes
    once, to the first person after the last earner with exactly his rank. `covered_rank`: a rank met before the first.
    """
    found: list[Earned] = []
    by_rank = (0, *rates)
    covered = by_rank[covered_rank]
    earner_rank = earner_amount = 0
    is_peer_due = peer_ppm > 0
    for person in chain[: min(depth, HARD_MAX_LEVELS)]:
        rank = person.rank
        rate = by_rank[rank]
        if rate > covered:
            earner_rank, earner_amount = rank, pct(base, rate) - pct(base, covered)
            covered = rate
            found.append(Earned(f"V{rank}", person.member, base, rate, earner_amount))
        elif is_peer_due and rank and rank == earner_rank:
            is_peer_due = False
            amount = pct(earner_amount, peer_ppm)
            found.append(Earned(f"peer{rank}", person.member, earner_amount, peer_ppm, amount))
    return [one for one in found if one.amount]
