"""Freight templates of the mall and its sellers; stores as places; handing goods over at a store for its staff."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.money import parse_yuan
from tenant_apps.backoffice import forms_freight
from tenant_apps.backoffice.pages import act, actor_of, needs, show
from tenant_apps.members import divisions as china
from tenant_apps.orders import selectors, services
from tenant_apps.sellers import places
from tenant_apps.sellers import selectors as sellers
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.rules import SellerKind

READERS = (Role.FINANCE, Role.GOODS)


@needs(*READERS)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """Every template by owner, its rates in short; a note where the mall still has its flat freight."""
    rows = selectors.freight_templates()
    names = sellers.names(row.seller_ulid for row in rows)
    return show(
        request,
        "freight",
        _("Freight templates"),
        rows=[(row, names.get(row.seller_ulid, ""), forms_freight.values_of(row)) for row in rows],
        used=selectors.freight_by_template(now=now()),
    )


@needs(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def template(request: HttpRequest, ulid: str = "") -> HttpResponse:
    """One template: its rates a row each, regions by name."""
    row = selectors.freight_template(ulid) if ulid else None
    values = forms_freight.values_of(row) if row else forms_freight.Values()
    owner = row.seller_ulid if row else request.POST.get("seller", "")
    error: DomainError | None = None
    if request.method == "POST":
        values = forms_freight.typed(request.POST)
        try:
            services.save_template(
                template=forms_freight.template_of(values, ulid),
                seller_ulid=owner,
                is_default=values.is_default,
                actor=actor_of(request),
                now=now(),
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. Orders already placed keep the freight they were sold with."))
            return redirect("backoffice:freight")
    return show(
        request,
        "freight_template",
        row.name if row else _("New freight template"),
        status=error.http_status if error else 200,
        row=row,
        values=values,
        owner=owner,
        owners=[("", _("The mall")), *sellers.choices()],
        provinces=china.divisions(),
        error=error,
    )


@needs(Role.FINANCE)
@require_POST
def template_delete(request: HttpRequest, ulid: str) -> HttpResponse:
    """Remove a template."""
    return act(
        request,
        lambda: services.delete_template(ulid=ulid, actor=actor_of(request), now=now()),
        done=_("Deleted. Goods that used it are sent by the default."),
        back=reverse("backoffice:freight"),
    )


@needs(Role.ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def pickups(request: HttpRequest) -> HttpResponse:
    """What waits at which store; a code typed or scanned hands it over, once."""
    stores = sellers.choices(kind=SellerKind.STORE)
    chosen = request.POST.get("store") or request.GET.get("store", "") or (stores[0][0] if stores else "")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            order = services.redeem_pickup(
                store_ulid=chosen, code=request.POST.get("code", ""), actor=actor_of(request), now=now()
            )
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Handed over: order %(number)s.") % {"number": order.number})
            return HttpResponseRedirect(f"{reverse('backoffice:pickups')}?store={chosen}")
    return show(
        request,
        "pickups",
        _("Pickups"),
        status=error.http_status if error else 200,
        stores=stores,
        chosen=chosen,
        code=request.POST.get("code", "")[:200],
        waiting=selectors.waiting_at([chosen]) if chosen else [],
        open_stores=places.store_places(now=now()),
        error=error,
    )


@needs(Role.FINANCE)
@require_POST
def handover(request: HttpRequest, ulid: str) -> HttpResponse:
    """A store as a place: address, position, pickup, delivery with radius, minimum and fee."""

    def save() -> None:
        seller_services.set_handover(
            ulid=ulid,
            terms=seller_services.Handover(
                place_text=request.POST.get("place_text", ""),
                place_phone=request.POST.get("place_phone", "").strip(),
                latitude_e6=_degrees(request, "latitude"),
                longitude_e6=_degrees(request, "longitude"),
                offers_pickup=request.POST.get("offers_pickup") == "1",
                offers_delivery=request.POST.get("offers_delivery") == "1",
                delivery_radius_meters=_meters(request),
                delivery_minimum_amount=_fen(request, "minimum"),
                delivery_fee_amount=_fen(request, "fee"),
            ),
            actor=actor_of(request),
            now=now(),
        )

    done = _("Saved: checkout offers it from now on, if stores hand goods over in this mall.")
    return act(request, save, done=done, back=reverse("backoffice:seller", args=[ulid]) + "#handover")


def _degrees(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "").strip()
    try:
        return round(float(text) * 1_000_000) if text else None
    except (ValueError, OverflowError):
        raise InvalidInput(_("Latitude and longitude are degrees, such as 23.129110."), field=name) from None


def _meters(request: HttpRequest) -> int:
    text = request.POST.get("radius", "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise InvalidInput(_("The radius is a whole number of metres."), field="radius")
    return int(text)


def _fen(request: HttpRequest, name: str) -> int:
    try:
        return parse_yuan(request.POST.get(name, "").strip() or "0")
    except ValueError:
        raise InvalidInput(_("Amounts are in yuan, such as 12.50."), field=name) from None
