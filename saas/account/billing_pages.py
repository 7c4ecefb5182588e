"""A vendor's plan and money: subscription with what is used, change of plan with its price shown first, invoices, balance."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing import selectors as billing
from billing.models import Invoice, Subscription
from billing.rules import states
from billing.selectors import PlanOnSale, accounts, collections, prices, words
from billing.services import extras, invoicing, money, papers, subscriptions
from saas.account.pages import vendor_only
from saas.kernel.clock import china_date, now
from saas.tenants.platform import selectors as platform
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.models import Vendor


@dataclass(frozen=True)
class Choice:
    """A plan that the mall could have instead."""

    plan: PlanOnSale
    lines: list[str]
    fees: list[str]
    current: bool


def _actor(request: HttpRequest) -> str:
    return f"user:{request.user.public_id}"  # type: ignore[union-attr]


def _subscription(vendor: Vendor, mall: str) -> Subscription:
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    return accounts.subscription_of_mall(place.mall)


def _money(vendor: Vendor) -> dict[str, Any]:
    return {
        "balance": accounts.stored_balance(vendor),
        "owed": accounts.owed(vendor),
        "bank": platform.profile().bank,
    }


@require_GET
@vendor_only
def subscription(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """The plan: what is included, what is used, what it costs, what else there is."""
    place = vendor_facts.place_of_mall(mall, vendor=vendor)
    found = _subscription(vendor, mall)
    plan = accounts.plan_of(found)
    waiting = accounts.waiting_change(found)
    context = {
        "vendor": vendor,
        "place": place,
        "subscription": found,
        "state": words.STATES[found.state],
        "plan": plan,
        "included": words.feature_lines(found.entitlements),
        "fees": words.fee_lines(plan.fee_tiers),
        "usage": [(words.USED[row.feature], row) for row in accounts.usage_of(found, today=china_date(now()))],
        "waiting": billing.of_version(waiting.version) if waiting else None,
        "choices": [_choice(plan_, plan) for plan_ in billing.price_list()],
        "changeable": found.state in states.CHANGEABLE and not found.cancel_at_period_end,
        "ended": found.state in states.ENDED,
        "invoices": accounts.invoices_of(vendor).filter(subscription=found)[:5],
        "extras": [
            (words.extra_name(row.extra.code), row, extras.period_price(row.price_fen, row.quantity, plan.period))
            for row in accounts.extras_of(found)
        ],
        "extras_on_sale": [one for one in prices.extra_list(had=accounts.extras_of(found)) if _of_use(one, found)],
        "history": [(words.EVENTS[row.kind], row) for row in accounts.history(found)[:10]],
        **_money(vendor),
    }
    return render(request, "account/subscription.html", context)


def _of_use(extra: prices.ExtraOnSale, subscription: Subscription) -> bool:
    """Whether it would add anything to what the mall has."""
    has = subscription.entitlements.get(extra.row.feature)
    return has is not None and has is not True


def _choice(plan: PlanOnSale, current: PlanOnSale) -> Choice:
    return Choice(
        plan,
        words.feature_lines(plan.features.model_dump(mode="json")),
        words.fee_lines(plan.fee_tiers),
        plan.version_id == current.version_id,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def change(request: HttpRequest, vendor: Vendor, mall: str, version: str) -> HttpResponse:
    """What another plan would cost from today; with POST it is taken."""
    found = _subscription(vendor, mall)
    if request.method == "POST":
        done = subscriptions.change_plan(ulid=found.ulid, version_id=int(version), actor=_actor(request), now=now())
        text = _("The plan has been changed.") if done.at_once else _("The plan changes with the next period.")
        messages.success(request, text)
        return redirect("account_subscription", mall=mall)
    quote = subscriptions.quote_change(found, subscriptions.prices_version(int(version)), now=now())
    context = {
        "vendor": vendor,
        "place": vendor_facts.place_of_mall(mall, vendor=vendor),
        "subscription": found,
        "old": accounts.plan_of(found),
        "new": billing.of_version(quote.version),
        "quote": quote,
        "over": subscriptions.over_text(quote),
        "changeable": found.state in states.CHANGEABLE and not found.cancel_at_period_end and not quote.over,
        **_money(vendor),
    }
    return render(request, "account/change_plan.html", context)


@require_POST
@vendor_only
def cancel(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """End the subscription with its period."""
    found = _subscription(vendor, mall)
    reason = request.POST.get("reason", "")[:300]
    subscriptions.cancel(ulid=found.ulid, actor=_actor(request), now=now(), reason=reason)
    messages.success(request, _("The subscription ends with its period. Until then everything goes on."))
    return redirect("account_subscription", mall=mall)


@require_POST
@vendor_only
def keep(request: HttpRequest, vendor: Vendor, mall: str) -> HttpResponse:
    """Undo a cancellation or a change that waits."""
    subscriptions.withdraw_change(ulid=_subscription(vendor, mall).ulid, actor=_actor(request), now=now())
    messages.success(request, _("Everything stays as it is."))
    return redirect("account_subscription", mall=mall)


@require_POST
@vendor_only
def reactivate(request: HttpRequest, vendor: Vendor, mall: str, version: str) -> HttpResponse:
    """Take an ended subscription up again."""
    found = _subscription(vendor, mall)
    subscriptions.reactivate(ulid=found.ulid, version_id=int(version), actor=_actor(request), now=now())
    messages.success(request, _("The mall opens again once the first invoice is paid."))
    return redirect("account_subscription", mall=mall)


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_only
def extra(request: HttpRequest, vendor: Vendor, mall: str, code: str) -> HttpResponse:
    """What an extra costs from today; with POST it is bought."""
    found = _subscription(vendor, mall)
    wanted = prices.extra_by_code(code)
    quantity = _quantity(request)
    if request.method == "POST":
        extras.buy(ulid=found.ulid, code=code, quantity=quantity, actor=_actor(request), now=now())
        messages.success(request, _("Bought. It holds at once."))
        return redirect("account_subscription", mall=mall)
    context = {
        "vendor": vendor,
        "place": vendor_facts.place_of_mall(mall, vendor=vendor),
        "subscription": found,
        "extra": wanted,
        "quantity": quantity,
        "countable": wanted.countable,
        "most": extras.QUANTITY_MAX,
        "quote": extras.quote(found, wanted.row, quantity, now=now()),
        "plan": accounts.plan_of(found),
        **_money(vendor),
    }
    return render(request, "account/extra.html", context)


def _quantity(request: HttpRequest) -> int:
    given = (request.POST if request.method == "POST" else request.GET).get("quantity", "1")
    return int(given) if given.isdecimal() and len(given) < 4 else 0


@require_POST
@vendor_only
def extra_cancel(request: HttpRequest, vendor: Vendor, mall: str, ulid: str) -> HttpResponse:
    """End an extra with the period."""
    extras.cancel(ulid=_subscription(vendor, mall).ulid, extra_ulid=ulid, actor=_actor(request), now=now())
    messages.success(request, _("The extra ends with this period."))
    return redirect("account_subscription", mall=mall)


@require_POST
@vendor_only
def extra_keep(request: HttpRequest, vendor: Vendor, mall: str, ulid: str) -> HttpResponse:
    """Keep it after all."""
    extras.keep(ulid=_subscription(vendor, mall).ulid, extra_ulid=ulid, actor=_actor(request), now=now())
    messages.success(request, _("Everything stays as it is."))
    return redirect("account_subscription", mall=mall)


@require_GET
@vendor_only
def invoices(request: HttpRequest, vendor: Vendor) -> HttpResponse:
    """All invoices, the balance and where to transfer."""
    rows = [_row(invoice) for invoice in accounts.invoices_of(vendor)[:200]]
    return render(request, "account/invoices.html", {"vendor": vendor, "rows": rows, **_money(vendor)})


def _row(invoice: Invoice) -> dict[str, Any]:
    shown = words.DOCUMENT if invoice.document == "void" else words.PAYMENT
    return {
        "invoice": invoice,
        "subject": words.subject(invoice),
        "state": shown[invoice.document if invoice.document == "void" else invoice.payment],
        "outstanding": accounts.outstanding(invoice),
    }


@require_GET
@vendor_only
def invoice(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """One invoice with its lines; payment and tax invoice."""
    return render(request, "account/invoice.html", _invoice_context(vendor, ulid))


@require_GET
@vendor_only
def invoice_print(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """The same on one sheet of paper."""
    return HttpResponse(papers.invoice_html(accounts.invoice_by_ulid(ulid, vendor=vendor)))


@require_GET
@vendor_only
def invoice_pdf(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """The invoice as PDF; `?lang=en` or `zh-hans`, else as the page is read."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    return _paper(papers.invoice_pdf(found, language=request.GET.get("lang", "")), str(found.number))


