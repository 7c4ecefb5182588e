"""Paying an order: the way that fits the device, then waiting for the channel's word. Nothing here believes a browser."""

import json

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from saas.identity.adapter import client_ip
from saas.kernel import qr_code
from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from tenant_apps.members.access import member_required
from tenant_apps.members.models import Member
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.models import Order
from tenant_apps.orders.rules import OrderState
from tenant_apps.payments import rules as payment_rules
from tenant_apps.payments import selectors as payments
from tenant_apps.payments import services as paying
from tenant_apps.payments.rules import Method
from tenant_apps.payments.services import login
from tenant_apps.payments.services.starting import AlreadyPaid
from tenant_apps.storefront.access import current

POLL_SECONDS = 3


@never_cache
@member_required
@require_safe
def pay(request: HttpRequest, ulid: str) -> HttpResponse:
    """Amount, time left and the button; an order that does not wait for payment is shown instead."""
    order = orders.order_header(current(request), ulid)
    if order.state != OrderState.PENDING_PAYMENT:
        return HttpResponseRedirect(_order_address(order))
    return _page(request, order)


@never_cache
@member_required
@require_POST
def start(request: HttpRequest, ulid: str) -> HttpResponse:
    """Begin with the channel, or go on with what was begun: the same press again is the same payment."""
    member = current(request)
    order = orders.order_header(member, ulid)
    if order.state != OrderState.PENDING_PAYMENT:
        return _leave(request, _order_address(order))
    method = _method(request)
    openid = ""
    if method is Method.JSAPI:
        openid = login.openid_in(request.session)
        if not openid:
            return _leave(request, f"/wechat/openid?{urlencode({'next': f'/pay/{ulid}'})}")
    try:
        begun = _start(request, order, member, method, openid)
    except AlreadyPaid:
        return render(request, "storefront/pay_arriving.html", {"page_title": _("Payment"), "order": order})
    except DomainError as error:
        return _page(request, order, error=error, status=error.http_status)
    back = request.build_absolute_uri(f"/pay/{ulid}")
    return _page(
        request,
        order,
        begun=begun,
        code=_qr(begun.code_url) if begun.code_url else "",
        leave=_with_back(begun, back),
        practice=begun.code_url if begun.code_url.startswith("http") else "",  # WeChat's own codes are weixin://
        wechat_parameters=json.dumps(begun.jsapi),
    )


@never_cache
@member_required
@require_safe
def state(request: HttpRequest, ulid: str) -> HttpResponse:
    """Asked every few seconds while a code is shown: nothing new, or off to the order."""
    order = orders.order_header(current(request), ulid)
    if order.state == OrderState.PENDING_PAYMENT:
        return HttpResponse(status=204)
    return _leave(request, _order_address(order))


@never_cache
@member_required
@require_POST
def check(request: HttpRequest, ulid: str) -> HttpResponse:
    """“I have paid”: ask the channel now instead of waiting for its notice."""
    order = orders.order_header(current(request), ulid)
    known = payments.payment_state(order.payment_document)
    asked = ""
    if order.state == OrderState.PENDING_PAYMENT and known is not None:
        asked = paying.query_payment(payment_ulid=known.ulid, now=now())
    if asked in ("applied", "final", "known") or order.state != OrderState.PENDING_PAYMENT:
        return render(request, "storefront/pay_arriving.html", {"page_title": _("Payment"), "order": order})
    return _page(request, order, unpaid=True)


def _start(request: HttpRequest, order: Order, member: Member, method: Method, openid: str) -> paying.PaymentStart:
    return paying.start_payment(
        document=order.payment_document,
        amount=order.payable_amount,
        description=_("Order {number}").format(number=order.number),
        method=method,
        payer_openid=openid,
        member_ulid=member.ulid,
        client_ip=client_ip(request),
        expires_at=order.payment_due_at,
        now=now(),
    )


def _page(request: HttpRequest, order: Order, *, status: int = 200, **more: object) -> HttpResponse:
    context = {
        "page_title": _("Payment"),
        "back": f"/orders/{order.ulid}",
        "order": order,
        "others": orders.placed_with(order),
        "method": _method(request),
        "poll_seconds": POLL_SECONDS,
        "seconds_left": max(0, int((order.payment_due_at - now()).total_seconds())),
        **more,
    }
    return render(request, "storefront/pay.html", context, status=status)


def _method(request: HttpRequest) -> Method:
    """What fits the browser; a person on a phone may ask for the code all the same."""
    found = payment_rules.method_for(request.META.get("HTTP_USER_AGENT", ""))
    if request.POST.get("method") == Method.NATIVE and found is not Method.JSAPI:
        return Method.NATIVE
    return found


def _with_back(begun: paying.PaymentStart, back: str) -> str:
    """Where the payer's browser goes, with the way back in it: H5, or the sandbox in place of WeChat's own window."""
    if begun.h5_url:
        return f"{begun.h5_url}&{urlencode({'redirect_url': back})}"
    if begun.simulator_url:
        return f"{begun.simulator_url}?{urlencode({**begun.jsapi, 'back': back})}"
    return ""


def _qr(text: str) -> SafeString:
    """A QR code as inline SVG."""
    return SafeString(qr_code.svg(text, css="size-full"))


def _order_address(order: Order) -> str:
    return f"/orders/{order.ulid}" + ("?paid=1" if order.state == OrderState.PAID else "")


def _leave(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser elsewhere, also when htmx asked."""
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=200, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
