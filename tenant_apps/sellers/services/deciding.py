"""Statements after they are made: confirmed, disputed, paid; and amounts that staff add or take, with a reason."""

import datetime as dt

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.members.models import Member
from tenant_apps.sellers import people, selectors
from tenant_apps.sellers.models import Statement, StatementLine
from tenant_apps.sellers.rules import (
    STATEMENT_TRANSITIONS,
    LineKind,
    StatementState,
    debt_of,
    payable_of,
)
from tenant_apps.sellers.services.editing import locked
from tenant_apps.sellers.services.payees import check_cooled
from tenant_apps.sellers.staffing import ShopRole

ADJUST = "seller_adjustment"  # the prepared action that it asks for
LARGEST_ADJUSTMENT = 100_000_000


class ManualSettlementForbidden(DomainError):
    """A live mall may not collect sellers' money and pay it out by hand (MODES 14 #13)."""

    code = "manual_settlement_forbidden"
    http_status = 403
    message = _(  # type: ignore[assignment]
        "A live mall may not pay sellers by hand: their money has to go through the split account of a licensed institution (legal guard-rail 13). Until such a channel is connected the statement waits, and the seller keeps the amount."
    )


class DisputedByStaff(DomainError):
    """Staff found something wrong with a statement: the seller alone cannot confirm it."""

    code = "disputed_by_staff"
    message = _("The mall is still looking at this statement; it confirms it when that is done.")  # type: ignore[assignment]


def confirm_statement(*, ulid: str, actor: str, now: dt.datetime) -> Statement:
    """Staff, or the seller himself, agree with a statement. Raises NotFound, IllegalTransition."""
    return _decide(ulid, StatementState.CONFIRMED, actor, "", now)


def dispute_statement(*, ulid: str, reason: str, actor: str, now: dt.datetime) -> Statement:
    """Something is wrong with a statement: it is not paid until it is confirmed. Raises NotFound, IllegalTransition, InvalidInput."""
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    return _decide(ulid, StatementState.DISPUTED, actor, reason.strip()[:200], now)


@retried_transaction
def answer_statement(*, ulid: str, member: Member, agrees: bool, reason: str = "", now: dt.datetime) -> Statement:
    """Whoever keeps the shop's money confirms a statement, or disputes it with a reason that staff read.

    What staff have disputed he cannot confirm by himself. Raises NotFound (also for another's), InvalidInput (reason),
    IllegalTransition, DisputedByStaff.
    """
    row = _locked(ulid)
    actor = f"member:{member.ulid}"
    if ShopRole.MONEY not in people.roles_in(row.seller, member):
        raise NotFound
    if not agrees:
        return dispute_statement(ulid=ulid, reason=reason, actor=actor, now=now)
    if row.state == StatementState.DISPUTED and not row.decided_by.startswith("member:"):
        raise DisputedByStaff
    return confirm_statement(ulid=ulid, actor=actor, now=now)


@retried_transaction
def pay_statement(*, ulid: str, reference: str, actor: str, now: dt.datetime) -> Statement:
    """Record that a confirmed statement was transferred: payable → clearing.statement → bank. Rehearsal malls only.

    Raises ManualSettlementForbidden, NotFound, IllegalTransition, InvalidInput (reference), PayeeCooling.
    """
    if selectors.is_live():
        raise ManualSettlementForbidden
    if not 4 <= len(reference.strip()) <= 80:
        raise InvalidInput(gettext("Please enter the bank's reference number of the transfer."), field="reference")
    row = _locked(ulid)
    check_transition(STATEMENT_TRANSITIONS, StatementState(row.state), StatementState.PAID)
    check_cooled(row.seller, now=now)
    ledger.post_hold(hold_key=row.document, key=f"{row.document}:release", occurred_at=now)
    ledger.post_entry(
        key=f"{row.document}:paid",
        kind="statement_paid",
        moves=[Move("clearing.statement", "bank", row.total_amount)],
        document=row.document,
        occurred_at=now,
        memo=row.number,
    )
    row.state, row.paid_at, row.paid_by = StatementState.PAID, now, actor
    row.transfer_reference = reference.strip()
    row.save(update_fields=["state", "paid_at", "paid_by", "transfer_reference"])
    audit.record(
        actor, "statement.paid", target=row.document, amount=row.total_amount, reference=row.transfer_reference
    )
    return row


