"""A member's orders: list, one order with its story, and what the member may do with it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel import qr_code
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.catalog.rules import ProductKind
from tenant_apps.courier import pages as courier_pages
from tenant_apps.courier import selectors as couriers
from tenant_apps.courier.rules import ErrandState
from tenant_apps.members import selectors as members
from tenant_apps.members.access import member_required
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OPEN_REFUND, REFUNDABLE, DeliveryKind, OrderState
from tenant_apps.settlement import selectors as settlement
from tenant_apps.storefront.access import current

TABS = (
    ("", gettext_lazy("All")),
    (OrderState.PENDING_PAYMENT, gettext_lazy("To pay")),
    (OrderState.PAID, gettext_lazy("To ship")),
    (OrderState.SHIPPED, gettext_lazy("To receive")),
    (OrderState.COMPLETED, gettext_lazy("Completed")),
)
_STEPS = ("placed_at", "paid_at", "shipped_at", "received_at", "completed_at")
_MAX_PAGE = 1000


@never_cache
@member_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Ten at a time, newest first, by state."""
    state = request.GET.get("state", "")
    state = state if state in list(OrderState) else ""
    page = request.GET.get("page", "1")
    number = min(int(page), _MAX_PAGE) if page.isdecimal() else 1
    found = selectors.orders_of_member(current(request), state=state, page=number)
    context = {
        "page_title": _("My orders"),
        "back": "/me",
        "active_tab": "me",
        "found": found,
        "state": state,
        "tabs": TABS,
        "more": f"?state={state}&page={found.number + 1}",
    }
    part = bool(request.htmx) and number > 1  # type: ignore[attr-defined]
    return render(request, "storefront/order_items.html" if part else "storefront/orders.html", context)


@never_cache
@member_required
@require_safe
def order(request: HttpRequest, ulid: str) -> HttpResponse:
    """One order: state, goods, address, money, what has happened."""
    found = selectors.order_of_member(current(request), ulid)
    context = {
        "page_title": pgettext("purchase", "Order"),
        "back": "/orders",
        "order": found,
        "others": selectors.placed_with(found),
        "parcels": selectors.parcels_of(found),
        "couriers": [
            {
                "state": courier_pages.STATES[one.row.state],
                "rider_name": one.row.rider_name,
                "rider_phone": one.row.rider_phone,
            }
            for one in couriers.errands_of(found)[:1]
            if one.is_open or one.row.state == ErrandState.DELIVERED
        ],
        "pickup_qr": _pickup_qr(request, found),
        "steps": [(name, getattr(found, name)) for name in _STEPS if name != "shipped_at" or _is_sent(found)],
        "history": list(selectors.history(ulid)),
        "can_refund": _can_refund(found),
        "can_change_address": _can_change_address(found),
        "is_own_sale": _has_goods(found) and settlement.sold_by(current(request), ulid),
        "open_refunds": [one for one in found.refunds.all() if one.state in OPEN_REFUND],
        "just_paid": request.GET.get("paid") == "1",
    }
    return render(request, "storefront/order.html", context)


def _has_goods(order: Order) -> bool:
    """Whether anything was sold in it: a shop's deposit and its joining fee are paid, not sold."""
    return any(line.kind not in (ProductKind.DEPOSIT, ProductKind.JOIN_FEE) for line in order.lines.all())


@member_required
@require_POST
def cancel(request: HttpRequest, ulid: str) -> HttpResponse:
    """Give up an unpaid order."""
    member = current(request)
    selectors.order_of_member(member, ulid)
    services.cancel_order(order_ulid=ulid, actor=f"member:{member.ulid}", reason="by_buyer", now=now())
    messages.success(request, _("The order has been cancelled."))
    return HttpResponseRedirect(f"/orders/{ulid}")


@member_required
@require_POST
def receive(request: HttpRequest, ulid: str) -> HttpResponse:
    """The goods have arrived."""
    member = current(request)
    services.receive_order(order_ulid=ulid, actor=f"member:{member.ulid}", member=member, now=now())
    messages.success(request, _("Thank you. Enjoy it!"))
    return HttpResponseRedirect(f"/orders/{ulid}")


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, ulid: str) -> HttpResponse:
    """Send an order that has not left somewhere else: to another address of the book."""
    member = current(request)
    found = selectors.order_of_member(member, ulid)
    if not _can_change_address(found):
        raise services.AddressFixed
    chosen, error = request.POST.get("address", "")[:26], None
    if request.method == "POST":
        try:
            if not chosen:
                raise services.AddressInvalid(field="address")
            services.change_order_address(
                order_ulid=ulid,
                address=services.recipient_of(members.address(member, chosen)),
                actor=f"member:{member.ulid}",
                member=member,
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("The delivery address has been changed."))
            return HttpResponseRedirect(f"/orders/{ulid}")
    context = {
        "page_title": _("Change the delivery address"),
        "back": f"/orders/{ulid}",
        "order": found,
        "addresses": members.addresses(member),
        "chosen": chosen,
        "error": error,
    }
    return render(request, "storefront/order_address.html", context, status=error.http_status if error else 200)


@member_required
@require_POST
def withdraw_refund(request: HttpRequest, ulid: str, refund_ulid: str) -> HttpResponse:
    """Take a request back that has not been decided."""
    services.withdraw_refund(refund_ulid=refund_ulid, member=current(request), now=now())
    return HttpResponseRedirect(f"/orders/{ulid}")


def _pickup_qr(request: HttpRequest, found: Order) -> SafeString | None:
    """The code as a QR: the address of the store's page that redeems it, so any phone's camera finds the way."""
    if not found.pickup_code or found.received_at is not None or found.state not in REFUNDABLE:
        return None
    return SafeString(
        qr_code.svg(request.build_absolute_uri(f"/seller/pickup?code={found.pickup_code}"), css="size-full")
    )


def _is_sent(found: Order) -> bool:
    """Whether it comes to the buyer: what is paid or fetched on the spot, and what is no goods, is never on its way."""
    on_the_spot = found.delivery_kind in (DeliveryKind.TILL, DeliveryKind.PICKUP)
    return not on_the_spot and all(line.kind == ProductKind.GOODS for line in found.lines.all())


def _can_change_address(found: Order) -> bool:
    open_cases = any(one.state in OPEN_REFUND for one in found.refunds.all())
    return services.may_change_address(found) and not open_cases


def _can_refund(found: Order) -> bool:
    open_cases = any(one.state in OPEN_REFUND for one in found.refunds.all())
    return found.state in REFUNDABLE and found.refunded_amount < found.total_amount and not open_cases
