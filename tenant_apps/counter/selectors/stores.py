"""Stores as shoppers look for them: the nearest first, open now, one store's page."""

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from saas.kernel.clock import CHINA
from saas.kernel.errors import NotFound
from tenant_apps.counter.models import StoreProfile
from tenant_apps.counter.rules import franchise, hours
from tenant_apps.counter.rules.franchise import Franchise
from tenant_apps.counter.rules.hours import Closing, Opening, Week
from tenant_apps.orders.delivery import distance_meters
from tenant_apps.sellers import places
from tenant_apps.sellers.places import Box, StorePlace

PAGE = 50
REACHES_METERS = (10_000, 100_000)  # looked at in this order; then everywhere
_METERS_A_DEGREE = 111_320


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a store says of itself."""

    intro: str = ""
    week: Week = ((),) * 7
    closings: tuple[Closing, ...] = ()
    services: tuple[str, ...] = ()
    franchise: Franchise = Franchise()  # noqa: RUF009 - frozen


@dataclass(frozen=True)
class StoreView:
    """An open-for-business store as a list shows it; the distance where the position of both is known."""

    place: StorePlace
    facts: Facts
    opening: Opening
    distance_meters: int | None = None

    @property
    def days(self) -> list[tuple[int, str]]:
        """(Weekday, hours) of the regular week, Monday first; empty hours are a closed day."""
        return [(day, hours.show_day(spans)) for day, spans in enumerate(self.facts.week)]


def stores_near(
    *,
    now: dt.datetime,
    latitude_e6: int | None = None,
    longitude_e6: int | None = None,
    open_only: bool = False,
    limit: int = PAGE,
) -> list[StoreView]:
    """Stores that sell, the nearest first where a position is given, else by name; with `open_only` those open now.

    A box around the position is widened until it holds enough (two statements a box).
    """
    if latitude_e6 is None or longitude_e6 is None:
        found = views(places.stores_in(None, now=now), now=now)
        return [one for one in found if one.opening.is_open or not open_only][:limit]
    found = []
    for reach in (*REACHES_METERS, None):
        box = box_around(latitude_e6, longitude_e6, reach) if reach else None
        found = views(places.stores_in(box, now=now), now=now, at=(latitude_e6, longitude_e6))
        found = [one for one in found if one.opening.is_open or not open_only]
        near = sum(one.distance_meters is not None and one.distance_meters <= (reach or 0) for one in found)
        if near >= limit:  # the corners of a box are farther than its sides: only what lies inside the circle is sure
            break
    far = 2 * 20_100_000
    return sorted(found, key=lambda one: far if one.distance_meters is None else one.distance_meters)[:limit]


def box_around(latitude_e6: int, longitude_e6: int, reach_meters: int) -> Box | None:
    """The box of so many metres around a position; None where it would wrap around the globe."""
    high = reach_meters * 1_000_000 // _METERS_A_DEGREE + 1
    across = math.cos(math.radians(min(90.0, (abs(latitude_e6) + high) / 1e6)))
    if across < 0.01:
        return None
    wide = int(high / across) + 1
    if abs(longitude_e6) + wide > 180_000_000:
        return None
    return Box(latitude_e6 - high, latitude_e6 + high, longitude_e6 - wide, longitude_e6 + wide)


def store_of_code(code: str, *, now: dt.datetime) -> StoreView:
    """The store of a code, if it sells. Raises NotFound."""
    found = views(places.stores_in(None, now=now, code=code.strip().lower()), now=now) if code.strip() else []
    if not found:
        raise NotFound
    return found[0]


def views(rows: Iterable[StorePlace], *, now: dt.datetime, at: tuple[int, int] | None = None) -> list[StoreView]:
    """Places with what is known of them (one statement)."""
    stores = list(rows)
    known = {row.seller_ulid: row for row in StoreProfile.objects.filter(seller_ulid__in=[one.ulid for one in stores])}
    local = now.astimezone(CHINA)
    return [_view(one, _facts(known.get(one.ulid)), local, at) for one in stores]


def facts_of(seller_ulid: str) -> Facts:
    """What a store says of itself; nothing where nobody has said anything yet."""
    return _facts(StoreProfile.objects.filter(seller_ulid=seller_ulid).first())


def _view(place: StorePlace, facts: Facts, local: dt.datetime, at: tuple[int, int] | None) -> StoreView:
    away = None
    if at is not None and place.latitude_e6 is not None and place.longitude_e6 is not None:
        away = distance_meters(*at, place.latitude_e6, place.longitude_e6)
    return StoreView(place, facts, hours.opening(facts.week, facts.closings, local), away)


def _facts(row: StoreProfile | None) -> Facts:
    if row is None:
        return Facts()
    return Facts(
        intro=row.intro,
        week=hours.week_from_json(row.hours),
        closings=hours.closings_from_json(row.closings),
        services=tuple(row.services),
        franchise=franchise.from_json(row.franchise),
    )
