"""Reads of the lines of link 2+1."""

from collections.abc import Iterable

from tenant_apps.modes.link21.models import LinePerson
from tenant_apps.modes.link21.rules import Person, Role


def people(members: Iterable[str], *, depth: int) -> dict[str, Person]:
    """The rows of these members, and of at most `depth` sponsors above each (a statement a step)."""
    found: dict[str, Person] = {}
    wanted = {ulid for ulid in members if ulid}
    for _step in range(depth + 1):
        rows = LinePerson.objects.filter(member_ulid__in=wanted - found.keys())
        fresh = [person_of(row) for row in rows]
        found |= {one.member: one for one in fresh}
        wanted = {one.sponsor for one in fresh if one.sponsor}
        if not wanted - found.keys():
            break
    return found


def place_of(member_ulid: str) -> LinePerson | None:
    """A member's place in his line, or None."""
    return LinePerson.objects.filter(member_ulid=member_ulid).first()


def person_of(row: LinePerson) -> Person:
    """A row as the rules see it."""
    return Person(
        member=row.member_ulid,
        sponsor=row.sponsor_ulid,
        anchor=row.anchor_ulid,
        role=Role(row.role),
        directs=row.directs,
        returned=row.returned,
    )
