"""Deductions from a deposit: announced with the reason, held, perhaps disputed, then taken or let go (FEATURES G4)."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.identity import services as identity
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from tenant_apps.members.models import Member
from tenant_apps.sellers.models import Deduction
from tenant_apps.sellers.rules import DEDUCTION_TRANSITIONS, DISPUTE_DAYS, DeductionState, deposit_of
from tenant_apps.sellers.services.editing import locked

DEDUCT = "deposit_deduction"  # the prepared action that an announcement asks for
logger = logging.getLogger(__name__)


class DisputeLate(DomainError):
    """The days to object are over."""

    code = "dispute_late"
    message = _("The days to object to this deduction are over.")  # type: ignore[assignment]


@retried_transaction
def announce_deduction(
    *, seller_ulid: str, amount: int, reason: str, actor: str, now: dt.datetime, approved_by: str = "", form: str = ""
) -> Deduction:
    """Announce that `amount` fen of a deposit are to be taken, never more than is left of it; they are held from now on.

    The seller reads why and has DISPUTE_DAYS days to object; without a word it is taken then. `form` (a ULID) names the form
    that was filled in: sent twice, it announces once. Two persons in a mall that has opened. Raises NotFound, InvalidInput (amount, reason), SecondPersonNeeded.
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    seller = locked(seller_ulid)
    if form and (found := Deduction.objects.filter(ulid=form, seller=seller).first()):
        if found.amount != amount:
            raise InvalidInput(gettext("This form was used already. Open it again."), field="amount")
        return found
    left = max(0, book.available(deposit_of(seller_ulid)))
    if not 0 < amount <= left:
        raise InvalidInput(
            gettext("At most ¥{left} of the deposit is left.").format(left=format_yuan(left)), field="amount"
        )
    if malls.is_real(active_mall().ulid):
        identity.require_second(
            actor=actor,
            approved_by=approved_by,
            kind=DEDUCT,
            subject=f"seller:{seller_ulid}",
            payload={"seller": seller_ulid, "amount": amount},
            reason=reason,
        )
    row = Deduction.objects.create(
        ulid=form or new_ulid(),
        seller=seller,
        amount=amount,
        reason=reason.strip()[:200],
        announced_at=now,
        announced_by=actor,
        takes_at=now + dt.timedelta(days=DISPUTE_DAYS),
    )
    ledger.place_hold(
        key=row.document,
        kind=DEDUCT,
        source=deposit_of(seller_ulid),
        destination="house",
        amount=amount,
        document=row.document,
        occurred_at=now,
    )
    _note(row, "announced", actor, row.reason, approved_by=approved_by)
    return row


@retried_transaction
def dispute_deduction(*, ulid: str, member: Member, reason: str, now: dt.datetime) -> Deduction:
    """The owner objects: nothing is taken before the mall has decided. Raises NotFound (also for another's), DisputeLate,
    IllegalTransition, InvalidInput (reason).
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    row = _locked(ulid)
    if row.seller.owner_id != member.pk:
        raise NotFound
    check_transition(DEDUCTION_TRANSITIONS, DeductionState(row.state), DeductionState.DISPUTED)
    if now >= row.takes_at:
        raise DisputeLate
    row.state, row.dispute, row.disputed_at = DeductionState.DISPUTED, reason.strip()[:400], now
    row.save(update_fields=["state", "dispute", "disputed_at"])
    _note(row, "disputed", f"member:{member.ulid}", row.dispute)
    return row


@retried_transaction
def decide_deduction(*, ulid: str, takes: bool, reason: str, actor: str, now: dt.datetime) -> Deduction:
    """The mall decides about a disputed deduction, or drops one before its day; the seller reads the reason.

    What is not disputed is taken on its day and not before. Raises NotFound, IllegalTransition, InvalidInput (reason).
    """
    if not reason.strip():
        raise InvalidInput(gettext("Please say why."), field="reason")
    row = _locked(ulid)
    wanted = DeductionState.TAKEN if takes else DeductionState.DROPPED
    check_transition(DEDUCTION_TRANSITIONS, DeductionState(row.state), wanted)
    if takes and row.state == DeductionState.ANNOUNCED:
        raise InvalidInput(
            gettext("The seller may object until {day}; it is taken by itself then.").format(
                day=row.takes_at.date().isoformat()
            ),
            field="takes",
        )
    _end(row, wanted, actor, reason.strip()[:400], now)
    return row


def take_due_deductions(*, now: dt.datetime) -> int:
    """Take every deduction that nobody has objected to in time; how many. One that fails is tried again."""
    due = Deduction.objects.filter(state=DeductionState.ANNOUNCED, takes_at__lte=now).order_by("pk")
    taken = 0
    for ulid in list(due.values_list("ulid", flat=True)):
        try:
            taken += _take_due(ulid, now)
        except Exception:
            logger.exception("deduction %s was not taken", ulid)
    return taken


@retried_transaction
def _take_due(ulid: str, now: dt.datetime) -> bool:
    row = _locked(ulid)
    if row.state != DeductionState.ANNOUNCED or now < row.takes_at:
        return False
    _end(row, DeductionState.TAKEN, "system", "", now)
    return True


def _end(row: Deduction, wanted: DeductionState, actor: str, reason: str, now: dt.datetime) -> None:
    """Let the hold go; what is taken becomes the mall's in the same transaction, with the reason in the book."""
    with transaction.atomic():
        ledger.void_hold(hold_key=row.document, key=f"{row.document}:free", occurred_at=now)
        if wanted is DeductionState.TAKEN:
            ledger.post_entry(
                key=f"{row.document}:taken",
                kind=DEDUCT,
                moves=[Move(deposit_of(row.seller.ulid), "house", row.amount)],
                document=row.document,
                occurred_at=now,
                memo=row.reason,
            )
        row.state, row.decision, row.decided_at, row.decided_by = wanted, reason, now, actor
        row.save(update_fields=["state", "decision", "decided_at", "decided_by"])
        _note(row, str(wanted), actor, reason)


def _note(row: Deduction, what: str, actor: str, reason: str, **data: str) -> None:
    audit.record(
        actor,
        f"seller.deduction_{what}",
        target=f"seller:{row.seller.ulid}",
        reason=reason,
        deduction=row.ulid,
        amount=row.amount,
        **data,
    )


def _locked(ulid: str) -> Deduction:
    row = Deduction.objects.select_for_update(of=("self",)).select_related("seller").filter(ulid=ulid).first()
    if row is None:
        raise NotFound
    return row
