"""Reads of members, the referral tree and addresses. Trees are read with one recursive statement."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, Sum

from saas.identity.models import User
from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead, prepared_cursor
from tenant_apps.members.models import Address, Member, RankGrant, Turnover
from tenant_apps.members.rules import (
    MAX_DEPTH,
    BindingRule,
    PromoterState,
    TurnoverFacts,
    clean_share_code,
    mask_name,
    mask_phone,
)


@dataclass(frozen=True)
class Ancestor:
    """One member above another in the referral tree. `promoter`: approved and not closed, at this moment."""

    member_id: int
    ulid: str
    promoter: bool
    level: str
    depth: int
    open: bool
    rank: int
    store: str
    level_until: dt.datetime | None
    has_candidate: bool = False


@dataclass(frozen=True)
class TeamMember:
    """One referee as their referrer sees them: name and phone masked."""

    ulid: str
    name: str
    phone: str
    joined_on: Any
    depth: int
    referees: int
    rank: int = 0  # V1 to V3; 0: none


def member_of_user(user: User) -> Member | None:
    """The member that a user is, or None (staff who never shopped)."""
    return Member.objects.filter(user_id=user.pk).first()


def member_by_ulid(ulid: str) -> Member:
    """The member with that ULID. Raises NotFound."""
    member = Member.objects.select_related("user").filter(ulid=ulid).first()
    if member is None:
        raise NotFound
    return member


def member_by_share_code(code: str) -> Member | None:
    """The open member whose share code this is, or None."""
    code = clean_share_code(code)
    return Member.objects.filter(share_code=code, closed_at=None).first() if code else None


def may_be_bound(member: Member, rule: BindingRule, now: dt.datetime) -> bool:
    """Whether another person's link may make its owner this member's referrer: he has none, or it is not protected."""
    return member.referrer_id is None or not rule.protects(member.referrer_bound_at, now)


def members_by_id(ids: list[int]) -> dict[int, Member]:
    """Members by row number, for screens that show many."""
    return Member.objects.select_related("user").in_bulk(ids)


def names_by_ulid(ulids: Iterable[str], *, masked: bool) -> dict[str, str]:
    """What to call these members (one statement): their name, else the phone; other people see both masked."""
    rows = Member.objects.filter(ulid__in=list(ulids)).values_list("ulid", "name", "user__phone", "share_code")
    named = ((ulid, name, phone or "", code) for ulid, name, phone, code in rows)
    if masked:
        return {ulid: mask_name(name) or mask_phone(phone) or code for ulid, name, phone, code in named}
    return {ulid: name or phone or code for ulid, name, phone, code in named}


def found_ulids(text: str, *, limit: int = 200) -> list[str]:
    """Members whose name or phone contains the text, or whose share code it is."""
    found = Q(name__icontains=text) | Q(user__phone__contains=text) | Q(share_code=clean_share_code(text) or "-")
    return list(Member.objects.filter(found).order_by("-pk").values_list("ulid", flat=True)[:limit])


_LINEAGE = """
WITH RECURSIVE up (id, depth) AS (
    SELECT id, 0 FROM members_member WHERE id = %s
  UNION ALL
    SELECT m.referrer_id, up.depth + 1 FROM up JOIN members_member m ON m.id = up.id
    WHERE m.referrer_id IS NOT NULL AND up.depth < %s
)
SELECT m.id, m.ulid, m.promoter_state = %s AND m.closed_at IS NULL, m.level, up.depth, m.closed_at IS NULL, m.rank, m.store_ulid,
       m.level_until, m.candidate_id IS NOT NULL
FROM up JOIN members_member m ON m.id = up.id ORDER BY up.depth
"""


def ancestors(member_id: int, depth: int = MAX_DEPTH) -> list[Ancestor]:
    """Referrer, referrer's referrer … of a member, nearest first, at most `depth`. One statement."""
    return lineage(member_id, depth)[1:]


def lineage(member_id: int, depth: int = MAX_DEPTH) -> list[Ancestor]:
    """The member himself (depth 0), then his ancestors, nearest first, at most `depth`. One statement."""
    with prepared_cursor(connection) as cursor:
        cursor.execute(_LINEAGE, [member_id, depth, PromoterState.APPROVED])
        return [Ancestor(*row) for row in cursor.fetchall()]


_BELOW = """
WITH RECURSIVE down (id, depth) AS (
    SELECT id, 1 FROM members_member WHERE referrer_id = %s
  UNION ALL
    SELECT m.id, down.depth + 1 FROM down JOIN members_member m ON m.referrer_id = down.id WHERE down.depth < %s
)
"""
_COUNTS = _BELOW + "SELECT depth, count(*) FROM down GROUP BY depth ORDER BY depth"  # noqa: S608
_TEAM = f"""{_BELOW}
SELECT m.ulid, m.name, coalesce(u.phone, ''), m.joined_at, down.depth,
       (SELECT count(*) FROM members_member r WHERE r.referrer_id = m.id), m.rank
FROM down JOIN members_member m ON m.id = down.id JOIN identity_user u ON u.id = m.user_id
WHERE down.depth = %s AND m.closed_at IS NULL ORDER BY m.id DESC LIMIT %s OFFSET %s
"""  # noqa: S608


