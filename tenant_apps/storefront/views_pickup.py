"""Handing goods over at a store: its owner scans the shopper's code with the phone, or types it. Good once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.members.access import member_required
from tenant_apps.orders import selectors, services
from tenant_apps.sellers import people
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def pickup(request: HttpRequest) -> HttpResponse:
    """The stores of whoever is signed in, what waits at each, and the field for a code; `?code=` fills it."""
    member = current(request)
    stores = [row for row in people.shops_of(member, ShopRole.ORDERS) if row.is_store]
    if not stores:
        raise NotFound
    chosen = request.POST.get("store", "") or stores[0].ulid
    error: DomainError | None = None
    if request.method == "POST":
        if chosen not in {row.ulid for row in stores}:
            raise NotFound
        try:
            order = services.redeem_pickup(
                store_ulid=chosen, code=request.POST.get("code", ""), actor=f"member:{member.ulid}", now=now()
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Handed over: order %(number)s.") % {"number": order.number})
            return HttpResponseRedirect(reverse("seller:pickup"))
    context = {
        "active_tab": "me",
        "page_title": _("Hand over pickups"),
        "back": reverse("portal:home"),
        "stores": stores,
        "chosen": chosen,
        "code": (request.POST.get("code") or request.GET.get("code", ""))[:200],
        "waiting": selectors.waiting_at([row.ulid for row in stores]),
        "error": error,
    }
    return render(request, "storefront/seller/pickup.html", context, status=error.http_status if error else 200)
