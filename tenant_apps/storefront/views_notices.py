"""What happened to a member's orders, parcels, cases, invoices, cards and bookings, newest first, with what is unread."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.kernel.clock import now
from tenant_apps.care import selectors, services
from tenant_apps.counter.selectors import telling
from tenant_apps.members.access import member_required
from tenant_apps.storefront.access import current
from tenant_apps.storefront.views_reviews import page_number


@never_cache
@member_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Twenty at a time; what came since he last marked them is unread."""
    number = page_number(request)
    member = current(request)
    found = selectors.notices(member, page=number, others=telling.told(member))
    context = {
        "active_tab": "me",
        "page_title": _("Notices"),
        "back": "/me",
        "rows": [(one, None if one.is_order else telling.line(one.row)) for one in found.rows],
        "unread": found.unread,
        "found": found,
        "page": number,
        "has_next": found.has_next,
    }
    return render(request, "storefront/care/notices.html", context)


@member_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Everything so far is read."""
    services.mark_notices_read(member=current(request), now=now())
    messages.success(request, _("All marked as read."))
    return redirect("care:notices")
