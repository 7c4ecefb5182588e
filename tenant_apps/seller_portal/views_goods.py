"""A shop's own products: the list, the form, pictures, on and off sale; what the mall looks at first waits beside what is live."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, Min, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog import drafts
from tenant_apps.catalog.forms import NEW, ProductForm, initial_of, initial_of_draft, moment_of
from tenant_apps.catalog.models import Product, ProductImage, Sku
from tenant_apps.catalog.rules import ProductKind, ProductStatus, ReviewState
from tenant_apps.catalog.selectors import image_url
from tenant_apps.catalog.services import changes
from tenant_apps.members.access import member_required
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.order_terms.settings import OrderSettings
from tenant_apps.seller_portal.access import actor_of, address, frame, member_of_shop
from tenant_apps.seller_portal.labels import PRODUCT_TABS
from tenant_apps.sellers import applications, services
from tenant_apps.sellers.listing import ListingRule, needs_look
from tenant_apps.sellers.models import Seller
from tenant_apps.sellers.rules import SettlementKind
from tenant_apps.sellers.staffing import ShopRole

PAGE = 20
MAX_PICTURE_BYTES = 10 * 1024 * 1024


def rule_now() -> ListingRule:
    """The mall's rule for sellers' products as of now."""
    pinned = modes.current_settings(mode="orders", now=now())
    terms: OrderSettings = pinned.values if pinned else OrderSettings()
    return ListingRule(
        look=terms.seller_look,
        products_max=terms.seller_products_max,
        price_min_amount=terms.seller_price_min_fen,
    )


@never_cache
@member_required
@require_safe
def products(request: HttpRequest, ulid: str) -> HttpResponse:
    """The shop's products by state, newest first, with price, stock and what waits for the mall."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()[:60]
    rows = _own(row)
    if state in (ReviewState.WAITING, ReviewState.RETURNED):
        rows = rows.filter(review_state=state)
    elif state in PRODUCT_TABS and state:
        rows = rows.filter(status=state)
    if query:
        rows = rows.filter(title__icontains=query)
    active = Q(skus__is_active=True)
    found = rows.annotate(
        low=Min("skus__price_amount", filter=active),
        high=Max("skus__price_amount", filter=active),
        stock=Sum("skus__stock", filter=active),
    ).order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    covers = {
        one.product_id: image_url(one.key, 160)
        for one in ProductImage.objects.filter(product__in=[one.pk for one in page]).order_by("-position", "-pk")
    }
    context = {
        **frame(request, row, _("Products")),
        "page": page,
        "rows": [(one, covers.get(one.pk, "")) for one in page],
        "tabs": PRODUCT_TABS.items(),
        "words": PRODUCT_TABS,
        "state": state,
        "query": query,
        "rule": rule_now(),
        "used": _own(row).count(),
    }
    return render(request, "seller_portal/products.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def product_new(request: HttpRequest, ulid: str) -> HttpResponse:
    """A new product of the shop: kept as a draft, pictures come on its own page."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    form = _form(request, row, NEW)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_listing(
                seller_ulid=ulid, draft=form.draft(), rule=rule_now(), actor=actor_of(request), now=now()
            )
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Kept. Add pictures, then put it on sale."))
            return redirect("portal:product", ulid, made.ulid)
    return _page(request, row, None, form)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def product(request: HttpRequest, ulid: str, product_ulid: str) -> HttpResponse:
    """One product of the shop. The form shows what was asked of the mall where a change waits or was given back."""
    row = member_of_shop(request, ulid, ShopRole.GOODS)
    found = _product(row, product_ulid)
    form = _form(request, row, _initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            waits = services.change_listing(
                seller_ulid=ulid,
                product_ulid=product_ulid,
                draft=form.draft(),
                rule=rule_now(),
                actor=actor_of(request),
                now=now(),
            )
        except NotFound:
            raise
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(
                request, _("Sent to the mall. What is on sale stays as it is until then.") if waits else _("Saved.")
            )
            return redirect("portal:product", ulid, product_ulid)
    return _page(request, row, found, form)


@member_required
@require_POST
def product_step(request: HttpRequest, ulid: str, product_ulid: str) -> HttpResponse:
    """On sale, off sale, into the bin, or ask nothing any more."""
    _product(member_of_shop(request, ulid, ShopRole.GOODS), product_ulid)
    who: dict[str, Any] = {
        "seller_ulid": ulid,
        "product_ulid": product_ulid,
        "actor": actor_of(request),
        "now": now(),
    }
    step = request.POST.get("step", "")
    try:
        if step == "submit":
            waits = services.submit_listing(**who, rule=rule_now())
            done = _("Sent to the mall: it is on sale once the mall agrees.") if waits else _("On sale.")
        elif step == "withdraw":
            services.withdraw_listing(**who)
            done = _("Nothing is asked of the mall any more.")
        elif step == "off":
            services.stop_listing(**who)
            done = _("Off sale. Orders under way are not touched.")
        elif step == "drop":
            services.drop_listing(**who)
            messages.success(request, _("Deleted. The mall can bring it back for you."))
            return redirect("portal:products", ulid)
        else:
            raise NotFound
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, done)
    return redirect("portal:product", ulid, product_ulid)


@member_required
@require_POST
def product_times(request: HttpRequest, ulid: str, product_ulid: str) -> HttpResponse:
    """When a product goes on sale and off it by itself."""
    _product(member_of_shop(request, ulid, ShopRole.GOODS), product_ulid)
    try:
        services.schedule_listing(
            seller_ulid=ulid,
            product_ulid=product_ulid,
            shelf_at=moment_of(request.POST.get("shelf_at", ""), "shelf_at"),
            unshelve_at=moment_of(request.POST.get("unshelve_at", ""), "unshelve_at"),
            rule=rule_now(),
            actor=actor_of(request),
            now=now(),
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("Saved."))
    return redirect("portal:product", ulid, product_ulid)


@member_required
@require_POST
def product_pictures(request: HttpRequest, ulid: str, product_ulid: str) -> HttpResponse:
    """Add pictures, take one off, make one the cover."""
    _product(member_of_shop(request, ulid, ShopRole.GOODS), product_ulid)
    who: dict[str, Any] = {
        "seller_ulid": ulid,
        "product_ulid": product_ulid,
        "rule": rule_now(),
        "actor": actor_of(request),
        "now": now(),
    }
    remove, cover = request.POST.get("remove", ""), request.POST.get("cover", "")
    try:
        if remove or cover:
            waits = services.arrange_listing_pictures(**who, remove=remove, cover=cover)
        else:
            files = request.FILES.getlist("images")
            if not files:
                raise InvalidInput(_("Choose a picture first."), field="images")
            waits = False
            for file in files:
                waits = services.add_listing_picture(
                    **who, content=file.read(MAX_PICTURE_BYTES + 1), content_type=file.content_type or ""
                )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(
            request, _("Sent to the mall. What is on sale stays as it is until then.") if waits else _("Saved.")
        )
    return redirect("portal:product", ulid, product_ulid)


def _own(row: Seller) -> Any:
    rows = Product.objects.filter(seller_ulid=row.ulid, kind=ProductKind.GOODS)
    return rows.exclude(status=ProductStatus.RECYCLED)


def _product(row: Seller, ulid: str) -> Product:
    found: Product | None = _own(row).select_related("category", "brand").filter(ulid=ulid).first()
    if found is None:
        raise NotFound
    return found


def _initial(found: Product) -> dict[str, Any]:
    asked = (found.review or {}).get("draft")
    if not asked:
        return initial_of(found)
    stock = dict(Sku.objects.filter(product=found, is_active=True).values_list("ulid", "stock"))
    return initial_of_draft(drafts.from_json(asked, seller_ulid=found.seller_ulid), stock=stock)


def _form(request: HttpRequest, row: Seller, initial: dict[str, Any]) -> ProductForm:
    form = ProductForm(request.POST or None, initial=initial)
    if row.categories:  # the mall let him sell in these alone
        field: Any = form.fields["category"]
        field.choices = [
            (key, word) for key, word in field.choices if key and applications.may_sell_in(row.categories, key)
        ]
    return form


def _refuse(form: ProductForm, error: DomainError) -> None:
    field = error.field if error.field in form.fields and error.field != "grid" else None
    form.add_error(field, error.text)


def _page(request: HttpRequest, row: Seller, found: Product | None, form: ProductForm) -> HttpResponse:
    rule, review = rule_now(), (found.review or {}) if found else {}
    fields = "price,compare,supply,partner,tiers,stock,weight,code,barcode"
    if row.settlement != SettlementKind.SUPPLIER:
        fields = fields.replace("supply,", "")
    context = {
        **frame(request, row, found.title if found else _("New product"), back=address("products", row.ulid)),
        "product": found,
        "form": form,
        "fields": fields,
        "words": PRODUCT_TABS,
        "reason": review.get("reason", "") if found and found.review_state == ReviewState.RETURNED else "",
        "asks_change": bool(review.get("draft") or review.get("pictures")),
        "looked_at": needs_look(rule, row.settlement, found.shelved_at if found else None),
        "pictures": [(one, image_url(one["key"], 320)) for one in changes.pictures_of(found)] if found else [],
        "supplier": row.settlement == SettlementKind.SUPPLIER,
    }
    return render(request, "seller_portal/product.html", context, status=422 if form.errors else 200)
