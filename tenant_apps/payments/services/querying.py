"""Asking the channel about payments whose notice did not come: every unsettled one is asked until it is final."""

import datetime as dt
import logging

from django.db import transaction

from saas.channels.contract import ChannelError
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import OPEN, ErrorClass, PaymentFacts
from tenant_apps.payments.services import accounts, confirming
from tenant_apps.payments.services.starting import mark_closed

logger = logging.getLogger(__name__)
GRACE = dt.timedelta(minutes=10)


def query_payment(*, payment_ulid: str, now: dt.datetime) -> str:
    """Ask the channel about an open payment and do what follows; the outcome in one word. Not inside a transaction."""
    payment = Payment.objects.select_related("credential").filter(ulid=payment_ulid).first()
    if payment is None or payment.state not in OPEN:
        return "final"
    gateway = accounts.gateway_of(payment.credential)
    try:
        facts = gateway.query(payment.number, now)
    except ChannelError as error:
        return _after_error(payment, error, now)
    outcome = confirming.apply_payment_facts(facts=facts, now=now)
    if outcome != "unpaid":
        return outcome
    return _after_unpaid(payment, facts, now)


def _after_error(payment: Payment, error: ChannelError, now: dt.datetime) -> str:
    if error.kind is ErrorClass.NOT_FOUND and now > payment.expires_at + GRACE:
        mark_closed(payment, now)
        return "closed"
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(last_error=str(error)[:200])
    logger.info("payment %s: query says %s", payment.number, error.kind)
    return str(error.kind)


def _after_unpaid(payment: Payment, facts: PaymentFacts, now: dt.datetime) -> str:
    if facts.closed:
        mark_closed(payment, now)
        return "closed"
    if now > payment.expires_at + GRACE:
        try:
            accounts.gateway_of(payment.credential).close(payment.number, now)
        except ChannelError as error:
            return str(error.kind)  # paid at the last moment: the next query sees it
        mark_closed(payment, now)
        return "closed"
    return "unpaid"
