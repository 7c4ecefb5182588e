"""Booking money that a channel says has come: once, and only if every fact agrees with what we asked for."""

import datetime as dt
import logging

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.prepared import PreparedRead, prepared_cursor
from saas.kernel.states import check_transition
from saas.ledger import services as ledger
from saas.ledger.services import Move
from saas.messaging.bus import services as bus
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import PAYMENT_TRANSITIONS, PaymentFacts, PaymentState, Terms, disagreement
from tenant_apps.payments.services import accounts

logger = logging.getLogger(__name__)


class UnknownPayment(DomainError):
    """No payment of this mall has that number."""

    code = "unknown_payment"
    http_status = 404
    message = _("No payment of this mall has this number.")


class FactsDisagree(DomainError):
    """The channel's facts differ from what was asked for; `data["name"]` says in what. Nothing was booked."""

    code = "facts_disagree"
    http_status = 409
    message = _("The channel's statement differs from the payment in: {name}.")


_LOCKED = PreparedRead(
    lambda number: Payment.objects.select_for_update(of=("self",)).select_related("credential").filter(number=number),
    number="?number",
)


def confirm_payment(*, facts: PaymentFacts, now: dt.datetime) -> Payment:
    """Book a payment that the channel says is paid: channel.<name> → clearing.payment, and `payment.confirmed`.

    Idempotent by the payment's row lock and state. Raises UnknownPayment, FactsDisagree (also for facts that do not
    say “paid”): then nothing has changed.
    """
    with transaction.atomic():
        payment = _LOCKED.first(number=facts.number)
        if payment is None:
            raise UnknownPayment
        _require_agreement(payment, facts)
        if payment.state == PaymentState.PAID:
            return payment
        check_transition(PAYMENT_TRANSITIONS, PaymentState(payment.state), PaymentState.PAID)
        crashpoint("payment.confirm.locked")
        ledger.post_entry(
            key=f"payment:{payment.ulid}",
            kind="payment",
            moves=[Move(accounts.ledger_account(payment.credential), "clearing.payment", payment.amount)],
            document=payment.document,
            occurred_at=facts.paid_at or now,
            memo=facts.transaction_id,
        )
        crashpoint("payment.confirm.posted")
        payment.state = PaymentState.PAID
        payment.transaction_id = facts.transaction_id
        payment.paid_at = facts.paid_at or now
        payment.last_error = ""
        _write(payment)
        crashpoint("payment.confirm.published")
    crashpoint("payment.confirm.committed")
    return payment


_PAID = """
WITH paid AS (
  UPDATE payments_payment SET state = %s, transaction_id = %s, paid_at = %s, last_error = '' WHERE id = %s
) {event}"""


def _write(payment: Payment) -> None:
    """The paid payment and `payment.confirmed`, in one statement."""
    facts = {"document": payment.document, "amount": payment.amount, "payment": payment.ulid}
    event, values = bus.publish_part("payment.confirmed", facts, key=payment.ulid)
    given = [PaymentState.PAID.value, payment.transaction_id, payment.paid_at, payment.pk]
    with prepared_cursor(connection) as cursor:
        cursor.execute(_PAID.format(event=event), [*given, *values])


def apply_payment_facts(*, facts: PaymentFacts, now: dt.datetime) -> str:
    """What follows from verified facts about a payment, in one word: `applied`, `unpaid`, or why they were ignored."""
    if not facts.paid:
        return "unpaid"
    try:
        confirm_payment(facts=facts, now=now)
    except UnknownPayment:
        logger.warning("money for a number that is not this mall's: %s", facts.number)
        return "ignored: unknown number"
    except FactsDisagree as error:
        name = str(error.data["name"])
        logger.error("payment %s: the channel's facts differ in %s", facts.number, name)
        with transaction.atomic():
            audit.record("system", "payment.facts_disagree", target=f"payment:{facts.number}", field=name)
        return f"ignored: {name}"
    return "applied"


def _require_agreement(payment: Payment, facts: PaymentFacts) -> None:
    terms = Terms(
        merchant_id=payment.credential.merchant_id,
        app_id=payment.credential.app_id,
        number=payment.number,
        amount=payment.amount,
        currency=payment.currency,
    )
    name = disagreement(terms, facts)
    if not name and not facts.paid:
        name = "state"
    if not name and payment.state == PaymentState.PAID and payment.transaction_id != facts.transaction_id:
        name = "transaction_id"
    if name:
        raise FactsDisagree(name=name)
