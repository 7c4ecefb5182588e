"""Walking up the ranks above a buyer (MODES 5): each rank earns what its rate exceeds the highest one met below. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from saas.kernel.money import pct
from tenant_apps.modes.contract import HARD_MAX_LEVELS, LineFacts, UplineFacts


@dataclass(frozen=True, kw_only=True)
class Earned:
    """What one person earns by rank: `kind` V1..V3, or peer1..3 with what it is taken of as `base_amount`."""

    kind: str
    member: str
    base_amount: int
    rate_ppm: int
    amount: int


def may_earn(line: LineFacts, member: UplineFacts) -> bool:
    """Whether somebody may earn by rank: his account is open, and the shop is not his own. He need not be a promoter."""
    return member.open and not (line.seller.member and line.seller.member == member.member)


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
    covered = _rate(rates, covered_rank)
    earner_rank = earner_amount = 0
    is_peer_due = peer_ppm > 0
    for person in chain[: min(depth, HARD_MAX_LEVELS)]:
        rate = _rate(rates, person.rank)
        if rate > covered:
            earner_rank, earner_amount = person.rank, pct(base, rate) - pct(base, covered)
            covered = rate
            found.append(_earned(f"V{person.rank}", person, base, rate, earner_amount))
        elif is_peer_due and person.rank and person.rank == earner_rank:
            is_peer_due = False
            amount = pct(earner_amount, peer_ppm)
            found.append(_earned(f"peer{person.rank}", person, earner_amount, peer_ppm, amount))
    return [one for one in found if one.amount]


def _rate(rates: Sequence[int], rank: int) -> int:
    return rates[rank - 1] if rank else 0


def _earned(kind: str, person: UplineFacts, base: int, rate: int, amount: int) -> Earned:
    return Earned(kind=kind, member=person.member, base_amount=base, rate_ppm=rate, amount=amount)
