"""Reads of bookings: plans, the free times of a day, a member's bookings, a store's day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from saas.kernel.clock import CHINA
from saas.kernel.errors import NotFound
from tenant_apps.counter.models import Booking, BookingPlan
from tenant_apps.counter.rules import bookings as rules
from tenant_apps.counter.rules.bookings import TAKES_PLACE, BookingState, Taken, Time
from tenant_apps.counter.selectors import stores
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors as sellers


@dataclass(frozen=True)
class Booked:
    """A booking with how its store is called, and whether its member may still change it."""

    row: Booking
    store: str
    can_change: bool = False


def plan(product_ulid: str) -> BookingPlan | None:
    """How visits of a card product are booked; None: they are not."""
    return BookingPlan.objects.filter(product_ulid=product_ulid).first()


def times(
    plan: BookingPlan, *, store_ulid: str, day: dt.date, now: dt.datetime, but: Booking | None = None
) -> list[Time]:
    """The times of a day at a store that can still be booked (two statements); `but` is left out: it is being moved."""
    today = now.astimezone(CHINA).date()
    if not plan.is_open or not today <= day <= today + dt.timedelta(days=plan.days_ahead):
        return []
    facts = stores.facts_of(store_ulid)
    begins = [at for at in rules.starts(facts.week, facts.closings, day, plan.minutes, CHINA) if at > now]
    if not begins:
        return []
    end = begins[-1] + dt.timedelta(minutes=plan.minutes)
    rows = Booking.objects.filter(
        store_ulid=store_ulid, state__in=sorted(TAKES_PLACE), starts_at__lt=end, ends_at__gt=begins[0]
    )
    taken = [row for row in rows if but is None or row.pk != but.pk]
    found = [
        rules.free(
            at,
            minutes=plan.minutes,
            capacity=plan.capacity,
            technicians=plan.technicians,
            taken=[_taken(row) for row in taken if row.product_ulid == plan.product_ulid],
            busy=[_taken(row) for row in taken if row.technician],
        )
        for at in begins
    ]
    return [one for one in found if one.left]


def days(plan: BookingPlan, *, now: dt.datetime) -> list[dt.date]:
    """The days that can be chosen."""
    today = now.astimezone(CHINA).date()
    return [today + dt.timedelta(days=number) for number in range(plan.days_ahead + 1)]


def bookings_of(member: Member, *, now: dt.datetime, card_ulid: str = "") -> list[Booked]:
    """A member's bookings that are still to come, the next first, then what was (two statements)."""
    rows = Booking.objects.filter(card__member=member).select_related("card__terms")
    if card_ulid:
        rows = rows.filter(card__ulid=card_ulid)
    found = list(rows.order_by("-starts_at", "-pk")[:100])
    coming = sorted((row for row in found if row.state == BookingState.BOOKED), key=lambda row: row.starts_at)
    past = [row for row in found if row.state != BookingState.BOOKED]
    names = sellers.names(row.store_ulid for row in found)
    return [Booked(row, names.get(row.store_ulid, ""), may_change(row, now=now)) for row in [*coming, *past]]


def booking_of(member: Member, ulid: str) -> Booking:
    """A member's own booking. Raises NotFound."""
    row = Booking.objects.select_related("card__terms").filter(card__member=member, ulid=ulid).first()
    if row is None:
        raise NotFound
    return row


def may_change(row: Booking, *, now: dt.datetime) -> bool:
    """Whether its member may still move or cancel a booking."""
    return row.state == BookingState.BOOKED and rules.may_change(row.starts_at, change_hours=row.change_hours, now=now)


def day_at(store_ulids: Sequence[str], day: dt.date) -> list[Booked]:
    """Everything booked at these stores on a day, by time (two statements)."""
    start = dt.datetime.combine(day, dt.time(), CHINA)
    rows = Booking.objects.filter(
        store_ulid__in=list(store_ulids), starts_at__gte=start, starts_at__lt=start + dt.timedelta(days=1)
    )
    found = list(rows.select_related("card__terms", "card__member__user").order_by("starts_at", "technician", "pk"))
    names = sellers.names(row.store_ulid for row in found)
    return [Booked(row, names.get(row.store_ulid, "")) for row in found]


def _taken(row: Booking) -> Taken:
    return Taken(row.starts_at, row.ends_at, row.technician)
