"""A shop's daily work for its owner: to-dos, orders and parcels, after-sales cases, stock. Another's shop is not found."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog import services as catalog
from tenant_apps.counter.selectors import dispatch, telling
from tenant_apps.members.access import member_required
from tenant_apps.orders import selectors, seller_orders, services
from tenant_apps.orders.aftersales import FOR_SELLER, Service
from tenant_apps.orders.models import Refund
from tenant_apps.orders.parcels import CARRIERS
from tenant_apps.orders.rules import DeliveryKind, OrderState
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.seller_portal.labels import ORDER_TABS, ROLES, STAGES
from tenant_apps.sellers import goods_of
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import DeductionState, SettlementKind, StatementState
from tenant_apps.sellers.staffing import GRANTABLE, ShopRole

PAGE = 20


@never_cache
@member_required
@require_safe
def desk(request: HttpRequest, ulid: str) -> HttpResponse:
    """What waits for whoever asks, by his roles, each with the page where it is done; and the shop's other pages."""
    row = member_of_shop(request, ulid)
    context = frame(request, row, row.name, back=reverse("portal:home"))
    roles = context["roles"]
    context |= {
        "todos": [entry[1:] for entry in _todos(row) if entry[0] in roles],
        "pages": [entry[1:] for entry in _pages(row) if entry[0] in roles],
        "role_words": [ROLES[role] for role in GRANTABLE if role in roles] if ShopRole.OWNER not in roles else [],
    }
    return render(request, "seller_portal/desk.html", context)


