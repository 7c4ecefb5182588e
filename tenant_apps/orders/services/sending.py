"""How each seller's part of a checkout reaches its buyer, and what that costs: carrier, a store's courier, or pickup."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import format_yuan
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.members import divisions
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.orders import freight
from tenant_apps.orders.delivery import DeliveryWish, distance_meters
from tenant_apps.orders.models import FreightTemplate
from tenant_apps.orders.rules import DeliveryKind, Recipient
from tenant_apps.orders.services import tills
from tenant_apps.orders.services.quoted import QuotedLine, QuotePart, by_seller
from tenant_apps.sellers import places
from tenant_apps.sellers.places import StorePlace


class NotDelivered(InvalidInput):
    """The chosen store does not hand these goods over, or does not bring them there; the text says why."""

    code = "not_delivered"
    message = _("This store does not hand over these goods.")


class Unreachable(DomainError):
    """A line cannot be sent to the address; `title` and `region` name both."""

    code = "unreachable"
    http_status = 422
    message = _("“{title}” is not sent to {region}. Choose another address, or take it out of the order.")  # type: ignore[assignment]


def parts(
    lines: Sequence[QuotedLine],
    *,
    deliveries: Sequence[DeliveryWish],
    terms: OrderSettings,
    address: Recipient | None,
    now: dt.datetime,
) -> tuple[QuotePart, ...]:
    """The lines split into what becomes one order a seller, each with its freight. Raises NotDelivered, Unreachable."""
    groups = by_seller(lines)
    wishes = {wish.seller_ulid: wish for wish in deliveries if wish.seller_ulid in groups}
    templates = _templates(groups) if terms.freight_by_template else {}
    return tuple(
        _part(owner, of_owner, wishes.get(owner, DeliveryWish(owner)), terms, templates, address, now)
        for owner, of_owner in groups.items()
    )


def _part(
    owner: str,
    lines: tuple[QuotedLine, ...],
    wish: DeliveryWish,
    terms: OrderSettings,
    templates: Mapping[str, Sequence[FreightTemplate]],
    address: Recipient | None,
    now: dt.datetime,
) -> QuotePart:
    if lines[0].offer.kind != ProductKind.GOODS:
        return QuotePart(owner, lines, DeliveryWish(owner), (0,) * len(lines))
    if lines[0].offer.zone == tills.ZONE and not lines[0].offer.sku_id:
        return QuotePart(owner, lines, DeliveryWish(owner, DeliveryKind.TILL), (0,))
    if wish.kind is DeliveryKind.TILL:
        raise NotDelivered(field="store")
    if wish.kind is not DeliveryKind.EXPRESS and not terms.store_handover:
        raise NotDelivered(field="store")
    if wish.kind is DeliveryKind.PICKUP:
        require_store(owner, wish, now)
        return QuotePart(owner, lines, wish, (0,) * len(lines))
    if wish.kind is DeliveryKind.STORE_DELIVERY:
        store = require_store(owner, wish, now)
        _require_in_reach(store, wish, address, sum(line.worth_amount for line in lines))
        return QuotePart(owner, lines, wish, tuple(freight.spread(store.fee_amount, _sent(lines))))
    free_from = terms.freight_free_from_fen if terms.freight_free else None
    flat = freight.flat(terms.freight_fen, free_from)
    return QuotePart(
        owner, lines, wish, _freight(owner, lines, templates, flat, address), None if templates else free_from
    )


def columns(part: QuotePart, address: Recipient, now: dt.datetime) -> dict[str, Any]:
    """How and where to, as an order keeps it. What is fetched lies at the store's address, under the buyer's name."""
    values = {
        "recipient_name": address.name,
        "recipient_phone": address.phone,
        "province_code": address.province_code,
        "city_code": address.city_code,
        "district_code": address.district_code,
        "province": address.province,
        "city": address.city,
        "district": address.district,
        "street_code": address.street_code,
        "street": address.street,
        "address_detail": address.detail,
    }
    wish = part.delivery
    if wish.kind is DeliveryKind.EXPRESS:
        return values
    if wish.kind is DeliveryKind.TILL:
        return values | tills.columns(part.seller_ulid)
    store = require_store(part.seller_ulid, wish, now)
    if wish.kind is DeliveryKind.STORE_DELIVERY:
        return values | {
            "delivery_kind": wish.kind,
            "delivery_store": store.ulid,
            "latitude_e6": wish.latitude_e6,
            "longitude_e6": wish.longitude_e6,
        }
    place = divisions.place_of_district(store.area_code)
    return values | {
        "delivery_kind": wish.kind,
        "pickup_store": store.ulid,
        "province_code": place.province.code,
        "city_code": place.city.code,
        "district_code": place.district.code,
        "province": place.province.name,
        "city": place.city.name,
        "district": place.district.name,
        "street_code": "",
        "street": "",
        "address_detail": f"{store.text} {store.name}"[:120],
    }


def require_store(owner: str, wish: DeliveryWish, now: dt.datetime) -> StorePlace:
    """The wished store, if it is open and does this for these goods. Raises NotDelivered."""
    found = next(iter(places.store_places(now=now, ulid=wish.store)), None) if wish.store else None
    if found is None or not serves(found, owner, wish.kind):
        raise NotDelivered(field="store")
    return found


def serves(store: StorePlace, owner: str, kind: DeliveryKind) -> bool:
    """Whether a store does this for goods of `owner`: everybody's are handed over; brought are its own and the mall's."""
    if kind is DeliveryKind.PICKUP:
        return store.offers_pickup
    return store.offers_delivery and owner in ("", store.ulid)


def _require_in_reach(store: StorePlace, wish: DeliveryWish, address: Recipient | None, worth: int) -> None:
    if worth < store.minimum_amount:
        text = gettext("“{store}” brings orders from ¥{amount} on.")
        raise NotDelivered(text.format(store=store.name, amount=format_yuan(store.minimum_amount)), field="store")
    if address is None:
        return
    if store.latitude_e6 is not None and store.longitude_e6 is not None and wish.latitude_e6 is not None:
        away = distance_meters(store.latitude_e6, store.longitude_e6, wish.latitude_e6, wish.longitude_e6 or 0)
        if away > store.radius_meters:
            text = gettext("“{store}” brings goods up to {radius} m; you are {away} m away.")
            raise NotDelivered(text.format(store=store.name, radius=store.radius_meters, away=away), field="store")
    elif address.district_code != store.area_code:
        text = gettext("“{store}” brings goods inside its own district only. Share your position if you are near.")
        raise NotDelivered(text.format(store=store.name), field="store")


def _freight(
    owner: str,
    lines: tuple[QuotedLine, ...],
    templates: Mapping[str, Sequence[FreightTemplate]],
    flat: freight.Template,
    address: Recipient | None,
) -> tuple[int, ...]:
    """Freight by line: lines under one template are counted together, and templates add up; what is sent free is left out."""
    known = {row.ulid: row for rows in templates.values() for row in rows}
    default = next((row for of in (owner, "") for row in templates.get(of, ()) if row.is_default), None)
    groups: dict[str, list[int]] = {}
    for place, line in enumerate(lines):
        if line.offer.free_shipping:
            continue
        row = known.get(line.offer.freight_template) or default
        groups.setdefault(row.ulid if row else "", []).append(place)
    found = [0] * len(lines)
    for ulid, members in groups.items():
        template = as_rule(known[ulid]) if ulid else flat
        sent = _sent([lines[place] for place in members])
        amount = freight.quote(
            template,
            sent,
            province_code=address.province_code if address else "",
            city_code=address.city_code if address else "",
        )
        if amount is None:
            if address is None:
                continue  # the place is not known yet
            region = f"{address.province}{address.city}"
            raise Unreachable(title=lines[members[0]].offer.title, region=region, field="address")
        for place, part in zip(members, freight.spread(amount, sent), strict=True):
            found[place] = part
    return tuple(found)


def as_rule(row: FreightTemplate) -> freight.Template:
    """A stored template as the rules read it."""
    return freight.Template(
        row.ulid, row.name, freight.Basis(row.basis), freight.rates_from_json(row.rates), tuple(row.unreachable)
    )


def _templates(groups: Mapping[str, object]) -> dict[str, list[FreightTemplate]]:
    found: dict[str, list[FreightTemplate]] = {}
    for row in FreightTemplate.objects.filter(seller_ulid__in=["", *groups]).order_by("pk"):
        found.setdefault(row.seller_ulid, []).append(row)
    return found


def _sent(lines: Sequence[QuotedLine]) -> list[freight.Sent]:
    return [
        freight.Sent(line.qty, line.offer.weight_grams, line.worth_amount, line.amounts.cash_amount) for line in lines
    ]
