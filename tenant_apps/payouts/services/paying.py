"""A withdrawal leaves the books: so far only as a transfer made by hand, in a mall that rehearses."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.payouts import selectors
from tenant_apps.payouts.models import Withdrawal
from tenant_apps.payouts.rules import TRANSITIONS, WithdrawalState
from tenant_apps.payouts.services.requesting import locked, require_no_debt
from tenant_apps.payouts.services.reviewing import require_other_person


class ManualPayoutForbidden(DomainError):
    """A live mall may not collect money and pay it out by hand (MODES 14 #13, #16)."""

    code = "manual_payout_forbidden"
    http_status = 403
    message = _(  # type: ignore[assignment]
        "A live mall may not pay out by hand: money has to go through a licensed payout channel that checks the payee's real name and handles the tax (legal guard-rails 13 and 16). Until such a channel is connected the request waits, and the member keeps the amount."
    )


@retried_transaction
def record_manual_transfer(*, actor: str, ulid: str, reference: str, now: dt.datetime) -> Withdrawal:
    """Record that an approved withdrawal was transferred: wallet → clearing.withdrawal → bank, and the fee.

    `reference` is the bank's number of the transfer. Rehearsal malls only. Raises ManualPayoutForbidden, NotFound,
    IllegalTransition, OwnWithdrawal, DebtOutstanding, InvalidInput.
    """
    if not selectors.may_transfer_by_hand():
        raise ManualPayoutForbidden
    if not 4 <= len(reference.strip()) <= 80:
        raise InvalidInput(str(_("Please enter the bank's reference number of the transfer.")), field="reference")
    row = locked(ulid)
    require_other_person(row, actor)
    check_transition(TRANSITIONS, WithdrawalState(row.state), WithdrawalState.PAID)
    require_no_debt(row.member)
    _post(row, now)
    row.state = WithdrawalState.PAID
    row.paid_at = now
    row.paid_by = actor
    row.transfer_reference = reference.strip()
    row.save(update_fields=["state", "paid_at", "paid_by", "transfer_reference"])
    audit.record(
        actor,
        "withdrawal.paid",
        target=row.document,
        amount=row.amount,
        fee=row.fee_amount,
        reference=row.transfer_reference,
    )
    return row


def _post(row: Withdrawal, now: dt.datetime) -> None:
    hold = f"withdrawal:{row.ulid}"
    ledger.post_hold(hold_key=hold, key=f"{hold}:release", occurred_at=now)
    moves = [Move("clearing.withdrawal", "bank", row.net_amount)]
    if row.fee_amount:
        moves.append(Move("clearing.withdrawal", "fee.withdrawal", row.fee_amount))
    ledger.post_entry(
        key=f"{hold}:paid",
        kind="withdrawal_paid",
        moves=moves,
        document=row.document,
        occurred_at=now,
        memo=row.number,
    )
