"""Staff decide about a withdrawal: approve, or reject with a reason. Nobody decides about his own."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from tenant_apps.payouts import selectors
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import TRANSITIONS, Payee, WithdrawalState
from tenant_apps.payouts.services.requesting import give_back, locked, require_no_debt

APPROVE = "withdrawal_approval"  # the prepared action that a large one asks for


class OwnWithdrawal(DomainError):
    """The member who asked and the staff member who decides are the same person."""

    code = "own_withdrawal"
    http_status = 403
    message = _("Somebody else has to decide about your own withdrawal.")  # type: ignore[assignment]


@retried_transaction
def approve_withdrawal(*, actor: str, ulid: str, now: dt.datetime, approved_by: str = "") -> Withdrawal:
    """Let a request be paid; a large one by two persons, neither of them the payee, in a mall that has opened.

    Raises NotFound, IllegalTransition, OwnWithdrawal, DebtOutstanding, SecondPersonNeeded.
    """
    row = locked(ulid)
    require_other_person(row, actor)
    check_transition(TRANSITIONS, WithdrawalState(row.state), WithdrawalState.APPROVED)
    require_no_debt(row.member)
    if approved_by:
        require_other_person(row, approved_by)
    if selectors.takes_two(row.amount, now=now):
        identity.require_second(
            actor=actor,
            approved_by=approved_by,
            kind=APPROVE,
            subject=row.document,
            payload={"withdrawal": ulid},
            reason=row.number,
        )
    _decide(row, WithdrawalState.APPROVED, actor, "", now, approved_by=approved_by)
    return row


@retried_transaction
def reject_withdrawal(*, actor: str, ulid: str, reason: str, now: dt.datetime) -> Withdrawal:
    """Refuse a request; the member reads the reason and has the money back. Raises NotFound, IllegalTransition, InvalidInput."""
    if not reason.strip():
        raise InvalidInput(str(_("Please give a reason: the member reads it.")), field="reason")
    row = locked(ulid)
    require_other_person(row, actor)
    check_transition(TRANSITIONS, WithdrawalState(row.state), WithdrawalState.REJECTED)
    _decide(row, WithdrawalState.REJECTED, actor, reason.strip(), now)
    give_back(row, now)
    return row


def look_at_payee(*, actor: str, ulid: str) -> Payee:
    """The payee in full; that somebody looked is recorded. In a transaction of the caller's. Raises NotFound."""
    row = selectors.withdrawal(ulid)
    audit.record(actor, "withdrawal.payee_shown", target=row.document)
    return selectors.payee(row)


def require_other_person(row: Withdrawal, actor: str) -> None:
    """Raise OwnWithdrawal if the actor is the payee."""
    if actor in (f"user:{row.member.user.public_id}", f"member:{row.member.ulid}"):
        raise OwnWithdrawal


def _decide(
    row: Withdrawal, state: WithdrawalState, actor: str, reason: str, now: dt.datetime, *, approved_by: str = ""
) -> None:
    row.state = state
    row.decided_at = now
    row.decided_by = actor
    row.reason = reason
    row.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    audit.record(
        actor,
        f"withdrawal.{state}",
        target=row.document,
        reason=reason,
        amount=row.amount,
        approved_by=approved_by,
    )
