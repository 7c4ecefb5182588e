"""Goods: the list, the product form, pictures, stock, shelf, categories."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Max, Min, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from saas.identity.roles import Role
from saas.kernel.clock import now
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from saas.tenants.malls.uploads import direct_uploads
from tenant_apps.backoffice import uploads, usage
from tenant_apps.backoffice.forms_goods import NEW, ProductForm, initial_of
from tenant_apps.backoffice.labels import PRODUCT_STATES
from tenant_apps.backoffice.pages import act, actor_of, needs, page_of, show
from tenant_apps.catalog import selectors as catalog
from tenant_apps.catalog.models import Category, Product, ProductImage, Sku
from tenant_apps.catalog.rules import GIFT_PACK, PriceTerms, ProductKind, ProductStatus
from tenant_apps.catalog.selectors import image_url
from tenant_apps.catalog.services import categories, images, shelf, stock
from tenant_apps.sellers import selectors as seller_names
from tenant_apps.sellers import services as sellers

LOW_STOCK = 10
OWN = "own"


@needs(Role.GOODS)
@require_safe
def goods(request: HttpRequest) -> HttpResponse:
    """Products by state, with price range, stock and what was sold."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    active = Q(skus__is_active=True)
    rows = Product.objects.select_related("category").annotate(
        low=Min("skus__price_amount", filter=active),
        high=Max("skus__price_amount", filter=active),
        stock=Sum("skus__stock", filter=active),
    )
    if state == "low":
        rows = rows.filter(status=ProductStatus.ON_SHELF, stock__lt=LOW_STOCK)
    elif state in PRODUCT_STATES:
        rows = rows.filter(status=state)
    else:
        rows = rows.exclude(status=ProductStatus.RECYCLED)
    if query:
        rows = rows.filter(title__icontains=query)
    seller = request.GET.get("seller", "")
    if seller:
        rows = rows.filter(seller_ulid="" if seller == OWN else seller)
    page = page_of(request, rows.order_by("-pk"))
    names = seller_names.names(row.seller_ulid for row in page)
    tabs = [("", _("All")), *((key, text) for key, (text, _tone) in PRODUCT_STATES.items()), ("low", _("Low stock"))]
    return show(
        request,
        "goods",
        _("Goods"),
        page=page,
        lines=[(row, _cover(row), names.get(row.seller_ulid, "")) for row in page],
        seller=seller,
        sellers=seller_names.choices(),
        tabs=tabs,
        state=state,
        query=query,
        low_stock=LOW_STOCK,
    )


def _cover(product: Product) -> str:
    image = ProductImage.objects.filter(product=product).order_by("position", "pk").first()
    return image_url(image.key, 160) if image else ""


