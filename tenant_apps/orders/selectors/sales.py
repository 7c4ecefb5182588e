"""Paid and returned orders as settlement reads them."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import F, Sum

from saas.kernel.errors import NotFound
from tenant_apps.modes import selling
from tenant_apps.modes.contract import LineFacts, LineKind, SaleFacts
from tenant_apps.modes.snapshots import sale_from_json
from tenant_apps.orders.models import Order, OrderLine, RefundPart
from tenant_apps.orders.rules import PAID_ONCE, OrderState
from tenant_apps.orders.selectors.cases import refund
from tenant_apps.orders.selectors.prefetching import order_lines


@dataclass(frozen=True)
class SaleLine:
    """An order line for settlement: the waterfall's facts, and what it is called."""

    facts: LineFacts
    title: str


@dataclass(frozen=True)
class Sale:
    """A paid order for settlement. `pins`: mode → ULID of the settings version it was sold under."""

    ulid: str
    number: str
    state: str
    facts: SaleFacts
    lines: tuple[SaleLine, ...]
    freight_amount: int
    pins: dict[str, str]
    area_revision: int = 0
    province_code: str = ""
    payment_document: str = ""  # under which it was paid, together with others or alone
    total_amount: int = 0
    card_amount: int = 0  # of the total, paid by a stored-value card


@dataclass(frozen=True)
class PaidSale:
    """A paid order with where and when: what a backtest needs besides."""

    sale: Sale
    district_code: str
    paid_at: dt.datetime


@dataclass(frozen=True)
class ReturnedPart:
    """What an approved refund returns of one line; `cost_amount` is the cost of goods taken back into stock."""

    line_ulid: str
    qty: int
    value_amount: int
    cash_amount: int
    coin_amount: int
    voucher_amount: int
    platform_discount_amount: int
    cost_amount: int
    coin_count: int = 0


@dataclass(frozen=True)
class ReturnedSale:
    """An approved refund for settlement; `amount` is all cash, freight included."""

    ulid: str
    order_ulid: str
    reason: str
    amount: int
    freight_amount: int
    parts: tuple[ReturnedPart, ...]


@dataclass(frozen=True)
class ReleaseWindow:
    """When an order completes by itself at the latest (None: not shipped yet), and its after-sales days."""

    due_at: dt.datetime | None
    aftersales_days: int


def sale(ulid: str) -> Sale:
    """A paid order as settlement reads it (one statement). Raises NotFound."""
    rows = list(OrderLine.objects.filter(order__ulid=ulid).select_related("order__member").order_by("position"))
    if not rows:
        raise NotFound
    row = rows[0].order
    lines = tuple(SaleLine(_facts(line), f"{line.title} {line.option_text}".strip()) for line in rows)
    return Sale(
        ulid=row.ulid,
        number=row.number,
        state=row.state,
        facts=sale_from_json(row.sale_facts, member=row.member.ulid, first_line=lines[0].facts.line),
        lines=lines,
        freight_amount=row.freight_amount,
        pins=dict(row.settings_versions),
        area_revision=row.area_revision,
        province_code=row.province_code,
        payment_document=row.payment_document,
        total_amount=row.total_amount,
        card_amount=row.card_amount,
    )


def paid_sales(*, since: dt.datetime, until: dt.datetime, limit: int) -> Iterator[PaidSale]:
    """Orders paid in [since, until) that were not given back whole, newest first, `limit` at most: for the backtest."""
    found = (
        Order.objects.filter(paid_at__gte=since, paid_at__lt=until, state__in=PAID_ONCE - {OrderState.REFUNDED})
        .select_related("member")
        .order_by("-paid_at", "-pk")[:limit]
    )
    for row in found.prefetch_related(order_lines()).iterator(chunk_size=500):
        lines = tuple(SaleLine(_facts(line), f"{line.title} {line.option_text}".strip()) for line in row.lines.all())
        sale = Sale(
            ulid=row.ulid,
            number=row.number,
            state=row.state,
            facts=sale_from_json(row.sale_facts, member=row.member.ulid, first_line=lines[0].facts.line),
            lines=lines,
            freight_amount=row.freight_amount,
            pins=dict(row.settings_versions),
        )
        assert row.paid_at is not None
        yield PaidSale(sale, row.district_code, row.paid_at)


def release_windows(order_ulids: Iterable[str]) -> dict[str, ReleaseWindow]:
    """Until when the awards of these orders are frozen, by order ULID (one statement)."""
    rows = Order.objects.filter(ulid__in=list(order_ulids)).values_list(
        "ulid", "shipped_at", "received_at", "auto_receive_days", "aftersales_days"
    )
    return {
        ulid: ReleaseWindow(_due(shipped_at, received_at, receive_days, aftersales_days), aftersales_days)
        for ulid, shipped_at, received_at, receive_days, aftersales_days in rows
    }


def _due(
    shipped_at: dt.datetime | None, received_at: dt.datetime | None, receive_days: int, aftersales_days: int
) -> dt.datetime | None:
    if received_at is not None:
        return received_at + dt.timedelta(days=aftersales_days)
    return shipped_at + dt.timedelta(days=receive_days + aftersales_days) if shipped_at is not None else None


def returned_sale(refund_ulid: str) -> ReturnedSale:
    """An approved refund as settlement reads it. Raises NotFound."""
    row = refund(refund_ulid)
    parts = RefundPart.objects.filter(refund=row).select_related("line").order_by("line__position")
    return ReturnedSale(
        ulid=row.ulid,
        order_ulid=row.order.ulid,
        reason=row.reason,
        amount=row.amount,
        freight_amount=row.freight_amount,
        parts=tuple(
            ReturnedPart(
                line_ulid=part.line.ulid,
                qty=part.qty,
                value_amount=part.value_amount,
                cash_amount=part.cash_amount,
                coin_amount=part.coin_amount,
                voucher_amount=part.voucher_amount,
                platform_discount_amount=part.value_amount - part.cash_amount - part.coin_amount - part.voucher_amount,
                cost_amount=part.restocked_cost_amount,
                coin_count=part.coin_count,
            )
            for part in parts
        ),
    )


def vouchers_redeemed(seller_ulid: str) -> int:
    """Fen of a seller's goods that vouchers have paid, refunds taken off (one statement on an index of such lines)."""
    paid = OrderLine.objects.filter(seller_ulid=seller_ulid, voucher_amount__gt=0, order__state__in=PAID_ONCE)
    return int(paid.aggregate(sum=Sum(F("voucher_amount") - F("refunded_voucher_amount"), default=0))["sum"])


def _facts(line: OrderLine) -> LineFacts:
    return LineFacts(
        line=line.ulid,
        level_amount=line.level_amount,
        list_amount=line.gross_amount,
        merchant_discount=line.merchant_discount_amount,
        platform_discount=line.platform_discount_amount,
        coin_amount=line.coin_amount,
        voucher_amount=line.voucher_amount,
        supply_cost=line.supply_cost_amount,
        freight=line.freight_amount,
        quantity=line.qty,
        kind=LineKind(line.kind),
        zone=line.zone,
        sku=line.sku_ulid,
        product=line.product_ulid,
        categories=tuple(line.categories),
        seller=selling.from_json(line.seller),
        earns=line.earns,
    )
