"""Collecting an invoice by WeChat Pay: one open attempt an invoice, money booked once, unknown asked until it is final.

What a channel says has come is never denied: it goes to the vendor's balance and pays its invoice from there, or, where
that was paid or voided meanwhile, what else is open; the rest stays stored.
"""

import datetime as dt
import logging
from collections.abc import Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChannelNotice, Collection, Invoice
from billing.rules import invoices as rules
from billing.rules.invoices import DocumentState
from billing.selectors import accounts
from billing.services import channel, invoicing, money
from billing.services.money import InvoiceNotPayable
from saas.channels.contract import BadNotice, ChannelError, PaymentRequest
from saas.channels.facts import (
    CHECKS_LIMIT,
    OPEN,
    PAYMENT_TRANSITIONS,
    REFUSED,
    ErrorClass,
    Method,
    PaymentFacts,
    PaymentState,
    Terms,
    disagreement,
    next_check,
    trimmed,
)
from saas.identity import audit
from saas.kernel.errors import DomainError, NotFound
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from saas.messaging.bus import services as bus
from saas.tenants.platform import selectors as platform

logger = logging.getLogger(__name__)
LIFETIME = dt.timedelta(hours=2)
_GRACE = dt.timedelta(minutes=10)
NOTICE_RECEIVED = "billing.notice_received"


class ChannelUnavailable(DomainError):
    """The channel's answer is not known; pressing again repeats the same payment, never a second one."""

    code = "channel_unavailable"
    http_status = 503
    message = _("WeChat Pay did not answer. Please press again: you will not be charged twice.")


class ChannelRefused(DomainError):
    """The channel refused for good; `data["reason"]` is its code."""

    code = "channel_refused"
    http_status = 502
    message = _("WeChat Pay refused this payment ({reason}). Please pay by bank transfer and tell us.")


def start(*, invoice_ulid: str, actor: str, now: dt.datetime) -> Collection:
    """The invoice's open attempt with its QR code, or a new one. Calls the network: not inside a transaction.

    Raises NotFound, InvoicePaid, InvoiceVoid, InvoiceNotPayable (nothing to pay), ChannelNotConnected, ChannelUnavailable,
    ChannelRefused.
    """
    for _attempt in range(2):
        row = _ensure(invoice_ulid, actor, now)
        if row.amount != accounts.outstanding(row.invoice) or row.expires_at <= now:
            _close(row, now)  # a credit note came between, or the code is too old: never two open at once
            continue
        if row.code_url:
            return row
        _ask(row, now)
        return row
    raise ChannelUnavailable


@retried_transaction
def _ensure(invoice_ulid: str, actor: str, now: dt.datetime) -> Collection:
    invoice = invoicing.locked(invoice_ulid)
    known = Collection.objects.filter(invoice=invoice, state__in=OPEN).select_related("invoice", "credential").first()
    money.require_payable(invoice)
    if known is not None and _payable(invoice):
        return known
    if not _payable(invoice):
        raise InvoiceNotPayable(number=invoice.number)
    row = Collection.objects.create(
        ulid=new_ulid(),
        number=new_document_number("MW", now),
        invoice=invoice,
        credential=channel.active_credential(),
        amount=accounts.outstanding(invoice),
        description=trimmed(f"{platform.profile().company} {invoice.number}", 127),
        expires_at=now + LIFETIME,
        next_check_at=next_check(0, now),
        created_at=now,
        created_by=actor,
    )
    audit.record(actor, "invoice.collection_started", target=f"invoice:{invoice.ulid}", number=row.number)
    return row


def _payable(invoice: Invoice) -> bool:
    return (
        invoice.document == DocumentState.FINALIZED
        and invoice.payment in rules.OPEN
        and accounts.outstanding(invoice) > 0
    )


def _ask(row: Collection, now: dt.datetime) -> None:
    request = PaymentRequest(
        number=row.number,
        description=row.description,
        amount=row.amount,
        currency="CNY",
        method=Method.NATIVE,
        notify_url=notify_url(row),
        expires_at=row.expires_at,
    )
    try:
        answer = channel.gateway_of(row.credential).create(request, now)
    except ChannelError as error:
        _note(row, str(error))
        if error.kind in REFUSED:
            Collection.objects.filter(pk=row.pk, state=PaymentState.CREATED).update(state=PaymentState.FAILED)
            raise ChannelRefused(reason=error.code) from None
        raise ChannelUnavailable from None
    row.code_url, row.state, row.last_error = answer["code_url"], PaymentState.PENDING, ""
    still = Collection.objects.filter(pk=row.pk, state=PaymentState.CREATED)
    still.update(code_url=row.code_url, state=row.state, last_error="")


def notify_url(row: Collection) -> str:
    """Where the channel sends the notice."""
    return f"{settings.CONTROL_ORIGIN.rstrip('/')}/notify/{row.credential.channel}/{row.credential.notify_token}"


def receive_notice(
    *, channel_name: str, token: str, headers: Mapping[str, str], body: bytes, now: dt.datetime
) -> ChannelNotice | None:
    """Verify a notice over its raw bytes, store it once and publish it; None if it was received before.

    Raises NotFound, BadNotice: nothing was stored.
    """
    credential = channel.credential_by_token(channel_name, token)
    facts = channel.gateway_of(credential).parse_notify(headers, body, now)
    if not facts.notice_id or len(facts.notice_id) > 64:
        raise BadNotice("the notice has no usable id")
    kept = {name.lower(): value for name, value in headers.items() if name.lower().startswith("wechatpay-")}
    try:
        with transaction.atomic():
            notice = ChannelNotice.objects.create(
                ulid=new_ulid(),
                notice_id=facts.notice_id,
                credential=credential,
                event_type=facts.event_type[:40],
                body=body,
                headers=kept,
                received_at=now,
            )
            bus.publish(NOTICE_RECEIVED, {"notice": notice.ulid}, key=notice.ulid)
            return notice
    except IntegrityError:
        if ChannelNotice.objects.filter(notice_id=facts.notice_id).exists():
            return None
        raise


