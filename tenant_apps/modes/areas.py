"""Splitting an area's share among those who hold it (MODES 8): by contract weight, to the fen. Pure."""

from collections.abc import Iterable
from operator import attrgetter

from saas.kernel.money import allocate
from tenant_apps.modes.contract import AreaFacts, LineFacts

_place = attrgetter("place")


def in_order(areas: Iterable[AreaFacts]) -> list[AreaFacts]:
    """Areas that somebody holds, in the order in which they are awarded."""
    return sorted([area for area in areas if area.holders], key=_place)


def split(amount: int, area: AreaFacts, line: LineFacts, *, unsold_to_owners: bool = False) -> list[tuple[str, int]]:
    """(agent, fen) of an area's share by largest remainder, ties to the earlier holder; zeros left out.

    The unsold part stays with the mall unless the owners have it; so does the share of an agent whose own shop it is.
    """
    own = line.seller.member or None
    if len(area.holders) == 1 and (unsold_to_owners or not area.unsold_weight):
        agent = area.holders[0].agent
        return [(agent, amount)] if amount and agent != own else []
    weights = [holder.weight for holder in area.holders]
    if area.unsold_weight and not unsold_to_owners:
        weights.append(area.unsold_weight)
    if not any(weights):
        weights = [1 for _holder in area.holders]
    parts = allocate(amount, weights)
    shared = zip(area.holders, parts, strict=False)  # the last part may be the unsold one, which nobody holds
    return [(holder.agent, part) for holder, part in shared if part and holder.agent != own]
