"""Placing orders: one transaction from prices to outbox row (DESIGN 6), one order a seller. Whole, or nothing at all."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.prepared import prepared_cursor
from saas.kernel.rows import insert_part, insert_rows
from saas.kernel.transactions import retried_or_savepoint
from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.rules import Capability, may
from tenant_apps.catalog import services as stock
from tenant_apps.catalog.rules import ProductKind, StockLine
from tenant_apps.members import divisions
from tenant_apps.members import services as members
from tenant_apps.members.models import Address, Member
from tenant_apps.members.rules import BindWhen
from tenant_apps.modes import quoting, selling
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.orders import pricing
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.models import Order, OrderHistory, OrderLine
from tenant_apps.orders.pricing import Discount
from tenant_apps.orders.rules import NOWHERE, OrderState, Prepaid, Recipient, WantedLine, recipient_fault
from tenant_apps.orders.services import coin_payment, coupon_payment, flash_payment, limits, paying, sending
from tenant_apps.orders.services.checkout import CheckoutQuote, check_expected, quote_checkout
from tenant_apps.orders.services.quoted import QuotedLine, QuotePart
from tenant_apps.promotions import services as promotions


class OrdersClosed(DomainError):
    """The mall's state allows no new orders."""

    code = "orders_closed"
    http_status = 503
    message = _("This mall takes no orders at the moment.")  # type: ignore[assignment]


class AddressInvalid(DomainError):
    """A part of the address is missing or impossible; `field` names it."""

    code = "address_invalid"
    http_status = 422
    message = _("Please check the delivery address.")  # type: ignore[assignment]


class KeyMissing(DomainError):
    """Placing needs a key, so that a double click is one order."""

    code = "idempotency_key_missing"
    http_status = 422
    message = _("This form has expired. Please go back to your cart.")  # type: ignore[assignment]


@dataclass(frozen=True)
class Purchase:
    """Orders placed together, one a seller, in the order in which their goods stood; one payment pays them."""

    orders: tuple[Order, ...]

    @property
    def first(self) -> Order:
        return self.orders[0]

    @property
    def total_amount(self) -> int:
        """Fen to pay for all of them."""
        return self.first.payable_amount


def place_order(**given: Any) -> Order:
    """As `place_purchase`, for goods of one seller: the order, or the first of several."""
    return place_purchase(**given).first


def place_purchase(
    *,
    member: Member,
    lines: Sequence[WantedLine],
    address: Recipient | None,
    expected_total: int,
    idempotency_key: str,
    now: dt.datetime,
    remark: str = "",
    voucher_amount: int = 0,
    coins: int = 0,
    discounts: Sequence[Discount] = (),
    deliveries: Sequence[DeliveryWish] = (),
    coupons: Sequence[str] = (),
    prepaid: Sequence[Prepaid] = (),
) -> Purchase:
    """Sell `lines` to `member` at today's prices, one order a seller; `expected_total` (fen) is what the shopper agreed to.

    The same key gives the same orders, whatever else the repeat says. The bought SKUs leave the cart. Of the goods
    `voucher_amount` fen are paid by vouchers that the member has drawn, and a part by so many of his shopping `coins`;
    `coupons` (ULIDs of his) take off what they may;
    where nothing is left to pay it is paid at once. A fee has no address. Raises OrdersClosed, EmptyCart,
    QuantityOutOfRange, SkuNotSellable, FeeAlone, PriceChanged, PackLimit, ZoneLimit, BelowLeast, ZoneForPartners, TermsNotAccepted, AddressInvalid, KeyMissing,
    NotDelivered, Unreachable, catalog.InsufficientStock, AgencyAreaMissing, CoinsNotTaken, CoinsShort, CouponNotUsable,
    promotions.CouponInUse, FlashLimit, FlashOver, promotions.FlashSoldOut and what
    regional.check_agency raises; then nothing has changed.
    """
    if not 8 <= len(idempotency_key) <= 64:
        raise KeyMissing
    wanted = _Wanted(
        tuple(lines),
        address,
        expected_total,
        voucher_amount,
        coins,
        tuple(discounts),
        tuple(deliveries),
        tuple(coupons),
        tuple(prepaid),
    )
    try:
        purchase = _place(member, wanted, idempotency_key, now, remark)
    except (IntegrityError, DomainError):  # a repeat: the first click's orders are ours, whatever this one would meet
        rows = Order.objects.filter(member=member, idempotency_key=idempotency_key)
        first = tuple(rows.order_by("purchase_position"))
        if not first:
            raise
        return Purchase(first)
    crashpoint("order.committed")
    return purchase