def _product(ulid: str) -> Product:
    found = Product.objects.select_related("category").filter(ulid=ulid).first()
    if found is None:
        raise Http404
    return found


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def product_new(request: HttpRequest) -> HttpResponse:
    """A new product: stored as a draft; pictures and shelf come on its own page. At the plan's limit, a page says so."""
    usage.check_product()
    form = ProductForm(request.POST or None, initial=NEW)
    if request.method == "POST" and form.is_valid():
        try:
            made = sellers.create_product(draft=form.draft(), actor=actor_of(request), now=now())
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved as a draft. Add pictures, then put it on shelf."))
            return redirect("backoffice:product", made.ulid)
    return show(
        request, "product", _("New product"), status=422 if form.errors else 200, form=form, product=None, skus=[]
    )


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def product(request: HttpRequest, ulid: str) -> HttpResponse:
    """One product: form, pictures, stock, shelf."""
    row = _product(ulid)
    form = ProductForm(request.POST or None, initial=initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            sellers.update_product(ulid=ulid, draft=form.draft(), actor=actor_of(request), now=now())
        except DomainError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("backoffice:product", ulid)
    return show(
        request,
        "product",
        row.title,
        status=422 if form.errors else 200,
        form=form,
        product=row,
        skus=Sku.objects.filter(product=row, is_active=True).order_by("position", "pk"),
        zones=zone_rows(ulid) if row.kind == ProductKind.GOODS else None,
        zone_choices=[one for one in catalog.zones() if one.key != GIFT_PACK],
        direct_uploads=direct_uploads(),
        images=[
            (image, image_url(image.key, 320))
            for image in ProductImage.objects.filter(product=row).order_by("position", "pk")
        ],
    )


def zone_rows(ulid: str) -> list[tuple[Sku, str, str, int, PriceTerms]]:
    """A product's offers outside the mall's own zone: SKU, zone, its name, price, prices by level and quantity."""
    named = {one.key: one.name for one in catalog.zones()}
    skus = {sku.ulid: sku for sku in Sku.objects.filter(product__ulid=ulid)}
    return [
        (skus[sku], zone, named.get(zone, zone), price, terms)
        for sku, zone, price, terms in catalog.offers_of_product(ulid)
    ]


def _refuse(form: ProductForm, error: DomainError) -> None:
    field = error.field if error.field in form.fields and error.field != "grid" else None
    form.add_error(field, error.text)


_SHELF: dict[str, Callable[..., Any]] = {
    "on": shelf.put_on_shelf,
    "off": shelf.take_off_shelf,
    "recycle": shelf.recycle_product,
    "restore": shelf.restore_product,
}


@needs(Role.GOODS)
@require_POST
def product_shelf(request: HttpRequest, ulid: str) -> HttpResponse:
    """On the shelf, off it, into the bin, out of it."""
    verb = _SHELF.get(request.POST.get("step", ""))
    if verb is None:
        raise Http404
    return act(
        request,
        lambda: verb(ulid=ulid, actor=actor_of(request), now=now()),
        done=_("Done."),
        back=(request.POST.get("back") == "list" and reverse("backoffice:goods"))
        or reverse("backoffice:product", args=[ulid]),
    )


@needs(Role.GOODS)
@require_POST
def product_stock(request: HttpRequest, ulid: str) -> HttpResponse:
    """Add to or take from a SKU's stock, with the reason."""

    def change() -> None:
        text = request.POST.get("delta", "").strip()
        if not text.lstrip("+-").isdigit() or int(text) == 0:
            raise InvalidInput(_("Enter how many pieces to add (10) or take away (-10)."), field="delta")
        sku = Sku.objects.filter(ulid=request.POST.get("sku", ""), product__ulid=ulid).first()
        if sku is None:
            raise Http404
        stock.change_stock(
            sku_ulid=sku.ulid,
            delta=int(text),
            reason=request.POST.get("reason", "").strip(),
            actor=actor_of(request),
            now=now(),
        )

    return act(request, change, done=_("The stock has been changed."), back=reverse("backoffice:product", args=[ulid]))


@needs(Role.GOODS)
@require_POST
def product_images(request: HttpRequest, ulid: str) -> HttpResponse:
    """Add pictures, take one off, or make one the cover."""

    def change() -> None:
        if remove := request.POST.get("remove"):
            _own_image(ulid, remove)
            images.remove_image(image_ulid=remove, actor=actor_of(request))
            return
        if cover := request.POST.get("cover"):
            order = list(
                ProductImage.objects.filter(product__ulid=ulid)
                .order_by("position", "pk")
                .values_list("ulid", flat=True)
            )
            order.sort(key=lambda one: one != cover)
            images.reorder_images(product_ulid=ulid, image_ulids=order, actor=actor_of(request))
            return
        pictures = uploads.pictures_of(request, "images")
        if not pictures:
            raise InvalidInput(_("Choose a picture first."), field="images")
        for content, kind in pictures:
            images.add_image(product_ulid=ulid, content=content, content_type=kind, actor=actor_of(request), now=now())

    return act(request, change, done=_("Done."), back=reverse("backoffice:product", args=[ulid]) + "#pictures")


def _own_image(product_ulid: str, image_ulid: str) -> None:
    if not ProductImage.objects.filter(ulid=image_ulid, product__ulid=product_ulid).exists():
        raise Http404


@needs(Role.GOODS)
@require_http_methods(["GET", "POST"])
def category_list(request: HttpRequest) -> HttpResponse:
    """The two-level tree; adding and renaming."""
    if request.method == "POST":
        slug, name = request.POST.get("slug", "").strip(), request.POST.get("name", "").strip()
        position = request.POST.get("position", "")

        def change() -> None:
            if not name:
                raise InvalidInput(_("A category needs a name."), field="name")
            if request.POST.get("step") == "rename":
                place = int(position) if position.isdigit() else None
                categories.rename_category(slug=slug, name=name, position=place, actor=actor_of(request))
                return
            made = slugify(slug) or slugify(name) or f"c-{new_ulid()[-8:].lower()}"
            parent = request.POST.get("parent") or None
            categories.create_category(slug=made, name=name, parent_slug=parent, actor=actor_of(request))

        return act(request, change, done=_("Saved."), back=reverse("backoffice:categories"))
    tops = Category.objects.filter(parent=None).order_by("position", "pk").prefetch_related("children")
    return show(request, "categories", _("Categories"), tops=tops)
