"""The member's own orders over HTTP: list, one, place, cancel, confirm receipt. Signed in by the mall's session."""

import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router, Schema
from ninja.security import SessionAuth
from pydantic import ConfigDict, Field

from saas.kernel import clock
from saas.kernel.errors import Forbidden
from tenant_apps.catalog.api import refuse_unknown
from tenant_apps.catalog.rules import SELF_OPERATED, offer_key
from tenant_apps.members import selectors as members
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting
from tenant_apps.orders import selectors, services
from tenant_apps.orders.delivery import DeliveryWish
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import DeliveryKind, OrderState, WantedLine

router = Router(tags=["orders"], auth=SessionAuth(csrf=True))


class OrdersQuery(Schema):
    """Which orders."""

    state: OrderState | None = None
    page: int = Field(1, ge=1, le=1000)


class LineOut(Schema):
    """A line as it was sold. Amounts in fen."""

    ulid: str
    title: str
    option_text: str
    zone: str
    qty: int
    unit_list_amount: int
    unit_amount: int
    cash_amount: int
    refunded_cash_amount: int


class OrderOut(Schema):
    """An order of the signed-in member. Amounts in fen."""

    ulid: str
    number: str
    state: OrderState
    goods_amount: int
    freight_amount: int
    total_amount: int
    purchase: str
    payable_amount: int
    seller_ulid: str
    delivery_kind: DeliveryKind
    pickup_store: str
    pickup_code: str
    refunded_amount: int
    recipient_name: str
    address: str
    carrier: str
    tracking_number: str
    placed_at: dt.datetime
    payment_due_at: dt.datetime
    paid_at: dt.datetime | None
    shipped_at: dt.datetime | None
    completed_at: dt.datetime | None
    lines: list[LineOut]


class PlacedOut(OrderOut):
    """The first order of a purchase; `others` are of further sellers, one payment of `payable_amount` pays all."""

    others: list[OrderOut]


class OrdersOut(Schema):
    """One page of orders, newest first."""

    orders: list[OrderOut]
    page: int
    has_next: bool


class LineIn(Schema):
    """A SKU of a zone to buy, at the price that was shown (fen)."""

    model_config = ConfigDict(extra="forbid")

    sku: str = Field(max_length=26)
    zone: str = Field(SELF_OPERATED, max_length=30)
    qty: int = Field(ge=1, le=999)
    expected_unit_amount: int | None = Field(None, ge=0)


class DeliveryIn(Schema):
    """How the goods of one seller (empty: the mall's own) are to come; `store` hands them over or brings them."""

    model_config = ConfigDict(extra="forbid")

    seller: str = Field("", max_length=26)
    kind: DeliveryKind
    store: str = Field("", max_length=26)
    latitude: float | None = Field(None, ge=-90, le=90)
    longitude: float | None = Field(None, ge=-180, le=180)


class QuoteIn(Schema):
    """What to price; freight is for `address` where one is given."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LineIn] = Field(min_length=1, max_length=50)
    address: str = Field("", max_length=26)
    coins: int = Field(0, ge=0)  # whole shopping coins
    deliveries: list[DeliveryIn] = Field(default_factory=list, max_length=50)


class QuotedLineOut(Schema):
    """A line as it would be sold to this member. Amounts in fen; `unit_list_amount` is without his level."""

    sku: str
    zone: str
    title: str
    qty: int
    unit_list_amount: int
    unit_amount: int


class QuotePartOut(Schema):
    """What one seller sells: one order. Amounts in fen."""

    seller: str
    delivery_kind: DeliveryKind
    goods_amount: int
    freight_amount: int
    total_amount: int


class QuoteOut(Schema):
    """What a purchase would cost this member now. Amounts in fen."""

    lines: list[QuotedLineOut]
    parts: list[QuotePartOut]
    goods_amount: int
    freight_amount: int
    total_amount: int
    saved_amount: int
    coin_amount: int  # what the asked-for coins take off
    coin_limit: int  # coins that may be used
    needs_address: bool


class OrderIn(Schema):
    """A purchase. The same key gives the same order."""

    model_config = ConfigDict(extra="forbid")

    lines: list[LineIn] = Field(min_length=1, max_length=50)
    address: str = Field("", max_length=26)  # empty: for a fee, which is not sent
    expected_total_amount: int = Field(ge=0)
    voucher_amount: int = Field(0, ge=0)  # fen of the goods to be paid by vouchers
    coins: int = Field(0, ge=0)  # whole shopping coins that pay a part of the goods
    deliveries: list[DeliveryIn] = Field(default_factory=list, max_length=50)
    idempotency_key: str = Field(min_length=8, max_length=64)
    remark: str = Field("", max_length=200)


class ReasonIn(Schema):
    """Why."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=200)


