"""Reads of orders: what shoppers and staff see, and the facts that settlement works on."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, Prefetch, QuerySet, Sum

from saas.kernel.errors import NotFound
from saas.kernel.prepared import PreparedRead, prepared_rows
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact, offer_key
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting, selling
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.contract import BuyerFacts, LineFacts, LineKind, SaleFacts
from tenant_apps.modes.quoting import OfferQuote
from tenant_apps.modes.snapshots import sale_from_json
from tenant_apps.orders.models import (
    CartLine,
    FreightTemplate,
    Order,
    OrderHistory,
    OrderLine,
    Parcel,
    Refund,
    RefundPart,
)
from tenant_apps.orders.rules import PAID_ONCE, DeliveryKind, OrderState
from tenant_apps.promotions import selectors as promotions
from tenant_apps.promotions.flash import FlashSale
from tenant_apps.sellers import selectors as sellers

PAGE_SIZE = 10
FLASH = "flash:"  # the source of what a flash sale takes off a line, before its ULID


@dataclass(frozen=True)
class CartRow:
    """A line of a cart as it stands now."""

    offer: OfferFact
    qty: int
    price: OfferQuote | None = None  # for the one who looks, where it was asked for
    seen_amount: int = 0  # the zone's price when it was put in; 0: not known
    flash: FlashSale | None = None  # a running flash sale of it, where it is less than the usual price
    flash_pieces: int = 0  # how many of it have that price

    @property
    def unit_amount(self) -> int:
        return self.price.unit_amount if self.price else self.offer.price_amount

    @property
    def amount(self) -> int:
        off = self.flash_pieces * (self.unit_amount - self.flash.price_amount) if self.flash else 0
        return self.unit_amount * self.qty - off

    @property
    def address(self) -> str:
        """The product's page, with this SKU chosen, in the zone it was taken from."""
        page = catalog.product_address(self.offer.product_ulid, self.offer.zone)
        return f"{page}{'&' if '?' in page else '?'}sku={self.offer.sku_ulid}"

    @property
    def saving_amount(self) -> int:
        """What a membership would take off this line."""
        return self.price.saving_amount * self.qty if self.price else 0

    @property
    def was_amount(self) -> int:
        """The zone's price when it was put in, where it is another today; else 0."""
        return self.seen_amount if self.seen_amount != self.offer.price_amount else 0

    @property
    def buyable(self) -> bool:
        return self.offer.sellable and self.offer.stock >= self.qty >= self.offer.zone_terms.least_qty


@dataclass(frozen=True)
class OrderPage:
    """A page of a member's orders, each with its lines prefetched."""

    orders: list[Order]
    number: int
    has_next: bool


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


def cart(member: Member) -> list[CartRow]:
    """A member's cart, newest first (one statement)."""
    lines = CartLine.objects.filter(member=member).order_by("-added_at", "-pk")
    found = catalog.offers_through(lines, "qty", "seen_amount")
    return [CartRow(offer, qty, seen_amount=seen) for offer, (qty, seen) in found]


@dataclass(frozen=True)
class CartGroup:
    """The rows of one seller (empty: the mall's own goods): they become one order."""

    seller_ulid: str
    name: str
    rows: tuple[CartRow, ...]


def grouped(rows: Sequence[CartRow]) -> list[CartGroup]:
    """Cart rows by seller, in the order of the first row of each (one statement where sellers sell)."""
    names = sellers.names(row.offer.seller_ulid for row in rows)
    groups: dict[str, list[CartRow]] = {}
    for row in rows:
        groups.setdefault(row.offer.seller_ulid, []).append(row)
    return [CartGroup(ulid, names.get(ulid, ""), tuple(of_one)) for ulid, of_one in groups.items()]


def priced(rows: Sequence[CartRow], *, buyer: BuyerFacts, now: dt.datetime) -> list[CartRow]:
    """Cart rows with what this buyer pays (one statement for the settings, two more where flash sales run)."""
    pieces = {row.offer.key: row.qty for row in rows}
    quotes = quoting.quote_offers([row.offer for row in rows], buyer=buyer, now=now, quantities=pieces)
    rows = [replace(row, price=quotes[row.offer.key]) for row in rows]
    running = promotions.flash_sales(promotions.by_itself(now=now)) if rows else {}
    here = [running[row.offer.key] for row in rows if row.offer.key in running]
    bought = flash_pieces_bought(buyer.member, here) if here and buyer.member else {}
    return [_at_flash(row, running.get(row.offer.key), bought) for row in rows]


