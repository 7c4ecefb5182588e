"""Operators and vendors: questions, news, verification, access to malls. One service call each."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing import selectors as billing
from billing.models import Override
from billing.rules.periods import midnight
from billing.selectors import accounts, prices, words
from billing.services import verifying
from saas.identity import audit_words
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.support.models import Ticket
from saas.support.rules import HOURS, Audience
from saas.support.selectors import tickets as support
from saas.support.services import access, announcements, tickets
from saas.tenants.vendors import selectors as vendor_facts

Context = dict[str, Any]


AUDIENCES = {
    Audience.OWNERS: gettext_lazy("Owners of the malls"),
    Audience.STAFF: gettext_lazy("All staff of the malls"),
    Audience.NOBODY: gettext_lazy("Nobody: on the account page alone"),
}


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def ticket_list(request: HttpRequest, frame: Context) -> HttpResponse:
    """Questions that wait for us, then the others."""
    others = Ticket.objects.exclude(state="open").select_related("vendor").order_by("-changed_at")[:100]
    context = {**frame, "title": _("Questions"), "waiting": support.tickets_waiting(), "others": others}
    return render(request, "console/tickets.html", context)


def ticket(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """One question; with POST our answer, or its end."""
    found = support.ticket(ulid)
    if request.method == "POST":
        try:
            if request.POST.get("close"):
                tickets.close(ulid=ulid, actor=_actor(request), now=now())
            else:
                text = request.POST.get("text", "")
                name = str(request.user)
                tickets.answer(
                    ulid=ulid, text=text, by_platform=True, author_name=name, actor=_actor(request), now=now()
                )
            messages.success(request, _("Saved."))
        except DomainError as error:
            messages.error(request, error.text)
        return redirect("console:ticket", ulid=ulid)
    place = vendor_facts.place_or_none(found.mall) if found.mall else None
    context = {**frame, "title": found.subject, "ticket": found, "said": support.messages_of(found), "place": place}
    return render(request, "console/ticket.html", context)


def news(request: HttpRequest, frame: Context) -> HttpResponse:
    """What vendors read on their start page; with POST something new."""
    names = ("title", "title_en", "body", "body_en")
    given: Context = {name: request.POST.get(name, "") for name in (*names, "shown_from", "shown_until")}
    given |= {"audience": request.POST.get("audience", Audience.OWNERS), "plans": request.POST.getlist("plans")}
    plans = prices.every_plan(now=now())
    error = None
    if request.method == "POST":
        first, last = parse_date(given["shown_from"] or "x"), parse_date(given["shown_until"] or "x")
        try:
            announcements.announce(
                texts={name: given[name] for name in names},
                shown_from=midnight(first) if first else now(),
                shown_until=midnight(last) + dt.timedelta(days=1) if last else None,
                plans=[plan.code for plan in plans if plan.code in given["plans"]],
                audience=given["audience"],
                actor=_actor(request),
                now=now(),
            )
            messages.success(request, _("Announced."))
            return redirect("console:news")
        except DomainError as refused:
            error = refused
    named = {plan.code: plan.name for plan in plans}
    context = {
        **frame,
        "title": _("Announcements"),
        "rows": [(row, [named.get(code, code) for code in row.plans]) for row in support.announced()[:50]],
        "given": given,
        "plans": plans,
        "audiences": AUDIENCES.items(),
        "error": error,
        "moment": now(),
    }
    return render(request, "console/news.html", context, status=error.http_status if error else 200)


@require_POST
def news_withdraw(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Show it no longer."""
    announcements.withdraw(ulid=ulid, actor=_actor(request), now=now())
    messages.success(request, _("Vendors see it no longer."))
    return redirect("console:news")


def verifications(request: HttpRequest, frame: Context) -> HttpResponse:
    """Vendors whose licence waits for a look."""
    context = {**frame, "title": _("Vendors to verify"), "rows": support.verifications_waiting()}
    return render(request, "console/verifications.html", context)


def vendor(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """A vendor with everything: malls, money, verification, own values, questions, access."""
    found = vendor_facts.vendor_by_ulid(ulid)
    overrides = Override.objects.filter(vendor=found).order_by("feature")
    context = {
        **frame,
        "title": found.company,
        "vendor": found,
        "verification": support.verification_of(found),
        "places": [
            (place, billing.plan_by_code(place.plan_code).name) for place in vendor_facts.places_of_vendor(found)
        ],
        "balance": accounts.stored_balance(found),
        "owed": accounts.owed(found),
        "invoices": accounts.invoices_of(found)[:12],
        "overrides": [(words.FEATURES[row.feature], row) for row in overrides],
        "tickets": support.tickets_of(found)[:12],
        "grants": support.grants_of(found)[:12],
        "acceptances": vendor_facts.acceptances(found),
    }
    return render(request, "console/vendor.html", context)


@require_POST
def vendor_verify(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Accept what was handed in, or say what is wrong."""
    found = vendor_facts.vendor_by_ulid(ulid)
    try:
        verifying.decide(
            vendor=found,
            verified=request.POST.get("what") == "accept",
            note=request.POST.get("note", ""),
            actor=_actor(request),
            now=now(),
        )
        messages.success(request, _("Saved."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("console:vendor", ulid=ulid)


def mall_access(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Ask to enter a mall; see who asked and what was done there."""
    place = vendor_facts.place_of_mall(mall)
    if request.method == "POST":
        hours = request.POST.get("hours", "")
        try:
            access.ask(
                place=place,
                reason=request.POST.get("reason", ""),
                hours=int(hours) if hours.isdecimal() else 0,
                operator=request.user,  # type: ignore[arg-type]
                now=now(),
            )
            messages.success(request, _("Asked. The vendor decides on the account page."))
        except DomainError as error:
            messages.error(request, error.text)
        return redirect("console:access", mall=mall)
    grants = support.grants_of_mall(mall)
    request.forms_end_at = [vendor_facts.platform_url(place, "")]  # type: ignore[attr-defined]
    context = {
        **frame,
        "title": _("Support access: %(mall)s") % {"mall": place.name},
        "place": place,
        "grants": grants[:50],
        "acts": [(act, audit_words.act_words(act.what, act.did)) for act in support.acts_of(grants)[:200]],
        "hours": HOURS,
        "held": access.current(mall=mall, operator=request.user.public_id, now=now()),  # type: ignore[union-attr]
    }
    return render(request, "console/access.html", context)


@require_POST
def mall_enter(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Into the mall's back office, with the vendor's leave."""
    place = vendor_facts.place_of_mall(mall)
    token = access.enter(mall=mall, operator=request.user, now=now())  # type: ignore[arg-type]
    return redirect(vendor_facts.platform_url(place, f"/enter/support/{token}"))
