"""What a store brings: its orders, and for each the courier who is called, followed and called off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.courier import pages, selectors
from tenant_apps.members.access import member_required
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current


@never_cache
@member_required
@require_safe
def errands(request: HttpRequest, ulid: str) -> HttpResponse:
    """Paid orders that this store brings, the oldest first."""
    shop = member_of_shop(request, ulid, ShopRole.ORDERS)
    rows = [(order, one and pages.STATES[one.row.state]) for order, one in selectors.to_bring(ulid)]
    context = {
        "active_tab": "me",
        "page_title": _("To be brought"),
        "back": reverse("portal:desk", args=[ulid]),
        "shop": shop,
        "rows": rows,
    }
    return render(request, "storefront/errands/list.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def errand(request: HttpRequest, ulid: str, order_ulid: str) -> HttpResponse:
    """One order: who brings it, a courier called or called off, his steps."""
    shop = member_of_shop(request, ulid, ShopRole.ORDERS)
    order = selectors.order_to_bring(ulid, order_ulid)
    error: DomainError | None = None
    quote = ""
    if request.method == "POST":
        try:
            done, quote = pages.carry_out(order, request.POST, actor=f"member:{current(request).ulid}", now=now())
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            if done:
                messages.success(request, done)
                return HttpResponseRedirect(reverse("stores:errand", args=[ulid, order_ulid]))
    order = selectors.order_to_bring(ulid, order_ulid)
    context = {
        "active_tab": "me",
        "page_title": order.number,
        "back": reverse("stores:errands", args=[ulid]),
        "shop": shop,
        "error": error,
        **pages.shown(order, request.POST if request.method == "POST" else None, quote=quote),
    }
    return render(request, "storefront/errands/one.html", context, status=error.http_status if error else 200)
