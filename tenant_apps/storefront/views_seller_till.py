"""A till on the phone of whoever keeps it: ask for money, see it arrive, the day's sums, receipts, money back."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel import qr_code
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.money import display_yuan, format_yuan, parse_yuan
from tenant_apps.counter.rules.till import code_in
from tenant_apps.counter.selectors import tills as selectors
from tenant_apps.counter.selectors.tills import Progress
from tenant_apps.counter.services import tills as services
from tenant_apps.members.access import member_required
from tenant_apps.orders import services as orders
from tenant_apps.orders import till_orders
from tenant_apps.payments import selectors as payments
from tenant_apps.sellers.models import Seller
from tenant_apps.storefront.access import current

POLL_SECONDS = 2
ANSWERS: dict[str, str | Promise] = {
    "applied": gettext_lazy("The channel says: paid. The sale is booked."),
    "final": gettext_lazy("This payment is settled already."),
    "known": gettext_lazy("The channel says: paid. The sale is booked."),
    "unpaid": gettext_lazy("The channel says: not paid yet. The shopper has not been charged."),
    "closed": gettext_lazy("The channel says: closed. The shopper has not been charged."),
    "not_begun": gettext_lazy("No payment was begun yet: the shopper has not pressed “Pay”."),
}
UNKNOWN = gettext_lazy("The channel gave no clear answer. Nothing is lost: it is asked again by itself.")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def till(request: HttpRequest, ulid: str) -> HttpResponse:
    """Type an amount, scan the shopper's code; below it the day. `?code=` fills the code in, `?day=` shows another day."""
    shop = own_till(request, ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            row = services.charge_member(
                seller_ulid=ulid,
                amount=_fen(request),
                code=request.POST.get("code", ""),
                note=request.POST.get("note", ""),
                actor=_actor(request),
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            return HttpResponseRedirect(reverse("seller_till:charge", args=[ulid, row.ulid]))
    day = selectors.day_named(request.GET.get("day", ""), now=now())
    context = {
        "active_tab": "me",
        "page_title": _("Till of %(shop)s") % {"shop": shop.name},
        "back": reverse("portal:home"),
        "shop": shop,
        "takes": selectors.takes_money(shop, now=now()),
        "amount": request.POST.get("amount", "")[:12],
        "note": request.POST.get("note", "")[:40],
        "code": code_in(request.POST.get("code") or request.GET.get("code", "")),
        "error": error,
        "day": day,
        "today": china_date(now()),
        **_day(shop, day),
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "storefront/till/day.html", context)
    return render(request, "storefront/till/till.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def charge(request: HttpRequest, ulid: str, charge_ulid: str) -> HttpResponse:
    """One charge, live: the shopper is asked, pays, has paid. htmx asks for the state alone."""
    shop = own_till(request, ulid)
    view = selectors.charge(ulid, charge_ulid, now=now())
    context = {
        "active_tab": "me",
        "page_title": _("Payment"),
        "back": reverse("seller_till:till", args=[ulid]),
        "shop": shop,
        "view": view,
        "poll_seconds": POLL_SECONDS,
        "waits": view.progress in (Progress.ASKED, Progress.PAYING, Progress.UNCONFIRMED),
        "spoken": _("%(amount)s received") % {"amount": display_yuan(view.order.total_amount)} if view.order else "",
    }
    part = bool(request.htmx)  # type: ignore[attr-defined]
    return render(request, "storefront/till/charge_state.html" if part else "storefront/till/charge.html", context)


@member_required
@require_POST
def withdraw(request: HttpRequest, ulid: str, charge_ulid: str) -> HttpResponse:
    """Ask no more."""
    own_till(request, ulid)
    try:
        services.withdraw_charge(seller_ulid=ulid, ulid=charge_ulid, actor=_actor(request), now=now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
        return HttpResponseRedirect(reverse("seller_till:charge", args=[ulid, charge_ulid]))
    messages.success(request, _("Withdrawn. The shopper is not asked any more."))
    return HttpResponseRedirect(reverse("seller_till:till", args=[ulid]))


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def sale(request: HttpRequest, ulid: str, order: str) -> HttpResponse:
    """One sale: its receipt, to be shown or printed on 80 mm paper; money back; a payment that said nothing, asked about."""
    shop = own_till(request, ulid)
    here = reverse("seller_till:sale", args=[ulid, order])
    if request.method == "POST":
        try:
            messages.success(request, _step(request, ulid, order))
        except NotFound:
            raise
        except DomainError as error:
            messages.error(request, error.text)
        return HttpResponseRedirect(here)
    row = till_orders.sale(ulid, order)
    line = next(iter(row.lines.all()))
    progress = selectors.progress_of(row, now())
    context = {
        "active_tab": "me",
        "page_title": _("Receipt"),
        "back": reverse("seller_till:till", args=[ulid]),
        "shop": shop,
        "order": row,
        "line": line,
        "discount_amount": line.merchant_discount_amount + line.platform_discount_amount,
        "left_amount": line.value_amount - line.refunded_value_amount,
        "payment": payments.payment_state(row.payment_document),
        "progress": progress,
        "refunds": [one for one in row.refunds.all() if one.state in ("approved", "refunded")],
        "may_refund": progress is Progress.PAID
        and row.state in ("received", "paid")
        and selectors.may_give_back(current(request), shop),
        "waits": progress in (Progress.PAYING, Progress.UNCONFIRMED),
    }
    return render(request, "storefront/till/sale.html", context)


@member_required
@require_safe
def poster(request: HttpRequest, ulid: str) -> HttpResponse:
    """The code for the counter, to be printed."""
    shop = own_till(request, ulid)
    address = request.build_absolute_uri(reverse("till:pay", args=[shop.code]))
    context = {
        "active_tab": "me",
        "page_title": _("Code for the counter"),
        "back": reverse("seller_till:till", args=[ulid]),
        "shop": shop,
        "address": address,
        "qr": SafeString(qr_code.svg(address, css="size-full")),
    }
    return render(request, "storefront/till/poster.html", context)


def own_till(request: HttpRequest, ulid: str) -> Seller:
    """The shop, if the member keeps its till. Raises NotFound."""
    found = next((row for row in selectors.tills_of(current(request)) if row.ulid == ulid), None)
    if found is None:
        raise NotFound
    return found


def _step(request: HttpRequest, ulid: str, order: str) -> str:
    if request.POST.get("step") == "ask":
        outcome = services.ask_channel(seller_ulid=ulid, order_ulid=order, now=now())
        return str(ANSWERS.get(outcome, UNKNOWN))
    if not selectors.may_give_back(current(request), own_till(request, ulid)):
        raise NotFound
    refund = services.refund_sale(
        seller_ulid=ulid,
        order_ulid=order,
        amount=_fen(request) if request.POST.get("amount", "").strip() else None,
        reason=request.POST.get("reason", ""),
        actor=_actor(request),
        now=now(),
    )
    return _("%(amount)s goes back the way it came.") % {"amount": display_yuan(refund.amount)}


def _day(shop: Seller, day: dt.date) -> dict[str, object]:
    return {
        "sums": selectors.day_sums(shop.ulid, day),
        "sales": selectors.day_sales(shop.ulid, day),
        "unconfirmed": selectors.unconfirmed(shop.ulid, now=now()),
        "most": format_yuan(orders.MAX_TILL_AMOUNT),
    }


def _actor(request: HttpRequest) -> str:
    return f"member:{current(request).ulid}"


def _fen(request: HttpRequest) -> int:
    try:
        return parse_yuan(request.POST.get("amount", "").strip())
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 12 or 12.50."), field="amount") from None
