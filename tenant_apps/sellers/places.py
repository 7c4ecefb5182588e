"""Stores as places: where they are, and which of them hand goods over or bring them. Reads only."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from saas.kernel.clock import china_date
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SellerKind, SellerState


@dataclass(frozen=True, kw_only=True)
class StorePlace:
    """A store that is open today. Fen, metres, millionths of a degree; `area_code` is its district."""

    ulid: str
    name: str
    text: str
    phone: str
    area_code: str
    latitude_e6: int | None
    longitude_e6: int | None
    offers_pickup: bool
    offers_delivery: bool
    radius_meters: int
    minimum_amount: int
    fee_amount: int
    code: str = ""


@dataclass(frozen=True)
class Box:
    """Positions between two latitudes and two longitudes, in millionths of a degree."""

    south_e6: int
    north_e6: int
    west_e6: int
    east_e6: int


def stores_in(box: Box | None, *, now: dt.datetime, code: str = "") -> list[StorePlace]:
    """Stores that sell today, inside a box where one is given, by name; with `code` that one alone (one statement)."""
    today = china_date(now)
    rows = Seller.objects.filter(
        Q(licence_until=None) | Q(licence_until__gte=today), kind=SellerKind.STORE, state=SellerState.ACTIVE
    )
    if code:
        rows = rows.filter(code=code)
    if box is not None:
        rows = rows.filter(
            latitude_e6__range=(box.south_e6, box.north_e6), longitude_e6__range=(box.west_e6, box.east_e6)
        )
    return [place_of(row) for row in rows.order_by("name", "pk")]


def store_places(*, now: dt.datetime, ulid: str = "") -> list[StorePlace]:
    """Open stores that hand goods over or bring them, by name; with `ulid` that one alone (one statement)."""
    today = china_date(now)
    rows = Seller.objects.filter(
        Q(offers_pickup=True) | Q(offers_delivery=True),
        Q(licence_until=None) | Q(licence_until__gte=today),
        kind=SellerKind.STORE,
        state=SellerState.ACTIVE,
    )
    if ulid:
        rows = rows.filter(ulid=ulid)
    return [place_of(row) for row in rows.order_by("name", "pk")]


def place_of(row: Seller) -> StorePlace:
    """A store's row as a place."""
    return StorePlace(
        ulid=row.ulid,
        name=row.name,
        text=row.place_text,
        phone=row.place_phone,
        area_code=row.area_code,
        latitude_e6=row.latitude_e6,
        longitude_e6=row.longitude_e6,
        offers_pickup=row.offers_pickup,
        offers_delivery=row.offers_delivery,
        radius_meters=row.delivery_radius_meters,
        minimum_amount=row.delivery_minimum_amount,
        fee_amount=row.delivery_fee_amount,
        code=row.code,
    )
