"""The mall's goods that lie in an own store: what is there, and telling the mall what was sold."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.counter.selectors import credit as selectors
from tenant_apps.counter.services import credit as services
from tenant_apps.members.access import member_required
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_stores import own_store


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def stock(request: HttpRequest, ulid: str) -> HttpResponse:
    """Goods on credit of an own store; POST says how many of a kind were sold."""
    row = own_store(request, ulid, ShopRole.GOODS)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            text = request.POST.get("qty", "").strip()
            if not (text.isdecimal() and len(text) <= 6):
                raise InvalidInput(_("Give a whole number of pieces."), field="qty")
            stock_ulid, actor = request.POST.get("stock", "")[:26], f"member:{current(request).ulid}"
            services.settle_sold(seller_ulid=ulid, ulid=stock_ulid, qty=int(text), actor=actor, now=now())
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Booked: it is on your next statement."))
            return HttpResponseRedirect(reverse("stores:stock", args=[ulid]))
    context = {
        "active_tab": "me",
        "page_title": _("Goods on credit of %(store)s") % {"store": row.name},
        "back": reverse("portal:home"),
        "row": row,
        "standing": selectors.standing(ulid),
        "error": error,
        "chosen": request.POST.get("stock", ""),
    }
    return render(request, "storefront/stores/stock.html", context, status=error.http_status if error else 200)
