"""Joining a mall and the referral tree: bound once, by share code; changed by staff alone, with a reason (FEATURES M2)."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from tenant_apps.members import selectors
from tenant_apps.members.models import Member
from tenant_apps.members.rules import may_refer, new_share_code


class ReferrerAlreadyBound(DomainError):
    """A referrer is bound once; only staff may change it."""

    code = "referrer_already_bound"
    message = _("The referrer is already set and cannot be changed here.")


class ReferrerNotAllowed(DomainError):
    """Only a member who joined earlier may be the referrer: never oneself, never a loop."""

    code = "referrer_not_allowed"
    message = _("This member cannot be the referrer: a referrer must have joined earlier.")


class UnknownShareCode(InvalidInput):
    """No open member has this share code."""

    code = "unknown_share_code"
    message = _("This share link is not valid.")


class NoReferrer(DomainError):
    """There is no referrer to object to."""

    code = "no_referrer"
    message = _("You have no referrer.")


class ReasonMissing(InvalidInput):
    """A change of referrer says why."""

    code = "reason_missing"
    message = _("Give the reason for the change.")


def ensure_member(*, user: User, referral_code: str = "", now: dt.datetime) -> Member:
    """The member that `user` is in this mall, made with the referrer of `referral_code` if they are new here.

    An unknown or closed share code makes a member without a referrer; an existing member's referrer is not touched.
    Publishes `member.joined`.
    """
    known = selectors.member_of_user(user)
    if known is not None:
        return known
    referrer = selectors.member_by_share_code(referral_code)
    member = Member(
        ulid=new_ulid(),
        user=user,
        referrer=referrer,
        referrer_bound_at=now if referrer else None,
        share_code=_free_share_code(),
        name=user.name,
        joined_at=now,
    )
    try:
        with transaction.atomic():
            member.save(force_insert=True)
            if referrer:
                audit.record(
                    f"member:{member.ulid}",
                    "referrer.bound",
                    target=f"member:{member.ulid}",
                    referrer=referrer.ulid,
                    source="share_code",
                )
            bus.publish(
                "member.joined", {"member": member.ulid, "referrer": referrer.ulid if referrer else ""}, key=member.ulid
            )
    except IntegrityError:  # the same person, at the same moment, in another tab
        found = selectors.member_of_user(user)
        if found is None:
            raise
        return found
    return member


def bind_referrer(*, member: Member, referral_code: str, now: dt.datetime) -> Member:
    """Set the referrer of a member who has none, by share code; returns the referrer.

    Raises UnknownShareCode, ReferrerAlreadyBound, ReferrerNotAllowed.
    """
    referrer = selectors.member_by_share_code(referral_code)
    if referrer is None:
        raise UnknownShareCode(field="referral_code")
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        if locked.referrer_id is not None:
            raise ReferrerAlreadyBound
        _check(referrer, locked)
        _set_referrer(locked, referrer, now)
        audit.record(
            f"member:{member.ulid}",
            "referrer.bound",
            target=f"member:{member.ulid}",
            referrer=referrer.ulid,
            source="confirmed",
        )
    member.referrer_id, member.referrer_bound_at = locked.referrer_id, now
    return referrer


def change_referrer(*, actor: str, member: Member, referrer: Member | None, reason: str, now: dt.datetime) -> None:
    """Give a member another referrer, or none: staff only, with a reason, audited with before and after.

    Orders already paid keep the chain they were sold under. Raises ReasonMissing, ReferrerNotAllowed.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        locked = Member.objects.select_for_update(of=("self",)).select_related("referrer").get(pk=member.pk)
        if referrer is not None:
            _check(referrer, locked)
        before = locked.referrer.ulid if locked.referrer else ""
        _set_referrer(locked, referrer, now)
        audit.record(
            actor,
            "referrer.changed",
            target=f"member:{member.ulid}",
            reason=reason.strip(),
            before=before,
            after=referrer.ulid if referrer else "",
        )
    member.referrer, member.referrer_bound_at = referrer, locked.referrer_bound_at


def object_to_referrer(*, member: Member, reason: str, now: dt.datetime) -> None:
    """A member tells the mall that their referrer is not the right one; staff see it in the audit trail and decide.

    Raises ReasonMissing, NoReferrer.
    """
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if member.referrer_id is None:
        raise NoReferrer
    with transaction.atomic():
        audit.record(
            f"member:{member.ulid}", "referrer.objected", target=f"member:{member.ulid}", reason=reason.strip()[:500]
        )


def _check(referrer: Member, member: Member) -> None:
    elder = referrer.joined_at <= member.joined_at
    if not elder or not may_refer(referrer_id=referrer.pk, member_id=member.pk):
        raise ReferrerNotAllowed(field="referral_code")


def _set_referrer(member: Member, referrer: Member | None, now: dt.datetime) -> None:
    member.referrer = referrer
    member.referrer_bound_at = now if referrer else None
    member.save(update_fields=["referrer", "referrer_bound_at"])


def _free_share_code() -> str:
    while True:
        code = new_share_code()
        if not Member.objects.filter(share_code=code).exists():
            return code
