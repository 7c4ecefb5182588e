"""Booking a visit of a card: the last place goes to one, a member moves and cancels in time, who does not come is noted."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.clock import CHINA
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.states import check_transition
from saas.kernel.transactions import retried_transaction
from tenant_apps.counter.models import Booking, BookingPlan, Card, CardUse
from tenant_apps.counter.rules import bookings as rules
from tenant_apps.counter.rules import cards as card_rules
from tenant_apps.counter.rules.bookings import MISSED_AFTER, TRANSITIONS, BookingState, PlanDraft
from tenant_apps.counter.rules.cards import CardKind, CardState
from tenant_apps.counter.selectors import bookings as selectors
from tenant_apps.counter.selectors import cards as card_selectors
from tenant_apps.counter.services import telling
from tenant_apps.members.models import Member
from tenant_apps.orders import services as orders

logger = logging.getLogger(__name__)
_MESSAGES = {
    "minutes": _("A visit takes 10 to 480 minutes."),
    "capacity": _("A time has 1 to 100 places."),
    "technicians": _("At most 30 technicians, each name once and of at most 20 characters."),
    "days_ahead": _("Times can be booked 1 to 60 days ahead."),
    "change_hours": _("The deadline for changes is 0 to 168 hours before the start."),
    "kind": _("Visits are booked, money is not: choose a visit card."),
}


class PlanInvalid(InvalidInput):
    """A field of a booking plan is impossible; `field` names it."""

    code = "booking_plan_invalid"


class TimeTaken(DomainError):
    """The time has no place left, or was never one of the store's."""

    code = "booking_time_taken"
    message = _("This time is not free any more. Please choose another.")  # type: ignore[assignment]


class NoVisitLeft(DomainError):
    """Every visit that is left is booked already, or the card cannot be used."""

    code = "booking_no_visit_left"
    message = _("No visit of this card is left to be booked.")  # type: ignore[assignment]


class TooLateToChange(DomainError):
    """The deadline for moving and cancelling has passed; the store may still do it."""

    code = "booking_too_late"
    message = _("It is too late to change this booking. Please call the store.")  # type: ignore[assignment]


def save_plan(*, product_ulid: str, draft: PlanDraft, actor: str, now: dt.datetime) -> BookingPlan:
    """Say how visits of a card are booked; bookings made before keep their terms. Raises NotFound, PlanInvalid."""
    if field := rules.plan_fault(draft):
        raise PlanInvalid(_MESSAGES[field], field=field)
    with transaction.atomic():
        terms = card_selectors.terms_of_product(product_ulid)
        if terms.kind != CardKind.VISIT:
            raise PlanInvalid(_MESSAGES["kind"], field="kind")
        values = vars(draft) | {"technicians": list(draft.technicians)}
        values |= {"seller_ulid": terms.seller_ulid, "updated_by": actor, "updated_at": now}
        row, _made = BookingPlan.objects.update_or_create(product_ulid=product_ulid, defaults=values)
        audit.record(actor, "booking.planned", target=f"product:{product_ulid}", minutes=draft.minutes)
    return row


@retried_transaction
def book(
    *, card_ulid: str, store_ulid: str, starts_at: dt.datetime, technician: str = "", member: Member, now: dt.datetime
) -> Booking:
    """Book a visit of a member's card; without a name, with whoever is free. Of two who want the last place one has it.

    Raises NotFound, NoVisitLeft, TimeTaken; then nothing has changed.
    """
    known = card_selectors.card_of(member, card_ulid)
    plan = _locked_plan(known, store_ulid)
    card = Card.objects.select_for_update(of=("self",)).select_related("terms").get(pk=known.pk)
    ends_before = card.expires_at is not None and card.expires_at <= starts_at
    booked = card.bookings.filter(state=BookingState.BOOKED).count()
    if card_selectors.state(card, now=now) is not CardState.ACTIVE or ends_before or booked >= card.visits_left:
        raise NoVisitLeft
    if card.bookings.filter(state=BookingState.BOOKED, starts_at=starts_at).exists():
        raise TimeTaken
    name = _place(plan, store_ulid, starts_at, technician, now)
    row = Booking(
        ulid=new_ulid(),
        card=card,
        product_ulid=plan.product_ulid,
        store_ulid=store_ulid,
        technician=name,
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(minutes=plan.minutes),
        change_hours=plan.change_hours,
        missed_costs_visit=plan.missed_costs_visit,
        booked_at=now,
    )
    row.save(force_insert=True)
    telling.of_booking(row, now=now)
    audit.record(f"member:{member.ulid}", "booking.booked", target=f"booking:{row.ulid}", store=store_ulid)
    return row


@retried_transaction
def move(
    *, booking_ulid: str, starts_at: dt.datetime, technician: str = "", member: Member, now: dt.datetime
) -> Booking:
    """Another time at the same store, within the deadline. Raises NotFound, TooLateToChange, TimeTaken, NoVisitLeft."""
    known = selectors.booking_of(member, booking_ulid)
    plan = _locked_plan(known.card, known.store_ulid)
    row = _locked(known.ulid)
    if not selectors.may_change(row, now=now):
        raise TooLateToChange
    if row.card.expires_at is not None and row.card.expires_at <= starts_at:
        raise NoVisitLeft
    row.technician = _place(plan, row.store_ulid, starts_at, technician, now, but=row)
    row.starts_at, row.ends_at, row.moved = starts_at, starts_at + dt.timedelta(minutes=plan.minutes), row.moved + 1
    row.save(update_fields=["technician", "starts_at", "ends_at", "moved"])
    telling.of_booking(row, now=now)
    audit.record(f"member:{member.ulid}", "booking.moved", target=f"booking:{row.ulid}", store=row.store_ulid)
    return row


