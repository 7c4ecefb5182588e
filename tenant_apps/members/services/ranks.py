"""Ranks: granted on a ground, withdrawn with it. Never by counting people (MODES 5, 14 #2)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from tenant_apps.members.models import Member, RankGrant
from tenant_apps.members.rules import TOP_RANK, Ground, ground_word
from tenant_apps.members.services.levels import lock_member
from tenant_apps.members.services.promoting import AccountClosed
from tenant_apps.members.services.referral import ReasonMissing


class RankHeld(DomainError):
    """The member holds this rank on this ground already."""

    code = "rank_held"
    message = _("This member holds V{rank} on this ground already.")


def grant_rank(
    *, member_ulid: str, rank: int, ground: str, actor: str, now: dt.datetime, reason: str = ""
) -> RankGrant:
    """Give a rank on a ground; the member's rank becomes the highest he holds.

    The same rank on the same ground is given once; a gift pack's order grants once for good, so that its refund is
    final in whatever order the events come. By hand (`staff`) a reason is needed.
    Raises InvalidInput, NotFound, ReasonMissing, AccountClosed, RankHeld (by hand).
    """
    if not 1 <= rank <= TOP_RANK:
        raise InvalidInput(gettext("Choose one of the ranks V1 to V3."), field="rank")
    kind = ground_word(ground)
    if kind is Ground.STAFF and not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        member = lock_member(member_ulid=member_ulid)
        known = _known(member, rank, ground, kind)
        if known is not None:
            if kind is Ground.STAFF:
                raise RankHeld(rank=rank)
            return known
        if member.closed_at is not None:
            raise AccountClosed
        grant = RankGrant(
            ulid=new_ulid(),
            member=member,
            rank=rank,
            ground=ground,
            reason=reason.strip()[:200],
            granted_by=actor,
            granted_at=now,
        )
        grant.save(force_insert=True)
        _settle(member, actor, "rank.granted", reason, rank=rank, ground=ground)
    return grant


def withdraw_rank(*, grant_ulid: str, actor: str, reason: str, now: dt.datetime) -> RankGrant:
    """Take one grant back, with the reason. Raises NotFound (also for one withdrawn already), ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        found = RankGrant.objects.filter(ulid=grant_ulid).values_list("member__ulid", flat=True).first()
        if found is None:
            raise NotFound
        member = lock_member(member_ulid=found)
        grant = RankGrant.objects.select_for_update().get(ulid=grant_ulid)
        if grant.withdrawn_at is not None:
            raise NotFound
        _withdraw(grant, actor, reason, now)
        _settle(member, actor, "rank.withdrawn", reason, rank=grant.rank, ground=grant.ground)
    return grant


def withdraw_ground(*, member_ulid: str, ground: str, actor: str, reason: str, now: dt.datetime, above: int = 0) -> int:
    """Take back what stands on a ground, or of it what is higher than `above`; how many grants that were.

    A gift pack's refund that comes before its completion leaves a withdrawn grant behind: the pack then grants nothing.
    """
    with transaction.atomic():
        member = lock_member(member_ulid=member_ulid)
        grants = list(
            RankGrant.objects.select_for_update()
            .filter(member=member, ground=ground, withdrawn_at=None, rank__gt=above)
            .order_by("pk")
        )
        for grant in grants:
            _withdraw(grant, actor, reason, now)
        if grants:
            rank = max(grant.rank for grant in grants)
            _settle(member, actor, "rank.withdrawn", reason, rank=rank, ground=ground)
        elif ground_word(ground) is Ground.GIFT_PACK and not _ever(member, ground):
            RankGrant.objects.create(
                ulid=new_ulid(),
                member=member,
                rank=1,
                ground=ground,
                granted_by=actor,
                granted_at=now,
                withdrawn_by=actor,
                withdrawn_reason=reason[:200],
                withdrawn_at=now,
            )
    return len(grants)


def _known(member: Member, rank: int, ground: str, kind: Ground) -> RankGrant | None:
    rows = RankGrant.objects.filter(member=member, ground=ground)
    if kind is not Ground.GIFT_PACK:
        rows = rows.filter(rank=rank, withdrawn_at=None)
    return rows.order_by("pk").first()


def _ever(member: Member, ground: str) -> bool:
    return RankGrant.objects.filter(member=member, ground=ground).exists()


def _withdraw(grant: RankGrant, actor: str, reason: str, now: dt.datetime) -> None:
    grant.withdrawn_by, grant.withdrawn_reason, grant.withdrawn_at = actor, reason.strip()[:200], now
    grant.save(update_fields=["withdrawn_by", "withdrawn_reason", "withdrawn_at"])


def _settle(member: Member, actor: str, action: str, reason: str, *, rank: int, ground: str) -> None:
    """The member's rank is the highest live one; who did what to it is written down."""
    live = RankGrant.objects.filter(member=member, withdrawn_at=None).order_by("-rank").first()
    before, member.rank = member.rank, live.rank if live else 0
    member.save(update_fields=["rank"])
    audit.record(
        actor,
        action,
        target=f"member:{member.ulid}",
        reason=reason.strip(),
        rank=rank,
        ground=ground,
        before=before,
        after=member.rank,
    )
