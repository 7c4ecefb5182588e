"""Shipping many orders: the list to print or fill in, the filled list looked at row by row, then sent."""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import china_date, now
from saas.kernel.errors import DomainError, InvalidInput
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.backoffice.pages import actor_of, needs, show
from tenant_apps.orders import selectors, services, sheets_in
from tenant_apps.orders.services import MAX_SHIP_ROWS, ShipPlan, ShipRow
from tenant_apps.orders.spreadsheets import spreadsheet
from tenant_apps.sellers import selectors as sellers

_SECONDS = 3600


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def shipping(request: HttpRequest) -> HttpResponse:
    """What waits to be shipped; a filled list is looked at first (dry run), then carried out as it was looked at."""
    plan: ShipPlan | None = None
    done, token = False, ""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            if request.POST.get("step") == "send":
                plan = services.ship_rows(rows=_opened(request), actor=actor_of(request), now=now())
                done = True
            else:
                read = sheets_in.rows_of(request.FILES.get("file"), columns=3, most=MAX_SHIP_ROWS)
                plan = services.plan_shipping([ShipRow(number, *texts) for number, texts in read])
                token = signing.dumps([list(vars(row).values()) for row in plan.good], salt=_salt(), compress=True)
        except DomainError as refused:
            error = refused
    columns = {"order": _("Order number"), "carrier": _("Carrier"), "number": _("Tracking number")}
    return show(
        request,
        "shipping",
        _("Shipping"),
        status=error.http_status if error else 200,
        waiting=selectors.to_ship(limit=200),
        plan=plan,
        faults=[(one, columns[one.column]) for one in plan.faults] if plan else [],
        done=done,
        token=token,
        error=error,
    )


@needs(Role.ORDERS)
@require_safe
def shipping_file(request: HttpRequest) -> HttpResponse:
    """Every order to ship as .xlsx: carrier and number to fill in and send back; address and goods to pack by."""
    rows = selectors.to_ship()
    names = sellers.names(row.seller_ulid for row in rows)
    headings = [
        "Order number",
        "Carrier",
        "Tracking number",
        "Seller",
        "Recipient",
        "Phone",
        "Address",
        "Goods",
        "Note",
    ]
    return spreadsheet(
        name=f"to-ship-{china_date(now())}",
        headings=[_(heading) for heading in headings],
        rows=(
            [
                row.number,
                row.carrier,
                "",
                names.get(row.seller_ulid, ""),
                row.recipient_name,
                row.recipient_phone,
                row.one_line_address,
                "; ".join(
                    f"{line.title} {line.option_text}".strip() + f" × {services.sendable(line).left_qty}"
                    for line in row.lines.all()
                ),
                row.remark,
            ]
            for row in rows
        ),
    )


@needs(Role.ORDERS)
@require_safe
def packing(request: HttpRequest) -> HttpResponse:
    """Orders to ship as slips to print, one a block."""
    rows = selectors.to_ship(limit=200)
    slips = [(row, [(line, services.sendable(line).left_qty) for line in row.lines.all()]) for row in rows]
    return show(request, "packing", _("Packing list"), slips=slips)


def _opened(request: HttpRequest) -> list[ShipRow]:
    try:
        rows = signing.loads(request.POST.get("rows", ""), salt=_salt(), max_age=_SECONDS)
    except signing.BadSignature:
        raise InvalidInput(_("This list has expired: send the file in again."), field="file") from None
    return [ShipRow(int(number), *map(str, texts)) for number, *texts in rows]


def _salt() -> str:
    return f"shipping:{active_mall_ulid()}"
