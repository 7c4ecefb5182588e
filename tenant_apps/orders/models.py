"""Tables of orders: cart, order with lines and history, refund cases. Checks tie a state to its instants."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.catalog.rules import SELF_OPERATED
from tenant_apps.orders.aftersales import OPEN_STAGES, Bearer, Service, Stage
from tenant_apps.orders.rules import MAX_PARTS, MAX_QTY, PAID_ONCE, DeliveryKind, OrderState, RefundKind, RefundState


def _has(instant: str, states: set[OrderState] | frozenset[OrderState], *, only: bool) -> Q:
    """`instant` is set in these states; with `only`, in no other."""
    inside = Q(state__in=sorted(states), **{f"{instant}__isnull": False})
    outside = ~Q(state__in=sorted(states))
    return inside | (outside & Q(**{f"{instant}__isnull": True}) if only else outside)


class CartLine(models.Model):
    """So many pieces of a SKU, from the zone where it was found, in a member's cart."""

    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.CASCADE, related_name="+")
    zone = models.CharField(max_length=30, default=SELF_OPERATED)
    qty = models.PositiveIntegerField()
    seen_amount = models.BigIntegerField(default=0)  # the zone's price when it was last put in; 0: not known
    added_at = models.DateTimeField()

    class Meta:
        app_label = "orders"
        constraints = [
            models.UniqueConstraint(fields=["member", "sku", "zone"], name="orders_cart_once"),
            models.CheckConstraint(name="orders_cart_qty", condition=Q(qty__range=(1, MAX_QTY))),
        ]


