"""Couriers: errands under way and done, the courier of one order, parcels followed, the mall's accounts at services."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.backoffice.pages import actor_of, needs, page_of, show
from tenant_apps.courier import pages, selectors
from tenant_apps.courier import services as courier
from tenant_apps.courier.rules import Provider
from tenant_apps.orders import selectors as orders
from tenant_apps.orders.parcels import CARRIERS
from tenant_apps.sellers import places
from tenant_apps.sellers import selectors as sellers


@needs(Role.ORDERS, Role.FINANCE)
@require_safe
def errands(request: HttpRequest) -> HttpResponse:
    """Errands, the newest first; `?open=1`: those under way."""
    only_open = request.GET.get("open") == "1"
    page = page_of(request, selectors.errands(only_open=only_open))
    names = sellers.names(row.order.delivery_store for row in page)
    rows = [(row, pages.STATES[row.state], names.get(row.order.delivery_store, "")) for row in page]
    return show(request, "errands", _("Couriers"), page=page, rows=rows, only_open=only_open)


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def order_courier(request: HttpRequest, ulid: str) -> HttpResponse:
    """Who brings an order: call, follow, call off."""
    order = orders.order(ulid)
    if not order.delivery_store or order.paid_at is None:
        raise NotFound
    error: DomainError | None = None
    quote = ""
    if request.method == "POST":
        try:
            done, quote = pages.carry_out(order, request.POST, actor=actor_of(request), now=now())
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            if done:
                messages.success(request, done)
                return redirect("backoffice:order_courier", ulid)
    order = orders.order(ulid)
    posted = request.POST if request.method == "POST" else None
    store = sellers.names([order.delivery_store]).get(order.delivery_store, "")
    return show(
        request,
        "order_courier",
        _("Courier for %(number)s") % {"number": order.number},
        status=error.http_status if error else 200,
        error=error,
        store=store,
        **pages.shown(order, posted, quote=quote),
    )


@needs(Role.ORDERS)
@require_POST
def follow_parcel(request: HttpRequest, ulid: str, parcel: str) -> HttpResponse:
    """Have a parcel of this order followed at the tracking service, or ask about it now."""
    found = [one for one in orders.parcels_of(orders.order(ulid)) if one.row.ulid == parcel]
    if not found:
        raise NotFound
    try:
        done = pages.follow(parcel, request.POST.get("step", ""), actor=actor_of(request), now=now())
    except DomainError as refused:
        messages.error(request, refused.text)
    else:
        messages.success(request, done)
    return redirect("backoffice:order", ulid)


@needs(Role.OWNER)
@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
def tracker(request: HttpRequest) -> HttpResponse:
    """The account at the tracking service: entered, tried, sealed."""
    error: DomainError | None = None
    if request.method == "POST":
        step = request.POST.get("step", "")
        try:
            if step == "disconnect":
                courier.disconnect(actor=actor_of(request), provider=Provider.KUAIDI100)
            elif step == "sandbox":
                courier.connect_tracking_sandbox(actor=actor_of(request), now=now())
            else:
                courier.store_tracker(
                    customer=request.POST.get("customer", ""),
                    key=request.POST.get("key", ""),
                    actor=actor_of(request),
                    now=now(),
                )
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            done = (
                _("New parcels are followed no more; staff note what they know.")
                if step == "disconnect"
                else _("The account works. It is stored encrypted.")
            )
            messages.success(request, done)
            return redirect("backoffice:tracker")
    known = selectors.account(Provider.KUAIDI100)
    return show(
        request,
        "tracker",
        _("Parcel tracking"),
        status=error.http_status if error else 200,
        error=error,
        known=known,
        customer=request.POST.get("customer", "") if error else (known.app_key if known else ""),
        carriers=list(CARRIERS),
        may_try=settings.ENVIRONMENT != "production",
    )


@needs(Role.OWNER)
@never_cache
@sensitive_post_parameters("app_secret")
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The account at the courier service: entered, tried, sealed; each store's number there."""
    error: DomainError | None = None
    stores = [(one.ulid, one.name) for one in places.store_places(now=now()) if one.offers_delivery]
    if request.method == "POST":
        shops = {ulid: request.POST.get(f"shop-{ulid}", "") for ulid, _name in stores}
        step = request.POST.get("step", "")
        try:
            if step == "disconnect":
                courier.disconnect(actor=actor_of(request))
            elif step == "sandbox":
                courier.connect_sandbox(shops=shops, actor=actor_of(request), now=now())
            else:
                courier.store_account(fields=request.POST.dict(), shops=shops, actor=actor_of(request), now=now())
        except NotFound:
            raise
        except DomainError as refused:
            error = refused
        else:
            done = (
                _("No service is called any more.")
                if step == "disconnect"
                else _("The account works. It is stored encrypted.")
            )
            messages.success(request, done)
            return redirect("backoffice:courier_account")
    known = selectors.account()
    posted = request.POST if error is not None else {}
    return show(
        request,
        "courier_account",
        _("Courier service"),
        status=error.http_status if error else 200,
        error=error,
        known=known,
        app_key=posted.get("app_key", known.app_key if known else ""),
        source_id=posted.get("source_id", known.source_id if known else ""),
        stores=[
            (ulid, name, posted.get(f"shop-{ulid}", known.shops.get(ulid, "") if known else ""))
            for ulid, name in stores
        ],
        may_try=settings.ENVIRONMENT != "production",
    )
