"""Bookings: how visits of a card are booked, and the day of the stores."""

import datetime as dt
import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import CHINA, now
from saas.kernel.errors import DomainError, InvalidInput
from tenant_apps.backoffice import forms_cards
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.counter.rules.bookings import PlanDraft
from tenant_apps.counter.rules.hours import show_day
from tenant_apps.counter.selectors import bookings as selectors
from tenant_apps.counter.selectors import cards as card_selectors
from tenant_apps.counter.selectors import stores
from tenant_apps.counter.services import bookings as services

FIELDS = ("minutes", "capacity", "technicians", "days_ahead", "change_hours")


@needs(Role.ORDERS)
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """Who comes on a day, at one store or all."""
    choices = forms_cards.store_choices()
    chosen = request.GET.get("store", "")[:26]
    asked = request.GET.get("day", "")
    day = (parse_date(asked) if re.fullmatch(r"\d{4}-\d\d-\d\d", asked) else None) or now().astimezone(CHINA).date()
    wanted = [ulid for ulid, _name in choices if chosen in ("", ulid)]
    return show(
        request,
        "bookings",
        _("Bookings"),
        rows=selectors.day_at(wanted, day),
        stores=choices,
        chosen=chosen,
        day=day,
        before=day - dt.timedelta(days=1),
        after=day + dt.timedelta(days=1),
    )


@needs(Role.ORDERS)
@require_POST
def booking_cancel(request: HttpRequest, ulid: str) -> HttpResponse:
    """The store cannot keep a time."""
    day = request.POST.get("day", "")[:10]
    back = reverse("backoffice:bookings") + (f"?day={day}" if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else "")
    return act(
        request,
        lambda: services.cancel_at_store(
            booking_ulid=ulid,
            store_ulids=tuple(one for one, _name in forms_cards.store_choices()),
            reason=request.POST.get("reason", ""),
            actor=actor_of(request),
            now=now(),
        ),
        done=_("Cancelled. The member reads the reason with the card."),
        back=back,
    )


@needs(Role.GOODS, Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, ulid: str) -> HttpResponse:
    """How visits of one card are booked."""
    terms = card_selectors.terms_of_product(ulid)
    known = selectors.plan(ulid)
    values = {name: str(getattr(known or PlanDraft(), name)) for name in FIELDS if name != "technicians"}
    values["technicians"] = "\n".join(known.technicians if known else ())
    flags = {"missed_costs_visit": bool(known and known.missed_costs_visit), "is_open": known is None or known.is_open}
    error: DomainError | None = None
    if request.method == "POST":
        values = {name: request.POST.get(name, "")[:800] for name in FIELDS}
        flags = {name: request.POST.get(name) == "1" for name in flags}
        try:
            services.save_plan(product_ulid=ulid, draft=_draft(values, flags), actor=actor_of(request), now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. Bookings made before keep their terms."))
            return redirect("backoffice:card_offers")
    week = stores.facts_of(terms.seller_ulid).week
    return show(
        request,
        "booking_plan",
        _("Bookings of “%(title)s”") % {"title": terms.title},
        status=error.http_status if error else 200,
        values=values,
        flags=flags,
        error=error,
        has_hours=any(show_day(spans) for spans in week),
        seller_ulid=terms.seller_ulid,
    )


def _draft(values: dict[str, str], flags: dict[str, bool]) -> PlanDraft:
    names = tuple(name.strip() for name in values["technicians"].splitlines() if name.strip())
    return PlanDraft(
        minutes=_whole(values, "minutes"),
        capacity=_whole(values, "capacity"),
        technicians=names,
        days_ahead=_whole(values, "days_ahead"),
        change_hours=_whole(values, "change_hours"),
        missed_costs_visit=flags["missed_costs_visit"],
        is_open=flags["is_open"],
    )


def _whole(values: dict[str, str], name: str) -> int:
    text = values[name].strip() or "0"
    if not text.isdecimal() or len(text) > 5:
        raise InvalidInput(_("Numbers are whole, such as 100."), field=name)
    return int(text)