class Order(models.Model):
    """What one seller sells in one go. Amounts in fen; `goods_amount` is the cash part of the lines. What it was sold
    under is pinned. Orders placed together and paid by one payment are a purchase: they share `purchase`.
    """

    ulid = models.CharField(max_length=26, unique=True)
    number = models.CharField(max_length=32, unique=True)
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in OrderState], default=OrderState.PENDING_PAYMENT
    )
    idempotency_key = models.CharField(max_length=64)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # empty: the mall's own goods, or a fee
    purchase = models.CharField(max_length=26, blank=True, default="")  # empty: it was placed alone
    purchase_position = models.PositiveSmallIntegerField(default=0)
    purchase_amount = models.BigIntegerField(default=0)  # what the one payment of all its orders comes to; 0: alone
    goods_amount = models.BigIntegerField()
    freight_amount = models.BigIntegerField()
    total_amount = models.BigIntegerField()
    card_amount = models.BigIntegerField(default=0)  # of the total, paid by a stored-value card of its seller
    card_ulid = models.CharField(max_length=26, blank=True, default="")
    refunded_amount = models.BigIntegerField(default=0)  # approved so far, freight included
    refunded_freight_amount = models.BigIntegerField(default=0)
    coupon_count = models.PositiveSmallIntegerField(default=0)  # coupons that its purchase uses
    coin_count = models.PositiveIntegerField(default=0)  # shopping coins that pay a part of its goods
    remark = models.CharField(max_length=200, blank=True, default="")

    recipient_name = models.CharField(max_length=40)
    recipient_phone = models.CharField(max_length=20)
    province_code = models.CharField(max_length=6)
    city_code = models.CharField(max_length=6)
    district_code = models.CharField(max_length=6)
    province = models.CharField(max_length=32)
    city = models.CharField(max_length=32)
    district = models.CharField(max_length=32)
    street_code = models.CharField(max_length=9, blank=True, default="")
    street = models.CharField(max_length=40, blank=True, default="")
    address_detail = models.CharField(max_length=120)
    area_revision = models.PositiveSmallIntegerField(default=0)  # how often a change of address moved a paid order

    settings_versions = models.JSONField(default=dict)  # mode → ULID of the version in force
    delivery_kind = models.CharField(
        max_length=14, choices=[(k.value, k.value) for k in DeliveryKind], default=DeliveryKind.EXPRESS
    )
    delivery_store = models.CharField(max_length=26, blank=True, default="")  # who brings it, where a store does
    latitude_e6 = models.IntegerField(null=True)  # of the address, where the shopper shared his position
    longitude_e6 = models.IntegerField(null=True)
    pickup_store = models.CharField(max_length=26, blank=True, default="")  # the store that hands the goods over
    pickup_code = models.CharField(max_length=12, blank=True, default="")  # from payment on; good once
    sale_facts = models.JSONField(default=dict)  # who may earn, as it was at payment: modes.snapshots
    aftersales_days = models.PositiveSmallIntegerField()
    auto_receive_days = models.PositiveSmallIntegerField()

    payment = models.CharField(max_length=32, default="")  # the payment that paid it
    carrier = models.CharField(max_length=40, default="")
    tracking_number = models.CharField(max_length=40, default="")

    placed_at = models.DateTimeField()
    payment_due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orders"
        indexes = [
            models.Index(fields=["member", "-id"], name="orders_order_member"),
            models.Index(fields=["state", "-id"], name="orders_order_state"),
            models.Index(fields=["seller_ulid", "-id"], name="orders_order_seller", condition=~Q(seller_ulid="")),
            models.Index(
                fields=["delivery_store", "-id"], name="orders_order_brought", condition=~Q(delivery_store="")
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "idempotency_key", "purchase_position"], name="orders_order_once"
            ),
            models.UniqueConstraint(
                fields=["purchase", "purchase_position"], name="orders_order_purchase", condition=~Q(purchase="")
            ),
            models.UniqueConstraint(
                fields=["pickup_store", "pickup_code"],
                name="orders_order_pickup",
                condition=~Q(pickup_code="") & Q(received_at=None, refunded_at=None),
            ),
            models.CheckConstraint(
                name="orders_order_together",
                condition=Q(purchase="", purchase_position=0, purchase_amount=0)
                | (
                    ~Q(purchase="")
                    & Q(purchase_position__lt=MAX_PARTS, purchase_amount__gte=F("total_amount") - F("card_amount"))
                ),
            ),
            models.CheckConstraint(
                name="orders_order_delivery",
                condition=Q(delivery_kind=DeliveryKind.EXPRESS, delivery_store="")
                | Q(delivery_kind=DeliveryKind.TILL, delivery_store="", pickup_store="")
                | Q(delivery_kind=DeliveryKind.PICKUP, delivery_store="", pickup_store__gt="")
                | Q(delivery_kind=DeliveryKind.STORE_DELIVERY, delivery_store__gt="", pickup_store=""),
            ),
            models.CheckConstraint(name="orders_order_state", condition=Q(state__in=[s.value for s in OrderState])),
            models.CheckConstraint(
                name="orders_order_total",
                condition=Q(goods_amount__gte=0, freight_amount__gte=0, total_amount__gte=0)
                & Q(total_amount=F("goods_amount") + F("freight_amount")),
            ),
            models.CheckConstraint(
                name="orders_order_card",
                condition=Q(card_ulid="", card_amount=0)
                | Q(card_ulid__gt="", seller_ulid__gt="", card_amount__gt=0, card_amount__lte=F("total_amount")),
            ),
            models.CheckConstraint(
                name="orders_order_refunded",
                condition=Q(refunded_amount__gte=0, refunded_amount__lte=F("total_amount"))
                & Q(refunded_freight_amount__gte=0, refunded_freight_amount__lte=F("freight_amount")),
            ),
            models.CheckConstraint(name="orders_order_paid_at", condition=_has("paid_at", PAID_ONCE, only=True)),
            models.CheckConstraint(
                name="orders_order_shipped_at",
                condition=_has(
                    "shipped_at", {OrderState.SHIPPED, OrderState.RECEIVED, OrderState.COMPLETED}, only=False
                ),
            ),
            models.CheckConstraint(
                name="orders_order_received_at",
                condition=_has("received_at", {OrderState.RECEIVED, OrderState.COMPLETED}, only=False),
            ),
            models.CheckConstraint(
                name="orders_order_completed_at", condition=_has("completed_at", {OrderState.COMPLETED}, only=False)
            ),
            models.CheckConstraint(
                name="orders_order_cancelled_at", condition=_has("cancelled_at", {OrderState.CANCELLED}, only=True)
            ),
            models.CheckConstraint(
                name="orders_order_refunded_at", condition=_has("refunded_at", {OrderState.REFUNDED}, only=True)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def payable_amount(self) -> int:
        """What its payment comes to, cards apart: its own total, or that of all orders it was placed with."""
        return self.purchase_amount if self.purchase else self.total_amount - self.card_amount

    @property
    def payment_document(self) -> str:
        """Under which name it is paid."""
        return f"purchase:{self.purchase}" if self.purchase else f"order:{self.ulid}"

    @property
    def voucher_amount(self) -> int:
        """What vouchers pay of the goods, all lines together; goods_amount is the part paid in money."""
        return sum(line.voucher_amount for line in self.lines.all())

    @property
    def worth_amount(self) -> int:
        """The goods, whatever pays them."""
        return self.goods_amount + self.voucher_amount + self.coin_amount

    @property
    def coin_amount(self) -> int:
        """What the mall's part of shopping coins pays of the goods; what sellers bear of them is in their discounts."""
        return sum(line.coin_amount for line in self.lines.all())

    @property
    def one_line_address(self) -> str:
        """`广东省广州市天河区…`; a municipality's name is not said twice."""
        area = "".join(dict.fromkeys(part for part in (self.province, self.city, self.district) if part))
        return f"{area}{self.street}{self.address_detail}"


class OrderLine(models.Model):
    """One SKU of an order as it was sold, with the waterfall of MODES 1 and what has gone back of it."""

    ulid = models.CharField(max_length=26, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product_ulid = models.CharField(max_length=26)
    sku_ulid = models.CharField(max_length=26)
    zone = models.CharField(max_length=30)
    title = models.CharField(max_length=80)
    option_text = models.CharField(max_length=200, default="")
    image_key = models.CharField(max_length=120, default="")
    agency_code = models.CharField(
        max_length=6, blank=True, default=""
    )  # a pack that grants an agency: the chosen area
    categories = models.JSONField(default=list)  # slugs: the product's own category, then its parent
    kind = models.CharField(max_length=12, default="goods")
    earns = models.BooleanField(default=True)  # False: its zone awards nothing
    seller_ulid = models.CharField(max_length=26, blank=True, default="")
    seller = models.JSONField(
        default=dict
    )  # the seller's terms at placing: kind, rate, supply price, people behind him
    qty = models.PositiveIntegerField()
    unit_list_amount = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    gross_amount = models.BigIntegerField()  # G
    level_amount = models.BigIntegerField()  # M
    merchant_discount_amount = models.BigIntegerField(default=0)  # Ds
    platform_discount_amount = models.BigIntegerField(default=0)  # Dp
    coin_amount = models.BigIntegerField(default=0)  # K
    coin_count = models.PositiveIntegerField(
        default=0
    )  # coins taken, whoever bears them: the mall (K) or the seller (in Ds)
    voucher_amount = models.BigIntegerField(default=0)  # V
    cash_amount = models.BigIntegerField()  # C
    supply_cost_amount = (
        models.BigIntegerField()
    )  # qty × supply price at placing; else what the seller is paid out of C
    freight_amount = models.BigIntegerField(
        default=0
    )  # the line's part of the order's freight, apart from the waterfall
    discounts = models.JSONField(default=list)  # where Ds and Dp came from: pricing.to_json
    shipped_qty = models.PositiveIntegerField(default=0)
    refunded_qty = models.PositiveIntegerField(default=0)
    refunded_value_amount = models.BigIntegerField(default=0)  # Σ f of MODES 1.2, part of M − Ds
    refunded_coin_amount = models.BigIntegerField(default=0)
    refunded_coin_count = models.PositiveIntegerField(default=0)
    refunded_voucher_amount = models.BigIntegerField(default=0)
    refunded_cash_amount = models.BigIntegerField(default=0)
    restocked_qty = models.PositiveIntegerField(default=0)
    restocked_cost_amount = models.BigIntegerField(default=0)
    terms_ulid = models.CharField(max_length=26, blank=True, default="")  # of a store's card: what the buyer accepted
    used_value_amount = models.BigIntegerField(default=0)  # of a store's card: used up, part of M − Ds, never refunded

    class Meta:
        app_label = "orders"
        indexes = [models.Index(fields=["seller_ulid"], condition=Q(voucher_amount__gt=0), name="orders_line_vouchers")]
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_line_position"),
            models.CheckConstraint(
                name="orders_line_waterfall",
                condition=Q(
                    level_amount=F("merchant_discount_amount")
                    + F("platform_discount_amount")
                    + F("coin_amount")
                    + F("voucher_amount")
                    + F("cash_amount")
                ),
            ),
            models.CheckConstraint(
                name="orders_line_positive",
                condition=Q(
                    qty__range=(1, MAX_QTY),
                    merchant_discount_amount__gte=0,
                    platform_discount_amount__gte=0,
                    coin_amount__gte=0,
                    voucher_amount__gte=0,
                    cash_amount__gte=0,
                    supply_cost_amount__gte=0,
                    freight_amount__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="orders_line_refunded",
                condition=Q(refunded_qty__lte=F("qty"), restocked_qty__lte=F("refunded_qty"), shipped_qty__lte=F("qty"))
                & Q(refunded_value_amount__gte=0, used_value_amount__gte=0)
                & Q(
                    refunded_value_amount__lte=F("level_amount")
                    - F("merchant_discount_amount")
                    - F("used_value_amount")
                )
                & Q(refunded_cash_amount__gte=0, refunded_cash_amount__lte=F("cash_amount"))
                & Q(refunded_coin_amount__gte=0, refunded_coin_amount__lte=F("coin_amount"))
                & Q(refunded_coin_count__lte=F("coin_count"))
                & Q(refunded_voucher_amount__gte=0, refunded_voucher_amount__lte=F("voucher_amount"))
                & Q(restocked_cost_amount__gte=0, restocked_cost_amount__lte=F("supply_cost_amount")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} × {self.qty}"

    @property
    def value_amount(self) -> int:
        """M − Ds: what a refund's share is measured on."""
        return self.level_amount - self.merchant_discount_amount


class Parcel(models.Model):
    """One parcel of an order: what is in it, who carries it, what the carrier said of it last."""

    ulid = models.CharField(max_length=26, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="parcels")
    position = models.PositiveSmallIntegerField()
    carrier = models.CharField(max_length=40)
    tracking_number = models.CharField(max_length=40)
    pieces = models.JSONField(default=dict)  # line ULID → quantity, validated by parcels.check
    shipped_at = models.DateTimeField()
    shipped_by = models.CharField(max_length=60)
    tracking = models.JSONField(default=dict)  # as the tracking adapter answered: state, events
    tracked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orders"
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="orders_parcel_position"),
            models.UniqueConstraint(
                fields=["order", "tracking_number"], name="orders_parcel_once", condition=~Q(tracking_number="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"


class FreightTemplate(models.Model):
    """What sending goods costs, by region: of the mall, or of one seller. The rates are data of orders.freight."""

    ulid = models.CharField(max_length=26, unique=True)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # empty: the mall's
    name = models.CharField(max_length=40)
    basis = models.CharField(max_length=8)
    rates = models.JSONField()  # [{regions, first, first_amount, next, next_amount, free_from_amount, free_from_count}]
    unreachable = models.JSONField(default=list)  # codes of provinces and cities
    is_default = models.BooleanField(default=False)
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "orders"
        constraints = [
            models.UniqueConstraint(
                fields=["seller_ulid"], condition=Q(is_default=True), name="orders_freight_one_default"
            ),
            models.UniqueConstraint(fields=["seller_ulid", "name"], name="orders_freight_name"),
            models.CheckConstraint(name="orders_freight_basis", condition=Q(basis__in=["piece", "weight"])),
        ]

    def __str__(self) -> str:
        return self.name


class OrderHistory(models.Model):
    """Every change of an order: what, who, why. Append-only."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="history")
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=30)
    state = models.CharField(max_length=16)  # after it
    reason = models.CharField(max_length=200, default="")

    class Meta:
        app_label = "orders"


class Refund(models.Model):
    """A refund case, or money that came for nothing and goes back. Its parts name lines; freight is apart."""

    ulid = models.CharField(max_length=26, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in RefundKind], default=RefundKind.CASE)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in RefundState], default=RefundState.REQUESTED
    )
    service = models.CharField(
        max_length=14, choices=[(s.value, s.value) for s in Service], default=Service.REFUND_ONLY
    )
    stage = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Stage], blank=True, default="")
    due_at = models.DateTimeField(null=True)  # until when the one whose turn it is has time
    evidence = models.JSONField(default=list)  # names of photos, see services.evidence
    trail = models.JSONField(default=list)  # what happened, for its page: [at, actor, action, note]
    return_address = models.CharField(max_length=200, blank=True, default="")  # empty: the mall's own
    return_carrier = models.CharField(max_length=40, blank=True, default="")
    return_number = models.CharField(max_length=40, blank=True, default="")
    replacement_carrier = models.CharField(max_length=40, blank=True, default="")
    replacement_number = models.CharField(max_length=40, blank=True, default="")
    freight_bearer = models.CharField(
        max_length=8, choices=[(b.value, b.value) for b in Bearer], blank=True, default=""
    )
    reason = models.CharField(max_length=200, default="")
    payment = models.CharField(max_length=26, default="")  # of an unusable payment: the one that goes back
    requested_by = models.CharField(max_length=60)
    decided_by = models.CharField(max_length=60, default="")
    decision = models.CharField(max_length=200, default="")
    freight_amount = models.BigIntegerField(default=0)
    amount = models.BigIntegerField()  # cash to send back, freight included; an estimate until approved
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "orders"
        indexes = [
            models.Index(fields=["state", "-id"], name="orders_refund_state"),
            models.Index(fields=["due_at"], name="orders_refund_due", condition=~Q(due_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["payment"], name="orders_refund_payment_once", condition=~Q(payment="")),
            models.CheckConstraint(
                name="orders_refund_amount", condition=Q(freight_amount__gte=0, amount__gte=F("freight_amount"))
            ),
            models.CheckConstraint(
                name="orders_refund_stage",
                condition=Q(stage="")
                | Q(stage__in=sorted(OPEN_STAGES), state="requested")
                | (~Q(stage__in=sorted(OPEN_STAGES)) & ~Q(state="requested")),
            ),
            models.CheckConstraint(
                name="orders_refund_exchanged", condition=~Q(state="exchanged") | Q(service="exchange", amount=0)
            ),
            models.CheckConstraint(
                name="orders_refund_decided",
                condition=Q(state__in=["requested", "withdrawn"]) | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="orders_refund_refunded",
                condition=Q(state="refunded", refunded_at__isnull=False)
                | (~Q(state="refunded") & Q(refunded_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.ulid


class RefundPart(models.Model):
    """One line of a case. Value and pieces as asked; the rest is computed at approval (MODES 1.2)."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="parts")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    qty = models.PositiveIntegerField()
    value_amount = models.BigIntegerField()
    cash_amount = models.BigIntegerField(default=0)
    coin_amount = models.BigIntegerField(default=0)
    coin_count = models.PositiveIntegerField(default=0)
    voucher_amount = models.BigIntegerField(default=0)
    restocked_qty = models.PositiveIntegerField(default=0)
    restocked_cost_amount = models.BigIntegerField(default=0)

    class Meta:
        app_label = "orders"
        constraints = [
            models.UniqueConstraint(fields=["refund", "line"], name="orders_refund_part_once"),
            models.CheckConstraint(name="orders_refund_part", condition=Q(value_amount__gt=0)),
        ]
