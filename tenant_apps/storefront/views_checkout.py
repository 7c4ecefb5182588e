"""Checkout: lines and address chosen, price and freight shown, order placed. Prices that moved are shown, not taken."""

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.kernel.money import format_yuan, parse_yuan
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.counter.selectors import cards as store_cards
from tenant_apps.counter.services import cards_paying
from tenant_apps.members import selectors as members
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Address, Member
from tenant_apps.modes import quoting
from tenant_apps.modes.coins import selectors as coin_lots
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.gift_pack.services import AGENCY_GRADES
from tenant_apps.modes.subsidy import selectors as subsidy
from tenant_apps.orders import selectors as orders
from tenant_apps.orders import services
from tenant_apps.orders.rules import Recipient, WantedLine
from tenant_apps.settlement import services as settlement
from tenant_apps.storefront import agencies, couponing, deliveries
from tenant_apps.storefront.access import current
from tenant_apps.storefront.context import CART_COOKIE as COUNT_COOKIE
from tenant_apps.storefront.views_cart import whole_number


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """`?sku=…&qty=…` buys that at once, `?sku=…` those of the cart, nothing the whole cart. POST places the order."""
    member = current(request)
    if request.method == "POST":
        return _place(request, member)
    lines = _wanted(request.GET, member)
    if not lines:
        return HttpResponseRedirect("/cart")
    addresses = members.addresses(member)
    try:
        return _page(request, lines, addresses, key=new_ulid())
    except DomainError:
        lines = [WantedLine(row.offer.key, row.qty) for row in orders.cart(member) if row.buyable]
        if request.GET.getlist("sku") or not lines:
            raise
        return _page(request, lines, addresses, key=new_ulid())


@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The <option>s of a pack's agency below a province or a city (htmx)."""
    grade, part = request.GET.get("grade", ""), request.GET.get("part", "")
    code = next((str(value)[:6] for name, value in request.GET.items() if name.startswith("agency-")), "")
    if grade not in AGENCY_GRADES or part not in agencies.parts_of(Grade(grade))[1:]:
        raise NotFound
    chosen = {"province": code, "city": code}
    context = {"options": agencies.options(Grade(grade), part, chosen, now()), "chosen": ""}
    return render(request, "storefront/agency_options.html", context)


def _place(request: HttpRequest, member: Member) -> HttpResponse:
    lines = [
        WantedLine(
            sku[:60],
            whole_number(quantity),
            int(price) if price.isdecimal() else None,
            agencies.chosen_code(request.POST, sku[:60]),
        )
        for sku, quantity, price in zip(
            request.POST.getlist("sku"), request.POST.getlist("qty"), request.POST.getlist("price"), strict=False
        )
    ]
    total = request.POST.get("total", "")
    try:
        if "recount" in request.POST:
            return _page(request, lines, members.addresses(member), key=new_ulid())
        paid_by = request.POST.getlist("card")[:20]
        place = partial(cards_paying.place_purchase, cards=paid_by) if paid_by else services.place_purchase
        purchase = place(
            member=member,
            lines=lines,
            address=_address(request, member),
            expected_total=int(total) if total.isdecimal() else -1,
            idempotency_key=request.POST.get("key", ""),
            remark=request.POST.get("remark", ""),
            voucher_amount=typed_vouchers(request),
            coins=typed_coins(request),
            deliveries=deliveries.wishes(request.POST),
            coupons=couponing.chosen(request.POST),
            now=now(),
        )
    except DomainError as error:
        return _refused(request, member, lines, error)
    first = purchase.first.ulid
    response = HttpResponseRedirect(f"/pay/{first}" if purchase.total_amount else f"/orders/{first}")
    response.delete_cookie(COUNT_COOKIE)
    return response


def _refused(request: HttpRequest, member: Member, lines: list[WantedLine], error: DomainError) -> HttpResponse:
    """The same page with the reason and today's prices; what cannot be quoted any more goes back to the cart."""
    addresses = members.addresses(member)
    try:
        return _page(request, lines, addresses, key=new_ulid(), error=error)
    except DomainError:
        return render(request, "errors/refused.html", {"error": error, "back": "/cart"}, status=error.http_status)


