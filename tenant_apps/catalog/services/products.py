"""Products and their SKU grid, entered whole: a draft is compared with what is stored."""

import datetime as dt

import nh3
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from saas.kernel.ids import new_ulid
from saas.tenants.malls import limits
from saas.tenants.malls.activation import active_mall_ulid
from tenant_apps.catalog import searching, selectors
from tenant_apps.catalog.models import Brand, Category, Product
from tenant_apps.catalog.rules import (
    MAX_TAG_LENGTH,
    MAX_TAGS,
    ProductDraft,
    ProductStatus,
    grid_fault,
    sku_fault,
)
from tenant_apps.catalog.services import cards, grid, shelf

_TAGS = {
    "p",
    "br",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ul",
    "ol",
    "li",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "hr",
    "span",
    "div",
}
_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES = {"img": {"src", "alt", "width", "height"}, "td": {"colspan", "rowspan"}}
_TITLE_LENGTH, _SUBTITLE_LENGTH, _DESCRIPTION_LENGTH = 80, 120, 50_000


class GridInvalid(DomainError):
    """The SKUs do not fit the options. `fault` is a word of rules.grid_fault."""

    code = "grid_invalid"
    http_status = 422
    message = _("The options and their SKUs do not fit together ({fault}).")


class ForbiddenClaim(InvalidInput):
    """MODES 14 #9: a promise of multiples, free orders or sure gains may stand in no goods text."""

    code = "forbidden_claim"
    message = _(
        "This text may not be published: “{claims}” promises what no shop may promise (rule 9 of the legal guard-rails)."
    )


def clean_html(text: str) -> str:
    """Description HTML with our few tags and pictures of this mall only; scripts, styles and handlers are gone."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return value if value.startswith(_own_media()) and ".." not in value else None
        return value

    return nh3.clean(
        text, tags=_TAGS | _TABLE_TAGS | {"img"}, attributes=_ATTRIBUTES, attribute_filter=keep, url_schemes={"https"}
    )


def _own_media() -> str:
    return f"/media/t/{active_mall_ulid()}/"


def check_draft(draft: ProductDraft) -> None:
    """Raise what is wrong with a draft in itself: InvalidInput, ForbiddenClaim, GridInvalid."""
    title = draft.title.strip()
    if not 1 <= len(title) <= _TITLE_LENGTH:
        raise InvalidInput(gettext("The title must have 1 to 80 characters."), field="title")
    for field, text, most in (
        ("subtitle", draft.subtitle, _SUBTITLE_LENGTH),
        ("description_html", draft.description_html, _DESCRIPTION_LENGTH),
    ):
        if len(text) > most:
            raise InvalidInput(gettext("The text is too long."), field=field)
    if len(draft.tags) > MAX_TAGS or any(not 1 <= len(tag) <= MAX_TAG_LENGTH for tag in draft.tags):
        raise InvalidInput(gettext("At most 30 tags of at most 40 characters each."), field="tags")
    for field, text in (("title", title), ("subtitle", draft.subtitle), ("description_html", draft.description_html)):
        if claims := forbidden_claims(text, of_goods=True):
            raise ForbiddenClaim(field=field, claims="、".join(claims))
    if fault := grid_fault(draft.options, draft.skus):
        raise GridInvalid(fault=fault, field="options")
    for sku in draft.skus:
        if wrong := sku_fault(sku):
            raise InvalidInput(_sku_message(wrong), field=wrong)


def _sku_message(field: str) -> str:
    if field == "level_prices":
        return gettext("A member price is at least 0.01 and at most the price.")
    if field == "tiers":
        return gettext(
            "Quantity prices begin at two pieces; each step asks for more pieces and costs less (at most 6)."
        )
    return gettext("A price or stock figure is out of range.")


def _brand(slug: str | None) -> Brand | None:
    if not slug:
        return None
    found = Brand.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(gettext("This brand does not exist."), field="brand")
    return found


def _category(slug: str | None) -> Category | None:
    if not slug:
        return None
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(gettext("This category does not exist."), field="category")
    return found


def create_product(*, draft: ProductDraft, actor: str, now: dt.datetime) -> Product:
    """Store a new product as a draft, its SKUs offered in the self-operated zone.

    Raises InvalidInput, GridInvalid, NotFound (category), PlanLimitReached, MallRestricted.
    """
    check_draft(draft)
    with transaction.atomic():
        limits.check("products_max", used=selectors.product_count)
        product = Product(ulid=new_ulid(), kind=draft.kind, created_at=now)
        describe(product, draft, category=_category(draft.category_slug), brand=_brand(draft.brand_slug), now=now)
        product.save(force_insert=True)
        grid.add_skus([(product, draft.skus)])
        cards.refresh([product.pk])
        audit.record(actor, "product.created", target=f"product:{product.ulid}")
    return product


def update_product(*, ulid: str, draft: ProductDraft, actor: str, now: dt.datetime) -> Product:
    """Replace a product's texts and grid. SKUs are matched by their option values; those no longer named stop being offered.

    Stock of existing SKUs stays: it is changed by `change_stock`, so that a sale in between is not lost.
    Raises NotFound, InvalidInput, GridInvalid; for a product on shelf also what put_on_shelf raises.
    """
    check_draft(draft)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None:
            raise NotFound
        before = {"title": product.title, "category": product.category_id, "seller": product.seller_ulid}
        if product.seller_ulid != draft.seller_ulid:
            product.seller_sells = True  # of a seller: sellers say so after this
        describe(product, draft, category=_category(draft.category_slug), brand=_brand(draft.brand_slug), now=now)
        grid.merge_skus(product, draft.skus)
        product.save()
        if product.status == ProductStatus.ON_SHELF:
            shelf.check_sellable(product)
        cards.refresh([product.pk])
        audit.record(actor, "product.changed", target=f"product:{ulid}", before=before)
    return product


def describe(
    product: Product, draft: ProductDraft, *, category: Category | None, brand: Brand | None, now: dt.datetime
) -> None:
    """Write a draft's texts into a product (not saved)."""
    product.title, product.subtitle = draft.title.strip(), draft.subtitle.strip()
    product.description_html = clean_html(draft.description_html)
    product.category, product.brand = category, brand
    product.options = [{"name": option.name.strip(), "values": list(option.values)} for option in draft.options]
    product.tags = list(dict.fromkeys(tag.strip() for tag in draft.tags))
    product.handle = draft.handle or product.handle
    product.seller_ulid = draft.seller_ulid
    product.freight_template, product.free_shipping = draft.freight_template, draft.free_shipping
    if draft.source is not None:
        product.source = dict(draft.source)
    codes = [text for sku in draft.skus for text in (sku.code, sku.barcode)]
    product.search_text = searching.search_text(
        title=product.title, brand=brand.name if brand else "", codes=codes, tags=product.tags
    )
    product.updated_at = now
