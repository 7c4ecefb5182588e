"""The line of link 2+1 (MODES 7): who joins below whom, who is boss, who earns from a pack. Pure.

Whoever joins needs his own row, if he joined before, and the rows of at most `max_depth` people above him.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from saas.kernel.money import pct
from tenant_apps.modes.contract import HARD_MAX_LEVELS, Award, BaseMode, LineFacts
from tenant_apps.modes.link21.settings import NEED_DIRECTS, Link21Settings


class Role(StrEnum):
    """What somebody in a line is: agent by the entry product, boss after two directs. Never goes back."""

    AGENT = "agent"
    BOSS = "boss"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in a line. `anchor` is set at joining and never changes; empty at the top of a line.

    `directs` only grows; `returned` counts those whose packs were refunded: a boss short of directs earns nothing.
    """

    member: str
    sponsor: str = ""
    anchor: str = ""
    role: Role = Role.AGENT
    directs: int = 0
    returned: int = 0

    @property
    def is_flagged(self) -> bool:
        """A boss whose directs fell below what made him one."""
        return self.role is Role.BOSS and self.directs - self.returned < NEED_DIRECTS


@dataclass(frozen=True)
class Due:
    """Who earns what from one pack: kind direct, see or peer."""

    payee: str
    kind: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Joined:
    """What one pack did: the awards, and the people whose rows are new or changed."""

    dues: tuple[Due, ...]
    changed: tuple[Person, ...] = ()


def join(
    settings: Link21Settings,
    people: Mapping[str, Person],
    member: str,
    sponsor: str = "",
    *,
    barred: Collection[str] = (),
) -> Joined:
    """One pack of `member`, introduced by `sponsor` (empty: top of a new line).

    Somebody who has joined keeps sponsor and anchor: the awards are paid again, nothing else changes. `barred` are
    those who may not earn (account closed, own shop); their part stays with the mall. Raises KeyError for a sponsor
    who has not joined.
    """
    known = people.get(member)
    if known is not None:
        return Joined(dues=_dues(settings, people, known.sponsor, barred) if settings.repurchase_pays else ())
    if not sponsor:
        return Joined(dues=(), changed=(Person(member=member),))
    above = people[sponsor]
    anchor = sponsor if above.role is Role.BOSS else above.anchor or sponsor
    directs = above.directs + 1
    role = Role.BOSS if directs >= settings.need_directs else above.role
    return Joined(
        dues=_dues(settings, people, sponsor, barred),
        changed=(
            Person(member=member, sponsor=sponsor, anchor=anchor),
            replace(above, directs=directs, role=role),
        ),
    )


def returned(people: Mapping[str, Person], member: str) -> tuple[Person, ...]:
    """The sponsor's row after the pack by which `member` joined was refunded; roles and anchors stay."""
    sponsor = people[member].sponsor
    return (replace(people[sponsor], returned=people[sponsor].returned + 1),) if sponsor else ()


def within(dues: Sequence[Due], reserve: int) -> tuple[Due, ...]:
    """What a reserve of `reserve` fen pays of dues: direct awards first, then the others, cut; zeros left out."""
    paid: list[Due] = []
    for due in sorted(dues, key=lambda one: one.kind != "direct"):
        amount = min(due.amount, reserve)
        reserve -= amount
        if amount:
            paid.append(replace(due, amount=amount))
    return tuple(paid)


def reserves(settings: Link21Settings, line: LineFacts) -> tuple[Award, ...]:
    """What a paid line keeps for its line, piece by piece; the payees are found at completion.

    The peer part of the see award is kept apart: where no boss above earns it, it is the see award's payee's again.
    """
    peer = pct(settings.see_fen, settings.peer_ppm)
    amounts = (("direct", settings.direct_fen), ("see", settings.see_fen - peer), ("peer", peer))
    return tuple(
        Award(
            mode="link21",
            kind=kind,
            payee="",
            base=BaseMode.PAID,
            base_amount=line.cash,
            rate_ppm=0,
            amount=amount * line.quantity,
            full_amount=amount * line.quantity,
        )
        for kind, amount in amounts
        if amount
    )


def _dues(
    settings: Link21Settings, people: Mapping[str, Person], sponsor: str, barred: Collection[str]
) -> tuple[Due, ...]:
    """The sponsor's direct award, the see award of the line's boss, and what the boss above him has of it."""
    if not sponsor:
        return ()
    reach = _above(people, sponsor, min(settings.max_depth, HARD_MAX_LEVELS))
    first = people[sponsor]
    boss = first if first.role is Role.BOSS else reach.get(first.anchor)
    found = [(first, "direct", settings.direct_fen)]
    if boss is not None and boss.role is Role.BOSS:
        upper = reach.get(boss.anchor) if settings.peer_ppm and not boss.is_flagged else None
        shared = 0
        if upper is not None and upper.role is Role.BOSS and not upper.is_flagged and upper.member not in barred:
            shared = pct(settings.see_fen, settings.peer_ppm)
            found.append((upper, "peer", shared))
        found.insert(1, (boss, "see", settings.see_fen - shared))
    return tuple(
        Due(one.member, kind, amount)
        for one, kind, amount in found
        if amount and not one.is_flagged and one.member not in barred
    )


def _above(people: Mapping[str, Person], sponsor: str, depth: int) -> dict[str, Person]:
    """The people at most `depth` invitations above the one whom `sponsor` invites."""
    found: dict[str, Person] = {}
    name = sponsor
    while name and len(found) < depth:
        found[name] = people[name]
        name = people[name].sponsor
    return found