@dataclass(frozen=True)
class _Wanted:
    """What the shopper asked for."""

    lines: tuple[WantedLine, ...]
    address: Recipient | None
    expected_total: int
    voucher_amount: int
    coins: int
    discounts: tuple[Discount, ...]
    deliveries: tuple[DeliveryWish, ...]
    coupons: tuple[str, ...]
    prepaid: tuple[Prepaid, ...]


@retried_or_savepoint
def _place(member: Member, wanted: _Wanted, key: str, now: dt.datetime, remark: str) -> Purchase:
    if not may(active_mall().state, Capability.NEW_ORDERS):
        raise OrdersClosed
    quote = quote_checkout(
        lines=wanted.lines,
        now=now,
        buyer=quoting.buyer_of(member, now),
        voucher_amount=wanted.voucher_amount,
        coins=wanted.coins,
        discounts=wanted.discounts,
        deliveries=wanted.deliveries,
        address=wanted.address,
        coupons=wanted.coupons,
    )
    check_expected(quote, wanted.lines, wanted.expected_total, now=now)
    if quote.needs_address:
        check_address(wanted.address)
    agencies = limits.check_packs(member, quote, wanted.lines, now)
    limits.check_zones(member, quote)
    flash_payment.check(quote.lines, member)
    terms = limits.accepted_terms(quote, wanted.lines)
    if not quote.is_till:
        stock.take_stock([StockLine(line.offer.sku_ulid, line.qty) for line in quote.lines])
    flash_payment.take(quote.lines, now=now)
    crashpoint("order.stock_taken")
    address = wanted.address if wanted.address and quote.needs_address else NOWHERE
    orders = _insert(member, quote, address, key, now, remark, agencies, terms, wanted.prepaid)
    crashpoint("order.row_written")
    if member.candidate_id is not None:
        members.bind_candidate(member_id=member.pk, moment=BindWhen.FIRST_ORDER, now=now)
    _follow_up(orders, member, quote)
    if wanted.voucher_amount:
        _reserve_vouchers(member, orders, quote, now)
    if wanted.coins:
        for order in orders:
            coin_payment.reserve(order, member_ulid=member.ulid, now=now)
    if wanted.coupons:
        amounts, document = coupon_payment.amounts(quote.lines), orders[0].payment_document
        promotions.reserve(member_ulid=member.ulid, amounts=amounts, document=document, now=now)
    taken_off = wanted.voucher_amount or wanted.coins or quote.discount_amount or orders[0].card_amount
    if not orders[0].payable_amount and taken_off:
        orders = tuple(paying.mark_covered(order_ulid=order.ulid, now=now) for order in orders)
    crashpoint("order.published")
    return Purchase(orders)


def _reserve_vouchers(member: Member, orders: Sequence[Order], quote: CheckoutQuote, now: dt.datetime) -> None:
    for order, part in zip(orders, quote.parts, strict=True):
        if part.voucher_amount:
            vouchers.reserve(member_ulid=member.ulid, order_ulid=order.ulid, amount=part.voucher_amount, now=now)


def recipient_of(address: Address) -> Recipient:
    """A member's stored address as an order takes it."""
    return Recipient(
        name=address.name,
        phone=address.phone,
        province_code=address.province_code,
        city_code=address.city_code,
        district_code=address.district_code,
        province=address.province,
        city=address.city,
        district=address.district,
        detail=address.detail,
        street_code=address.street_code,
        street=address.street,
    )


def check_address(address: Recipient | None) -> None:
    """Raise AddressInvalid (naming the field) or members.UnknownDivision unless goods can be sent there."""
    if address is None:
        raise AddressInvalid(field="address")
    if fault := recipient_fault(address):
        raise AddressInvalid(field=fault)
    divisions.place(address.province_code, address.city_code, address.district_code)
    if address.street_code:
        divisions.street(address.district_code, address.street_code)


