"""Starting a payment: the row first and committed, then the channel's call. The same press again, the same number."""

import datetime as dt
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.types.json import Jsonb

from saas.channels.contract import ChannelError, Gateway, PaymentRequest
from saas.channels.wechat.hosts import hosts
from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.prepared import prepared_cursor
from saas.kernel.rows import insert_part
from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import active_mall
from tenant_apps.payments.models import ChannelCredential, Payment
from tenant_apps.payments.rules import OPEN, REFUSED, ErrorClass, Method, PaymentState, Purpose, next_check, trimmed
from tenant_apps.payments.selectors import notify_url, purpose_of
from tenant_apps.payments.services import accounts, confirming
from tenant_apps.payments.services.credentials import connect_sandbox

LIFETIME = dt.timedelta(hours=2)
_SHORTEST = dt.timedelta(seconds=90)  # the channel wants its time limit at least a minute ahead
# How long a channel's answer stays good, less a margin (CHANNELS 1.6); afterwards the same number is asked again.
_ANSWER_LIFETIME = {
    Method.NATIVE: dt.timedelta(minutes=110),
    Method.JSAPI: dt.timedelta(minutes=110),
    Method.H5: dt.timedelta(minutes=4),
}


class AlreadyPaid(DomainError):
    """The document is paid: there is nothing to start."""

    code = "already_paid"
    message = _("This has already been paid.")


class AmountDiffers(DomainError):
    """A payment of another amount is open for this document."""

    code = "amount_differs"
    message = _("A payment of another amount is already under way for this. Please reload the page.")


class PayerUnknown(DomainError):
    """Inside WeChat the payer's openid is needed first (pages.wechat_login)."""

    code = "payer_unknown"
    http_status = 422
    message = _("WeChat has to tell us who pays. Please open this page in WeChat again.")


class ChannelUnavailable(DomainError):
    """The channel's answer is not known; pressing again repeats the same payment, never a second one."""

    code = "channel_unavailable"
    http_status = 503
    message = _("The payment channel did not answer. Please press “pay” again: you will not be charged twice.")


class ChannelRefused(DomainError):
    """The channel refused the payment for good; `data["reason"]` is its code, for staff."""

    code = "channel_refused"
    http_status = 502
    message = _("The payment channel refused this payment. Please tell the mall.")


@dataclass(frozen=True)
class PaymentStart:
    """What the pay page needs. Exactly one of `code_url`, `h5_url`, `jsapi` is filled.

    `jsapi` goes into WeixinJSBridge's getBrandWCPayRequest; where `simulator_url` is filled (sandbox) the page may
    instead go there with the same fields as query and `back`.
    """

    payment: str
    number: str
    method: Method
    amount: int  # fen
    expires_at: dt.datetime
    code_url: str = ""
    h5_url: str = ""
    jsapi: dict[str, str] = field(default_factory=dict)
    simulator_url: str = ""


def start_payment(
    *,
    document: str,
    amount: int,
    description: str,
    method: Method | str,
    now: dt.datetime,
    payer_openid: str = "",
    member_ulid: str = "",
    client_ip: str = "",
    expires_at: dt.datetime | None = None,
    profit_sharing: bool = False,
) -> PaymentStart:
    """Begin, or go on with, the payment of `document` (`amount` in fen). Calls the network: not inside a transaction.

    Raises AlreadyPaid, AmountDiffers, PayerUnknown, ChannelNotReady, ChannelUnavailable (press again), ChannelRefused.
    """
    wanted = Payment(
        document=document,
        amount=amount,
        description=trimmed(description, 127),
        method=Method(method),
        payer_openid=payer_openid if method == Method.JSAPI else "",
        member_ulid=member_ulid,
        client_ip=client_ip,
        profit_sharing=profit_sharing,
        expires_at=_channel_limit(expires_at, now),
    )
    if wanted.method == Method.JSAPI and not payer_openid:
        raise PayerUnknown
    wanted.credential = _ensure_channel(now)
    for _attempt in range(2):
        payment = _ensure_row(wanted, now)
        crashpoint("payment.start.row_committed")
        if not _same_way(payment, wanted):
            _close_before_replacing(payment, now)
            continue
        if payment.answered_at and now - payment.answered_at < _ANSWER_LIFETIME[Method(payment.method)]:
            return _start(payment, now)
        if _ask_channel(payment, now):
            return _start(payment, now)
    raise ChannelUnavailable


