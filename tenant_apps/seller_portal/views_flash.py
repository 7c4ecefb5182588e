"""Flash sales of a shop's own goods, at its cost and inside the mall's bounds: the list, a new one, ending one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.catalog.models import Product
from tenant_apps.catalog.rules import ProductKind, ProductStatus
from tenant_apps.members.access import member_required
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.promotions import flash_pages, selectors, services
from tenant_apps.promotions.flash import FlashBounds
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SettlementKind
from tenant_apps.sellers.staffing import ShopRole

ROWS = 100


def bounds_now() -> FlashBounds:
    """The mall's bounds as of now."""
    pinned = modes.current_settings(mode="orders", now=now())
    terms: OrderSettings = pinned.values if pinned else OrderSettings()
    return FlashBounds(most_ppm=terms.seller_flash_most_ppm, at_once=terms.seller_flash_at_once)


@never_cache
@member_required
@require_safe
def flash_sales(request: HttpRequest, ulid: str) -> HttpResponse:
    """Every flash sale that the shop pays for, newest first; the mall's own among them cannot be ended here."""
    row, bounds = member_of_shop(request, ulid, ShopRole.GOODS), bounds_now()
    rows = flash_pages.rows_of(list(selectors.flash_of_seller(ulid)[:ROWS]), now=now())
    context = {
        **frame(request, row, _("Flash sales")),
        "rows": [(one, services.made_by_shop(one.row)) for one in rows],
        "bounds": bounds,
        "may_make": _may_make(row, bounds),
    }
    return render(request, "seller_portal/flash_sales.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def flash_new(request: HttpRequest, ulid: str) -> HttpResponse:
    """A new flash sale: first one of the shop's products, then its choice and the terms."""
    row, bounds = member_of_shop(request, ulid, ShopRole.GOODS), bounds_now()
    product = request.POST.get("product", "") or request.GET.get("product", "")
    products = Product.objects.filter(seller_ulid=ulid, kind=ProductKind.GOODS, status=ProductStatus.ON_SHELF)
    found = products.filter(ulid=product).first() if product else None
    if product and found is None:
        raise NotFound
    offers = flash_pages.offers_of(found.ulid) if found else []
    values = flash_pages.typed(request.POST) if request.method == "POST" else flash_pages.blank(now=now())
    error: DomainError | None = None
    if request.method == "POST":
        try:
            draft = flash_pages.draft_of(values | {"bearer": "seller"})
            services.make_own_flash_sale(
                seller_ulid=ulid, draft=draft, bounds=bounds, actor=actor_of(request), now=now()
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Made. The price holds from its beginning on."))
            return redirect("portal:flash_sales", ulid)
    context: dict[str, Any] = {
        **frame(request, row, _("New flash sale"), back=address("flash_sales", ulid)),
        "product": found,
        "products": list(products.order_by("-pk")[:ROWS]) if found is None else [],
        "offers": [(one, bounds.least_price(one.price_amount)) for one in offers],
        "values": values,
        "bounds": bounds,
        "may_make": _may_make(row, bounds),
        "error": error,
    }
    return render(request, "seller_portal/flash_new.html", context, status=error.http_status if error else 200)


@member_required
@require_POST
def flash_end(request: HttpRequest, ulid: str, sale_ulid: str) -> HttpResponse:
    """The price is over."""
    member_of_shop(request, ulid, ShopRole.GOODS)
    try:
        services.end_own_flash_sale(seller_ulid=ulid, ulid=sale_ulid, actor=actor_of(request), now=now())
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Ended. Orders placed at its price keep it."))
    return redirect("portal:flash_sales", ulid)


def _may_make(row: Seller, bounds: FlashBounds) -> bool:
    return bounds.most_ppm > 0 and row.settlement != SettlementKind.SUPPLIER
