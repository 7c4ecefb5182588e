"""Products and their SKU grid, entered whole: a draft is compared with what is stored."""

import datetime as dt
from collections.abc import Sequence

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
from tenant_apps.catalog import selectors
from tenant_apps.catalog.models import Category, Offer, Product, Sku, Zone
from tenant_apps.catalog.rules import (
    MAX_AMOUNT,
    SELF_OPERATED,
    ProductDraft,
    ProductStatus,
    SkuDraft,
    grid_fault,
    option_text,
    sku_fault,
)
from tenant_apps.catalog.services import cards, shelf

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


def _check(draft: ProductDraft) -> None:
    title = draft.title.strip()
    if not 1 <= len(title) <= _TITLE_LENGTH:
        raise InvalidInput(gettext("The title must have 1 to 80 characters."), field="title")
    if len(draft.subtitle) > _SUBTITLE_LENGTH or len(draft.description_html) > _DESCRIPTION_LENGTH:
        raise InvalidInput(gettext("The text is too long."), field="subtitle")
    for field, text in (("title", title), ("subtitle", draft.subtitle), ("description_html", draft.description_html)):
        if claims := forbidden_claims(text, of_goods=True):
            raise ForbiddenClaim(field=field, claims="、".join(claims))
    if fault := grid_fault(draft.options, draft.skus):
        raise GridInvalid(fault=fault, field="options")
    for sku in draft.skus:
        if wrong := sku_fault(sku):
            raise InvalidInput(gettext("A price or stock figure is out of range."), field=wrong)


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
    _check(draft)
    with transaction.atomic():
        limits.check("products_max", used=selectors.product_count)
        product = Product(
            ulid=new_ulid(),
            title=draft.title.strip(),
            subtitle=draft.subtitle.strip(),
            description_html=clean_html(draft.description_html),
            category=_category(draft.category_slug),
            options=_options(draft),
            kind=draft.kind,
            seller_ulid=draft.seller_ulid,
            created_at=now,
            updated_at=now,
        )
        product.save(force_insert=True)
        _add_skus(product, draft.skus, first_position=0)
        cards.refresh([product.pk])
        audit.record(actor, "product.created", target=f"product:{product.ulid}")
    return product


def update_product(*, ulid: str, draft: ProductDraft, actor: str, now: dt.datetime) -> Product:
    """Replace a product's texts and grid. SKUs are matched by their option values; those no longer named stop being offered.

    Stock of existing SKUs stays: it is changed by `change_stock`, so that a sale in between is not lost.
    Raises NotFound, InvalidInput, GridInvalid; for a product on shelf also what put_on_shelf raises.
    """
    _check(draft)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(ulid=ulid).first()
        if product is None:
            raise NotFound
        before = {"title": product.title, "category": product.category_id, "seller": product.seller_ulid}
        product.title, product.subtitle = draft.title.strip(), draft.subtitle.strip()
        product.description_html = clean_html(draft.description_html)
        product.category = _category(draft.category_slug)
        product.options = _options(draft)
        if product.seller_ulid != draft.seller_ulid:
            product.seller_sells = True  # of a seller: sellers say so after this
        product.seller_ulid = draft.seller_ulid
        product.updated_at = now
        product.save(
            update_fields=[
                "title",
                "subtitle",
                "description_html",
                "category",
                "options",
                "seller_ulid",
                "seller_sells",
                "updated_at",
            ]
        )
        _merge_skus(product, draft.skus)
        if product.status == ProductStatus.ON_SHELF:
            shelf.check_sellable(product)
        cards.refresh([product.pk])
        audit.record(actor, "product.changed", target=f"product:{ulid}", before=before)
    return product


def set_offer_price(*, sku_ulid: str, price_amount: int, zone: str = SELF_OPERATED, actor: str) -> None:
    """Offer a SKU in a zone at a price (fen). Raises NotFound, InvalidInput."""
    if not 1 <= price_amount <= MAX_AMOUNT:
        raise InvalidInput(gettext("A price or stock figure is out of range."), field="price_amount")
    with transaction.atomic():
        sku = Sku.objects.filter(ulid=sku_ulid).first()
        place = Zone.objects.filter(key=zone).first()
        if sku is None or place is None:
            raise NotFound
        Offer.objects.update_or_create(sku=sku, zone=place, defaults={"price_amount": price_amount})
        cards.refresh([sku.product_id])
        audit.record(actor, "offer.priced", target=f"sku:{sku_ulid}", zone=zone, price_amount=price_amount)


def remove_offer(*, sku_ulid: str, zone: str, actor: str) -> None:
    """Take a SKU out of a zone; the self-operated zone is its home, which it leaves by the shelf alone.

    Raises NotFound, InvalidInput.
    """
    if zone == SELF_OPERATED:
        raise InvalidInput(gettext("A SKU stays in the mall's own zone: take the product off the shelf."), field="zone")
    with transaction.atomic():
        offer = Offer.objects.select_related("sku").filter(sku__ulid=sku_ulid, zone__key=zone).first()
        if offer is None:
            raise NotFound
        offer.delete()
        cards.refresh([offer.sku.product_id])
        audit.record(actor, "offer.removed", target=f"sku:{sku_ulid}", zone=zone)


def _options(draft: ProductDraft) -> list[dict[str, object]]:
    return [{"name": option.name.strip(), "values": list(option.values)} for option in draft.options]


def _add_skus(product: Product, drafts: Sequence[SkuDraft], *, first_position: int) -> None:
    skus = Sku.objects.bulk_create(
        Sku(
            ulid=new_ulid(),
            product=product,
            option_values=list(draft.values),
            option_text=option_text(draft.values),
            code=draft.code,
            price_amount=draft.price_amount,
            supply_amount=draft.supply_amount,
            stock=draft.stock,
            position=first_position + number,
        )
        for number, draft in enumerate(drafts)
    )
    zone = Zone.objects.get(key=SELF_OPERATED)
    Offer.objects.bulk_create(Offer(sku=sku, zone=zone, price_amount=sku.price_amount) for sku in skus)


def _merge_skus(product: Product, drafts: Sequence[SkuDraft]) -> None:
    stored = {sku.option_text: sku for sku in Sku.objects.select_for_update().filter(product=product).order_by("pk")}
    new: list[SkuDraft] = []
    for position, draft in enumerate(drafts):
        sku = stored.pop(option_text(draft.values), None)
        if sku is None:
            new.append(draft)
            continue
        sku.price_amount, sku.supply_amount, sku.code = draft.price_amount, draft.supply_amount, draft.code
        sku.is_active, sku.position = True, position
        sku.save(update_fields=["price_amount", "supply_amount", "code", "is_active", "position"])
        Offer.objects.filter(sku=sku, zone__key=SELF_OPERATED).update(price_amount=draft.price_amount)
    Sku.objects.filter(pk__in=[sku.pk for sku in stored.values()]).update(is_active=False)
    if new:
        _add_skus(product, new, first_position=len(drafts))
