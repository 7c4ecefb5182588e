"""Handing out a sum over lots: liquidation (MODES 2.4) and the budget rule (MODES 2.7). Pure; fen and centi-points."""

from collections.abc import Sequence
from dataclasses import dataclass

from saas.kernel.money import PPM, allocate, pct


@dataclass(frozen=True)
class Claim:
    """What a lot brings to the table: remaining centi-points, and the fen it may still come to. Lower id goes first."""

    remaining: int
    headroom: int


def share_out(total: int, claims: Sequence[Claim]) -> list[int]:
    """Split `total` fen pro rata by remaining points, capped at headroom; what a capped lot leaves goes to the others.

    Largest remainder; what nobody has room for is not handed out.
    """
    parts = [0] * len(claims)
    waiting = [place for place, claim in enumerate(claims) if claim.remaining > 0 and claim.headroom > 0]
    left = total
    while left > 0 and waiting:
        proposed = dict(zip(waiting, allocate(left, [claims[place].remaining for place in waiting]), strict=True))
        full = [place for place in waiting if proposed[place] >= claims[place].headroom]
        if not full:
            for place, part in proposed.items():
                parts[place] = part
            break
        for place in full:
            parts[place] = claims[place].headroom
            left -= parts[place]
        waiting = [place for place in waiting if place not in set(full)]
    return parts


@dataclass(frozen=True, kw_only=True)
class Budget:
    """An activity under the budget rule: `periods_max` periods for everybody, `served` of them done, the last total."""

    periods_max: int
    first_ppm: int
    served: int = 0
    last: int = 0

    def amount(self, *, fund: int, points: int, growth: int) -> int:
        """B of the next period (fen): never below the last, never more than the fund holds for every period to come.

        `points` are all points of the activity (cp), `growth` the target in ppm.
        """
        to_come = self.periods_max - self.served
        if to_come <= 0:
            return 0
        if self.served == 0:
            return min(pct(points, self.first_ppm), fund // to_come)
        return min(self.last * (PPM + growth) // PPM, fund // to_come)

    def reversible(self, *, fund: int, inflow: int) -> int:
        """How much of a refunded order's inflow may leave: the periods to come keep the present total."""
        return max(0, min(inflow, fund - self.last * (self.periods_max - self.served)))
