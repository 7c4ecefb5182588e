"""Stock and prices of a shop by a list: saved, filled in, looked at row by row, then done."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.members.access import member_required
from tenant_apps.orders import sheets_in
from tenant_apps.orders.spreadsheets import Yuan, spreadsheet
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.seller_portal.views_goods import rule_now
from tenant_apps.sellers import goods_of
from tenant_apps.sellers.services import counting
from tenant_apps.sellers.services.counting import CountPlan, CountRow
from tenant_apps.sellers.staffing import ShopRole

_SECONDS = 3600


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def counts(request: HttpRequest, ulid: str) -> HttpResponse:
    """A filled list is looked at first (dry run), then carried out as it was looked at."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    plan: CountPlan | None = None
    done, token = False, ""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if request.POST.get("step") == "apply":
                plan = counting.apply_counts(
                    seller_ulid=ulid, rows=_opened(request, ulid), rule=rule_now(), actor=actor_of(request), now=now()
                )
                done = True
            else:
                read = sheets_in.rows_of(request.FILES.get("file"), columns=counting.COLUMNS, most=counting.MAX_ROWS)
                plan = counting.plan_counts(seller_ulid=ulid, rows=read, rule=rule_now())
                token = signing.dumps([list(vars(one).values()) for one in plan.good], salt=_salt(ulid), compress=True)
        except DomainError as refused:
            error = refused
    columns = {"sku": _("SKU"), "price": _("New price"), "stock": _("New stock")}
    context = {
        **frame(request, row, _("Stock and prices by a list"), back=address("goods", ulid)),
        "plan": plan,
        "faults": [(one, columns[one.column]) for one in plan.faults] if plan else [],
        "done": done,
        "token": token,
        "error": error,
    }
    return render(request, "seller_portal/counts.html", context, status=error.http_status if error else 200)


@member_required
@require_safe
def counts_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """Every SKU of the shop as .xlsx, with columns for another price and another stock."""
    member_of_shop(request, ulid, ShopRole.GOODS)
    headings = ["SKU", "Product", "Option", "Article number", "Price", "New price", "Stock", "New stock"]
    return spreadsheet(
        name=f"stock-{china_date(now())}",
        headings=[_(heading) for heading in headings],
        rows=(
            [sku.ulid, sku.product.title, sku.option_text, sku.code, Yuan(sku.price_amount), "", sku.stock, ""]
            for sku in goods_of.skus_of_seller(ulid)
        ),
    )


def _opened(request: HttpRequest, ulid: str) -> list[CountRow]:
    try:
        rows = signing.loads(request.POST.get("rows", ""), salt=_salt(ulid), max_age=_SECONDS)
    except signing.BadSignature:
        raise InvalidInput(_("This list has expired: send the file in again."), field="file") from None
    return [CountRow(int(number), str(sku), price, int(delta)) for number, sku, price, delta in rows]


def _salt(ulid: str) -> str:
    return f"shop-counts:{active_mall_ulid()}:{ulid}"
