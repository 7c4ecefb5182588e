"""Paying at a counter, on the shopper's phone: the code that says who he is, and the amount he pays at a shop's till."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel import qr_code
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.counter.rules.till import CODE_SECONDS
from tenant_apps.counter.selectors import cards as store_cards
from tenant_apps.counter.selectors import tills as selectors
from tenant_apps.counter.services import tills as services
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting
from tenant_apps.orders import services as orders
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.storefront import couponing
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_checkout import coin_choice, typed_coins, typed_vouchers, vouchers_for


@never_cache
@member_required
@require_safe
def my_code(request: HttpRequest) -> HttpResponse:
    """A code for the counter, fresh each time: good for a minute and one scan. The page takes a new one by itself."""
    code = services.show_code(member=current(request))
    context = {
        "active_tab": "me",
        "page_title": _("Pay at the counter"),
        "back": "/me",
        "code": code,
        "grouped": " ".join(code[at : at + 4] for at in range(0, len(code), 4)),
        "qr": SafeString(qr_code.svg(request.build_absolute_uri(reverse("till:scan", args=[code])), css="size-full")),
        "renew_seconds": CODE_SECONDS // 2,
    }
    return render(request, "storefront/till/code.html", context)


@never_cache
@member_required
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds while the code is shown: nothing, or off to what the counter asks for."""
    row = selectors.asked_of(current(request), now=now())
    if row is None:
        return HttpResponse(status=204)
    return HttpResponse(status=200, headers={"HX-Redirect": reverse("till:charge", args=[row.ulid])})


@never_cache
@member_required
@require_safe
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Where a member's QR code leads whoever keeps a till: to its page, the code filled in. Anybody else finds nothing."""
    mine = selectors.tills_of(current(request))
    if not mine:
        raise NotFound
    return redirect(f"{reverse('seller_till:till', args=[mine[0].ulid])}?code={code[:20]}")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, code: str) -> HttpResponse:
    """The page behind the code on the counter: an amount, what may be taken off it, and on to paying."""
    shop = selectors.till_by_code(code, now=now())
    if request.method == "POST":
        return _place(request, shop, charge="")
    text = request.GET.get("amount", "").strip()
    try:
        amount = parse_yuan(text) if text else 0
    except ValueError:
        amount = 0
    return _page(request, shop, amount=amount if amount > 0 else 0, charge="")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def charge(request: HttpRequest, ulid: str) -> HttpResponse:
    """What the counter asks this member to pay. Another's, and one that waits no more, is not found."""
    row = selectors.asked_of(current(request), now=now(), ulid=ulid)
    if row is None:
        raise NotFound
    shop = sellers.seller(row.seller_ulid)
    if request.method == "POST":
        return _place(request, shop, charge=ulid, amount=row.amount)
    return _page(request, shop, amount=row.amount, charge=ulid, note=row.note)


@member_required
@require_POST
def decline(request: HttpRequest, ulid: str) -> HttpResponse:
    """Not mine, or not now."""
    services.decline_charge(ulid=ulid, member=current(request), now=now())
    return HttpResponseRedirect(reverse("till:code"))


def _place(request: HttpRequest, shop: Seller, *, charge: str, amount: int = 0) -> HttpResponse:
    total = request.POST.get("total", "")
    try:
        if not charge:
            amount = _amount(request)
        if "recount" in request.POST or not total:
            return _page(request, shop, amount=amount, charge=charge)
        order = services.pay_at_till(
            member=current(request),
            seller_ulid=shop.ulid,
            amount=amount,
            charge_ulid=charge,
            expected_total=int(total) if total.isdecimal() else -1,
            idempotency_key=request.POST.get("key", ""),
            voucher_amount=typed_vouchers(request),
            coupons=couponing.chosen(request.POST),
            coins=typed_coins(request),
            cards=[one for one in request.POST.getlist("card") if one],
            now=now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        return _page(request, shop, amount=amount, charge=charge, error=error)
    return HttpResponseRedirect(f"/pay/{order.ulid}" if order.payable_amount else f"/orders/{order.ulid}")


def _page(
    request: HttpRequest, shop: Seller, *, amount: int, charge: str, note: str = "", error: DomainError | None = None
) -> HttpResponse:
    member, at = current(request), now()
    context: dict[str, object] = {
        "page_title": shop.name,
        "back": "/me",
        "shop": shop,
        "charge": charge,
        "note": note,
        "amount": format_yuan(amount) if amount else request.POST.get("amount", "")[:12],
    }
    quote = None
    if amount:
        try:
            quote, more = _quote(request, member, shop, amount, again=error is not None)
            context |= more
        except DomainError as refused:
            error = error or refused
    context |= {"quote": quote, "key": new_ulid(), "error": error, "at": at}
    return render(request, "storefront/till/pay.html", context, status=error.http_status if error else 200)


def _quote(
    request: HttpRequest, member: Member, shop: Seller, amount: int, *, again: bool
) -> tuple[orders.CheckoutQuote, dict[str, object]]:
    lines, buyer = [orders.till_line(shop.ulid, amount)], quoting.buyer_of(member, now())
    quote = orders.quote_checkout(lines=lines, now=now(), buyer=buyer)
    coupons = couponing.offered(request.POST, quote, member, now(), again=again)
    by_voucher = 0 if again else typed_vouchers(request)
    coins = coin_choice(member, quote)
    used = int(coins["most"]) if coins and "coins" in request.POST and not again else 0
    if coupons.used or by_voucher or used:
        quote = orders.quote_checkout(
            lines=lines, now=now(), buyer=buyer, coupons=coupons.used, voucher_amount=by_voucher, coins=used
        )
    more = {"coupons": coupons, "vouchers": vouchers_for(member, quote), "coins": coins, "used_coins": used}
    return quote, more | _card(request, member, shop, quote)


def _card(request: HttpRequest, member: Member, shop: Seller, quote: orders.CheckoutQuote) -> dict[str, object]:
    """The member's card of this shop with money on it, what it would pay, and what is left to pay when it does."""
    found = next(iter(store_cards.paying_cards(member, [shop.ulid])), None)
    if found is None:
        return {"card": None, "left_amount": quote.total_amount}
    card = found[0]
    pays, chosen = min(card.left, quote.total_amount), card.ulid in request.POST.getlist("card")
    return {
        "card": {"card": card, "pays_amount": pays, "chosen": chosen},
        "left_amount": quote.total_amount - (pays if chosen else 0),
    }


def _amount(request: HttpRequest) -> int:
    try:
        return parse_yuan(request.POST.get("amount", "").strip())
    except ValueError:
        raise InvalidInput(_("Give an amount in yuan, such as 12 or 12.50."), field="amount") from None
