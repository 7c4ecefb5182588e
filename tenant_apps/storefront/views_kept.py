"""What a member keeps for himself: favourites, and the products he looked at last."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import now
from tenant_apps.care import selectors, services
from tenant_apps.catalog import selectors as catalog
from tenant_apps.members.access import member_required
from tenant_apps.modes import quoting
from tenant_apps.sellers import selectors as sellers
from tenant_apps.storefront.access import current, member_of


@never_cache
@member_required
@require_safe
def favourites(request: HttpRequest) -> HttpResponse:
    """Products and sellers that the member likes; what is off the shelf is not shown."""
    shelf = selectors.shelf(current(request))
    names, codes = sellers.names(shelf.sellers), sellers.codes(shelf.sellers)
    context = {
        "active_tab": "me",
        "page_title": _("Favourites"),
        "back": "/me",
        "cards": quoting.price_cards(catalog.cards_of(shelf.products), now=now()),
        "sellers": [(ulid, names[ulid], codes.get(ulid, "")) for ulid in shelf.sellers if ulid in names],
    }
    return render(request, "storefront/care/favourites.html", context)


@never_cache
@member_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """The products that the member looked at last."""
    shelf = selectors.shelf(current(request))
    cards = quoting.price_cards(catalog.cards_of(shelf.history), now=now())
    context = {"active_tab": "me", "page_title": _("Seen lately"), "back": "/me", "cards": cards}
    return render(request, "storefront/care/history.html", context)


@member_required
@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Forget what the member looked at."""
    services.clear_history(member=current(request))
    messages.success(request, _("Forgotten."))
    return redirect("care:history")


@member_required
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Keep a product or a seller, or let it go."""
    product, seller = request.POST.get("product", "")[:26], request.POST.get("seller", "")[:26]
    kept = services.switch_favourite(member=current(request), product_ulid=product, seller_ulid=seller)
    messages.success(request, _("Kept under Favourites.") if kept else _("No longer a favourite."))
    if seller and not product and request.POST.get("then") == "shop" and (code := sellers.codes([seller]).get(seller)):
        return redirect("shops:shop", code)
    return redirect(f"/p/{product}" if product and request.POST.get("then") != "list" else "care:favourites")


@never_cache
@require_POST
def seen(request: HttpRequest, ulid: str) -> HttpResponse:
    """A product page that was opened by a member: remembered, and answered with his own buttons."""
    member = member_of(request)
    if member is None:
        return HttpResponse(status=204)
    product = catalog.product_page(ulid)
    shelf = services.note_seen(member=member, product_ulid=ulid)
    context = {"product": product, "kept": ulid in shelf.products, "kept_seller": product.seller_ulid in shelf.sellers}
    return render(request, "storefront/care/keep.html", context)
