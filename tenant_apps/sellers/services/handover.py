"""A store as a place: where it is, whether goods are picked up there, how far and for how much it brings them."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.services.editing import SellerInvalid, locked

MAX_RADIUS_METERS = 100_000
MAX_AMOUNT = 1_000_000  # fen
_FAULTS = {
    "kind": _("Only a store hands goods over."),
    "place_text": _("Say where the store is: street and number, up to 120 characters."),
    "place_phone": _("A phone number has up to 20 characters."),
    "latitude_e6": _(
        "Latitude and longitude are degrees, such as 23.129110 and 113.264385; leave both open or give both."
    ),
    "delivery_radius_meters": _("The radius is 1 to 100 000 metres."),
    "delivery_minimum_amount": _("The smallest order brought is worth 0 to 10 000 yuan."),
    "delivery_fee_amount": _("Bringing an order costs 0 to 10 000 yuan."),
}


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A store's own terms of handing over. Fen, metres, millionths of a degree."""

    place_text: str
    place_phone: str = ""
    latitude_e6: int | None = None
    longitude_e6: int | None = None
    offers_pickup: bool = False
    offers_delivery: bool = False
    delivery_radius_meters: int = 3_000
    delivery_minimum_amount: int = 0
    delivery_fee_amount: int = 0


def set_handover(*, ulid: str, terms: Handover, actor: str, now: dt.datetime) -> Seller:
    """Change how a store hands goods over; orders already placed keep what they chose. Raises SellerInvalid, NotFound."""
    with transaction.atomic():
        row = locked(ulid)
        if fault := _fault(row, terms):
            raise SellerInvalid(str(_FAULTS[fault]), field=fault)
        if (terms.offers_pickup or terms.offers_delivery) and not row.area_code:
            raise SellerInvalid(gettext("Enter the store's district first."), field="area_code")
        before = {name: getattr(row, name) for name in vars(terms)}
        for name, value in vars(terms).items():
            setattr(row, name, value.strip() if isinstance(value, str) else value)
        row.updated_at = now
        row.save(update_fields=[*vars(terms), "updated_at"])
        audit.record(actor, "seller.handover", target=f"seller:{ulid}", before=before, after=dict(vars(terms)))
    return row


def _fault(row: Seller, terms: Handover) -> str | None:
    offers = terms.offers_pickup or terms.offers_delivery
    if offers and not row.is_store:
        return "kind"
    if len(terms.place_text.strip()) > 120 or (offers and not terms.place_text.strip()):
        return "place_text"
    if len(terms.place_phone) > 20:
        return "place_phone"
    latitude, longitude = terms.latitude_e6, terms.longitude_e6
    if (latitude is None) != (longitude is None):
        return "latitude_e6"
    if (
        latitude is not None
        and longitude is not None
        and not (abs(latitude) <= 90_000_000 and abs(longitude) <= 180_000_000)
    ):
        return "latitude_e6"
    if not 1 <= terms.delivery_radius_meters <= MAX_RADIUS_METERS:
        return "delivery_radius_meters"
    for name in ("delivery_minimum_amount", "delivery_fee_amount"):
        if not 0 <= getattr(terms, name) <= MAX_AMOUNT:
            return name
    return None
