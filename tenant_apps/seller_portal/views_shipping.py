"""Shipping many orders of a shop: the list to save and fill in, looked at row by row, then sent; slips to pack by."""

from collections import Counter

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
from tenant_apps.orders import selectors, services, sheets_in
from tenant_apps.orders.services import MAX_SHIP_ROWS, ShipPlan, ShipRow
from tenant_apps.orders.spreadsheets import spreadsheet
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.sellers.staffing import ShopRole

_SECONDS = 3600
SHOWN = 200


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def shipping(request: HttpRequest, ulid: str) -> HttpResponse:
    """What waits to be shipped; a filled list is looked at first (dry run), then carried out as it was looked at."""
    row = member_of_shop(request, ulid, ShopRole.ORDERS)
    plan: ShipPlan | None = None
    done, token = False, ""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if request.POST.get("step") == "send":
                rows = _opened(request, ulid)
                plan = services.ship_rows(rows=rows, actor=actor_of(request), now=now(), seller_ulid=ulid)
                done = True
            else:
                read = sheets_in.rows_of(request.FILES.get("file"), columns=3, most=MAX_SHIP_ROWS)
                plan = services.plan_shipping([ShipRow(number, *texts) for number, texts in read], seller_ulid=ulid)
                kept = [list(vars(one).values()) for one in plan.good]
                token = signing.dumps(kept, salt=_salt(ulid), compress=True)
        except DomainError as refused:
            error = refused
    columns = {"order": _("Order number"), "carrier": _("Carrier"), "number": _("Tracking number")}
    context = {
        **frame(request, row, _("Ship by a list"), back=address("orders", ulid) + "?state=paid"),
        "waiting": len(selectors.to_ship(seller_ulid=ulid)),
        "plan": plan,
        "faults": [(one, columns[one.column]) for one in plan.faults] if plan else [],
        "done": done,
        "token": token,
        "error": error,
    }
    return render(request, "seller_portal/shipping.html", context, status=error.http_status if error else 200)


@member_required
@require_safe
def shipping_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """The shop's orders to ship as .xlsx: carrier and number to fill in and send back; address and goods to pack by."""
    member_of_shop(request, ulid, ShopRole.ORDERS)
    headings = ["Order number", "Carrier", "Tracking number", "Recipient", "Phone", "Address", "Goods", "Note"]
    return spreadsheet(
        name=f"to-ship-{china_date(now())}",
        headings=[_(heading) for heading in headings],
        rows=(
            [
                one.number,
                one.carrier,
                "",
                one.recipient_name,
                one.recipient_phone,
                one.one_line_address,
                "; ".join(
                    f"{line.title} {line.option_text}".strip() + f" × {services.sendable(line).left_qty}"
                    for line in one.lines.all()
                ),
                one.remark,
            ]
            for one in selectors.to_ship(seller_ulid=ulid)
        ),
    )


@never_cache
@member_required
@require_safe
def packing(request: HttpRequest, ulid: str) -> HttpResponse:
    """To print: what to fetch from the shelves for all orders together, then a slip for each order."""
    row = member_of_shop(request, ulid, ShopRole.ORDERS)
    orders = selectors.to_ship(seller_ulid=ulid, limit=SHOWN)
    slips = [(one, [(line, services.sendable(line).left_qty) for line in one.lines.all()]) for one in orders]
    picks: Counter[tuple[str, str]] = Counter()
    for _order, lines in slips:
        for line, qty in lines:
            picks[line.title, line.option_text] += qty
    context = {
        **frame(request, row, _("Picking and packing list"), back=address("shipping", ulid)),
        "slips": slips,
        "picks": sorted((title, option, qty) for (title, option), qty in picks.items() if qty),
    }
    return render(request, "seller_portal/packing.html", context)


def _opened(request: HttpRequest, ulid: str) -> list[ShipRow]:
    try:
        rows = signing.loads(request.POST.get("rows", ""), salt=_salt(ulid), max_age=_SECONDS)
    except signing.BadSignature:
        raise InvalidInput(_("This list has expired: send the file in again."), field="file") from None
    return [ShipRow(int(number), *map(str, texts)) for number, *texts in rows]


def _salt(ulid: str) -> str:
    return f"shop-shipping:{active_mall_ulid()}:{ulid}"
