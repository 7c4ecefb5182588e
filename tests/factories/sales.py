"""Paid orders as settlement sees them, without the shop in front: escrow funded through the book, payment on record."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from saas.kernel.ids import new_document_number, new_ulid
from saas.ledger import selectors as book
from saas.ledger import services as ledger
from saas.ledger.selectors import CNY
from saas.ledger.services import Move
from tenant_apps.members.models import Member
from tenant_apps.modes import services as modes
from tenant_apps.modes.contract import BuyerFacts, LineFacts, SaleFacts, UplineFacts
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.rules import returned_parts
from tenant_apps.payments.models import ChannelCredential, Payment
from tenant_apps.settlement.rules import ApprovedRefund, PaidLine, PaidOrder, RefundPart

NOW = dt.datetime(2026, 11, 22, 4, 0, tzinfo=dt.UTC)


def publish(mode: str = "distribution", *, now: dt.datetime = NOW, **values: object) -> SettingsVersion:
    """Settings in force, as an owner who accepts every caution publishes them and a second person approves."""
    return modes.publish_settings(
        actor="user:01OWNER",
        approved_by="user:01SECOND",
        mode=mode,
        values=values,
        reason="test",
        now=now,
        accept_cautions=True,
    )


def line(cash: int, cost: int = 0, *, quantity: int = 1, title: str = "Tea", voucher: int = 0) -> PaidLine:
    """A line of own goods of `cash` fen, of which `voucher` are paid by vouchers."""
    facts = LineFacts(
        line=new_ulid(),
        list_amount=cash,
        level_amount=cash,
        voucher_amount=voucher,
        supply_cost=cost,
        quantity=quantity,
    )
    return PaidLine(facts=facts, title=title)


def paid_order(
    buyer: Member,
    chain: Sequence[Member],
    lines: Sequence[PaidLine],
    *,
    freight: int = 0,
    pins: dict[str, str] | None = None,
) -> PaidOrder:
    """An order whose payment has come: channel → clearing → escrow."""
    order = PaidOrder(
        ulid=new_ulid(),
        number=new_document_number("M", NOW),
        facts=SaleFacts(
            buyer=BuyerFacts(
                member=buyer.ulid,
                promoter=buyer.promoter,
                rank=buyer.rank,
                level=buyer.level,
                store=buyer.store_ulid,
                chain=tuple(UplineFacts(one.ulid, one.promoter, True, one.rank) for one in chain),
            )
        ),
        lines=list(lines),
        freight=freight,
        pins=pins or {},
    )
    fund(order)
    return order


def fund(order: PaidOrder) -> None:
    """The payment of an order has come: channel → clearing → escrow."""
    total = order.freight + sum(one.facts.cash for one in order.lines)
    if not total:  # vouchers paid all of it
        return
    payment = Payment.objects.create(
        ulid=new_ulid(),
        number=new_document_number("P", NOW),
        document=order.document,
        member_ulid=order.facts.buyer.member,
        credential=credential(),
        channel="wechat",
        method="native",
        amount=total,
        description="test",
        state="paid",
        transaction_id=new_ulid(),
        expires_at=NOW,
        created_at=NOW,
        paid_at=NOW,
    )
    for key, source, destination in (
        (f"payment:{payment.ulid}", "channel.rehearsal", "clearing.payment"),
        (f"order.paid:{order.ulid}", "clearing.payment", order.escrow),
    ):
        ledger.post_entry(
            key=key, kind="test", moves=[Move(source, destination, total)], document=order.document, occurred_at=NOW
        )


def credential() -> ChannelCredential:
    """A merchant account that nothing is sent to."""
    row, _ = ChannelCredential.objects.get_or_create(
        channel="wechat",
        purpose="rehearsal",
        active=True,
        defaults={
            "ulid": new_ulid(),
            "notify_token": new_ulid(),
            "merchant_id": "1900000001",
            "app_id": "wx0000000000000001",
            "certificate_serial": "0",
            "private_key_sealed": "-",
            "api_key_sealed": "-",
            "shown": {},
            "created_by": "system",
        },
    )
    return row


def refund_of(line: PaidLine, value: int, *, quantity: int = 0, cost: int = 0, freight: int = 0) -> ApprovedRefund:
    """A refund of `value` fen of a line; `cost` comes back with goods taken into stock."""
    whole = line.facts.goods_value
    _, voucher, coin, discount = returned_parts(line.facts, min(value, whole))  # as of the line's first refund
    part = RefundPart(
        line=line.facts.line,
        goods_value=value,
        cash=value - voucher - coin - discount,
        voucher=voucher,
        coin=coin,
        platform_discount=discount,
        quantity=quantity,
        cost=cost,
    )
    return ApprovedRefund(ulid=new_ulid(), parts=[part], freight=freight, reason="test")


def return_money(refund: ApprovedRefund, *, now: dt.datetime = NOW) -> None:
    """The channel has sent the refund's money back."""
    ledger.post_entry(
        key=f"refunded:{refund.ulid}",
        kind="refunded",
        moves=[Move("clearing.refund", "channel.rehearsal", refund.cash)],
        document=f"refund:{refund.ulid}",
        occurred_at=now,
    )


def posted() -> dict[str, int]:
    """Posted sums by family of accounts, zeros left out; they add up to zero in each asset. A family that holds several
    has the others beside money as `family asset`."""
    rows = sorted((row for row in book.trial_balance() if row.posted), key=lambda row: row.asset != CNY)
    totals: Counter[str] = Counter()
    sums: dict[str, int] = {}
    for row in rows:
        totals[row.asset] += row.posted
        sums[f"{row.family} {row.asset}" if row.family in sums else row.family] = row.posted
    assert not any(totals.values()), totals
    return sums