def _page(
    request: HttpRequest,
    lines: list[WantedLine],
    addresses: list[Address],
    *,
    key: str,
    error: DomainError | None = None,
) -> HttpResponse:
    member = current(request)
    chosen = request.POST.get("address") or request.GET.get("address") or (addresses[0].ulid if addresses else "")
    address = next((services.recipient_of(one) for one in addresses if one.ulid == chosen), None)
    count = partial(services.quote_checkout, lines=lines, now=now(), buyer=quoting.buyer_of(member, now()))
    try:
        quote = count(deliveries=deliveries.wishes(request.POST), address=address)
        count = partial(count, deliveries=deliveries.wishes(request.POST), address=address)
    except (services.NotDelivered, services.Unreachable) as refused:  # the page says so, and counts with a carrier
        error, quote = error or refused, count()
    coupons = couponing.offered(request.POST, quote, member, now(), again=error is not None)
    vouchers = 0 if error else typed_vouchers(request)
    if coupons.used:
        quote = count(coupons=coupons.used)
    coins = coin_choice(member, quote)
    used = int(coins["most"]) if coins and "coins" in request.POST else 0
    if vouchers or used:
        quote = count(coupons=coupons.used, coins=used, voucher_amount=vouchers)
    in_stock = [line for line in lines if _in_stock(quote, line)]
    if request.method != "POST" and not request.GET.getlist("sku") and 0 < len(in_stock) < len(lines):
        return _page(request, in_stock, addresses, key=key)  # the whole cart: what is short stays in it
    again = [("sku", line.offer.key) for line in quote.lines] + [("qty", line.qty) for line in quote.lines]
    context = {
        "page_title": _("Checkout"),
        "back": "/cart",
        "quote": quote,
        "parts": deliveries.parts(quote, now()),
        "position": {name: request.POST.get(name, "")[:20] for name in ("latitude", "longitude")},
        "coins": coins,
        "vouchers": vouchers_for(member, quote),
        "coupons": coupons,
        "cards": _cards(request, member, quote),
        "hints": services.reduction_hints(quote.lines, now=now())[:3],
        "addresses": addresses,
        "chosen": chosen,
        "key": key,
        "remark": request.POST.get("remark", ""),
        "error": error,
        "agencies": agencies.questions(quote, request.POST, now()),
        "here": f"/checkout?{urlencode(again)}",
    }
    return render(request, "storefront/checkout.html", context, status=error.http_status if error else 200)


def _cards(request: HttpRequest, member: Member, quote: services.CheckoutQuote) -> list[dict[str, object]]:
    """The member's cards with money for goods of a store in this purchase, one a store, and what each would pay."""
    if quote.kind is not ProductKind.GOODS:
        return []
    parts = {part.seller_ulid: part.total_amount for part in quote.parts if part.seller_ulid}
    found: dict[str, dict[str, object]] = {}
    for card, store in store_cards.paying_cards(member, list(parts)):
        pays = min(card.left, parts[card.seller_ulid])
        chosen = card.ulid in request.POST.getlist("card")
        found.setdefault(card.seller_ulid, {"card": card, "store": store, "pays_amount": pays, "chosen": chosen})
    return list(found.values())


def vouchers_for(member: Member, quote: services.CheckoutQuote) -> dict[str, object] | None:
    """What the member could pay by vouchers here; None where these goods take none, or he has none."""
    if not quote.voucher_limit_amount:
        return None
    settlement.draw_vouchers(member_ulid=member.ulid, now=now())
    available = subsidy.available_vouchers(member.ulid, now=now())
    most = min(available, quote.voucher_limit_amount)
    chosen = format_yuan(quote.voucher_amount) if quote.voucher_amount else ""
    return {"available_amount": available, "most_amount": most, "chosen": chosen} if available else None


def coin_choice(member: Member, quote: services.CheckoutQuote) -> dict[str, int] | None:
    """How many coins the member could use here; None where these goods take none, or he has none."""
    if not quote.coin_limit:
        return None
    available = coin_lots.available(member.ulid, now=now())
    most = min(available, quote.coin_limit)
    return {"available": available, "most": most, "most_amount": most * quote.coin_fen} if most else None


def typed_coins(request: HttpRequest) -> int:
    """Shopping coins that the form uses."""
    text = request.POST.get("coins", "").strip()
    return int(text) if text.isdecimal() and len(text) <= 9 else 0


def typed_vouchers(request: HttpRequest) -> int:
    """Fen of vouchers that the shopper typed in yuan. Raises InvalidInput."""
    text = request.POST.get("voucher", "").strip()
    try:
        return parse_yuan(text) if text else 0
    except ValueError:
        raise InvalidInput(_("Enter the vouchers in yuan, such as 12.50."), field="voucher") from None


def _in_stock(quote: services.CheckoutQuote, wanted: WantedLine) -> bool:
    return all(line.offer.stock >= line.qty for line in quote.lines if line.offer.key == wanted.sku_ulid)


def _wanted(query: QueryDict, member: Member) -> list[WantedLine]:
    skus, quantities = query.getlist("sku")[:50], query.getlist("qty")
    if skus and len(quantities) == len(skus):
        pairs = zip(skus, quantities, strict=True)
        return [WantedLine(sku[:60], whole_number(quantity)) for sku, quantity in pairs]
    return [WantedLine(sku, quantity) for sku, quantity in orders.cart_lines(member) if not skus or sku in skus]


def _address(request: HttpRequest, member: Member) -> Recipient | None:
    """The chosen address; a fee is posted without one."""
    chosen = request.POST.get("address", "")[:26]
    return services.recipient_of(members.address(member, chosen)) if chosen else None
