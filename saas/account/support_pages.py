"""The vendor and the platform: tickets, who of the platform may enter a mall and what was done there, verification."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from saas.account.pages import vendor_only
from saas.identity import audit_words
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.support.selectors import tickets as support
from saas.support.services import access, tickets, verification
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def ticket_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """All tickets; with POST a new one."""
    given = {name: request.POST.get(name, "") for name in ("subject", "text", "mall")}
    error = None
    if request.method == "POST":
        try:
            if given["mall"]:
                vendor_facts.place_of_mall(given["mall"], vendor=vendor)
            made = tickets.open_ticket(
                vendor=vendor,
                mall=given["mall"],
                subject=given["subject"],
                text=given["text"],
                by_platform=False,
                author_name=str(request.user),
                actor=_actor(request),
                now=now(),
            )
            return redirect("account_ticket", ulid=made.ulid)
        except DomainError as refused:
            error = refused
    context = {
        "vendor": vendor,
        "rows": support.tickets_of(vendor)[:100],
        "places": vendor_facts.places_of_vendor(vendor),
        "given": given,
        "error": error,
    }
    return render(request, "account/tickets.html", context, status=error.http_status if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def ticket(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """One ticket; with POST an answer, or its end."""
    found = support.ticket(ulid, vendor=vendor)
    error = None
    if request.method == "POST":
        try:
            if request.POST.get("close"):
                tickets.close(ulid=found.ulid, actor=_actor(request), now=now())
            else:
                tickets.answer(
                    ulid=found.ulid,
                    text=request.POST.get("text", ""),
                    by_platform=False,
                    author_name=str(request.user),
                    actor=_actor(request),
                    now=now(),
                )
            return redirect("account_ticket", ulid=ulid)
        except DomainError as refused:
            error = refused
    context = {"vendor": vendor, "ticket": found, "said": support.messages_of(found), "error": error}
    return render(request, "account/ticket.html", context, status=error.http_status if error else 200)


@require_GET
@vendor_only
def access_list(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Who asked to enter, who may, and everything that was done inside."""
    grants = support.grants_of(vendor)
    names = {place.mall: place.name for place in vendor_facts.places_of_vendor(vendor)}
    context = {
        "vendor": vendor,
        "rows": [(row, names.get(row.mall, row.mall), bool(row.until and row.until > now())) for row in grants[:50]],
        "acts": [
            (act, names.get(act.grant.mall, ""), audit_words.act_words(act.what, act.did))
            for act in support.acts_of(grants)[:200]
        ],
    }
    return render(request, "account/access.html", context)


@require_POST
@vendor_only
def access_decide(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """Give leave, refuse it or take it back."""
    what = request.POST.get("what", "")
    if what == "revoke":
        access.revoke(ulid=ulid, vendor=vendor, actor=_actor(request), now=now())
        messages.success(request, _("Taken back. Whoever is inside is signed out."))
    else:
        access.decide(ulid=ulid, vendor=vendor, given=what == "give", actor=_actor(request), now=now())
        messages.success(request, _("Saved."))
    return redirect("account_access")


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def verify(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """Who the company is; handed in, it waits for an operator."""
    found = support.verification_of(vendor)
    given = {
        "licence_number": request.POST.get("licence_number", found.licence_number if found else ""),
        "legal_person": request.POST.get("legal_person", found.legal_person if found else ""),
    }
    error = None
    if request.method == "POST":
        try:
            verification.submit(vendor=vendor, **given, actor=_actor(request), now=now())
            messages.success(request, _("Handed in. We look at it and answer here."))
            return redirect("account_verification")
        except DomainError as refused:
            error = refused
    context = {
        "vendor": vendor,
        "found": found,
        "given": given,
        "error": error,
        "counts": verification.is_verified(vendor),
    }
    return render(request, "account/verification.html", context, status=error.http_status if error else 200)
