"""How an order comes to its buyer: what he may wish for, and how far a store brings goods. Pure; metres and fen."""

import math
from dataclasses import dataclass

from tenant_apps.orders.rules import DeliveryKind

_EARTH_METERS = 6_371_000


@dataclass(frozen=True)
class DeliveryWish:
    """How the part of one seller (empty: the mall's own goods) is to come; `store` hands it over or brings it.

    The position (millionths of a degree), where the shopper shares it, is measured against the store's radius.
    """

    seller_ulid: str = ""
    kind: DeliveryKind = DeliveryKind.EXPRESS
    store: str = ""
    latitude_e6: int | None = None
    longitude_e6: int | None = None


def distance_meters(latitude_e6: int, longitude_e6: int, other_latitude_e6: int, other_longitude_e6: int) -> int:
    """Metres between two positions along the ground, rounded down: a radius is no money, so a float may stand here."""
    here, there = math.radians(latitude_e6 / 1e6), math.radians(other_latitude_e6 / 1e6)
    across = math.radians((other_longitude_e6 - longitude_e6) / 1e6)
    half = math.sin((there - here) / 2) ** 2 + math.cos(here) * math.cos(there) * math.sin(across / 2) ** 2
    return int(2 * _EARTH_METERS * math.asin(min(1.0, math.sqrt(half))))
