"""Which stores are asked to bring an order of the mall's own goods, and in which order. Pure; metres and pieces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class OfferState(StrEnum):
    """What became of asking one store for one order."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the order goes elsewhere now


OPEN = frozenset({OfferState.OFFERED, OfferState.ACCEPTED})


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A store that sells and brings goods; the distance where the positions of both are known."""

    ulid: str
    area_code: str
    is_open: bool
    radius_meters: int
    distance_meters: int | None = None
    held: Mapping[str, int] = field(default_factory=dict)  # SKU → pieces of the mall's goods that lie there


def ranked(candidates: Iterable[Candidate], *, needs: Mapping[str, int], district_code: str) -> list[str]:
    """Stores that are open, reach the address and have every piece, the nearest first; then those of the district whose
    distance is not known."""
    fit = [
        one
        for one in candidates
        if one.is_open
        and all(one.held.get(sku, 0) >= qty for sku, qty in needs.items())
        and (
            one.area_code == district_code if one.distance_meters is None else one.distance_meters <= one.radius_meters
        )
    ]
    fit.sort(key=lambda one: (one.distance_meters is None, one.distance_meters or 0, one.ulid))
    return [one.ulid for one in fit]


def take(rows: Iterable[tuple[str, str, int]], needs: Mapping[str, int]) -> dict[str, int] | None:
    """From which rows (row, SKU, pieces there) the needed pieces are taken, in their order; None if some are missing."""
    left, found = dict(needs), {}
    for row, sku, there in rows:
        if part := min(there, left.get(sku, 0)):
            found[row] = part
            left[sku] -= part
    return None if any(left.values()) else found