@router.get("", response=OrdersOut)
def list_orders(request: HttpRequest, query: Query[OrdersQuery]) -> OrdersOut:
    """The member's orders."""
    refuse_unknown(request, query)
    page = selectors.orders_of_member(_member(request), state=query.state or "", page=query.page)
    return OrdersOut(orders=[_out(order) for order in page.orders], page=page.number, has_next=page.has_next)


@router.post("/quote", response=QuoteOut)
def quote(request: HttpRequest, given: QuoteIn) -> QuoteOut:
    """Prices for the signed-in member: by his level and the zone of each line."""
    moment, member = clock.now(), _member(request)
    found = services.quote_checkout(
        lines=_wanted(given.lines),
        now=moment,
        buyer=quoting.buyer_of(member, moment),
        coins=given.coins,
        deliveries=_wishes(given.deliveries),
        address=services.recipient_of(members.address(member, given.address)) if given.address else None,
    )
    return QuoteOut(
        lines=[
            QuotedLineOut(
                sku=line.offer.sku_ulid,
                zone=line.offer.zone,
                title=f"{line.offer.title} {line.offer.option_text}".strip(),
                qty=line.qty,
                unit_list_amount=line.unit_list_amount,
                unit_amount=line.unit_amount,
            )
            for line in found.lines
        ],
        parts=[
            QuotePartOut(
                seller=part.seller_ulid,
                delivery_kind=part.delivery.kind,
                goods_amount=part.goods_amount,
                freight_amount=part.freight_amount,
                total_amount=part.total_amount,
            )
            for part in found.parts
        ],
        goods_amount=found.goods_amount,
        freight_amount=found.freight_amount,
        total_amount=found.total_amount,
        saved_amount=found.saved_amount,
        coin_amount=found.coin_amount,
        coin_limit=found.coin_limit,
        needs_address=found.needs_address,
    )


@router.get("/{ulid}", response=OrderOut)
def one_order(request: HttpRequest, ulid: str) -> OrderOut:
    """One order of the member."""
    return _out(selectors.order_of_member(_member(request), ulid))


@router.post("", response={201: PlacedOut})
def place_order(request: HttpRequest, given: OrderIn) -> tuple[int, PlacedOut]:
    """Place one order a seller at the agreed total; stock, price and address are checked."""
    member = _member(request)
    purchase = services.place_purchase(
        member=member,
        lines=_wanted(given.lines),
        address=services.recipient_of(members.address(member, given.address)) if given.address else None,
        expected_total=given.expected_total_amount,
        idempotency_key=given.idempotency_key,
        now=clock.now(),
        remark=given.remark,
        voucher_amount=given.voucher_amount,
        coins=given.coins,
        deliveries=_wishes(given.deliveries),
    )
    first, *others = [_out(selectors.order_of_member(member, order.ulid)) for order in purchase.orders]
    return 201, PlacedOut(**first.model_dump(), others=others)


def _wishes(given: list[DeliveryIn]) -> list[DeliveryWish]:
    return [DeliveryWish(one.seller, one.kind, one.store, _micro(one.latitude), _micro(one.longitude)) for one in given]


def _micro(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * 1_000_000)


def _wanted(lines: list[LineIn]) -> list[WantedLine]:
    return [WantedLine(offer_key(line.sku, line.zone), line.qty, line.expected_unit_amount) for line in lines]


@router.post("/{ulid}/cancel", response=OrderOut)
def cancel_order(request: HttpRequest, ulid: str, given: ReasonIn) -> OrderOut:
    """Give up an order that is not paid."""
    member = _member(request)
    order = selectors.order_of_member(member, ulid)
    services.cancel_order(order_ulid=order.ulid, actor=f"member:{member.ulid}", reason=given.reason, now=clock.now())
    return _out(selectors.order_of_member(member, ulid))


@router.post("/{ulid}/receive", response=OrderOut)
def receive_order(request: HttpRequest, ulid: str) -> OrderOut:
    """Confirm that the goods have arrived."""
    member = _member(request)
    services.receive_order(order_ulid=ulid, actor=f"member:{member.ulid}", member=member, now=clock.now())
    return _out(selectors.order_of_member(member, ulid))


def _member(request: HttpRequest) -> Member:
    """Who is signed in; staff who never shopped have no orders. Raises Forbidden."""
    member: Member | None = request.member  # type: ignore[attr-defined]  # lazy: compares unequal to None
    if not member:
        raise Forbidden
    return member


def _out(order: Order) -> OrderOut:
    names = [name for name in OrderOut.model_fields if name not in ("address", "lines")]
    lines = [LineOut.model_validate(line, from_attributes=True) for line in order.lines.all()]
    return OrderOut(**{name: getattr(order, name) for name in names}, address=order.one_line_address, lines=lines)