def _insert(
    member: Member,
    quote: CheckoutQuote,
    address: Recipient,
    key: str,
    now: dt.datetime,
    remark: str,
    agencies: Mapping[str, str],
    terms: Mapping[str, str],
    prepaid: Sequence[Prepaid],
) -> tuple[Order, ...]:
    """One order a part, with its lines. Several share a purchase, and what its payment comes to."""
    purchase = new_ulid() if len(quote.parts) > 1 else ""
    by_card = [_by_card(part, prepaid) for part in quote.parts]
    payable = quote.total_amount - sum(amount for _card, amount in by_card)
    made: list[Order] = []
    lines: list[OrderLine] = []
    for position, part in enumerate(quote.parts):
        order = Order(
            ulid=new_ulid(),
            number=new_document_number("M", now),
            member=member,
            idempotency_key=key,
            seller_ulid=part.seller_ulid,
            purchase=purchase,
            purchase_position=position,
            purchase_amount=payable if purchase else 0,
            card_ulid=by_card[position][0],
            card_amount=by_card[position][1],
            goods_amount=part.goods_amount,
            freight_amount=part.freight_amount,
            total_amount=part.total_amount,
            coin_count=part.coin_count,
            coupon_count=len(coupon_payment.amounts(quote.lines)),
            remark=remark.strip()[:200],
            settings_versions=dict(quote.pins),
            aftersales_days=quote.aftersales_days,
            auto_receive_days=quote.settlement.auto_receive_days,
            placed_at=now,
            payment_due_at=now + dt.timedelta(minutes=quote.terms.payment_minutes),
            **sending.columns(part, address, now),
        )
        insert_rows([order])
        made.append(order)
        lines += [
            _line(
                order,
                place,
                line,
                part.freight_parts[place],
                agency_code=agencies.get(line.offer.key, ""),
                terms_ulid=terms.get(line.offer.key, ""),
            )
            for place, line in enumerate(part.lines)
        ]
    insert_rows(lines)
    return tuple(made)


def _by_card(part: QuotePart, prepaid: Sequence[Prepaid]) -> tuple[str, int]:
    """The card that pays a part, and how much of it; goods alone are paid by one, those of its own store."""
    if part.lines[0].offer.kind == ProductKind.GOODS and part.seller_ulid:
        for card in prepaid:
            if card.seller_ulid == part.seller_ulid and (amount := min(card.most_amount, part.total_amount)) > 0:
                return card.card_ulid, amount
    return "", 0


_FOLLOW_UP = """
WITH gone AS (
    DELETE FROM orders_cartline WHERE member_id = %s
       AND (sku_id, zone) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))), said AS ({history}) {event}"""


def _follow_up(orders: Sequence[Order], member: Member, quote: CheckoutQuote) -> None:
    """What was bought leaves the cart, the histories begin, the time to pay runs: one statement, one more for the
    histories of a purchase's further orders.
    """
    first, *others = orders
    event, event_values = bus.publish_part(
        "order.payment_due", {"order": first.ulid}, key=first.ulid, available_at=first.payment_due_at
    )
    history, values = insert_part(_history(first, member))
    with prepared_cursor(connection) as cursor:
        cursor.execute(
            _FOLLOW_UP.format(history=history, event=event),
            [
                member.pk,
                [line.offer.sku_id for line in quote.lines],
                [line.offer.zone for line in quote.lines],
                *values,
                *event_values,
            ],
        )
    if others:
        OrderHistory.objects.bulk_create(_history(order, member) for order in others)


def _history(order: Order, member: Member) -> OrderHistory:
    return OrderHistory(
        order=order,
        at=order.placed_at,
        actor=f"member:{member.ulid}",
        action="placed",
        state=OrderState.PENDING_PAYMENT,
    )


def _line(order: Order, position: int, line: QuotedLine, freight: int, **said: str) -> OrderLine:
    offer = line.offer
    return OrderLine(
        ulid=new_ulid(),
        order=order,
        position=position,
        product_ulid=offer.product_ulid,
        sku_ulid=offer.sku_ulid,
        zone=offer.zone,
        title=offer.title,
        option_text=offer.option_text,
        image_key=offer.image_key,
        categories=list(offer.categories),
        kind=offer.kind,
        earns=offer.zone_terms.earns,
        seller_ulid=offer.seller_ulid,
        seller=selling.to_json(line.seller),
        freight_amount=freight,
        qty=line.qty,
        unit_list_amount=line.unit_list_amount,
        unit_amount=line.unit_amount,
        discounts=pricing.to_json(line.shares),
        **said,
        coin_count=line.coin_count,
        **vars(line.amounts),
    )
