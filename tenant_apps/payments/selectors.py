"""Reads of payments for pages and other packages. No secret leaves here: credentials are shown as they may be seen."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from saas.tenants.malls import selectors as malls
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.models import Mall
from saas.tenants.malls.rules import MallState
from tenant_apps.payments.models import ChannelCredential, Payment, PaymentRefund
from tenant_apps.payments.rules import OPEN, Method, PaymentState, Purpose, RefundState


@dataclass(frozen=True)
class PaymentView:
    """What a pay page needs to know about a document's payment."""

    ulid: str
    number: str
    document: str
    state: PaymentState
    method: Method
    amount: int  # fen
    expires_at: dt.datetime
    paid_at: dt.datetime | None
    transaction_id: str
    refunded_amount: int


@dataclass(frozen=True)
class RefundView:
    """A refund at the channel, as staff see it."""

    ulid: str
    number: str
    amount: int  # fen
    state: RefundState
    last_error: str
    refunded_at: dt.datetime | None


@dataclass(frozen=True)
class CredentialView:
    """Credentials as they may be seen: no secret, only its last four characters and fingerprint."""

    ulid: str
    channel: str
    purpose: Purpose
    merchant_id: str
    app_id: str
    certificate_serial: str
    platform_key_id: str
    shown: dict[str, dict[str, str]]
    checks: list[dict[str, Any]]
    checked_at: dt.datetime | None
    created_at: dt.datetime
    notify_url: str
    can_log_in: bool

    @property
    def healthy(self) -> bool:
        """Whether every check of the last round passed."""
        return bool(self.checks) and all(check["passed"] for check in self.checks)


def payment_state(document: str) -> PaymentView | None:
    """The document's paid payment, else its open one, else its latest; None if paying was never started."""
    rows = list(Payment.objects.filter(document=document).order_by("-pk")[:20])
    rows.sort(key=lambda row: (row.state != PaymentState.PAID, row.state not in OPEN))
    return _payment_view(rows[0]) if rows else None


def payments_of(document: str) -> list[PaymentView]:
    """Every attempt to be paid for a document, oldest first."""
    return [_payment_view(row) for row in Payment.objects.filter(document=document).order_by("pk")]


def refunds_of(payment_document: str) -> list[RefundView]:
    """Every refund of a document's payments, oldest first."""
    rows = PaymentRefund.objects.filter(payment__document=payment_document).order_by("pk")
    return [_refund_view(row) for row in rows]


def refunds_wanting_attention() -> list[RefundView]:
    """Refunds that the channel refused for good, oldest first."""
    return [_refund_view(row) for row in PaymentRefund.objects.filter(state=RefundState.ATTENTION).order_by("pk")[:200]]


def purpose_of(mall: Mall) -> Purpose:
    """Which credentials a mall pays with: the sandbox's until it has opened, its own merchant account's ever after."""
    opened = mall.state == MallState.ACTIVE or mall.live_at is not None
    return Purpose.LIVE if opened else Purpose.REHEARSAL


def credential(purpose: Purpose, channel: str = "wechat") -> CredentialView | None:
    """The active credentials of a purpose, as they may be seen."""
    row = ChannelCredential.objects.filter(channel=channel, purpose=purpose, active=True).first()
    return _credential_view(row) if row else None


def has_live_channel() -> bool:
    """Whether the mall could take real money: the readiness list's question."""
    found = credential(Purpose.LIVE)
    return found is not None and found.healthy


def notify_url(row: ChannelCredential) -> str:
    """Where the channel sends its notices: the mall's own host, an opaque token, no query."""
    return f"{malls.primary_origin(active_mall())}/notify/{row.channel}/{row.notify_token}"


def _payment_view(row: Payment) -> PaymentView:
    return PaymentView(
        ulid=row.ulid,
        number=row.number,
        document=row.document,
        state=PaymentState(row.state),
        method=Method(row.method),
        amount=row.amount,
        expires_at=row.expires_at,
        paid_at=row.paid_at,
        transaction_id=row.transaction_id,
        refunded_amount=row.refunded_amount,
    )


def _refund_view(row: PaymentRefund) -> RefundView:
    return RefundView(row.ulid, row.number, row.amount, RefundState(row.state), row.last_error, row.refunded_at)


def _credential_view(row: ChannelCredential) -> CredentialView:
    return CredentialView(
        ulid=row.ulid,
        channel=row.channel,
        purpose=Purpose(row.purpose),
        merchant_id=row.merchant_id,
        app_id=row.app_id,
        certificate_serial=row.certificate_serial,
        platform_key_id=row.platform_key_id,
        shown=row.shown,
        checks=row.checks,
        checked_at=row.checked_at,
        created_at=row.created_at,
        notify_url=notify_url(row),
        can_log_in=bool(row.app_secret_sealed),
    )