def _channel_limit(wanted: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """The caller's time limit, as far as the channel takes it; who pays in the last minute is served by the caller."""
    if wanted is None:
        return now + LIFETIME
    return max(wanted, now + _SHORTEST) if wanted > now else wanted


def _ensure_channel(now: dt.datetime) -> ChannelCredential:
    """A mall in rehearsal always has the sandbox: it is connected at the first payment if it was not before."""
    try:
        return accounts.active_credential()
    except accounts.ChannelNotReady:
        if purpose_of(active_mall()) is not Purpose.REHEARSAL:
            raise
        return connect_sandbox(actor="system", now=now)


def _ensure_row(wanted: Payment, now: dt.datetime) -> Payment:
    """The document's open payment, or a new one of the wanted terms. Raises AlreadyPaid, AmountDiffers."""
    with transaction.atomic(durable=True):
        made = _create_row(wanted, now)
        if made is not None:
            return made
        known = list(Payment.objects.filter(document=wanted.document).order_by("pk").select_related("credential"))
        if any(row.state == PaymentState.PAID for row in known):
            raise AlreadyPaid
        payment = next((row for row in known if row.state in OPEN), None)
    if payment is None:  # it was closed while we looked
        raise ChannelUnavailable
    if payment.amount != wanted.amount:
        raise AmountDiffers
    return payment


_CREATE = """
WITH made AS (
  {insert} WHERE NOT EXISTS (SELECT FROM payments_payment WHERE document = %s AND state = ANY(%s))
  ON CONFLICT DO NOTHING RETURNING id
), told AS ({event} FROM made)
SELECT id FROM made"""


def _create_row(wanted: Payment, now: dt.datetime) -> Payment | None:
    """A fresh row of the wanted terms with the first check of it; None if the document has an open or a paid one."""
    payment = Payment(
        ulid=new_ulid(),
        number=new_document_number("PY", now),
        document=wanted.document,
        member_ulid=wanted.member_ulid,
        credential=wanted.credential,
        channel=wanted.credential.channel,
        method=wanted.method,
        amount=wanted.amount,
        description=wanted.description,
        payer_openid=wanted.payer_openid,
        profit_sharing=wanted.profit_sharing,
        client_ip=wanted.client_ip,
        expires_at=wanted.expires_at,
        created_at=now,
    )
    insert, values = insert_part(payment)
    event, event_values = bus.publish_part(
        "payment.query_due",
        {"payment": payment.ulid, "attempt": 1},
        key=f"{payment.ulid}:1",
        available_at=next_check(0, now),
    )
    standing = [*sorted(OPEN), PaymentState.PAID.value]
    with prepared_cursor(connection) as cursor:
        cursor.execute(_CREATE.format(insert=insert, event=event), [*values, wanted.document, standing, *event_values])
        row = cursor.fetchone()
    if row is None:
        return None
    payment.pk, payment._state.adding = row[0], False
    return payment


def _same_way(payment: Payment, wanted: Payment) -> bool:
    return payment.method == wanted.method and payment.payer_openid == wanted.payer_openid


def _close_before_replacing(payment: Payment, now: dt.datetime) -> None:
    """Another method needs another number: nobody may be able to pay the old one first. Raises AlreadyPaid."""
    gateway = accounts.gateway_of(payment.credential)
    try:
        gateway.close(payment.number, now)
    except ChannelError as error:
        if error.kind is ErrorClass.PAID:
            _learn(payment, gateway, now)
        elif error.kind not in (ErrorClass.CLOSED, ErrorClass.NOT_FOUND):
            raise ChannelUnavailable from None
    mark_closed(payment, now)


def mark_closed(payment: Payment, now: dt.datetime) -> None:
    """Record that the channel takes no payment under this number any more; a paid one stays paid."""
    with transaction.atomic():
        Payment.objects.filter(pk=payment.pk, state__in=sorted(OPEN)).update(state=PaymentState.CLOSED, closed_at=now)


_ANSWERED = """
UPDATE payments_payment SET state = %s, answer = %s, answered_at = %s, last_error = '' WHERE id = %s AND state = ANY(%s)"""


def _ask_channel(payment: Payment, now: dt.datetime) -> bool:
    """Get the channel's answer into the row; False if the number is closed and a new one is needed."""
    gateway = accounts.gateway_of(payment.credential)
    request = _request(payment, payment.credential)
    try:
        answer = _create_surely(gateway, request, payment, now)
    except ChannelError as error:
        return _after_refusal(error, payment, gateway, now)
    crashpoint("payment.start.answered")
    with transaction.atomic(durable=True), prepared_cursor(connection) as cursor:
        cursor.execute(_ANSWERED, [PaymentState.PENDING.value, Jsonb(answer), now, payment.pk, sorted(OPEN)])
    payment.answer = answer
    return True


def _create_surely(gateway: Gateway, request: PaymentRequest, payment: Payment, now: dt.datetime) -> dict[str, str]:
    """Create; when the outcome is unknown ask, and repeat with the same number only if that is safe."""
    try:
        return gateway.create(request, now)
    except ChannelError as error:
        if error.kind is not ErrorClass.UNKNOWN:
            raise
        _note_error(payment, error)
        try:
            _learn(payment, gateway, now)
        except ChannelError as unknown:
            if unknown.kind is not ErrorClass.NOT_FOUND:
                raise
        return gateway.create(request, now)


def _learn(payment: Payment, gateway: Gateway, now: dt.datetime) -> None:
    """Ask what became of the number. Raises AlreadyPaid once that is booked, ChannelError."""
    facts = gateway.query(payment.number, now)
    if confirming.apply_payment_facts(facts=facts, now=now) == "applied":
        raise AlreadyPaid


def _after_refusal(error: ChannelError, payment: Payment, gateway: Gateway, now: dt.datetime) -> bool:
    if error.kind is ErrorClass.CLOSED:
        mark_closed(payment, now)
        return False
    if error.kind is ErrorClass.DUPLICATE:  # ours, with what has changed since (the mall's address): give it up
        _close_before_replacing(payment, now)
        return False
    if error.kind is ErrorClass.PAID:
        try:
            _learn(payment, gateway, now)
        except ChannelError:
            raise ChannelUnavailable from None
    first_answer = not payment.last_error  # after an unknown outcome a refusal says nothing about the first call
    _note_error(payment, error)
    if error.kind in REFUSED and first_answer:
        with transaction.atomic(durable=True):
            Payment.objects.filter(pk=payment.pk, state=PaymentState.CREATED).update(state=PaymentState.FAILED)
        raise ChannelRefused(reason=error.code)
    raise ChannelUnavailable from None


def _note_error(payment: Payment, error: ChannelError) -> None:
    payment.last_error = str(error)[:200]
    with transaction.atomic(durable=True):
        Payment.objects.filter(pk=payment.pk).update(last_error=payment.last_error)


def _request(payment: Payment, credential: ChannelCredential) -> PaymentRequest:
    return PaymentRequest(
        number=payment.number,
        description=payment.description,
        amount=payment.amount,
        currency=payment.currency,
        method=Method(payment.method),
        notify_url=notify_url(credential),
        expires_at=payment.expires_at,
        payer_openid=payment.payer_openid,
        client_ip=payment.client_ip,
        profit_sharing=payment.profit_sharing,
    )


def _start(payment: Payment, now: dt.datetime) -> PaymentStart:
    gateway = accounts.gateway_of(payment.credential)
    place = hosts(Purpose(payment.credential.purpose))
    jsapi = gateway.page_parameters(payment.answer, now) if payment.method == Method.JSAPI else {}
    return PaymentStart(
        payment=payment.ulid,
        number=payment.number,
        method=Method(payment.method),
        amount=payment.amount,
        expires_at=payment.expires_at,
        code_url=payment.answer.get("code_url", ""),
        h5_url=payment.answer.get("h5_url", ""),
        jsapi=jsapi,
        simulator_url=f"{settings.SANDBOX_ORIGIN.rstrip('/')}/jsapi" if jsapi and place.is_sandbox else "",
    )
