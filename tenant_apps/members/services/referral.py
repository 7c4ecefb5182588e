"""Joining a mall and the referral tree: bound by share code, when the mall's rule says (FEATURES M2, MODES 4).

A bond is replaced by staff, with a reason, or by another link once its protection is over; for ever where that is 0 days.
Which rule holds is the distribution's setting: members are below the modes, so settings.BINDING_RULE names who knows.
"""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity.models import User
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.messaging.bus import services as bus
from tenant_apps.members import selectors
from tenant_apps.members.models import Member
from tenant_apps.members.rules import BindingRule, BindWhen, may_refer, new_share_code


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


def binding_rule(*, now: dt.datetime) -> BindingRule:
    """The rule in force for making and replacing bonds."""
    found: BindingRule = import_string(settings.BINDING_RULE)(now=now)
    return found


def ensure_member(*, user: User, referral_code: str = "", now: dt.datetime) -> Member:
    """The member that `user` is in this mall, made with the referrer of `referral_code` if they are new here.

    Where the mall binds later, the referrer is only remembered as the candidate. An unknown or closed share code makes a member without a referrer; an existing member's referrer is not touched.
    Publishes `member.joined`.
    """
    known = selectors.member_of_user(user)
    if known is not None:
        return known
    came_by = selectors.member_by_share_code(referral_code)
    at_once = came_by is None or binding_rule(now=now).when is BindWhen.FIRST_CLICK
    referrer, candidate = (came_by, None) if at_once else (None, came_by)
    member = Member(
        ulid=new_ulid(),
        user=user,
        referrer=referrer,
        referrer_bound_at=now if referrer else None,
        candidate=candidate,
        candidate_at=now if candidate else None,
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
            if candidate:
                _note(member, candidate)
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
    """A member says yes to the person whose link he came by; returns that person.

    Binds at once, or remembers him until the first order or payment, as the mall's rule says. A referrer who is not
    protected any more gives way. Raises UnknownShareCode, ReferrerAlreadyBound, ReferrerNotAllowed.
    """
    referrer = selectors.member_by_share_code(referral_code)
    if referrer is None:
        raise UnknownShareCode(field="referral_code")
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        rule = binding_rule(now=now)
        if not selectors.may_be_bound(locked, rule, now) or locked.referrer_id == referrer.pk:
            raise ReferrerAlreadyBound
        _check(referrer, locked)
        if rule.when is BindWhen.FIRST_CLICK:
            _bind(locked, referrer, now, source="confirmed")
        else:
            locked.candidate, locked.candidate_at = referrer, now
            locked.save(update_fields=["candidate", "candidate_at"])
            _note(locked, referrer)
    member.referrer_id, member.referrer_bound_at = locked.referrer_id, locked.referrer_bound_at
    member.candidate_id, member.candidate_at = locked.candidate_id, locked.candidate_at
    return referrer


def bind_candidate(*, member_id: int, moment: BindWhen, now: dt.datetime) -> Member | None:
    """An order was placed, or paid: bind its buyer to the person he came by, if the rule names this moment.

    Returns the referrer; None: another moment, no candidate, the bond he has is protected, or the candidate closed his
    account meanwhile. The caller holds the transaction; again, it changes nothing.
    """
    rule = binding_rule(now=now)
    if rule.when is not moment:
        return None
    locked = Member.objects.select_for_update(of=("self",)).select_related("candidate").get(pk=member_id)
    candidate = locked.candidate
    if candidate is None or candidate.closed_at is not None or not selectors.may_be_bound(locked, rule, now):
        return None
    _bind(locked, candidate, now, source=moment.value)
    return candidate


def _bind(member: Member, referrer: Member, now: dt.datetime, *, source: str) -> None:
    """Make the bond and write it down, with the one it replaces."""
    before = member.referrer.ulid if member.referrer else ""
    _set_referrer(member, referrer, now)
    audit.record(
        f"member:{member.ulid}",
        "referrer.bound",
        target=f"member:{member.ulid}",
        referrer=referrer.ulid,
        source=source,
        before=before,
    )


def _note(member: Member, candidate: Member) -> None:
    audit.record(f"member:{member.ulid}", "referrer.noted", target=f"member:{member.ulid}", candidate=candidate.ulid)


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
    member.candidate = member.candidate_at = None
    member.save(update_fields=["referrer", "referrer_bound_at", "candidate", "candidate_at"])


def _free_share_code() -> str:
    while True:
        code = new_share_code()
        if not Member.objects.filter(share_code=code).exists():
            return code
