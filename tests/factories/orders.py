"""Brings orders into any state through the real services; money comes as the payments package would bring it."""

import datetime as dt
from collections.abc import Sequence

from saas.kernel import clock
from saas.kernel.ids import new_document_number, new_ulid
from saas.ledger import services as ledger
from saas.ledger.services import Move
from tenant_apps.catalog.models import Sku
from tenant_apps.members.models import Member
from tenant_apps.orders import services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import Recipient, WantedLine
from tenant_apps.payments.models import ChannelCredential, Payment
from tenant_apps.payments.rules import Method, PaymentState, Purpose

CLERK = "user:clerk"
HOME = Recipient(
    name="李明",
    phone="+8613800000001",
    province_code="440000",
    city_code="440100",
    district_code="440106",
    province="广东省",
    city="广州市",
    district="天河区",
    detail="体育西路1号",
)


def total_of(lines: Sequence[WantedLine], now: dt.datetime) -> int:
    """What the lines cost now."""
    return services.quote_checkout(lines=lines, now=now).total_amount


def placed(
    member: Member, *bought: tuple[Sku, int], now: dt.datetime | None = None, key: str = "", address: Recipient = HOME
) -> Order:
    """An order that waits for its payment."""
    now = now or clock.now()
    lines = [WantedLine(sku.ulid, qty) for sku, qty in bought]
    return services.place_order(
        member=member,
        lines=lines,
        address=address,
        expected_total=total_of(lines, now),
        idempotency_key=key or new_ulid(),
        now=now,
    )


def fund(order: Order, *, amount: int | None = None, now: dt.datetime | None = None) -> str:
    """A payment of the order that has arrived: its row, and its money in clearing.payment; the payment's ULID."""
    now = now or clock.now()
    credential, _ = ChannelCredential.objects.get_or_create(
        channel="wechat",
        purpose=Purpose.LIVE,
        active=True,
        defaults={"ulid": new_ulid(), "notify_token": new_ulid(), "shown": {}, "created_by": CLERK},
    )
    payment = Payment.objects.create(
        ulid=new_ulid(),
        number=new_document_number("PY", now),
        document=order.payment_document,
        credential=credential,
        channel="wechat",
        method=Method.NATIVE,
        amount=amount or order.payable_amount,
        description=order.number,
        state=PaymentState.PAID,
        transaction_id=new_ulid(),
        expires_at=now,
        created_at=now,
        paid_at=now,
    )
    ledger.post_entry(
        key=f"payment:{payment.ulid}",
        kind="payment",
        moves=[Move("channel.wechat", "clearing.payment", payment.amount)],
        document=payment.document,
        occurred_at=now,
    )
    return payment.ulid


def paid(member: Member, *bought: tuple[Sku, int], now: dt.datetime | None = None) -> Order:
    """A paid order."""
    now = now or clock.now()
    order = placed(member, *bought, now=now)
    payment = fund(order, now=now)
    assert services.mark_paid(order_ulid=order.ulid, payment=payment, amount=order.total_amount, now=now)
    order.refresh_from_db()
    return order


def shipped(member: Member, *bought: tuple[Sku, int], now: dt.datetime | None = None) -> Order:
    """An order on its way."""
    order = paid(member, *bought, now=now)
    return services.ship_order(
        order_ulid=order.ulid, carrier="顺丰", number="SF1234567890", actor=CLERK, now=now or clock.now()
    )


def received(member: Member, *bought: tuple[Sku, int], now: dt.datetime | None = None) -> Order:
    """An order in its after-sales window."""
    order = shipped(member, *bought, now=now)
    return services.receive_order(order_ulid=order.ulid, actor=f"member:{member.ulid}", now=now or clock.now())


def completed(member: Member, *bought: tuple[Sku, int], now: dt.datetime | None = None) -> Order:
    """A finished order, received long ago."""
    now = now or clock.now()
    order = received(member, *bought, now=now - dt.timedelta(days=8))
    return services.complete_order(order_ulid=order.ulid, actor="system", now=now)
