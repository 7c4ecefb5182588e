"""Flash sales of the mall and its sellers: what runs and how it sells, a new one, ending one."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, NotFound
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.rules import OfferFact
from tenant_apps.promotions import flash_pages, selectors, services
from tenant_apps.sellers import selectors as sellers

READERS = (Role.FINANCE, Role.GOODS)
_PRODUCT = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@needs(*READERS)
@require_safe
def flash_sales(request: HttpRequest) -> HttpResponse:
    """Every flash sale, newest first, with what is sold of it."""
    page = page_of(request, selectors.flash_rows())
    return show(request, "flash_sales", _("Flash sales"), rows=flash_pages.rows_of(list(page), now=now()), page=page)


@needs(Role.FINANCE)
@require_http_methods(["GET", "HEAD", "POST"])
def flash_sale(request: HttpRequest) -> HttpResponse:
    """A new flash sale: first the product is found, then its SKU chosen; the terms are fixed once it is made."""
    chosen = _PRODUCT.search(request.POST.get("product", "") or request.GET.get("product", ""))
    product = chosen.group() if chosen else ""
    try:
        offers = flash_pages.offers_of(product) if product else []
    except NotFound:
        offers, product = [], ""
    if not product:
        query = request.GET.get("q", "").strip()[:40]
        found = catalog.list_cards(query=query).cards if query else []
        return show(request, "flash_find", _("New flash sale"), query=query, found=found)
    values = flash_pages.typed(request.POST) if request.method == "POST" else flash_pages.blank(now=now())
    error: DomainError | None = None
    if request.method == "POST":
        try:
            services.make_flash_sale(draft=flash_pages.draft_of(values), actor=actor_of(request), now=now())
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, _("Made. The price holds from its beginning on."))
            return redirect("backoffice:flash_sales")
    return show(
        request,
        "flash_sale",
        _("New flash sale"),
        status=error.http_status if error else 200,
        values=values,
        product=product,
        offers=offers,
        zones=catalog.zone_names(),
        seller=_seller(offers),
        error=error,
    )


def _seller(offers: list[OfferFact]) -> str:
    """The name of who sells the product; empty: the mall itself."""
    owner = offers[0].seller_ulid if offers else ""
    return sellers.names([owner]).get(owner, "") if owner else ""


@needs(Role.FINANCE)
@require_POST
def flash_sale_end(request: HttpRequest, ulid: str) -> HttpResponse:
    """The price is over."""
    return act(
        request,
        lambda: services.end_coupon(ulid=ulid, actor=actor_of(request), now=now()),
        done=_("Ended. Orders placed at its price keep it."),
        back=reverse("backoffice:flash_sales"),
    )