@retried_transaction
def adjust_payable(
    *, seller_ulid: str, amount: int, reason: str, actor: str, now: dt.datetime, approved_by: str = "", form: str = ""
) -> StatementLine:
    """Take `-amount` fen from a seller (a deduction) or give `amount` (a correction), as a line of his next statement.

    What he does not have is owed. `form` (a ULID) names the form that was filled in: sent twice, it books once. Two persons in
    a mall that has opened. Raises NotFound, InvalidInput (amount, reason), SecondPersonNeeded.
    """
    if not amount or abs(amount) > LARGEST_ADJUSTMENT:
        raise InvalidInput(
            gettext("Enter an amount up to 1 000 000 yuan, with a minus for a deduction."), field="amount"
        )
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    locked(seller_ulid)
    source = f"adjustment:{form or new_ulid()}"
    if found := StatementLine.objects.filter(source=source, seller_ulid=seller_ulid).first():
        if found.amount != amount:
            raise InvalidInput(gettext("This form was used already. Open it again."), field="amount")
        return found
    if malls.is_real(active_mall().ulid):
        identity.require_second(
            actor=actor,
            approved_by=approved_by,
            kind=ADJUST,
            subject=f"seller:{seller_ulid}",
            payload={"seller": seller_ulid, "amount": amount},
            reason=reason,
        )
    line = StatementLine.objects.create(
        source=source,
        seller_ulid=seller_ulid,
        kind=LineKind.CORRECTION if amount > 0 else LineKind.DEDUCTION,
        title=reason.strip()[:200],
        settled_at=now,
        amount=amount,
    )
    moves = given(seller_ulid, amount) if amount > 0 else taken(seller_ulid, -amount)
    ledger.post_entry(key=source, kind="seller_adjustment", moves=moves, document=source, occurred_at=now)
    audit.record(
        actor,
        "seller.adjusted",
        target=f"seller:{seller_ulid}",
        reason=reason.strip(),
        amount=amount,
        approved_by=approved_by,
    )
    return line


def taken(seller_ulid: str, amount: int) -> list[Move]:
    """Moves by which the house takes `amount` fen of what a seller has coming; what is not there he owes."""
    left = max(0, book.available(payable_of(seller_ulid)))
    payable = min(amount, left)
    moves = [Move(payable_of(seller_ulid), "house", payable)] if payable else []
    return [*moves, Move(debt_of(seller_ulid), "house", amount - payable)] if amount > payable else moves


def given(seller_ulid: str, amount: int) -> list[Move]:
    """Moves by which the house gives a seller `amount` fen; what he owes is settled first."""
    debt = min(amount, -book.balance(debt_of(seller_ulid)))
    moves = [Move("house", debt_of(seller_ulid), debt)] if debt else []
    return [*moves, Move("house", payable_of(seller_ulid), amount - debt)] if amount > debt else moves


@retried_transaction
def _decide(ulid: str, wanted: StatementState, actor: str, reason: str, now: dt.datetime) -> Statement:
    row = _locked(ulid)
    check_transition(STATEMENT_TRANSITIONS, StatementState(row.state), wanted)
    row.state, row.decided_at, row.decided_by = wanted, now, actor
    if reason:
        row.dispute_reason = reason
    row.save(update_fields=["state", "decided_at", "decided_by", "dispute_reason"])
    audit.record(actor, f"statement.{wanted}", target=row.document, reason=reason, amount=row.total_amount)
    return row


def _locked(ulid: str) -> Statement:
    row = Statement.objects.select_for_update(of=("self",)).select_related("seller").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row