def cancel(*, booking_ulid: str, member: Member, now: dt.datetime) -> Booking:
    """A member gives his time up, within the deadline. Raises NotFound, TooLateToChange."""
    with transaction.atomic():
        row = _locked(selectors.booking_of(member, booking_ulid).ulid)
        if not selectors.may_change(row, now=now):
            raise TooLateToChange
        _decide(row, BookingState.CANCELLED, f"member:{member.ulid}", now)
        telling.of_cancelling(row, by_store=False, by_member=True, now=now)
        return row


def cancel_at_store(
    *, booking_ulid: str, store_ulids: tuple[str, ...], reason: str, actor: str, now: dt.datetime
) -> Booking:
    """The store gives a time up, at any time before it was used; the member reads why.

    Raises NotFound, IllegalTransition, InvalidInput (reason).
    """
    if not reason.strip():
        raise InvalidInput(_("Please say why."), field="reason")
    with transaction.atomic():
        row = _locked(booking_ulid)
        if row.store_ulid not in store_ulids:
            raise NotFound
        row.note = reason.strip()[:200]
        _decide(row, BookingState.CANCELLED, actor, now)
        telling.of_cancelling(row, by_store=actor != "system", by_member=False, now=now)
        return row


def attend(*, card: Card, store_ulid: str, visits: int, actor: str, now: dt.datetime) -> int:
    """Visits of a locked card were redeemed at a store: its bookings there of that day are used, the next first."""
    day = now.astimezone(CHINA).date()
    start = dt.datetime.combine(day, dt.time(), CHINA)
    rows = card.bookings.select_for_update().filter(state=BookingState.BOOKED, store_ulid=store_ulid)
    due = list(
        rows.filter(starts_at__gte=start, starts_at__lt=start + dt.timedelta(days=1)).order_by("starts_at")[:visits]
    )
    for row in due:
        _decide(row, BookingState.ATTENDED, actor, now)
    return len(due)


def settle_missed(*, now: dt.datetime) -> int:
    """The round: who has not come half an hour after the end has missed it; where the plan says so it costs the visit.

    While a refund of the card is open it costs nothing. What fails is logged and tried again in the next round.
    """
    due = Booking.objects.filter(state=BookingState.BOOKED, ends_at__lte=now - MISSED_AFTER)
    settled = 0
    for ulid in list(due.order_by("pk").values_list("ulid", flat=True)[:500]):
        try:
            settled += _miss(ulid, now)
        except Exception:
            logger.exception("booking %s was not settled", ulid)
    return settled


@retried_transaction
def _miss(booking_ulid: str, now: dt.datetime) -> bool:
    known = Booking.objects.get(ulid=booking_ulid)
    card = Card.objects.select_for_update(of=("self",)).get(pk=known.card_id)
    row = _locked(booking_ulid)
    if row.state != BookingState.BOOKED:
        return False
    if row.missed_costs_visit and card.visits_left:
        try:
            with transaction.atomic():
                _charge(card, row, now)
        except (orders.RefundOpen, orders.ValueGone):
            pass
    _decide(row, BookingState.MISSED, "system", now)
    row.card = card  # as it is now, with the visit taken off
    telling.of_missing(row, now=now)
    return True


def _charge(card: Card, row: Booking, now: dt.datetime) -> None:
    used = card_rules.used_value(card.value_amount, card.visits, card.visits_used + 1)
    orders.record_use(order_ulid=card.order_ulid, line_ulid=card.line_ulid, used_amount=used, now=now)
    CardUse(
        ulid=new_ulid(),
        card=card,
        visits=1,
        amount=used - card.used_amount,
        document=f"booking:{row.ulid}",
        store_ulid=row.store_ulid,
        actor="system",
        used_at=now,
    ).save(force_insert=True)
    card.visits_used, card.used_amount = card.visits_used + 1, used
    card.save(update_fields=["visits_used", "used_amount"])


def _locked_plan(card: Card, store_ulid: str) -> BookingPlan:
    """The card's plan, all plans of its seller locked: bookings of one owner's stores are made one after another."""
    plans = BookingPlan.objects.select_for_update().filter(seller_ulid=card.seller_ulid).order_by("pk")
    plan = next((one for one in plans if one.product_ulid == card.terms.product_ulid), None)
    if plan is None or store_ulid not in card.terms.stores:
        raise NotFound
    return plan


def _locked(booking_ulid: str) -> Booking:
    row = Booking.objects.select_for_update(of=("self",)).select_related("card").filter(ulid=booking_ulid).first()
    if row is None:
        raise NotFound
    return row


def _place(
    plan: BookingPlan,
    store_ulid: str,
    starts_at: dt.datetime,
    technician: str,
    now: dt.datetime,
    *,
    but: Booking | None = None,
) -> str:
    """Who serves at this time (empty: nobody by name). The caller holds the plans' lock. Raises TimeTaken."""
    day = starts_at.astimezone(CHINA).date()
    offered = selectors.times(plan, store_ulid=store_ulid, day=day, now=now, but=but)
    found = next((one for one in offered if one.starts_at == starts_at), None)
    if found is None or (technician and technician not in found.technicians):
        raise TimeTaken
    return technician or (found.technicians[0] if found.technicians else "")


def _decide(row: Booking, state: BookingState, actor: str, now: dt.datetime) -> Booking:
    check_transition(TRANSITIONS, BookingState(row.state), state)
    row.state, row.decided_at = state, now
    row.save(update_fields=["state", "decided_at", "note"])
    audit.record(actor, f"booking.{state.value}", target=f"booking:{row.ulid}", reason=row.note)
    return row
