"""The console's pages of money from vendors: a subscription, an invoice, transfers at the bank."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing import selectors as billing
from billing.models import BankTransfer
from billing.rules.entitlements import FEATURES
from billing.selectors import accounts, words
from billing.services import invoicing, money, papers, subscriptions
from saas.console.forms import TransferForm
from saas.identity import audit_words
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import parse_yuan
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.mode_words import MODE_WORDS
from saas.tenants.vendors.models import Vendor

Context = dict[str, Any]


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


def subscription(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """One subscription: plan, period, rights, history; what an operator may do to it."""
    found = accounts.subscription_of_mall(mall)
    place = vendor_facts.place_or_none(mall)
    waiting = accounts.waiting_change(found)
    overrides = accounts.overrides_of(found.vendor)
    history = list(accounts.history(found)[:50])
    names = audit_words.names_of(row.actor for row in history)
    context = {
        **frame,
        "title": place.name if place else mall,
        "place": place,
        "subscription": found,
        "state": words.STATES[found.state],
        "plan": accounts.plan_of(found),
        "waiting": billing.of_version(waiting.version) if waiting else None,
        "usage": [(words.USED[row.feature], row) for row in accounts.usage_of(found, today=china_date(now()))],
        "rights": [(key, words.FEATURES[key], found.entitlements.get(key), key in overrides) for key in FEATURES],
        "mode_names": [MODE_WORDS.get(str(one), one) for one in found.entitlements.get("modes") or []],
        "history": [(words.EVENTS[row.kind], row, names.get(row.actor, row.actor)) for row in history],
        "invoices": [_row(one) for one in accounts.invoices_of(found.vendor).filter(subscription=found)[:12]],
        "balance": accounts.stored_balance(found.vendor),
        "owed": accounts.owed(found.vendor),
    }
    return render(request, "console/subscription.html", context)


def _row(invoice: Any) -> Context:
    void = invoice.document == "void"
    return {
        "invoice": invoice,
        "subject": words.subject(invoice),
        "state": words.DOCUMENT["void"] if void else words.PAYMENT[invoice.payment],
        "outstanding": accounts.outstanding(invoice),
    }


@require_POST
def subscription_pause(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Stop it; the days that are left are kept."""
    ulid = accounts.subscription_of_mall(mall).ulid
    subscriptions.pause(ulid=ulid, actor=_actor(request), now=now(), reason=_reason(request))
    return _saved(request, mall)


@require_POST
def subscription_resume(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Go on after a pause."""
    ulid = accounts.subscription_of_mall(mall).ulid
    subscriptions.resume(ulid=ulid, actor=_actor(request), now=now(), reason=_reason(request))
    return _saved(request, mall)


@require_POST
def subscription_extend(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Grace: dunning counts from the day given."""
    until = parse_date(request.POST.get("until", ""))
    if until is None:
        raise InvalidInput(_("Please enter a day."), field="until")
    ulid = accounts.subscription_of_mall(mall).ulid
    subscriptions.extend(ulid=ulid, until=until, actor=_actor(request), now=now(), reason=_reason(request))
    return _saved(request, mall)


@require_POST
def subscription_override(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """Another value of a feature for this vendor (JSON: 50, null, true), or the plan's again."""
    vendor = accounts.subscription_of_mall(mall).vendor
    feature = request.POST.get("feature", "")
    if request.POST.get("remove"):
        subscriptions.remove_override(vendor=vendor, feature=feature, actor=_actor(request), now=now())
        return _saved(request, mall)
    try:
        value = json.loads(request.POST.get("value", "").strip() or "null")
    except ValueError:
        value = "?"  # no feature takes it: the service refuses with its own words
    subscriptions.set_override(
        vendor=vendor, feature=feature, value=value, reason=_reason(request), actor=_actor(request), now=now()
    )
    return _saved(request, mall)


def _saved(request: HttpRequest, mall: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("console:subscription", mall=mall)


def invoice(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """One invoice: lines, payment, credit notes, tax invoice."""
    found = accounts.invoice_by_ulid(ulid)
    lines = [
        (words.sentence(entry, billing.of_version(entry.version).name), entry) for entry in accounts.entries_of(found)
    ]
    context = {
        **frame,
        "title": found.number,
        "lines": lines,
        "credit_notes": accounts.credit_notes_of(found),
        "tax": words.TAX[found.tax],
        **_row(found),
    }
    return render(request, "console/invoice.html", context)


@require_POST
def invoice_credit(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """A credit note."""
    try:
        amount = parse_yuan(request.POST.get("amount", ""))
    except ValueError:
        raise InvalidInput(_("Please enter an amount in yuan."), field="amount") from None
    note = invoicing.credit(invoice_ulid=ulid, amount=amount, reason=_reason(request), actor=_actor(request), now=now())
    messages.success(request, _("Credit note %(number)s has been issued.") % {"number": note.number})
    return redirect("console:invoice", ulid=ulid)


@require_POST
def invoice_collect(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """Try to collect from the balance now."""
    tried = money.retry_payment(invoice_ulid=ulid, actor=_actor(request), now=now())
    if tried.payment == "paid":
        messages.success(request, _("Paid."))
    else:
        messages.error(request, _("The vendor’s balance is not enough."))
    return redirect("console:invoice", ulid=ulid)


@require_POST
def invoice_tax(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """The tax invoice was issued (with its number) or could not be."""
    number = request.POST.get("number", "")
    invoicing.record_tax_invoice(invoice_ulid=ulid, number=number, actor=_actor(request), now=now())
    messages.success(request, _("Saved."))
    return redirect("console:invoice", ulid=ulid)


def invoice_pdf(request: HttpRequest, frame: Context, ulid: str) -> HttpResponse:
    """The invoice as PDF; `?lang=en` or `zh-hans`, else as the console is read."""
    found = accounts.invoice_by_ulid(ulid)
    return _paper(papers.invoice_pdf(found, language=request.GET.get("lang", "")), str(found.number))


def credit_note_pdf(request: HttpRequest, frame: Context, number: str) -> HttpResponse:
    """A credit note as PDF."""
    note = accounts.credit_note_by_number(number)
    return _paper(papers.credit_note_pdf(note, language=request.GET.get("lang", "")), note.number)


def _paper(content: bytes, number: str) -> HttpResponse:
    reply = HttpResponse(content, content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return reply


def transfers(request: HttpRequest, frame: Context) -> HttpResponse:
    """Money at the bank: enter it, say whose it is."""
    form = TransferForm(request.POST or None, initial={"received_on": china_date(now())})
    if request.method == "POST" and form.is_valid():
        try:
            money.enter_transfer(**form.cleaned_data, actor=_actor(request), now=now())
            messages.success(request, _("Entered. Now say whose it is."))
            return redirect("console:transfers")
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
    context = {
        **frame,
        "title": _("Bank transfers"),
        "form": form,
        "unmatched": accounts.unmatched_transfers(),
        "vendors": Vendor.objects.order_by("company"),
        "matched": BankTransfer.objects.exclude(vendor=None).select_related("vendor").order_by("-matched_at")[:30],
    }
    return render(request, "console/transfers.html", context)


@require_POST
def transfer_match(request: HttpRequest, frame: Context, transfer: int) -> HttpResponse:
    """It becomes the vendor's balance and pays what is open."""
    vendor = vendor_facts.vendor_by_ulid(request.POST.get("vendor", ""))
    paid = money.match_transfer(transfer_id=transfer, vendor=vendor, actor=_actor(request), now=now())
    messages.success(request, _("Matched. Invoices paid: %(count)s") % {"count": len(paid)})
    return redirect("console:transfers")
