"""A vendor's own domains: add, prove, see how far each is, choose the primary one, remove."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from provisioning.domains import selectors, words
from provisioning.domains.rules.filing import EVIDENCE_MAX_BYTES
from provisioning.domains.services import requests
from saas.account.pages import vendor_only
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Place, Vendor


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def domains(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """All domains of a mall; with POST a new one. The same address answers htmx with the list alone."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    error, given = None, request.POST.get("host", "")
    if request.method == "POST":
        try:
            made = requests.request_domain(vendor=vendor, mall=mall, name=given, actor=_actor(request), now=now())
            return redirect("account_domain", ulid=made.ulid)
        except DomainError as refused:
            error = refused
    context = {**_list(place), "vendor": vendor, "error": error, "given": given}
    template = "account/domain_list.html" if request.headers.get("HX-Request") else "account/domains.html"
    return render(request, template, context, status=error.http_status if error else 200)


def _list(place: Place) -> dict[str, Any]:
    views = [words.view(row) for row in selectors.domains_of(place).select_related("place", "place__cell")]
    return {
        "place": place,
        "views": views,
        "platform_host": selectors.platform_host(place),
        "further_hosts": vendor_facts.platform_hosts(place)[1:],
        "platform_is_primary": not any(one.is_primary for one in views),
        "sends_platform": selectors.book_of(place).sends_platform,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def domain(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """One domain: what to do next, what was found, what happened. With POST one of its actions."""
    found = selectors.domain(ulid, vendor=vendor)
    error = None
    if request.method == "POST":
        try:
            return _act(request, vendor, ulid, found.place.mall)
        except DomainError as refused:
            error = refused
    context = {
        "vendor": vendor,
        "place": found.place,
        "view": words.view(found),
        "evidence": selectors.evidence_of(found),
        "platform_host": selectors.platform_host(found.place),
        "events": [
            (one, words.STATES[one.state], words.finding_words(one.finding, one.detail))  # type: ignore[index]
            for one in selectors.events_of(found)[:50]
        ],
        "error": error,
        "given": request.POST.get("number", found.filing_number),
    }
    template = "account/domain_state.html" if request.headers.get("HX-Request") else "account/domain.html"
    return render(request, template, context, status=error.http_status if error else 200)


def _act(request: HttpRequest, vendor: Vendor, ulid: str, mall: str) -> HttpResponse:
    what = request.POST.get("what", "")
    who: dict[str, Any] = {"ulid": ulid, "vendor": vendor, "actor": _actor(request), "now": now()}
    if what == "remove":
        requests.remove_domain(**who)
        messages.success(request, _("The domain is removed."))
        return redirect("account_domains", mall=mall)
    if what == "primary":
        requests.choose_primary(**who)
        messages.success(request, _("Saved. Shoppers of your other domains are sent there within a minute."))
    elif what == "filing":
        file = request.FILES.get("evidence")
        content = file.read(EVIDENCE_MAX_BYTES + 1) if file else None
        requests.hand_in_filing(**who, number=request.POST.get("number", ""), content=content)
        messages.success(request, _("Handed in. We look at it and answer here."))
    else:
        requests.check_now(**who)
        messages.success(request, _("It is checked within half a minute. Open this page again for the result."))
    return redirect("account_domain", ulid=ulid)


@require_POST
@vendor_only
def platform_host(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Make the platform host the primary one again, or say whether its shoppers are sent on."""
    sends = {"send": True, "serve": False}.get(request.POST.get("what", ""))
    host = request.POST.get("host", "")
    requests.serve_by_platform_host(
        mall=mall, vendor=vendor, sends_platform=sends, host=host, actor=_actor(request), now=now()
    )
    messages.success(request, _("Saved."))
    return redirect("account_domains", mall=mall)
