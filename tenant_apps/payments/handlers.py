"""What payments do upon events. Calls to a channel run after the handler's transaction has committed (STYLE rule 16);
each handler first schedules the next check, so a process that dies in between loses nothing."""

from functools import partial

from django.db import transaction

from saas.kernel.clock import now
from saas.messaging.bus import services as bus
from saas.messaging.bus.services import Event
from tenant_apps.payments import services as payments
from tenant_apps.payments.models import Payment, PaymentRefund
from tenant_apps.payments.rules import CHECKS_LIMIT, OPEN, RefundState, next_check


def on_notice_received(event: Event) -> None:
    """A stored notice: book what it says."""
    payments.process_notice(notice_ulid=event.payload["notice"], now=now())


def on_query_due(event: Event) -> None:
    """A payment may be unsettled: ask the channel."""
    ulid, attempt = event.payload["payment"], event.payload["attempt"]
    if attempt > CHECKS_LIMIT or not Payment.objects.filter(ulid=ulid, state__in=sorted(OPEN)).exists():
        return
    bus.publish(
        "payment.query_due",
        {"payment": ulid, "attempt": attempt + 1},
        key=f"{ulid}:{attempt + 1}",
        available_at=next_check(attempt, now()),
    )
    transaction.on_commit(partial(_query, ulid), robust=True)


def on_close_due(event: Event) -> None:
    """A document is cancelled: close its payment at the channel."""
    transaction.on_commit(partial(_close, event.payload["payment"]), robust=True)


def on_refund_due(event: Event) -> None:
    """A refund is to be sent, or asked about."""
    ulid, attempt = event.payload["refund"], event.payload["attempt"]
    chain = event.payload.get("chain", ulid)
    unsettled = (RefundState.CREATED, RefundState.PROCESSING)
    if attempt > CHECKS_LIMIT or not PaymentRefund.objects.filter(ulid=ulid, state__in=unsettled).exists():
        return
    bus.publish(
        "payment.refund_due",
        {"refund": ulid, "attempt": attempt + 1, "chain": chain},
        key=f"{chain}:{attempt + 1}",
        available_at=next_check(attempt - 1, now()),
    )
    transaction.on_commit(partial(_send_refund, ulid), robust=True)


def _query(ulid: str) -> None:
    payments.query_payment(payment_ulid=ulid, now=now())


def _close(ulid: str) -> None:
    payments.settle_close(payment_ulid=ulid, now=now())


def _send_refund(ulid: str) -> None:
    payments.send_refund(refund_ulid=ulid, now=now())