def process_notice(*, notice_ulid: str, now: dt.datetime) -> str:
    """Do what follows from a stored notice, once; the outcome, which is kept with it. Raises NotFound."""
    with transaction.atomic():
        found = ChannelNotice.objects.select_for_update(of=("self",)).select_related("credential")
        notice = found.filter(ulid=notice_ulid).first()
        if notice is None:
            raise NotFound
        if notice.processed_at is not None:
            return notice.outcome
        facts = channel.gateway_of(notice.credential).open_notice(bytes(notice.body))
        notice.outcome = apply(facts.payment, now=now) if facts.payment else "ignored: unknown event"
        notice.processed_at = now
        notice.save(update_fields=["outcome", "processed_at"])
    return notice.outcome


@retried_transaction
def apply(facts: PaymentFacts, *, now: dt.datetime) -> str:
    """Book verified facts of a payment; `applied`, `to_balance`, `known`, `unpaid`, or why they were ignored.

    The money goes channel → vendor's balance; its own invoice is paid first, then whatever else is open. Idempotent.
    """
    if not facts.paid:
        return "unpaid"
    known = Collection.objects.filter(number=facts.number).values_list("invoice__ulid", flat=True).first()
    if known is None:
        logger.warning("money for a number that is not ours: %s", facts.number)
        return "ignored: unknown number"
    invoice = invoicing.locked(known)
    row = Collection.objects.select_for_update(of=("self",)).select_related("credential").get(number=facts.number)
    wanted = Terms(row.credential.merchant_id, row.credential.app_id, row.number, row.amount, "CNY")
    name = disagreement(wanted, facts)
    if not name and row.state == PaymentState.PAID:
        name = "" if row.transaction_id == facts.transaction_id else "transaction_id"
    if name:
        logger.error("collection %s: the channel's facts differ in %s", facts.number, name)
        audit.record("system", "invoice.collection_disagrees", target=f"invoice:{invoice.ulid}", field=name)
        return f"ignored: {name}"
    if row.state == PaymentState.PAID:
        return "known"
    check_transition(PAYMENT_TRANSITIONS, PaymentState(row.state), PaymentState.PAID)
    row.state, row.paid_at, row.transaction_id = PaymentState.PAID, facts.paid_at or now, facts.transaction_id
    row.next_check_at, row.last_error = None, ""
    row.save(update_fields=["state", "paid_at", "transaction_id", "next_check_at", "last_error"])
    money.take_in(
        vendor=invoice.vendor,
        source=f"channel.{row.credential.channel}",
        amount=row.amount,
        key=f"collection:{row.ulid}",
        document=f"invoice:{invoice.ulid}",
        memo=facts.transaction_id,
        prefer=invoice,
        actor="system",
        now=now,
    )
    invoice.refresh_from_db()
    own = invoice.payment == "paid" and invoice.paid_at == now
    audit.record("system", "invoice.collected", target=f"invoice:{invoice.ulid}", fen=row.amount, own=own)
    return "applied" if own else "to_balance"


def query_due(*, now: dt.datetime, limit: int = 100) -> int:
    """Ask about every open attempt whose check is due; how many were asked. Harmless to repeat."""
    due = Collection.objects.filter(state__in=OPEN, next_check_at__lte=now).order_by("next_check_at", "pk")
    rows = list(due.values_list("ulid", flat=True)[:limit])
    for ulid in rows:
        try:
            query(ulid=ulid, now=now)
        except Exception:
            logger.exception("collection %s could not be asked about", ulid)
    return len(rows)


def query(*, ulid: str, now: dt.datetime) -> str:
    """Ask the channel about an open attempt and do what follows; in one word. Not inside a transaction."""
    row = Collection.objects.select_related("credential", "invoice").filter(ulid=ulid).first()
    if row is None or row.state not in OPEN:
        return "final"
    row.checks += 1
    row.next_check_at = next_check(row.checks, now) if row.checks < CHECKS_LIMIT else None
    Collection.objects.filter(pk=row.pk).update(checks=row.checks, next_check_at=row.next_check_at)
    try:
        facts = channel.gateway_of(row.credential).query(row.number, now)
    except ChannelError as error:
        if error.kind is ErrorClass.NOT_FOUND and now > row.expires_at + _GRACE:
            return _closed(row)
        _note(row, str(error))
        return str(error.kind)
    outcome = apply(facts, now=now)
    if outcome != "unpaid":
        return outcome
    if facts.closed:
        return _closed(row)
    if now > row.expires_at + _GRACE or not _payable(row.invoice):
        return _close(row, now)
    return "unpaid"


def _close(row: Collection, now: dt.datetime) -> str:
    """Let nobody pay this number any more; one that was paid at the last moment is booked."""
    try:
        channel.gateway_of(row.credential).close(row.number, now)
    except ChannelError as error:
        if error.kind is ErrorClass.PAID:
            facts = channel.gateway_of(row.credential).query(row.number, now)
            return apply(facts, now=now)
        if error.kind not in (ErrorClass.NOT_FOUND, ErrorClass.CLOSED):
            _note(row, str(error))
            raise ChannelUnavailable from None
    return _closed(row)


def _closed(row: Collection) -> str:
    Collection.objects.filter(pk=row.pk, state__in=OPEN).update(state=PaymentState.CLOSED, next_check_at=None)
    return "closed"


def _note(row: Collection, text: str) -> None:
    Collection.objects.filter(pk=row.pk).update(last_error=text[:200])
