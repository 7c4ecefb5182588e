"""A mall with the universal subsidy: approved by operators, published, orders of concession sellers, refunds in parts."""

import datetime as dt
from dataclasses import dataclass, field

from saas.kernel.ids import new_ulid
from tenant_apps.members.models import Member
from tenant_apps.modes import operators
from tenant_apps.modes import services as modes
from tenant_apps.modes.contract import LineFacts, SellerFacts, SellerKind
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.rules import returned_parts
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.settlement.rules import ApprovedRefund, PaidLine, PaidOrder, RefundPart
from tests.factories import sales

NOW = sales.NOW


def approve(*, now: dt.datetime = NOW, version: int = 1, on: bool = True) -> None:
    """Operators have opened the mode for this mall on a legal opinion."""
    operators.receive_ruling(
        fact={
            "kind": "approval",
            "subject": "subsidy",
            "is_on": on,
            "until": (now + dt.timedelta(days=365)).isoformat(),
            "reason": "opinion 2026-11 on file",
            "version": version,
            "ruled_at": now.isoformat(),
        },
        now=now,
    )


def publish(*, now: dt.datetime = NOW, **values: object) -> SettingsVersion:
    """The mode in force under these settings, as an owner who has read the cautions publishes it."""
    return modes.publish_settings(
        actor="user:01OWNER",
        mode="subsidy",
        values={"enabled": True, **values},
        reason="test",
        now=now,
        accept_cautions=True,
        combinations=(),
    )


def publish_later(*, now: dt.datetime, effective_from: dt.datetime, **values: object) -> SettingsVersion:
    """Terms that are announced now and hold later."""
    return modes.publish_settings(
        actor="user:01OWNER",
        mode="subsidy",
        values={"enabled": True, **values},
        reason="test",
        now=now,
        effective_from=effective_from,
        accept_cautions=True,
        combinations=(),
    )


@dataclass
class Sold:
    """An order as a test keeps it: of one line, with what has been refunded so far."""

    order: PaidOrder
    buyer: Member
    refunded: int = 0
    released: bool = False
    refunds: list[ApprovedRefund] = field(default_factory=list)

    @property
    def line(self) -> PaidLine:
        return self.order.lines[0]

    @property
    def left(self) -> int:
        """Goods value that has not gone back."""
        return self.line.facts.goods_value - self.refunded

    @property
    def parts(self) -> tuple[int, int]:
        """Cash and voucher that have not gone back."""
        cash, voucher, _coin, _discount = returned_parts(self.line.facts, self.refunded)
        return self.line.facts.cash - cash, self.line.facts.voucher_amount - voucher


def sold(
    buyer: Member,
    *,
    goods: int,
    rate_ppm: int = 200_000,
    voucher: int = 0,
    seller: str = "",
    owner: str = "",
    pins: dict[str, str],
    now: dt.datetime = NOW,
) -> Sold:
    """A paid order of `goods` fen at a concession seller's, `voucher` of it paid by vouchers that the buyer has."""
    facts = LineFacts(
        line=new_ulid(),
        level_amount=goods,
        list_amount=goods,
        voucher_amount=voucher,
        seller=SellerFacts(kind=SellerKind.CONCESSION, rate_ppm=rate_ppm, id=seller or new_ulid(), member=owner),
    )
    order = sales.paid_order(buyer, [], [PaidLine(facts=facts, title="Tea")], pins=pins)
    if voucher:
        vouchers.reserve(member_ulid=buyer.ulid, order_ulid=order.ulid, amount=voucher, now=now)
    return Sold(order, buyer)


def refund_of(one: Sold, value: int) -> ApprovedRefund:
    """A further refund of `value` fen of an order's goods; the order remembers it."""
    facts = one.line.facts
    before = returned_parts(facts, one.refunded)
    after = returned_parts(facts, one.refunded + value)
    cash, voucher, coin, discount = (late - early for late, early in zip(after, before, strict=True))
    one.refunded += value
    part = RefundPart(
        line=facts.line, goods_value=value, cash=cash, voucher=voucher, coin=coin, platform_discount=discount
    )
    refund = ApprovedRefund(ulid=new_ulid(), parts=[part], reason="test")
    one.refunds.append(refund)
    return refund