def _at_flash(row: CartRow, sale: FlashSale | None, bought: Mapping[str, int]) -> CartRow:
    if sale is None:
        return row
    pieces = sale.pieces(row.qty, unit_amount=row.unit_amount, bought=bought.get(sale.ulid, 0))
    return replace(row, flash=sale, flash_pieces=pieces) if pieces else row


def flash_pieces_bought(member_ulid: str, sales: Iterable[FlashSale]) -> dict[str, int]:
    """By ULID, pieces of flash sales that a member has bought or holds in an order to be paid; refunded ones do not count."""
    asked = list(sales)
    wanted = {f"{FLASH}{one.ulid}": one.ulid for one in asked}
    skus = {one.key.partition("@")[0] for one in asked}
    rows = OrderLine.objects.filter(order__member__ulid=member_ulid, sku_ulid__in=skus).exclude(
        order__state__in=[OrderState.CANCELLED, OrderState.REFUNDED]
    )
    found: dict[str, int] = {}
    for qty, refunded, of_line in rows.values_list("qty", "refunded_qty", "discounts"):
        for one in of_line:
            if ulid := wanted.get(one["source"]):
                found[ulid] = found.get(ulid, 0) + min(one["pieces"], qty - refunded)
    return found


def orders_of_product(product_ulid: str) -> int:
    """How many orders speak of a product: while there are any, it is not deleted."""
    return OrderLine.objects.filter(product_ulid=product_ulid).values("order").distinct().count()


_CART_LINES = """
SELECT s.ulid, l.zone, l.qty FROM orders_cartline l JOIN catalog_sku s ON s.id = l.sku_id
  WHERE l.member_id = %s ORDER BY l.added_at DESC, l.id DESC"""


def cart_lines(member: Member) -> list[tuple[str, int]]:
    """A member's cart as (offer key, quantity) pairs, newest first (one statement)."""
    return [(offer_key(sku, zone), qty) for sku, zone, qty in prepared_rows(_CART_LINES, [member.pk])]


def cart_rows(lines: Sequence[tuple[str, int]]) -> list[CartRow]:
    """Cart rows of (offer key, quantity) pairs; what is gone is left out (one statement)."""
    offers = catalog.offers([sku for sku, _ in lines]) if lines else {}
    return [CartRow(offers[sku], qty) for sku, qty in lines if sku in offers]


def cart_count(member: Member) -> int:
    """Pieces in a member's cart."""
    return CartLine.objects.filter(member=member).aggregate(pieces=Sum("qty"))["pieces"] or 0


