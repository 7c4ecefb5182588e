"""Closing a payment at its channel, so that a cancelled document cannot be paid any more."""

import datetime as dt

from saas.channels.contract import ChannelError
from saas.messaging.bus import services as bus
from tenant_apps.payments.models import Payment
from tenant_apps.payments.rules import OPEN, ErrorClass
from tenant_apps.payments.services import accounts, confirming
from tenant_apps.payments.services.starting import mark_closed


def close_payment(*, document: str, now: dt.datetime) -> bool:
    """Ask for the document's open payment to be closed at the channel; whether there was one. In the caller's transaction."""
    payment = Payment.objects.filter(document=document, state__in=sorted(OPEN)).first()
    if payment is None:
        return False
    bus.publish("payment.close_due", {"payment": payment.ulid}, key=f"{payment.ulid}:{int(now.timestamp() * 1000)}")
    return True


def settle_close(*, payment_ulid: str, now: dt.datetime) -> str:
    """Close at the channel; a payment that came first is booked instead. Calls the network; outcome in one word.

    An unknown outcome changes nothing: the payment's own checks go on until it is final.
    """
    payment = Payment.objects.select_related("credential").filter(ulid=payment_ulid).first()
    if payment is None or payment.state not in OPEN:
        return "final"
    gateway = accounts.gateway_of(payment.credential)
    try:
        gateway.close(payment.number, now)
    except ChannelError as error:
        if error.kind is ErrorClass.PAID:
            return confirming.apply_payment_facts(facts=gateway.query(payment.number, now), now=now)
        if error.kind not in (ErrorClass.CLOSED, ErrorClass.NOT_FOUND):
            return str(error.kind)
    mark_closed(payment, now)
    return "closed"