@never_cache
@member_required
@require_safe
def orders(request: HttpRequest, ulid: str) -> HttpResponse:
    """The shop's paid orders by state."""
    row, state = member_of_shop(request, ulid, ShopRole.ORDERS), request.GET.get("state", "")
    page = _page(request, seller_orders.orders_of_seller(ulid, state=state))
    context = {
        **frame(request, row, _("Orders")),
        "page": page,
        "rows": [(one, seller_orders.recipient(one)[0]) for one in page],
        "tabs": ORDER_TABS.items(),
        "words": ORDER_TABS,
        "state": state,
    }
    return render(request, "seller_portal/orders.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, ulid: str, order_ulid: str) -> HttpResponse:
    """One order: goods, whom it goes to, parcels; send a parcel of what is left."""
    shop = member_of_shop(request, ulid, ShopRole.ORDERS)
    row = seller_orders.order_of_seller(ulid, order_ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.send_parcel(
                order_ulid=order_ulid,
                carrier=request.POST.get("carrier", ""),
                number=request.POST.get("number", ""),
                actor=actor_of(request),
                now=now(),
                pieces=_pieces(request),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Sent. The shopper sees carrier and number."))
            return redirect("portal:order", ulid, order_ulid)
        row = seller_orders.order_of_seller(ulid, order_ulid)
    lines = seller_orders.lines_of(row)
    context = {
        **frame(request, shop, row.number, back=address("orders", ulid)),
        "order": row,
        "lines": lines,
        "recipient": seller_orders.recipient(row),
        "to_send": [(line, services.sendable(line).left_qty) for line in lines],
        "may_ship": row.state == OrderState.PAID and row.delivery_kind != DeliveryKind.PICKUP,
        "carriers": list(CARRIERS),
        "parcels": selectors.parcels_of(selectors.order(order_ulid)),
        "words": ORDER_TABS,
        "error": error,
    }
    return render(request, "seller_portal/order.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def cases(request: HttpRequest, ulid: str) -> HttpResponse:
    """After-sales cases: those that wait for the shop, or all."""
    row, everything = member_of_shop(request, ulid, ShopRole.SERVICE), request.GET.get("all") == "1"
    page = _page(request, seller_orders.cases_of_seller(ulid, waiting=not everything))
    context = {**frame(request, row, _("After-sales")), "page": page, "everything": everything, "stages": STAGES}
    return render(request, "seller_portal/cases.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, ulid: str, case_ulid: str) -> HttpResponse:
    """One case: agree, decline, take the goods back, send a replacement."""
    shop = member_of_shop(request, ulid, ShopRole.SERVICE)
    row = seller_orders.case_of_seller(ulid, case_ulid)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            done = _case_step(request, shop, row)
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, done)
            return redirect("portal:case", ulid, case_ulid)
        row = seller_orders.case_of_seller(ulid, case_ulid)
    context = {
        **frame(request, shop, _("After-sales"), back=address("cases", ulid)),
        "case": row,
        "parts": selectors.refund_parts(row),
        "trail": selectors.trail(row),
        "stage": STAGES.get(row.stage, row.stage),
        "answers": row.stage in FOR_SELLER and row.state == "requested",
        "error": error,
    }
    return render(request, "seller_portal/case.html", context, status=error.http_status if error else 200)


@never_cache
@member_required
@require_safe
def photo(request: HttpRequest, ulid: str, case_ulid: str, name: str) -> HttpResponse:
    """A photo of a case of the shop's own."""
    member_of_shop(request, ulid, ShopRole.SERVICE)
    row = seller_orders.case_of_seller(ulid, case_ulid)
    return HttpResponse(services.read_photo(row.evidence, name), content_type="image/jpeg")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def goods(request: HttpRequest, ulid: str) -> HttpResponse:
    """The shop's SKUs with price and stock, the lowest stock first; change the stock."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    if request.method == "POST":
        try:
            sku = goods_of.sku_of_seller(ulid, request.POST.get("sku", ""))
            catalog.change_stock(
                sku_ulid=sku.ulid,
                delta=_whole(request.POST.get("delta", "")),
                reason=request.POST.get("reason", "").strip() or _("counted by the seller"),
                actor=actor_of(request),
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as error:
            messages.error(request, error.text)
        else:
            messages.success(request, _("Saved."))
        return HttpResponseRedirect(request.get_full_path())
    page = _page(request, goods_of.skus_of_seller(ulid))
    context = {**frame(request, row, _("Stock")), "page": page, "low": goods_of.LOW_STOCK}
    return render(request, "seller_portal/goods.html", context)


def _todos(row: Seller) -> list[tuple[ShopRole, Any, int, str]]:
    ulid, papers = row.ulid, address("file", row.ulid)
    to_ship = seller_orders.orders_of_seller(ulid, state=OrderState.PAID).count()
    drafts = sellers.statements(seller_ulid=ulid, state=StatementState.DRAFT).count()
    announced = sellers.open_deductions(ulid).filter(state=DeductionState.ANNOUNCED).count()
    waiting = seller_orders.cases_of_seller(ulid, waiting=True).count()
    asked = [
        (
            ShopRole.ORDERS,
            _("Orders you may bring for the mall"),
            dispatch.count_asked(ulid, now=now()),
            address("offers", ulid),
        ),
        (ShopRole.ORDERS, _("Notices of cards and bookings"), telling.unread_of_store(ulid), address("notices", ulid)),
    ]
    return [
        *(asked if row.is_store else []),
        (ShopRole.ORDERS, _("Orders to ship"), to_ship, address("orders", ulid) + "?state=paid"),
        (ShopRole.SERVICE, _("After-sales cases to answer"), waiting, address("cases", ulid)),
        (ShopRole.MONEY, _("Statements to confirm"), drafts, address("money", ulid)),
        (ShopRole.OWNER, _("Deductions you may object to"), announced, papers),
        (ShopRole.OWNER, _("Licences that run out soon"), int(bool(row.papers_warned)), papers),
        (
            ShopRole.GOODS,
            _("Products given back by the mall"),
            goods_of.given_back(ulid),
            address("products", ulid) + "?state=returned",
        ),
        (ShopRole.GOODS, _("SKUs low in stock"), goods_of.low_stock(ulid), address("goods", ulid)),
    ]


def _pages(row: Seller) -> list[tuple[ShopRole, Any, str]]:
    ulid = row.ulid
    found = [
        (ShopRole.ORDERS, _("Orders"), address("orders", ulid)),
        (ShopRole.SERVICE, _("After-sales"), address("cases", ulid) + "?all=1"),
        (ShopRole.SERVICE, _("Messages and complaints"), reverse("care:shop_talks", args=[ulid])),
        (ShopRole.SERVICE, _("Reviews of your goods"), reverse("care:shop_reviews", args=[ulid])),
        (ShopRole.GOODS, _("Products"), address("products", ulid)),
        (ShopRole.GOODS, _("Stock"), address("goods", ulid)),
        (ShopRole.GOODS, _("Coupons of your shop"), reverse("seller:coupons", args=[ulid])),
        (ShopRole.GOODS, _("Flash sales"), address("flash_sales", ulid)),
        (ShopRole.MONEY, _("Money and statements"), address("money", ulid)),
        (ShopRole.MONEY, _("Own commission and coins"), address("own_terms", ulid)),
        (ShopRole.MONEY, _("Invoices to issue"), reverse("care:shop_invoices", args=[ulid])),
        (ShopRole.OWNER, _("Shop settings"), address("settings", ulid)),
        (ShopRole.OWNER, _("People and roles"), address("staff", ulid)),
        (ShopRole.OWNER, _("Papers, deposit, leaving"), address("file", ulid)),
    ]
    if row.offers_delivery:
        found.insert(1, (ShopRole.ORDERS, _("Orders to bring"), reverse("stores:errands", args=[ulid])))
    return [entry for entry in found if row.settlement != SettlementKind.SUPPLIER or "coupons" not in entry[2]]


def _case_step(request: HttpRequest, shop: Seller, row: Refund) -> str:
    post, at = request.POST, now()
    who: dict[str, Any] = {
        "refund_ulid": row.ulid,
        "actor": actor_of(request),
        "now": at,
        "seller_ulid": shop.ulid,
    }
    step, note, restock = post.get("step", ""), post.get("note", ""), post.get("restock") == "1"
    if step == "agree":
        services.agree(
            **who, note=note, return_address=post.get("return_address", ""), goods_stay=post.get("goods_stay") == "1"
        )
        return _("Agreed: the shopper sees what comes next.")
    if step == "decline":
        services.decline(**who, note=note)
        return _("Declined: the shopper reads the reason and may call the mall.")
    if step == "accept":
        if row.service == Service.EXCHANGE:
            raise InvalidInput(_("An exchange is answered with a replacement."), field="step")
        services.accept_return(**who, restock=restock, note=note)
        return _("Approved: the money is on its way back.")
    if step == "replace":
        services.send_replacement(
            **who, carrier=post.get("carrier", ""), number=post.get("number", ""), restock=restock
        )
        return _("The shopper sees the replacement's parcel.")
    raise NotFound


def _pieces(request: HttpRequest) -> dict[str, int] | None:
    """Pieces by line as the form sends them; None: all that is left."""
    given = {name.removeprefix("send-"): text for name, text in request.POST.items() if name.startswith("send-")}
    return {line: _whole(str(text)) for line, text in given.items()} or None


def _whole(text: str) -> int:
    try:
        return int(text.strip()[:9])
    except ValueError:
        raise InvalidInput(_("Give a whole number of pieces."), field="pieces") from None


def _page(request: HttpRequest, rows: Any) -> Any:
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))