def team_counts(member_id: int, depth: int = MAX_DEPTH) -> dict[int, int]:
    """How many members stand at each level below one: {1: direct referees, 2: …}, every level present."""
    counts = dict.fromkeys(range(1, depth + 1), 0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [member_id, depth])
        counts.update(cursor.fetchall())
    return counts


def team(member_id: int, *, level: int = 1, page: int = 1, page_size: int = 20) -> list[TeamMember]:
    """The referees at one level, newest first, masked."""
    level = min(max(level, 1), MAX_DEPTH)
    with connection.cursor() as cursor:
        cursor.execute(_TEAM, [member_id, level, level, page_size, (max(page, 1) - 1) * page_size])
        return [
            TeamMember(ulid, mask_name(name), mask_phone(phone), joined_at, depth, referees, rank)
            for ulid, name, phone, joined_at, depth, referees, rank in cursor.fetchall()
        ]


def turnover(member_id: int, *, since: dt.date) -> TurnoverFacts:
    """Own and direct customers' completed purchases from a day on, in fen (one statement)."""
    rows = Turnover.objects.filter(member_id=member_id, day__gte=since)
    sums = rows.aggregate(own=Sum("own_amount"), direct=Sum("direct_amount"))
    return TurnoverFacts(sums["own"] or 0, sums["direct"] or 0)


def turnover_days(member_id: int, *, limit: int = 90) -> list[Turnover]:
    """The latest days on which there was any turnover, newest first."""
    return list(Turnover.objects.filter(member_id=member_id).order_by("-day")[:limit])


def rank_grants(member_id: int) -> list[RankGrant]:
    """Every rank that a member was given, the live ones first, each kind newest first."""
    rows = list(RankGrant.objects.filter(member_id=member_id).order_by("-pk"))
    return [one for one in rows if one.withdrawn_at is None] + [one for one in rows if one.withdrawn_at is not None]


def live_rank(member_id: int, *, ground: str) -> int:
    """The highest rank that stands on this ground now, 0 without one."""
    rows = RankGrant.objects.filter(member_id=member_id, ground=ground, withdrawn_at=None)
    return rows.order_by("-rank").values_list("rank", flat=True).first() or 0


def ranked_members(*, ground: str) -> list[str]:
    """ULIDs of the members with a live rank on this ground: whom the month end looks at."""
    rows = RankGrant.objects.filter(ground=ground, withdrawn_at=None).values_list("member__ulid", flat=True)
    return sorted(set(rows))


_ADDRESSES = PreparedRead(
    lambda member: Address.objects.filter(member_id=member).order_by("-is_default", "-pk"), member=2**40
)
_ADDRESS = PreparedRead(
    lambda member, ulid: Address.objects.filter(member_id=member, ulid=ulid), member=2**40, ulid="?ulid"
)


def addresses(member: Member) -> list[Address]:
    """A member's addresses, the default first."""
    return _ADDRESSES.rows(member=member.pk)


def address(member: Member, ulid: str) -> Address:
    """One address of this member. Raises NotFound, for another member's too."""
    found = _ADDRESS.first(member=member.pk, ulid=ulid)
    if found is None:
        raise NotFound
    return found


def default_address(member: Member) -> Address | None:
    """The address a checkout begins with: the default, else the newest."""
    return Address.objects.filter(member=member).order_by("-is_default", "-pk").first()


@dataclass(frozen=True)
class LargeTeam:
    """A member with many people below: how many, and how many levels deep they stand."""

    member_ulid: str
    people: int
    levels: int


_LARGE_TEAMS = """
WITH RECURSIVE up (head, depth) AS (
    SELECT referrer_id, 1 FROM members_member WHERE referrer_id IS NOT NULL AND closed_at IS NULL
  UNION ALL
    SELECT m.referrer_id, up.depth + 1 FROM up JOIN members_member m ON m.id = up.head
    WHERE m.referrer_id IS NOT NULL AND up.depth < %s
)
SELECT m.ulid, count(*), max(up.depth) FROM up JOIN members_member m ON m.id = up.head AND m.closed_at IS NULL
GROUP BY m.ulid HAVING count(*) >= %s AND max(up.depth) >= %s ORDER BY count(*) DESC, m.ulid
"""


def large_teams(*, depth: int, people: int, levels: int) -> list[LargeTeam]:
    """Members with at least `people` open accounts below them, at least `levels` deep, counted `depth` levels down."""
    with connection.cursor() as cursor:
        cursor.execute(_LARGE_TEAMS, [depth, people, levels])
        return [LargeTeam(*row) for row in cursor.fetchall()]
