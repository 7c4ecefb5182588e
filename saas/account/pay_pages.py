"""Paying an invoice with WeChat: a QR code, then waiting for the channel's word. Nothing here believes a browser."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from billing.models import Collection
from billing.selectors import accounts, collections
from billing.services import collecting
from saas.account.pages import vendor_only
from saas.kernel import qr_code
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.vendors.models import Vendor


@require_POST
@vendor_only
def start(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """Begin with the channel, or go on with what was begun: the same press again is the same payment."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    try:
        collecting.start(invoice_ulid=found.ulid, actor=f"user:{request.user.public_id}", now=now())  # type: ignore[union-attr]
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("account_invoice", ulid=ulid)
    return redirect("account_invoice_wechat", ulid=ulid)


@require_GET
@vendor_only
def show(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """The code to scan; an invoice without an open attempt is shown instead."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    attempt = collections.open_attempt(found)
    if attempt is None or not attempt.code_url:
        return redirect("account_invoice", ulid=ulid)
    context = {
        "vendor": vendor,
        "invoice": found,
        "attempt": attempt,
        "code": SafeString(qr_code.svg(attempt.code_url, css="size-full")),
        "practice": attempt.code_url if attempt.code_url.startswith("http") else "",  # WeChat's own are weixin://
    }
    return render(request, "account/invoice_wechat.html", context)


@require_GET
@vendor_only
def state(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """Asked by the page every few seconds: go on to the invoice once the attempt is over."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    reply = HttpResponse(status=204)
    if collections.open_attempt(found) is None:
        reply["HX-Redirect"] = reverse("account_invoice", kwargs={"ulid": ulid})
    return reply


@require_POST
@vendor_only
def check(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """“I have paid”: ask the channel now."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    attempt: Collection | None = collections.open_attempt(found)
    if attempt is not None:
        collecting.query(ulid=attempt.ulid, now=now())
        found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    if accounts.outstanding(found):
        messages.error(request, _("WeChat Pay has not seen the payment yet. If you have just paid, wait a moment."))
        return redirect("account_invoice_wechat", ulid=ulid)
    return redirect("account_invoice", ulid=ulid)
