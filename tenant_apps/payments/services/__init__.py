"""Writes of payments, one module a use case; other packages call them as `payments.start_payment(…)`."""

from tenant_apps.payments.services.closing import close_payment, settle_close
from tenant_apps.payments.services.confirming import apply_payment_facts, confirm_payment
from tenant_apps.payments.services.credentials import check_credentials, connect_sandbox, store_credentials
from tenant_apps.payments.services.noticing import process_notice, receive_notice
from tenant_apps.payments.services.querying import query_payment
from tenant_apps.payments.services.refunding import confirm_refund, retry_refund, send_refund, start_refund
from tenant_apps.payments.services.starting import PaymentStart, start_payment

__all__ = [
    "PaymentStart",
    "apply_payment_facts",
    "check_credentials",
    "close_payment",
    "confirm_payment",
    "confirm_refund",
    "connect_sandbox",
    "process_notice",
    "query_payment",
    "receive_notice",
    "retry_refund",
    "send_refund",
    "settle_close",
    "start_payment",
    "start_refund",
    "store_credentials",
]
