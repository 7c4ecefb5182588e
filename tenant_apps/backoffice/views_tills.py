"""What tills took on a day, shop by shop."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from tenant_apps.backoffice.pages import needs, show
from tenant_apps.counter.selectors import tills as selectors
from tenant_apps.orders import till_orders
from tenant_apps.sellers import selectors as sellers


@needs(Role.FINANCE)
@require_safe
def tills(request: HttpRequest) -> HttpResponse:
    """Sales, money, vouchers, discounts and refunds of a day; `?day=` shows another one."""
    day = selectors.day_named(request.GET.get("day", ""), now=now())
    sums = till_orders.sums(*selectors.span(day))
    names = sellers.names(one.seller_ulid for one in sums)
    rows = sorted(
        ((names.get(one.seller_ulid, ""), one) for one in sums), key=lambda row: (-row[1].cash_amount, row[0])
    )
    return show(
        request,
        "tills",
        _("Tills"),
        rows=rows,
        day=day,
        today=china_date(now()),
        cash_amount=sum(one.cash_amount for one in sums),
        refunded_amount=sum(one.refunded_amount for one in sums),
    )
