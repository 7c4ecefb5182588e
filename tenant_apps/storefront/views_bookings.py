"""Booking a visit for the member — choose, move, give up — and the day of a store for its owner, on the phone."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import CHINA, now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.counter.selectors import bookings as selectors
from tenant_apps.counter.selectors import cards as card_selectors
from tenant_apps.counter.services import bookings as services
from tenant_apps.members.access import member_required
from tenant_apps.sellers import people
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, ulid: str) -> HttpResponse:
    """The free times of a day for a card's visit; `?booking=` moves one. POST takes the chosen time."""
    member = current(request)
    card = card_selectors.card_of(member, ulid)
    plan = selectors.plan(card.terms.product_ulid)
    if plan is None or not plan.is_open:
        raise NotFound
    given = request.POST if request.method == "POST" else request.GET
    moving = selectors.booking_of(member, given["booking"]) if given.get("booking") else None
    store = moving.store_ulid if moving else given.get("store", "")
    store = store if store in card.terms.stores else card.terms.stores[0]
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _take(request, ulid, store, moving.ulid if moving else "")
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Booked. You find it with your card."))
            return redirect("cards:card", ulid)
    days = selectors.days(plan, now=now())
    day = parse_date(given.get("day", "")) if len(given.get("day", "")) == 10 else None
    day = day if day in days else days[0]
    names = sellers.names(card.terms.stores)
    context = {
        "active_tab": "me",
        "page_title": _("Move the booking") if moving else _("Book a time"),
        "back": f"/cards/{ulid}",
        "card": card,
        "plan": plan,
        "moving": moving,
        "stores": [(one, names[one]) for one in card.terms.stores if one in names],
        "store": store,
        "days": days,
        "day": day,
        "times": selectors.times(plan, store_ulid=store, day=day, now=now(), but=moving),
        "error": error,
    }
    return render(request, "storefront/store_cards/book.html", context, status=error.http_status if error else 200)


def _take(request: HttpRequest, card_ulid: str, store: str, moving: str) -> None:
    value, _mark, technician = request.POST.get("time", "").partition("|")
    try:
        starts_at = parse_datetime(value)
    except ValueError:
        starts_at = None
    if starts_at is None or starts_at.tzinfo is None:
        raise services.TimeTaken
    member = current(request)
    if moving:
        services.move(booking_ulid=moving, starts_at=starts_at, technician=technician[:20], member=member, now=now())
        return
    services.book(
        card_ulid=card_ulid,
        store_ulid=store,
        starts_at=starts_at,
        technician=technician[:20],
        member=member,
        now=now(),
    )


@member_required
@require_POST
def cancel(request: HttpRequest, ulid: str) -> HttpResponse:
    """Give a time up."""
    row = selectors.booking_of(current(request), ulid)
    try:
        services.cancel(booking_ulid=ulid, member=current(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("The time is given up. The visit is still on your card."))
    return redirect("cards:card", row.card.ulid)


@never_cache
@member_required
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """Who comes today, or on `?day=`, to the stores of whoever is signed in."""
    stores = _own(request)
    today = now().astimezone(CHINA).date()
    asked = request.GET.get("day", "")
    shown = (parse_date(asked) if len(asked) == 10 else None) or today
    context = {
        "active_tab": "me",
        "page_title": _("Bookings of the day"),
        "back": reverse("portal:home"),
        "stores": stores,
        "rows": selectors.day_at([row.ulid for row in stores], shown),
        "day": shown,
        "before": shown - dt.timedelta(days=1),
        "after": shown + dt.timedelta(days=1),
    }
    return render(request, "storefront/store_cards/day.html", context)


@member_required
@require_POST
def cancel_at_store(request: HttpRequest, ulid: str) -> HttpResponse:
    """The store cannot keep a time; the member reads why."""
    stores = _own(request)
    try:
        services.cancel_at_store(
            booking_ulid=ulid,
            store_ulids=tuple(row.ulid for row in stores),
            reason=request.POST.get("reason", ""),
            actor=f"member:{current(request).ulid}",
            now=now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Cancelled. The member reads the reason with the card."))
    back = request.POST.get("day", "")[:10]
    return redirect(reverse("cards:day") + (f"?day={back}" if parse_date(back or "x") else ""))


def _own(request: HttpRequest) -> list[Seller]:
    stores = [row for row in people.shops_of(current(request), ShopRole.ORDERS) if row.is_store]
    if not stores:
        raise NotFound
    return stores
