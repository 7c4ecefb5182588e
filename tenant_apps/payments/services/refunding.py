"""Sending money back: the row in the asker's transaction, the channel's call after it, the booking when it has arrived."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.channels.contract import ChannelError, RefundRequest
from saas.identity import audit
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_document_number
from saas.kernel.money import format_yuan
from saas.kernel.states import check_transition
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus import services as bus
from tenant_apps.payments.models import Payment, PaymentRefund
from tenant_apps.payments.rules import (
    REFUND_TRANSITIONS,
    REFUSED,
    ErrorClass,
    PaymentState,
    RefundFacts,
    RefundState,
    trimmed,
)
from tenant_apps.payments.selectors import notify_url
from tenant_apps.payments.services import accounts
from tenant_apps.payments.services.confirming import FactsDisagree

logger = logging.getLogger(__name__)


class RefundAbovePaid(DomainError):
    """More would be sent back than was paid."""

    code = "refund_above_paid"
    http_status = 422
    message = _("At most ¥{left} of this payment can still be refunded.")


class RefundConflict(DomainError):
    """The same refund was asked for before with another amount."""

    code = "refund_conflict"
    message = _("This refund exists already with another amount.")


class NothingPaid(DomainError):
    """The document has no paid payment."""

    code = "nothing_paid"
    message = _("There is no payment that could be refunded.")


def start_refund(
    *,
    payment_document: str,
    refund_ulid: str,
    amount: int,
    reason: str,
    now: dt.datetime,
    payment: str = "",
    ledger_document: str = "",
) -> PaymentRefund:
    """Record a refund of `amount` fen and send it to the channel after the caller's transaction. Same call, same row.

    `payment` names one payment of the document (a second, late one); `ledger_document` is what clearing.refund is
    cleared under, the payment's document if not given. Raises NothingPaid, RefundAbovePaid, RefundConflict.
    """
    with transaction.atomic():
        known = PaymentRefund.objects.filter(ulid=refund_ulid).first()
        if known is not None:
            if known.amount != amount:
                raise RefundConflict
            return known
        row = _payment_to_refund(payment_document, payment, amount)
        row.refunded_amount += amount
        row.save(update_fields=["refunded_amount"])
        refund = PaymentRefund.objects.create(
            ulid=refund_ulid,
            number=new_document_number("RF", now),
            payment=row,
            document=ledger_document or row.document,
            amount=amount,
            reason=trimmed(reason, 80),
            created_at=now,
        )
        bus.publish("payment.refund_due", {"refund": refund_ulid, "attempt": 1}, key=f"{refund_ulid}:1")
    return refund


def _payment_to_refund(document: str, ulid: str, amount: int) -> Payment:
    rows = Payment.objects.select_for_update().filter(document=document, state=PaymentState.PAID)
    rows = rows.filter(ulid=ulid) if ulid else rows
    paid = list(rows.order_by("paid_at", "pk"))
    if not paid:
        raise NothingPaid
    left = max(row.amount - row.refunded_amount for row in paid)
    if amount <= 0:
        raise RefundAbovePaid(left=format_yuan(left))
    for row in paid:
        if row.refunded_amount + amount <= row.amount:
            return row
    raise RefundAbovePaid(left=format_yuan(left))


def send_refund(*, refund_ulid: str, now: dt.datetime) -> str:
    """Send a refund to the channel, or ask what became of it; the outcome in one word. Not inside a transaction.

    Unknown outcomes change nothing: the next check asks, and repeats with the same number only if there is none.
    """
    refund = PaymentRefund.objects.select_related("payment__credential").filter(ulid=refund_ulid).first()
    if refund is None or refund.state in (RefundState.SUCCEEDED, RefundState.ATTENTION):
        return "final"
    gateway = accounts.gateway_of(refund.payment.credential)
    try:
        facts = None
        if refund.state == RefundState.PROCESSING or refund.last_error:
            try:
                facts = gateway.query_refund(refund.number, now)
            except ChannelError as error:
                if error.kind is not ErrorClass.NOT_FOUND:
                    raise
        if facts is None:
            crashpoint("payment.refund.before_call")
            facts = gateway.refund(_request(refund), now)
            crashpoint("payment.refund.after_call")
    except ChannelError as error:
        return _after_error(refund, error)
    return apply_refund_facts(facts=facts, now=now)


def confirm_refund(*, facts: RefundFacts, now: dt.datetime) -> PaymentRefund:
    """Record what the channel says about a refund; when it has arrived book it and publish `payment.refunded`.

    clearing.refund → channel.<name>. Idempotent. Raises NotFound, FactsDisagree.
    """
    with transaction.atomic():
        refund = (
            PaymentRefund.objects.select_for_update(of=("self",))
            .select_related("payment__credential")
            .filter(number=facts.number)
            .first()
        )
        if refund is None:
            raise NotFound
        _require_agreement(refund, facts)
        if refund.state == RefundState.SUCCEEDED or refund.state == facts.state:
            return refund  # an older or repeated notice
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), facts.state)
        refund.state = facts.state
        refund.refund_id = facts.refund_id or refund.refund_id
        refund.last_error = ""
        if facts.state is RefundState.SUCCEEDED:
            _book(refund, facts, now)
        elif facts.state is RefundState.ATTENTION:
            refund.last_error = "the channel could not return the money"
            audit.record("system", "payment.refund_wants_attention", target=f"refund:{refund.ulid}")
        refund.save(update_fields=["state", "refund_id", "last_error", "refunded_at"])
    return refund


def apply_refund_facts(*, facts: RefundFacts, now: dt.datetime) -> str:
    """What follows from verified facts about a refund, in one word."""
    try:
        with transaction.atomic():
            return str(confirm_refund(facts=facts, now=now).state)
    except NotFound:
        return "ignored: unknown number"
    except FactsDisagree as error:
        name = str(error.data["name"])
        logger.error("refund %s: the channel's facts differ in %s", facts.number, name)
        with transaction.atomic():
            audit.record("system", "payment.facts_disagree", target=f"refund:{facts.number}", field=name)
        return f"ignored: {name}"


def retry_refund(*, actor: str, refund_ulid: str, now: dt.datetime) -> None:
    """Send a refund again that the channel had refused, under the same number. Raises NotFound, IllegalTransition."""
    with transaction.atomic():
        refund = PaymentRefund.objects.select_for_update().filter(ulid=refund_ulid).first()
        if refund is None:
            raise NotFound
        check_transition(REFUND_TRANSITIONS, RefundState(refund.state), RefundState.CREATED)
        refund.state = RefundState.CREATED
        refund.save(update_fields=["state"])
        audit.record(actor, "payment.refund_retried", target=f"refund:{refund_ulid}")
        key = f"{refund_ulid}:retry:{int(now.timestamp() * 1000)}"
        bus.publish("payment.refund_due", {"refund": refund_ulid, "attempt": 1, "chain": key}, key=key)


def _book(refund: PaymentRefund, facts: RefundFacts, now: dt.datetime) -> None:
    refund.refunded_at = facts.refunded_at or now
    account = accounts.ledger_account(refund.payment.credential)
    ledger.post_entry(
        key=f"payment_refund:{refund.ulid}",
        kind="payment_refund",
        moves=[Move("clearing.refund", account, refund.amount)],
        document=refund.document,
        occurred_at=refund.refunded_at,
        memo=facts.refund_id,
    )
    bus.publish(
        "payment.refunded",
        {
            "refund": refund.ulid,
            "document": refund.payment.document,
            "amount": refund.amount,
            "payment": refund.payment.ulid,
        },
        key=refund.ulid,
    )


def _require_agreement(refund: PaymentRefund, facts: RefundFacts) -> None:
    merchant = refund.payment.credential.merchant_id
    pairs = (
        ("merchant_id", facts.merchant_id or merchant, merchant),
        ("payment_number", facts.payment_number, refund.payment.number),
        ("amount", facts.amount, refund.amount),
    )
    for name, said, ours in pairs:
        if said != ours:
            raise FactsDisagree(name=name)


def _after_error(refund: PaymentRefund, error: ChannelError) -> str:
    final = error.kind in REFUSED and not refund.last_error
    with transaction.atomic():
        row = PaymentRefund.objects.select_for_update().get(pk=refund.pk)
        if row.state not in (RefundState.CREATED, RefundState.PROCESSING):
            return "final"
        row.last_error = str(error)[:200]
        if final:
            row.state = RefundState.ATTENTION
            audit.record("system", "payment.refund_wants_attention", target=f"refund:{row.ulid}", code=error.code)
        row.save(update_fields=["last_error", "state"])
    logger.warning("refund %s: %s", refund.number, error.kind)
    return str(error.kind)


def _request(refund: PaymentRefund) -> RefundRequest:
    return RefundRequest(
        number=refund.number,
        payment_number=refund.payment.number,
        amount=refund.amount,
        total=refund.payment.amount,
        currency=refund.payment.currency,
        reason=refund.reason,
        notify_url=notify_url(refund.payment.credential),
    )
