"""The cart: rows of a member, or a signed cookie before sign-in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import InvalidInput
from tenant_apps.members.models import Member
from tenant_apps.modes import quoting
from tenant_apps.modes.coins_shown import NONE, coins_shown
from tenant_apps.orders import selectors as orders
from tenant_apps.orders import services
from tenant_apps.orders.rules import merge_lines
from tenant_apps.orders.services import cart as cart_cookie
from tenant_apps.storefront.access import member_of
from tenant_apps.storefront.context import CART_COOKIE as COUNT_COOKIE

MAX_DIGITS = 4


@never_cache
@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart, at today's prices and stock."""
    member = member_of(request)
    kept = _kept(request)
    if member and kept:
        services.merge_cart(member=member, lines=kept, now=now())
    rows = orders.cart(member) if member else orders.cart_rows(list(kept.items()))
    rows = orders.priced(rows, buyer=quoting.buyer_of(member, now()), now=now())
    buyable = [row for row in rows if row.buyable]
    context = {
        "page_title": _("Cart"),
        "active_tab": "cart",
        "rows": rows,
        "groups": orders.grouped(rows),
        "coins": sum(
            (coins_shown(row.offer, row.amount, earns=row.offer.zone_terms.earns, now=now()) for row in buyable), NONE
        ),
        "total": sum(row.amount for row in buyable),
        "saving": sum(row.saving_amount for row in buyable),
        "pieces": sum(row.qty for row in buyable),
    }
    response = render(request, "storefront/cart.html", context)
    if member and kept:
        response.delete_cookie(cart_cookie.COOKIE)
    _count(response, sum(row.qty for row in rows))
    return response


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a SKU into the cart, or with `then=checkout` go and buy it at once."""
    sku, quantity = request.POST.get("sku", "")[:60], whole_number(request.POST.get("quantity", "1"))
    if not sku:
        raise InvalidInput(_("Please choose an option."), field="sku")
    if request.POST.get("then") == "checkout":
        return HttpResponseRedirect(f"/checkout?{urlencode({'sku': sku, 'qty': str(quantity)})}")
    response = HttpResponseRedirect("/cart")
    member = member_of(request)
    if member:
        services.add_to_cart(member=member, sku_ulid=sku, qty=quantity, now=now())
    else:
        _keep(response, merge_lines(list(_kept(request).items()), [(sku, quantity)]))
    return response


@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Set a line's quantity; 0, or the button “remove”, takes it out."""
    sku = request.POST.get("sku", "")[:60]
    quantity = 0 if "remove" in request.POST else whole_number(request.POST.get("quantity", ""))
    response = HttpResponseRedirect("/cart")
    member = member_of(request)
    if member:
        _set(member, sku, quantity)
    else:
        kept = _kept(request) | {sku: quantity}
        _keep(response, {key: number for key, number in kept.items() if number > 0})
    return response


def _set(member: Member, sku: str, quantity: int) -> None:
    if quantity:
        services.set_quantity(member=member, sku_ulid=sku, qty=quantity)
    else:
        services.remove_from_cart(member=member, sku_ulids=[sku])


def whole_number(text: str) -> int:
    """A quantity as a person typed it. Raises InvalidInput."""
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise InvalidInput(_("Please enter a whole number."), field="quantity")
    return int(text)


def _kept(request: HttpRequest) -> dict[str, int]:
    value = request.COOKIES.get(cart_cookie.COOKIE, "")
    return services.read_cookie(value) if value else {}


def _keep(response: HttpResponse, lines: dict[str, int]) -> None:
    response.set_cookie(
        cart_cookie.COOKIE,
        services.write_cookie(lines),
        max_age=cart_cookie.COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _count(response: HttpResponse, pieces: int) -> None:
    """Let later pages show how many pieces there are without asking the database."""
    response.set_cookie(COUNT_COOKIE, str(min(pieces, 999)), max_age=cart_cookie.COOKIE_SECONDS, samesite="Lax")
