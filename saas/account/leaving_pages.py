"""The vendor takes everything along, and may have the mall deleted: export, download with a fresh code, deletion, calling off."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_POST

from provisioning.lifecycle import rules, selectors, services
from saas.account.pages import vendor_only
from saas.identity import services as identity
from saas.identity.adapter import client_ip
from saas.identity.services.codes import CodeSpent
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor

PURPOSE, _SESSION = "export_download", "export_code"
STATES = {
    "making": pgettext_lazy("file", "Being made"),
    "ready": gettext_lazy("Ready"),
    "failed": gettext_lazy("Failed: ask for a new one"),
    "expired": gettext_lazy("Its time is over"),
    "asked": gettext_lazy("Asked for: the platform looks at it"),
    "scheduled": gettext_lazy("Scheduled"),
    "running": gettext_lazy("Under way"),
    "done": gettext_lazy("Done"),
    "cancelled": gettext_lazy("Called off"),
}
CHECKS = {
    "subscription_ended": gettext_lazy("Your subscription has ended"),
    "invoices_paid": gettext_lazy("Nothing is owed for this mall"),
    "orders_finished": gettext_lazy("No order is under way"),
    "withdrawals_settled": gettext_lazy("No withdrawal is open"),
    "clearing_empty": gettext_lazy("Every clearing account is empty"),
    "export_made": gettext_lazy("You have made a full export"),
    "books_taken": gettext_lazy("You keep the books that the law wants kept"),
}


@require_GET
@vendor_only
def leaving(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Exports of the mall and its deletion."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    row = selectors.newest_deletion(mall)
    context: dict[str, Any] = {
        "vendor": vendor,
        "place": place,
        "exports": [(one, STATES[one.row.state]) for one in selectors.exports_of(mall)],
        "deletion": row,
        "deletion_word": STATES[row.state] if row else "",
        "checks": [(check, CHECKS[check.key]) for check in selectors.checks(row)] if row else [],
        "is_open": bool(row and row.state in rules.OPEN),
        "cancellable": bool(row and row.state in rules.CANCELLABLE),
        "code_sent": request.session.get(_SESSION, {}).get("mall") == mall,
    }
    return render(request, "account/leaving.html", context)


@require_POST
@vendor_only
def export(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Ask for an export: also while the mall is suspended."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    try:
        services.request_export(mall=place.mall, reason=_("by the owner"), actor=_actor(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Your export is being made. This page shows how far it is."))
    return redirect("account_leaving", mall=mall)


@require_POST
@vendor_only
def code(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Send the owner a code: a file with everything is not given to a borrowed session."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    owner = vendor.owner
    try:
        ulid = identity.send_code(purpose=PURPOSE, target=owner.phone or owner.email, ip=client_ip(request), now=now())
    except DomainError as error:
        messages.error(request, error.text)
    else:
        request.session[_SESSION] = {"mall": place.mall, "code": ulid}
        messages.success(request, _("We have sent you a code. Enter it to download the file."))
    return redirect("account_leaving", mall=mall)


@require_POST
@vendor_only
def download(request: HttpRequest, vendor: Vendor, mall: str, ulid: str) -> HttpResponse:
    """With the code: to the file, by a link that holds ten minutes."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    sent = request.session.get(_SESSION, {})
    try:
        if sent.get("mall") != place.mall:
            raise CodeSpent(field="code")
        identity.check_code(
            ulid=str(sent.get("code", "")), purpose=PURPOSE, code=request.POST.get("code", ""), now=now()
        )
        link = services.download_link(
            mall=place.mall, ulid=ulid, reason=_("by the owner"), actor=_actor(request), now=now()
        )
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("account_leaving", mall=mall)
    del request.session[_SESSION]
    return redirect(link)


@require_POST
@vendor_only
def delete(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Ask for the mall to be deleted; an operator confirms, days pass."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    try:
        if request.POST.get("name", "").strip() != place.name:
            raise InvalidInput(_("Type the mall’s name as it is written above."), field="name")
        services.ask_deletion(
            mall=place.mall,
            reason=request.POST.get("reason", ""),
            by_vendor=True,
            books_taken=request.POST.get("books_taken") == "1",
            close_account=request.POST.get("close_account") == "1",
            actor=_actor(request),
            now=now(),
        )
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Asked for. The platform looks at it and tells you the day."))
    return redirect("account_leaving", mall=mall)


@require_POST
@vendor_only
def keep(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Call the deletion off."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    row = selectors.open_deletion(place.mall)
    try:
        if row is not None:
            services.cancel_deletion(ulid=row.ulid, reason=_("by the owner"), actor=_actor(request), now=now())
            messages.success(request, _("The deletion is called off."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("account_leaving", mall=mall)


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]
