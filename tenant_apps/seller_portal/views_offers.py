"""Orders of the mall that a store is asked to bring: where to, what, for which fee, until when; accept or decline."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.counter.selectors import dispatch as selectors
from tenant_apps.counter.services import dispatch as services
from tenant_apps.members.access import member_required
from tenant_apps.seller_portal.access import actor_of, frame, member_of_shop
from tenant_apps.sellers.staffing import ShopRole


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def offers(request: HttpRequest, ulid: str) -> HttpResponse:
    """What the store is asked now. The recipient is read on the order's page, once the store brings it."""
    row = member_of_shop(request, ulid, ShopRole.ORDERS)
    error: DomainError | None = None
    if request.method == "POST":
        offer, accepts = request.POST.get("offer", ""), request.POST.get("step") == "accept"
        answer = services.accept if accepts else services.decline
        try:
            done = answer(store_ulid=ulid, ulid=offer, actor=actor_of(request), now=now())
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            if accepts:
                messages.success(request, _("Your store brings this order: press “Ship” when you set out."))
                return redirect("portal:order", ulid, done.order_ulid)
            messages.success(request, _("Declined. The next store is asked."))
            return redirect("portal:offers", ulid)
    context = {
        **frame(request, row, _("Orders you may bring for the mall")),
        "asked": selectors.asked_of(ulid, now=now()),
        "error": error,
    }
    return render(request, "seller_portal/offers.html", context, status=error.http_status if error else 200)
