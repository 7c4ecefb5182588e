"""The right to earn from referrals: anyone may ask, at no price (FEATURES M3)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError
from saas.kernel.states import check_transition
from tenant_apps.members.models import Member
from tenant_apps.members.rules import PROMOTER_TRANSITIONS, PromoterState


class AccountClosed(DomainError):
    """The member has closed their account."""

    code = "account_closed"
    message = _("This account is closed.")


def apply_to_promote(*, member: Member, approve_at_once: bool, now: dt.datetime) -> PromoterState:
    """Ask for the right to earn; `approve_at_once` is the mall's setting. Returns the new state.

    Asking again while asked or approved changes nothing. Raises AccountClosed.
    """
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        state = PromoterState(locked.promoter_state)
        if locked.closed_at is not None:
            raise AccountClosed
        wanted = PromoterState.APPROVED if approve_at_once else PromoterState.APPLIED
        if state in (PromoterState.APPROVED, wanted):
            return state
        _move(locked, wanted, actor=f"member:{member.ulid}", reason="", now=now)
    member.promoter_state, member.promoter_at = locked.promoter_state, locked.promoter_at
    return wanted


def decide_promoter(*, actor: str, member: Member, approve: bool, reason: str = "", now: dt.datetime) -> None:
    """Approve or reject (also: withdraw) a member's right to earn, audited. Raises IllegalTransition, AccountClosed."""
    with transaction.atomic():
        locked = Member.objects.select_for_update().get(pk=member.pk)
        if locked.closed_at is not None:
            raise AccountClosed
        wanted = PromoterState.APPROVED if approve else PromoterState.REJECTED
        _move(locked, wanted, actor=actor, reason=reason, now=now)
    member.promoter_state, member.promoter_at = locked.promoter_state, locked.promoter_at


def _move(member: Member, wanted: PromoterState, *, actor: str, reason: str, now: dt.datetime) -> None:
    before = PromoterState(member.promoter_state)
    check_transition(PROMOTER_TRANSITIONS, before, wanted)
    member.promoter_state, member.promoter_at = wanted, now
    member.save(update_fields=["promoter_state", "promoter_at"])
    audit.record(
        actor,
        f"promoter.{wanted}",
        target=f"member:{member.ulid}",
        reason=reason,
        before=before.value,
        after=wanted.value,
    )
