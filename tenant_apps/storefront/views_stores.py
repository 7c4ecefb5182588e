"""Stores as places: the nearest first, one store's page, and the page on which its people say what is read there."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.catalog import selectors as catalog
from tenant_apps.counter import pages
from tenant_apps.counter.selectors import stores as selectors
from tenant_apps.counter.selectors.stores import StoreView
from tenant_apps.counter.services import stores as services
from tenant_apps.members.access import member_required
from tenant_apps.modes import quoting
from tenant_apps.sellers import people
from tenant_apps.sellers import services as seller_services
from tenant_apps.sellers.access import member_of_shop
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.staffing import ShopRole
from tenant_apps.storefront.access import current
from tenant_apps.storefront.deliveries import degrees


@require_safe
def stores(request: HttpRequest) -> HttpResponse:
    """Stores that sell, the nearest first where the visitor shares his position; `?open=1`: those open now."""
    latitude, longitude = degrees(request.GET.get("latitude", "")), degrees(request.GET.get("longitude", ""))
    located = latitude is not None and longitude is not None
    at = now()
    found = selectors.stores_near(
        now=at,
        latitude_e6=latitude if located else None,
        longitude_e6=longitude if located else None,
        open_only=request.GET.get("open") == "1",
    )
    context = {
        "page_title": _("Stores"),
        "rows": [_row(one) for one in found],
        "located": located,
        "latitude": request.GET.get("latitude", "") if located else "",
        "longitude": request.GET.get("longitude", "") if located else "",
        "open_only": request.GET.get("open") == "1",
    }
    return render(request, "storefront/stores/list.html", context)


@require_safe
def store(request: HttpRequest, code: str) -> HttpResponse:
    """One store: open or not, where, what it does, its goods."""
    found = selectors.store_of_code(code, now=now())
    goods = catalog.list_cards(seller_ulid=found.place.ulid, page_size=12).cards
    context = {
        "page_title": found.place.name,
        "back": reverse("stores:list"),
        "row": _row(found),
        "days": zip(pages.WEEKDAYS, [text for _day, text in found.days], strict=True),
        "goods": quoting.price_cards(goods, now=now()),
    }
    return render(request, "storefront/stores/store.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, ulid: str) -> HttpResponse:
    """What people read of an own store, and its place and delivery terms. Another's is not found."""
    row = own_store(request, ulid, ShopRole.ORDERS)
    is_owner = ShopRole.OWNER in people.roles_in(row, current(request))
    values = pages.initial(selectors.facts_of(ulid))
    error: DomainError | None = None
    if request.method == "POST":
        actor = f"member:{current(request).ulid}"
        try:
            if request.POST.get("part") == "place":
                own_store(request, ulid, ShopRole.OWNER)  # what delivery costs is the owner's to say
                terms = pages.handover_of(request.POST, row)
                seller_services.set_handover(ulid=ulid, terms=terms, actor=actor, now=now())
            else:
                values = pages.typed(request.POST)
                draft = pages.draft_of(values)
                services.describe_store(seller_ulid=ulid, draft=draft, actor=actor, now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Saved. Shoppers see it at once."))
            return HttpResponseRedirect(reverse("stores:own", args=[ulid]))
    context = {
        "active_tab": "me",
        "page_title": _("Hours and place of %(store)s") % {"store": row.name},
        "back": reverse("portal:home"),
        "row": row,
        "values": values,
        "days": pages.day_fields(values),
        "is_owner": is_owner,
        "place": _place(request, row) if error else _place(None, row),
        "error": error,
    }
    return render(request, "storefront/stores/own.html", context, status=error.http_status if error else 200)


def own_store(request: HttpRequest, ulid: str, role: ShopRole) -> Seller:
    """A store in which the member has this role. Raises NotFound, RoleMissing."""
    found = member_of_shop(request, ulid, role)
    if not found.is_store:
        raise NotFound
    return found


def _row(one: StoreView) -> dict[str, Any]:
    return {
        "view": one,
        "place": one.place,
        "facts": one.facts,
        "open": one.opening.is_open,
        "door": pages.door_text(one.opening, now()),
        "note": one.opening.note,
        "distance": _distance(one.distance_meters),
    }


def _distance(meters: int | None) -> str:
    if meters is None:
        return ""
    return f"{meters} m" if meters < 1_000 else f"{meters // 1_000}.{meters % 1_000 // 100} km"


def _place(request: HttpRequest | None, row: Seller) -> dict[str, Any]:
    """The place's form: as typed where it was refused, else as stored."""
    if request is not None and request.POST.get("part") == "place":
        return dict(request.POST.items())
    return {
        "place_text": row.place_text,
        "place_phone": row.place_phone,
        "latitude": "" if row.latitude_e6 is None else f"{row.latitude_e6 / 1e6:.6f}",
        "longitude": "" if row.longitude_e6 is None else f"{row.longitude_e6 / 1e6:.6f}",
        "offers_pickup": row.offers_pickup,
        "offers_delivery": row.offers_delivery,
        "radius": row.delivery_radius_meters,
        "minimum": f"{row.delivery_minimum_amount / 100:.2f}",
        "fee": f"{row.delivery_fee_amount / 100:.2f}",
    }
