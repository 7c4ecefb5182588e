"""Reads of dispatch: the next store for an order, what a store is asked, which stores an order was offered to."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from tenant_apps.counter.models import CreditStock, StoreOffer
from tenant_apps.counter.rules import dispatch as rules
from tenant_apps.counter.rules.dispatch import OPEN, Candidate, OfferState
from tenant_apps.counter.selectors import stores
from tenant_apps.orders.models import Order, OrderLine
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.sellers import places
from tenant_apps.sellers import selectors as sellers


@dataclass(frozen=True)
class Asked:
    """An order that a store is asked to bring: where to (no name, no street before it has accepted), and what."""

    row: StoreOffer
    order: Order
    lines: list[OrderLine]


def next_store(order: Order, *, needs: Mapping[str, int], now: dt.datetime, but: str = "") -> str | None:
    """The nearest open store that has everything and was not asked yet (four statements); None: there is none.

    Not yet: nor since the order goes where it goes now. `but` is a store that counts as not asked.
    """
    rows_asked = StoreOffer.objects.filter(order_ulid=order.ulid).exclude(state=OfferState.WITHDRAWN)
    asked = set(rows_asked.exclude(store_ulid=but).values_list("store_ulid", flat=True))
    rows = [one for one in places.store_places(now=now) if one.offers_delivery and one.ulid not in asked]
    held: dict[str, dict[str, int]] = {}
    for store, sku, qty in CreditStock.objects.filter(
        seller_ulid__in=[one.ulid for one in rows], sku_ulid__in=list(needs), qty__gt=0
    ).values_list("seller_ulid", "sku_ulid", "qty"):
        mine = held.setdefault(store, {})
        mine[sku] = mine.get(sku, 0) + qty
    known = order.latitude_e6 is not None and order.longitude_e6 is not None
    at = (order.latitude_e6 or 0, order.longitude_e6 or 0) if known else None
    candidates = [
        Candidate(
            ulid=view.place.ulid,
            area_code=view.place.area_code,
            is_open=view.opening.is_open,
            radius_meters=view.place.radius_meters,
            distance_meters=view.distance_meters,
            held=held[view.place.ulid],
        )
        for view in stores.views([one for one in rows if one.ulid in held], now=now, at=at)
    ]
    return next(iter(rules.ranked(candidates, needs=needs, district_code=order.district_code)), None)


def still_there(row: StoreOffer, qtys: Mapping[str, int]) -> dict[str, int]:
    """Of so many pieces (by SKU), those that the store took for its order and has not sent: row of credit → pieces."""
    skus = dict(CreditStock.objects.filter(ulid__in=row.pieces).values_list("ulid", "sku_ulid"))
    sent: dict[str, int] = {}
    for sku, qty in OrderLine.objects.filter(order__ulid=row.order_ulid).values_list("sku_ulid", "shipped_qty"):
        sent[sku] = sent.get(sku, 0) + qty
    found = {}
    for ulid, taken in sorted(row.pieces.items()):
        sku = skus[ulid]
        gone = min(taken, sent.get(sku, 0))
        sent[sku] = sent.get(sku, 0) - gone
        if part := min(taken - gone, qtys.get(sku, 0)):
            found[ulid] = part
            qtys = {**qtys, sku: qtys[sku] - part}
    return found


def asked_of(store_ulid: str, *, now: dt.datetime) -> list[Asked]:
    """What a store is asked now, the most urgent first (three statements)."""
    rows = list(
        StoreOffer.objects.filter(store_ulid=store_ulid, state=OfferState.OFFERED, due_at__gt=now).order_by("due_at")
    )
    found = Order.objects.filter(ulid__in=[row.order_ulid for row in rows]).prefetch_related("lines")
    by_ulid = {order.ulid: order for order in found}
    return [
        Asked(row, by_ulid[row.order_ulid], sorted(by_ulid[row.order_ulid].lines.all(), key=lambda one: one.position))
        for row in rows
    ]


def count_asked(store_ulid: str, *, now: dt.datetime) -> int:
    """How many orders a store is asked to bring."""
    return StoreOffer.objects.filter(store_ulid=store_ulid, state=OfferState.OFFERED, due_at__gt=now).count()


def left_alone() -> QuerySet[Order]:
    """Paid orders that stores were asked to bring and that none brings, the oldest first: staff send them themselves."""
    asked = StoreOffer.objects.filter(order_ulid=OuterRef("ulid"))
    rows = Order.objects.filter(state=OrderState.PAID, seller_ulid="", delivery_kind=DeliveryKind.EXPRESS)
    rows = rows.filter(Exists(asked)).exclude(Exists(asked.filter(state__in=sorted(OPEN))))
    return rows.order_by("paid_at", "pk")


def offers_of(order_ulid: str) -> list[tuple[StoreOffer, str]]:
    """Which stores an order was offered to, the first first, each with its name (two statements)."""
    rows = list(StoreOffer.objects.filter(order_ulid=order_ulid).order_by("pk"))
    names = sellers.names(row.store_ulid for row in rows)
    return [(row, names.get(row.store_ulid, "")) for row in rows]
