"""Reads of couriers: an order's errands, what a store brings, the account as it may be seen."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from saas.kernel.errors import NotFound
from saas.tenants.malls.activation import active_mall
from tenant_apps.courier.models import CourierAccount, Errand, ParcelWatch
from tenant_apps.courier.rules import BY_HAND, CANCELLABLE, OPEN, ErrandState, Provider
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.payments.selectors import purpose_of

TO_BRING = (OrderState.PAID, OrderState.SHIPPED)


@dataclass(frozen=True)
class AccountView:
    """The account in force, without its secret."""

    app_key: str
    source_id: str
    last4: str
    shops: dict[str, str]
    created_at: dt.datetime


@dataclass(frozen=True)
class ErrandView:
    """One errand with what may be done to it."""

    row: Errand

    @property
    def is_open(self) -> bool:
        return self.row.state in OPEN

    @property
    def may_cancel(self) -> bool:
        return self.row.state in CANCELLABLE

    @property
    def steps(self) -> tuple[ErrandState, ...]:
        """What may be set by hand; calling off has its own form."""
        if self.row.provider != Provider.MANUAL:
            return ()
        allowed = BY_HAND.get(ErrandState(self.row.state), ())
        return tuple(state for state in allowed if state is not ErrandState.CANCELLED)

    @property
    def events(self) -> list[tuple[dt.datetime, str]]:
        return [(dt.datetime.fromisoformat(one["at"]), one["state"]) for one in self.row.events]


def account(provider: Provider = Provider.DADA) -> AccountView | None:
    """The account by which couriers are called now."""
    purpose = purpose_of(active_mall())
    rows = CourierAccount.objects.filter(provider=provider, purpose=purpose, active=True)
    row = rows.exclude(app_secret_sealed="").first()
    if row is None:
        return None
    return AccountView(row.app_key, row.source_id, row.shown.get("last4", ""), dict(row.shops), row.created_at)


def errands_of(order: Order) -> list[ErrandView]:
    """An order's errands, the newest first; nothing is asked for orders that no store brings."""
    if order.delivery_kind != DeliveryKind.STORE_DELIVERY:
        return []
    return [ErrandView(row) for row in Errand.objects.filter(order_id=order.pk).order_by("-pk")]


def errand_of(order: Order, ulid: str) -> Errand:
    """One errand of this order. Raises NotFound."""
    row = Errand.objects.filter(order_id=order.pk, ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def errands(*, only_open: bool = False) -> QuerySet[Errand]:
    """All errands with their orders, the newest first."""
    rows = Errand.objects.select_related("order").order_by("-pk")
    return rows.filter(state__in=sorted(OPEN)) if only_open else rows


def to_bring(store_ulid: str) -> list[tuple[Order, ErrandView | None]]:
    """Paid orders that a store brings and that have not arrived, the oldest first, each with its newest errand."""
    rows = Order.objects.filter(
        delivery_store=store_ulid, delivery_kind=DeliveryKind.STORE_DELIVERY, state__in=list(TO_BRING)
    )
    found = list(rows.order_by("paid_at", "pk")[:100])
    newest: dict[int, Errand] = {}
    for row in Errand.objects.filter(order__in=found).order_by("pk"):
        newest[row.order_id] = row
    return [(order, ErrandView(newest[order.pk]) if order.pk in newest else None) for order in found]


def order_to_bring(store_ulid: str, ulid: str) -> Order:
    """An order that this store brings, whoever's goods they are, once it is paid. Raises NotFound."""
    row = Order.objects.filter(
        ulid=ulid, delivery_store=store_ulid, delivery_kind=DeliveryKind.STORE_DELIVERY, paid_at__isnull=False
    ).first()
    if row is None or not store_ulid:
        raise NotFound
    return row


def watches_of(order: Order) -> dict[str, ParcelWatch]:
    """How the parcels of an order are followed, by the parcel's ULID (one statement)."""
    rows = ParcelWatch.objects.filter(parcel__order_id=order.pk).select_related("parcel")
    return {row.parcel.ulid: row for row in rows}
