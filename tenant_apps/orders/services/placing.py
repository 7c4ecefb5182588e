"""Placing an order: one transaction from prices to outbox row (DESIGN 6). Whole, or nothing at all."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from saas.kernel.crashpoint import crashpoint
from saas.kernel.errors import DomainError
from saas.kernel.ids import new_document_number, new_ulid
from saas.kernel.rows import insert_part
from saas.kernel.transactions import retried_transaction
from saas.messaging.bus import services as bus
from saas.tenants.malls.activation import active_mall
from saas.tenants.malls.rules import Capability, may
from tenant_apps.catalog import services as stock
from tenant_apps.catalog.rules import StockLine
from tenant_apps.members import divisions
from tenant_apps.members import services as members
from tenant_apps.members.models import Address, Member
from tenant_apps.members.rules import BindWhen
from tenant_apps.modes import quoting, selling
from tenant_apps.modes.subsidy.services import vouchers
from tenant_apps.orders.models import Order, OrderHistory, OrderLine
from tenant_apps.orders.rules import NOWHERE, OrderState, Recipient, WantedLine, recipient_fault, spread_freight
from tenant_apps.orders.services import limits, paying
from tenant_apps.orders.services.checkout import CheckoutQuote, check_expected, quote_checkout
from tenant_apps.orders.services.quoted import QuotedLine


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


def place_order(
    *,
    member: Member,
    lines: Sequence[WantedLine],
    address: Recipient | None,
    expected_total: int,
    idempotency_key: str,
    now: dt.datetime,
    remark: str = "",
    voucher_amount: int = 0,
) -> Order:
    """Sell `lines` to `member` at today's prices; `expected_total` (fen) is what the shopper agreed to.

    The same key gives the same order, whatever else the repeat says. The bought SKUs leave the cart. Of the goods
    `voucher_amount` fen are paid by vouchers that the member has drawn; where nothing is left to pay it is paid at once. A fee has no
    address. Raises OrdersClosed, EmptyCart, QuantityOutOfRange, SkuNotSellable, FeeAlone, PriceChanged, PackLimit,
    AddressInvalid, KeyMissing, catalog.InsufficientStock, AgencyAreaMissing and what regional.check_agency raises;
    then nothing has changed.
    """
    if not 8 <= len(idempotency_key) <= 64:
        raise KeyMissing
    try:
        order = _place(member, tuple(lines), address, expected_total, idempotency_key, now, remark, voucher_amount)
    except (IntegrityError, DomainError):  # a repeat: the first click's order is ours, whatever this one would meet
        first = Order.objects.filter(member=member, idempotency_key=idempotency_key).first()
        if first is None:
            raise
        return first
    crashpoint("order.committed")
    return order


@retried_transaction
def _place(
    member: Member,
    lines: tuple[WantedLine, ...],
    address: Recipient | None,
    expected_total: int,
    key: str,
    now: dt.datetime,
    remark: str,
    voucher_amount: int,
) -> Order:
    with transaction.atomic():  # a savepoint where the caller has a transaction: its own work survives a refusal
        if not may(active_mall().state, Capability.NEW_ORDERS):
            raise OrdersClosed
        buyer = quoting.buyer_of(member, now)
        quote = quote_checkout(lines=lines, now=now, buyer=buyer, voucher_amount=voucher_amount)
        check_expected(quote, lines, expected_total)
        if quote.needs_address:
            check_address(address)
        agencies = limits.check_packs(member, quote, lines, now)
        stock.take_stock([StockLine(line.offer.sku_ulid, line.qty) for line in quote.lines])
        crashpoint("order.stock_taken")
        order = _insert(
            member, quote, address if address and quote.needs_address else NOWHERE, key, now, remark, agencies
        )
        crashpoint("order.row_written")
        if member.candidate_id is not None:
            members.bind_candidate(member_id=member.pk, moment=BindWhen.FIRST_ORDER, now=now)
        _follow_up(order, member, quote)
        if voucher_amount:
            vouchers.reserve(member_ulid=member.ulid, order_ulid=order.ulid, amount=voucher_amount, now=now)
            if not order.total_amount:
                order = paying.mark_covered(order_ulid=order.ulid, now=now)
        crashpoint("order.published")
    return order


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
) -> Order:
    order = Order(
        ulid=new_ulid(),
        number=new_document_number("M", now),
        member=member,
        idempotency_key=key,
        goods_amount=quote.goods_amount,
        freight_amount=quote.freight_amount,
        total_amount=quote.total_amount,
        remark=remark.strip()[:200],
        settings_versions=dict(quote.pins),
        aftersales_days=quote.aftersales_days,
        auto_receive_days=quote.settlement.auto_receive_days,
        placed_at=now,
        payment_due_at=now + dt.timedelta(minutes=quote.terms.payment_minutes),
        recipient_name=address.name,
        recipient_phone=address.phone,
        province_code=address.province_code,
        city_code=address.city_code,
        district_code=address.district_code,
        province=address.province,
        city=address.city,
        district=address.district,
        street_code=address.street_code,
        street=address.street,
        address_detail=address.detail,
    )
    order.save(force_insert=True)
    freight = spread_freight(
        quote.freight_amount, [(line.offer.kind, line.amounts.cash_amount) for line in quote.lines]
    )
    OrderLine.objects.bulk_create(
        _line(order, position, line, freight[position], agencies.get(line.offer.key, ""))
        for position, line in enumerate(quote.lines)
    )
    return order


_FOLLOW_UP = """
WITH gone AS (
    DELETE FROM orders_cartline WHERE member_id = %s
       AND (sku_id, zone) IN (SELECT * FROM unnest(%s::bigint[], %s::text[]))), said AS ({history}) {event}"""


def _follow_up(order: Order, member: Member, quote: CheckoutQuote) -> None:
    """What was bought leaves the cart, the history begins, the time to pay runs: one statement."""
    due = order.payment_due_at
    event, event_values = bus.publish_part("order.payment_due", {"order": order.ulid}, key=order.ulid, available_at=due)
    history, values = insert_part(
        OrderHistory(
            order=order,
            at=order.placed_at,
            actor=f"member:{member.ulid}",
            action="placed",
            state=OrderState.PENDING_PAYMENT,
        )
    )
    with connection.cursor() as cursor:
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


def _line(order: Order, position: int, line: QuotedLine, freight: int, agency_code: str) -> OrderLine:
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
        agency_code=agency_code,
        categories=list(offer.categories),
        kind=offer.kind,
        seller_ulid=offer.seller_ulid,
        seller=selling.to_json(line.seller),
        freight_amount=freight,
        qty=line.qty,
        unit_list_amount=line.unit_list_amount,
        unit_amount=line.unit_amount,
        **vars(line.amounts),
    )