def orders_of_member(member: Member, *, state: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> OrderPage:
    """A member's orders, newest first, with their lines (two statements)."""
    rows = Order.objects.filter(member=member)
    if state:
        rows = rows.filter(state=state)
    number = max(1, page)
    start = (number - 1) * page_size
    found = list(rows.order_by("-pk").prefetch_related(_lines())[start : start + page_size + 1])
    return OrderPage(found[:page_size], number, len(found) > page_size)


def state_counts(member: Member) -> dict[str, int]:
    """How many orders a member has in each state; every state present."""
    counts = dict.fromkeys((state.value for state in OrderState), 0)
    rows = Order.objects.filter(member=member).values("state").annotate(n=Count("pk")).values_list("state", "n")
    return counts | dict(rows)


def order_of_member(member: Member, ulid: str) -> Order:
    """One order of this member, with lines and refunds. Raises NotFound, for another member's too."""
    order = Order.objects.filter(member=member, ulid=ulid).prefetch_related(_lines(), _refunds()).first()
    if order is None:
        raise NotFound
    return order


def line_of_member(member: Member, ulid: str) -> OrderLine:
    """One line of this member's orders, with its order. Raises NotFound, for another member's too."""
    line = OrderLine.objects.select_related("order").filter(order__member=member, ulid=ulid).first()
    if line is None:
        raise NotFound
    return line


def locked_order(ulid: str) -> Order:
    """An order, locked until the transaction ends. Raises NotFound."""
    order = Order.objects.select_for_update().filter(ulid=ulid).first()
    if order is None:
        raise NotFound
    return order


_HEADER = PreparedRead(
    lambda member, ulid: Order.objects.filter(member_id=member, ulid=ulid), member=2**40, ulid="?ulid"
)


def order_header(member: Member, ulid: str) -> Order:
    """One order of this member without its lines (one statement): the pay page asks often. Raises NotFound."""
    found = _HEADER.first(member=member.pk, ulid=ulid)
    if found is None:
        raise NotFound
    return found


def placed_with(order: Order) -> list[Order]:
    """The other orders of the same purchase (one statement, none for an order that was placed alone)."""
    if not order.purchase:
        return []
    rows = Order.objects.filter(purchase=order.purchase).exclude(purchase="").exclude(pk=order.pk)
    return list(rows.order_by("purchase_position"))


def waiting_at(store_ulids: Sequence[str], *, limit: int = 100) -> list[Order]:
    """Paid orders that wait at these stores to be picked up, the oldest first, with their lines (two statements)."""
    rows = Order.objects.filter(pickup_store__in=store_ulids, received_at=None, paid_at__isnull=False)
    rows = rows.filter(state__in=[OrderState.PAID, OrderState.SHIPPED]).exclude(pickup_code="")
    return list(rows.order_by("paid_at", "pk").prefetch_related(_lines())[:limit])


def order(ulid: str) -> Order:
    """One order for staff, with member, lines and refunds. Raises NotFound."""
    found = Order.objects.select_related("member").filter(ulid=ulid).prefetch_related(_lines(), _refunds()).first()
    if found is None:
        raise NotFound
    return found


def freight_templates(*, seller_ulid: str | None = None) -> list[FreightTemplate]:
    """Freight templates, the mall's first; with `seller_ulid` (empty: the mall) those of one owner."""
    rows = FreightTemplate.objects.order_by("seller_ulid", "-is_default", "name")
    return list(rows if seller_ulid is None else rows.filter(seller_ulid=seller_ulid))


def freight_template(ulid: str) -> FreightTemplate:
    """One freight template. Raises NotFound."""
    found = FreightTemplate.objects.filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def freight_by_template(*, now: dt.datetime) -> bool:
    """Whether this mall prices freight by its templates, and not flat."""
    return bool(modes.settings_in_force(now=now)["orders"].values.freight_by_template)


def refund(ulid: str) -> Refund:
    """One refund with its order. Raises NotFound."""
    found = Refund.objects.select_related("order").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def refund_parts(refund: Refund) -> list[RefundPart]:
    """The lines of a case in the order's order."""
    return list(RefundPart.objects.filter(refund=refund).select_related("line").order_by("line__position"))


@dataclass(frozen=True)
class CaseStep:
    """One thing that happened in a case."""

    at: dt.datetime
    actor: str
    action: str
    note: str


def trail(refund: Refund) -> list[CaseStep]:
    """What happened in a case, in order."""
    return [CaseStep(dt.datetime.fromisoformat(at), actor, action, note) for at, actor, action, note in refund.trail]


@dataclass(frozen=True)
class SellerRate:
    """A seller's after-sales since an instant: paid orders, cases of shoppers, cases that the mall had to decide."""

    seller_ulid: str
    orders: int
    cases: int
    ruled: int

    @property
    def case_ppm(self) -> int:
        """Cases a paid order, in ppm."""
        return self.cases * 1_000_000 // self.orders if self.orders else 0


def aftersales_rates(*, since: dt.datetime) -> list[SellerRate]:
    """Every seller with a case since then, the highest rate first; the mall's own goods are the seller ``."""
    cases = dict(_by_seller(Refund.objects.filter(requested_at__gte=since).exclude(stage="")))
    ruled = dict(_by_seller(Refund.objects.filter(requested_at__gte=since).exclude(freight_bearer="")))
    paid = Order.objects.filter(paid_at__gte=since, seller_ulid__in=list(cases))
    orders = dict(paid.values_list("seller_ulid").annotate(number=Count("pk")))
    rates = [SellerRate(key, orders.get(key, 0), number, ruled.get(key, 0)) for key, number in cases.items()]
    return sorted(rates, key=lambda one: (-one.case_ppm, one.seller_ulid))


def paid_by_seller(seller_ulids: list[str], *, since: dt.datetime) -> dict[str, int]:
    """How many orders of these sellers were paid since then (one statement)."""
    paid = Order.objects.filter(paid_at__gte=since, seller_ulid__in=seller_ulids)
    return dict(paid.values_list("seller_ulid").annotate(number=Count("pk")))


def _by_seller(rows: QuerySet[Refund]) -> QuerySet[Refund, tuple[str, int]]:
    return rows.values_list("order__seller_ulid").annotate(number=Count("pk"))


def history(ulid: str) -> QuerySet[OrderHistory]:
    """Every change of an order, in the order in which it happened."""
    return OrderHistory.objects.filter(order__ulid=ulid).order_by("pk")


def told(member: Member) -> QuerySet[OrderHistory]:
    """What others, or the clock, did to a member's orders, newest first."""
    return (
        OrderHistory.objects.filter(order__member=member)
        .exclude(actor=f"member:{member.ulid}")
        .select_related("order")
        .order_by("-at", "-pk")
    )


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
    for row in found.prefetch_related(_lines()).iterator(chunk_size=500):
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


def not_received() -> QuerySet[Order, str]:
    """ULIDs of the paid orders whose goods nobody has received yet, to be used inside another statement."""
    return Order.objects.filter(paid_at__isnull=False, received_at=None, refunded_at=None).values_list(
        "ulid", flat=True
    )


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


def numbers_of(ulids: Iterable[str]) -> dict[str, str]:
    """The numbers of orders, by ULID (one statement); what is no order is absent."""
    wanted = {one for one in ulids if len(one) == 26}
    return dict(Order.objects.filter(ulid__in=wanted).values_list("ulid", "number")) if wanted else {}


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


def _lines() -> Prefetch:
    return Prefetch("lines", OrderLine.objects.order_by("position"))


@dataclass(frozen=True)
class ParcelView:
    """A parcel with what is in it."""

    row: Parcel
    content: list[tuple[OrderLine, int]]

    @property
    def events(self) -> list[dict[str, Any]]:
        """What became of it, the newest first: `time` and `text`."""
        found = reversed(self.row.tracking.get("events", []))
        return [{"time": dt.datetime.fromisoformat(one["at"]), "text": one["text"]} for one in found]

    @property
    def state(self) -> str:
        return str(self.row.tracking.get("state", ""))


def parcels_of(order: Order) -> list[ParcelView]:
    """The parcels of an order whose lines are prefetched (one statement, none for one that cannot have any)."""
    if order.paid_at is None:
        return []
    lines = {line.ulid: line for line in order.lines.all()}
    return [
        ParcelView(row, [(lines[ulid], qty) for ulid, qty in row.pieces.items() if ulid in lines])
        for row in Parcel.objects.filter(order=order).order_by("position")
    ]


def to_ship(*, seller_ulid: str | None = None, limit: int = 1_000) -> list[Order]:
    """Paid orders that a carrier or store still has to bring, the oldest first, with lines (two statements).

    With `seller_ulid` (empty: the mall's own) those of one seller.
    """
    rows = Order.objects.filter(state=OrderState.PAID).exclude(delivery_kind=DeliveryKind.TILL)
    rows = rows.order_by("paid_at", "pk")
    if seller_ulid is not None:
        rows = rows.filter(seller_ulid=seller_ulid)
    return list(rows.prefetch_related(_lines())[:limit])


def _refunds() -> Prefetch:
    return Prefetch("refunds", Refund.objects.order_by("pk"))


def count_unfinished() -> int:
    """Orders in which goods or money are still under way."""
    ended = [OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED]
    return Order.objects.exclude(state__in=ended).count()


def count_all() -> int:
    """Every order there is."""
    return Order.objects.count()
