"""Orders: list, detail with lines, history and who got what; shipping; refunds of a whole order or of lines."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.phones import shown_phone
from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.backoffice import people
from tenant_apps.backoffice.labels import (
    HISTORY_ACTIONS,
    ORDER_STATES,
    PAYMENT_METHODS,
    PAYMENT_STATES,
    REFUND_STATES,
    STORE_OFFERS,
    TRACKING_STATES,
)
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.counter.selectors import dispatch
from tenant_apps.courier import selectors as couriers
from tenant_apps.courier.rules import Provider
from tenant_apps.members import divisions as china
from tenant_apps.members import services as members
from tenant_apps.members.services.addresses import AddressInput
from tenant_apps.orders import selectors, services
from tenant_apps.orders.models import Order, Refund, RefundPart
from tenant_apps.orders.parcels import CARRIERS
from tenant_apps.orders.rules import REFUNDABLE, OrderState, RefundWish
from tenant_apps.payments import selectors as payments
from tenant_apps.sellers import selectors as sellers
from tenant_apps.settlement import selectors as settlement

_ADDRESS_COLUMNS = {
    "name": "recipient_name",
    "phone": "recipient_phone",
    "province_code": "province_code",
    "city_code": "city_code",
    "district_code": "district_code",
    "street_code": "street_code",
    "detail": "address_detail",
}


@needs(Role.ORDERS, Role.FINANCE)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders by state; search by number, recipient, phone or tracking number."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    rows = Order.objects.select_related("member").prefetch_related("lines")
    if state in ORDER_STATES:
        rows = rows.filter(state=state)
    elif state == "alone":  # stores were asked to bring them, and none does
        rows = rows.filter(pk__in=dispatch.left_alone().values("pk"))
    if query:
        rows = rows.filter(
            Q(number__icontains=query)
            | Q(recipient_name__icontains=query)
            | Q(recipient_phone__contains=query)
            | Q(tracking_number=query)
        )
    tabs = [("", _("All")), *((key, text) for key, (text, _tone) in ORDER_STATES.items())]
    page = page_of(request, rows.order_by("-pk"))
    return show(request, "orders", _("Orders"), page=page, tabs=tabs, state=state, query=query)


@needs(Role.ORDERS, Role.FINANCE)
@require_safe
def order(request: HttpRequest, ulid: str) -> HttpResponse:
    """One order whole: lines, address, history, money and awards."""
    row = selectors.order(ulid)
    history = list(selectors.history(ulid))
    names = people.names(one.actor for one in history)
    shares = settlement.awards_of_order(ulid)
    watches = couriers.watches_of(row) if row.paid_at else {}
    return show(
        request,
        "order",
        row.number,
        order=row,
        others=selectors.placed_with(row),
        store_name=next(iter(sellers.names([row.pickup_store, row.delivery_store]).values()), ""),
        offers=[(one, store, *STORE_OFFERS[one.state]) for one, store in dispatch.offers_of(ulid)],
        lines=row.lines.all(),
        refunds=row.refunds.all(),
        history=[
            (one, HISTORY_ACTIONS.get(one.action, one.action), names.get(one.actor, one.actor)) for one in history
        ],
        shares=shares,
        payments=[
            (one, PAYMENT_METHODS.get(one.method, one.method), *PAYMENT_STATES.get(one.state, (one.state, "")))
            for one in payments.payments_of(row.payment_document)
        ],
        carriers=list(CARRIERS),
        parcels=[(one, watches.get(one.row.ulid)) for one in selectors.parcels_of(row)],
        has_tracker=couriers.account(Provider.KUAIDI100) is not None if row.paid_at else False,
        tracking_states=TRACKING_STATES,
        to_send=[(line, services.sendable(line).left_qty) for line in row.lines.all()],
        may_ship=row.state == OrderState.PAID,
        may_change_address=services.may_change_address(row),
        may_refund=row.state in REFUNDABLE and row.refunded_amount < row.total_amount,
    )


@needs(Role.ORDERS)
@require_POST
def ship(request: HttpRequest, ulid: str) -> HttpResponse:
    """Record a parcel: carrier, tracking number and, where not all that is left goes into it, the pieces by line."""

    def send() -> None:
        services.send_parcel(
            order_ulid=ulid,
            carrier=request.POST.get("carrier", ""),
            number=request.POST.get("number", ""),
            actor=actor_of(request),
            now=now(),
            pieces=_pieces(request),
        )

    done = _("Shipped: the shopper sees carrier and number.")
    return act(request, send, done=done, back=reverse("backoffice:order", args=[ulid]))


def _pieces(request: HttpRequest) -> dict[str, int] | None:
    """`send-<line>` = pieces in this parcel; None without such fields: all that is left."""
    found = {
        name.removeprefix("send-"): str(text).strip() for name, text in request.POST.items() if name[:5] == "send-"
    }
    if not all(text.isdecimal() and len(text) <= 4 for text in found.values()):
        raise InvalidInput(_("Pieces are whole numbers, amounts like 12.50."), field="pieces")
    return {line: int(text) for line, text in found.items()} if found else None


@needs(Role.ORDERS)
@require_POST
def track(request: HttpRequest, ulid: str, parcel: str) -> HttpResponse:
    """What staff know of a parcel, where no tracking service is connected."""
    return act(
        request,
        lambda: services.record_tracking(
            parcel_ulid=parcel,
            state=request.POST.get("state", ""),
            text=request.POST.get("text", ""),
            actor=actor_of(request),
            now=now(),
        ),
        done=_("Noted: the shopper sees it."),
        back=reverse("backoffice:order", args=[ulid]),
    )


@needs(Role.ORDERS)
@require_POST
def cancel(request: HttpRequest, ulid: str) -> HttpResponse:
    """Give up an unpaid order."""
    return act(
        request,
        lambda: services.cancel_order(
            order_ulid=ulid, actor=actor_of(request), reason=request.POST.get("reason", ""), now=now()
        ),
        done=_("Cancelled: its stock is back."),
        back=reverse("backoffice:order", args=[ulid]),
    )


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, ulid: str) -> HttpResponse:
    """Send an order that has not left somewhere else. The lists below province, city and district follow the choice."""
    row = selectors.order(ulid)
    sent = request.POST if "name" in request.POST else None
    values: dict[str, Any] = {
        name: sent.get(name, "") if sent is not None else getattr(row, column)
        for name, column in _ADDRESS_COLUMNS.items()
    }
    if sent is None:
        values["phone"] = shown_phone(values["phone"])
    reason = request.POST.get("reason", "")
    error: DomainError | None = None
    if sent is not None and sent.get("step") == "save":
        try:
            changed = members.checked_address(given=AddressInput(**values))
            services.change_order_address(
                order_ulid=ulid,
                address=services.recipient_of(changed),
                reason=reason,
                actor=actor_of(request),
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("The delivery address has been changed."))
            return HttpResponseRedirect(reverse("backoffice:order", args=[ulid]))
    province, city, district = (values[f"{part}_code"] for part in ("province", "city", "district"))
    return show(
        request,
        "order_address",
        _("Change the delivery address"),
        status=error.http_status if error else 200,
        order=row,
        values=values,
        reason=reason,
        error=error,
        lists=[
            ("province_code", _("Province"), china.divisions()),
            ("city_code", _("City"), china.divisions(province) if province else ()),
            ("district_code", _("District"), china.divisions(city) if city else ()),
            ("street_code", _("Street or town"), china.streets(district) if district else ()),
        ],
    )


@needs(Role.ORDERS)
@require_POST
def refund_order(request: HttpRequest, ulid: str) -> HttpResponse:
    """Open a case for staff: everything that is left, or pieces of single lines; it is then decided like any other."""

    def request_refund() -> None:
        whole = request.POST.get("whole") == "1"
        services.request_refund(
            order_ulid=ulid,
            reason=request.POST.get("reason", ""),
            actor=actor_of(request),
            now=now(),
            wishes=None if whole else _wishes(request),
        )

    done = _("The refund case is open: approve it to send the money back.")
    return act(request, request_refund, done=done, back=reverse("backoffice:order", args=[ulid]) + "#refunds")


def _wishes(request: HttpRequest) -> list[RefundWish]:
    wishes = []
    for name, text in request.POST.items():
        if not name.startswith("qty-") or not text.strip():  # type: ignore[union-attr]
            continue
        line, pieces = name.removeprefix("qty-"), str(text).strip()
        amount = request.POST.get(f"amount-{line}", "").strip()
        try:
            qty = int(pieces)
            value = parse_yuan(amount) if amount else None
        except ValueError:
            raise InvalidInput(_("Pieces are whole numbers, amounts like 12.50."), field="qty") from None
        if qty or value:
            wishes.append(RefundWish(line_ulid=line, qty=qty, value_amount=value))
    if not wishes:
        raise InvalidInput(_("Choose what is refunded: pieces of a line, or the whole order."), field="qty")
    return wishes


@needs(Role.ORDERS)
@require_safe
def refunds(request: HttpRequest) -> HttpResponse:
    """Refund cases; what waits for a decision first."""
    state = request.GET.get("state", "requested")
    rows = Refund.objects.select_related("order__member")
    if state in REFUND_STATES:
        rows = rows.filter(state=state)
    tabs = [*((key, text) for key, (text, _tone) in REFUND_STATES.items()), ("all", _("All"))]
    page = page_of(request, rows.order_by("-pk"))
    return show(request, "refunds", _("Refunds"), page=page, tabs=tabs, state=state)


@needs(Role.ORDERS)
@require_safe
def refund(request: HttpRequest, ulid: str) -> HttpResponse:
    """One case with its parts."""
    row = selectors.refund(ulid)
    trail = selectors.trail(row)
    names = people.names([row.requested_by, row.decided_by, *(one.actor for one in trail)])
    return show(
        request,
        "refund",
        _("Refund"),
        refund=row,
        parts=RefundPart.objects.filter(refund=row).select_related("line").order_by("line__position"),
        requested_by=names.get(row.requested_by, row.requested_by),
        decided_by=names.get(row.decided_by, row.decided_by),
        sent=row.order.shipped_at is not None,
        trail=[(one, HISTORY_ACTIONS.get(one.action, one.action), names.get(one.actor, one.actor)) for one in trail],
    )


@needs(Role.ORDERS)
@require_POST
def decide_refund(request: HttpRequest, ulid: str) -> HttpResponse:
    """Approve (the money goes back by itself) or refuse with a reason."""
    actor, note, step = actor_of(request), request.POST.get("note", ""), request.POST.get("step", "")
    back = reverse("backoffice:refund", args=[ulid])
    if selectors.refund(ulid).stage:  # a shopper's case goes through its stages
        raise Http404
    if step == "approve":
        return act(
            request,
            lambda: services.approve_refund(
                refund_ulid=ulid, actor=actor, now=now(), note=note, restock=request.POST.get("restock") == "1"
            ),
            done=_("Approved: the money is on its way back."),
            back=back,
        )
    if step == "refuse":
        return act(
            request,
            lambda: services.refuse_refund(refund_ulid=ulid, actor=actor, note=note, now=now()),
            done=_("Refused: the shopper reads the reason."),
            back=back,
        )
    raise Http404