@require_GET
@vendor_only
def credit_note_pdf(request: HttpRequest, vendor: Vendor, number: str) -> HttpResponse:
    """A credit note as PDF."""
    note = accounts.credit_note_by_number(number, vendor=vendor)
    return _paper(papers.credit_note_pdf(note, language=request.GET.get("lang", "")), note.number)


def _paper(content: bytes, number: str) -> HttpResponse:
    reply = HttpResponse(content, content_type="application/pdf")
    reply["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    return reply


def _invoice_context(vendor: Vendor, ulid: str) -> dict[str, Any]:
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    lines = [
        (words.sentence(entry, billing.of_version(entry.version).name), entry) for entry in accounts.entries_of(found)
    ]
    return {
        "vendor": vendor,
        "lines": lines,
        "tax": words.TAX[found.tax],
        "wechat": collections.connected() is not None,
        "credit_notes": accounts.credit_notes_of(found),
        "place": vendor_facts.place_or_none(found.subscription.mall),
        **_row(found),
        **_money(vendor),
    }


@require_POST
@vendor_only
def pay_again(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """Try to collect an invoice from the balance."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    tried = money.retry_payment(invoice_ulid=found.ulid, actor=_actor(request), now=now())
    if tried.payment == "paid":
        messages.success(request, _("Paid from your balance."))
    else:
        messages.error(request, _("Your balance is not enough. Please transfer the amount first."))
    return redirect("account_invoice", ulid=ulid)


@require_POST
@vendor_only
def ask_tax_invoice(request: HttpRequest, vendor: Vendor, ulid: str) -> HttpResponse:
    """Ask for the tax invoice (发票)."""
    found = accounts.invoice_by_ulid(ulid, vendor=vendor)
    invoicing.request_tax_invoice(
        invoice_ulid=found.ulid,
        title=request.POST.get("title", ""),
        tax_number=request.POST.get("tax_number", ""),
        email=request.POST.get("email", ""),
        actor=_actor(request),
        now=now(),
    )
    messages.success(request, _("Requested. We issue it and send it to you."))
    return redirect("account_invoice", ulid=ulid)
