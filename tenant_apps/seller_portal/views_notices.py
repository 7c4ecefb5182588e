"""What a shop was told of its cards and bookings, the newest first, with what nobody there has read yet."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from saas.kernel.clock import now
from tenant_apps.counter.selectors import telling as selectors
from tenant_apps.counter.services import telling as services
from tenant_apps.members.access import member_required
from tenant_apps.seller_portal.access import frame, member_of_shop
from tenant_apps.sellers.staffing import ShopRole


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest, ulid: str) -> HttpResponse:
    """Twenty at a time; POST: everything so far is read."""
    row = member_of_shop(request, ulid, ShopRole.ORDERS)
    if request.method == "POST":
        services.mark_read(seller_ulid=ulid, now=now())
        return redirect("portal:notices", ulid)
    page = Paginator(selectors.told_store(ulid), selectors.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **frame(request, row, _("Notices")),
        "page": page,
        "lines": [selectors.line(one) for one in page],
        "unread": selectors.unread_of_store(ulid),
    }
    return render(request, "seller_portal/notices.html", context)
