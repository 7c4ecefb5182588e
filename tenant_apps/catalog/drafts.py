"""A product as it is entered: read back out of what is stored, kept as JSON while somebody looks at it, compared."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from tenant_apps.catalog.models import Offer, Product, Sku
from tenant_apps.catalog.rules import (
    SELF_OPERATED,
    Option,
    PriceTerms,
    ProductDraft,
    ProductKind,
    SkuDraft,
    option_text,
    price_terms,
)

_TEXTS = ("title", "subtitle", "description_html", "freight_template", "free_shipping")


def draft_of(product: Product) -> ProductDraft:
    """A stored product as a draft (two statements)."""
    skus = list(Sku.objects.filter(product=product, is_active=True).order_by("position", "pk"))
    terms = dict(Offer.objects.filter(sku__in=skus, zone__key=SELF_OPERATED).values_list("sku_id", "terms"))
    return ProductDraft(
        title=product.title,
        subtitle=product.subtitle,
        description_html=product.description_html,
        category_slug=product.category.slug if product.category else None,
        brand_slug=product.brand.slug if product.brand else None,
        tags=tuple(product.tags),
        handle=product.handle,
        kind=ProductKind(product.kind),
        seller_ulid=product.seller_ulid,
        freight_template=product.freight_template,
        free_shipping=product.free_shipping,
        options=tuple(Option(one["name"], tuple(one["values"])) for one in product.options),
        skus=tuple(
            SkuDraft(
                values=tuple(sku.option_values),
                price_amount=sku.price_amount,
                supply_amount=sku.supply_amount,
                compare_amount=sku.compare_amount,
                stock=sku.stock,
                code=sku.code,
                barcode=sku.barcode,
                weight_grams=sku.weight_grams,
                ulid=sku.ulid,
                terms=price_terms(terms.get(sku.pk)),
            )
            for sku in skus
        ),
    )


def to_json(draft: ProductDraft) -> dict[str, Any]:
    """A draft as JSON. Stock of SKUs that are there already is not part of it: that is counted, not asked for."""
    return {
        **{name: getattr(draft, name) for name in _TEXTS},
        "category": draft.category_slug or "",
        "brand": draft.brand_slug or "",
        "tags": list(draft.tags),
        "options": [{"name": one.name, "values": list(one.values)} for one in draft.options],
        "skus": [
            {
                "values": list(sku.values),
                "ulid": sku.ulid,
                "price_amount": sku.price_amount,
                "supply_amount": sku.supply_amount,
                "compare_amount": sku.compare_amount,
                "stock": 0 if sku.ulid else sku.stock,
                "code": sku.code,
                "barcode": sku.barcode,
                "weight_grams": sku.weight_grams,
                "terms": sku.terms.to_json() if sku.terms else None,
            }
            for sku in draft.skus
        ],
    }


def from_json(stored: Mapping[str, Any], *, seller_ulid: str, handle: str = "") -> ProductDraft:
    """The draft that `to_json` kept."""
    return ProductDraft(
        **{name: stored[name] for name in _TEXTS},
        category_slug=stored["category"] or None,
        brand_slug=stored["brand"] or None,
        tags=tuple(stored["tags"]),
        handle=handle,
        seller_ulid=seller_ulid,
        options=tuple(Option(one["name"], tuple(one["values"])) for one in stored["options"]),
        skus=tuple(
            SkuDraft(**{**sku, "values": tuple(sku["values"]), "terms": price_terms(sku["terms"])})
            for sku in stored["skus"]
        ),
    )


@dataclasses.dataclass(frozen=True)
class Difference:
    """One thing that would change. `of`: the SKU it belongs to, empty for the product; values as stored, None: absent."""

    field: str
    before: Any
    after: Any
    of: str = ""


_SKU_FIELDS = ("price_amount", "supply_amount", "compare_amount", "code", "barcode", "weight_grams", "terms")


def differences(live: ProductDraft, wanted: ProductDraft) -> list[Difference]:
    """What is not the same in two drafts, in the order of the form; stock apart."""
    before, after = to_json(live), to_json(wanted)
    found = [
        Difference(name, before[name], after[name])
        for name in ("title", "subtitle", "category", "brand", "tags", "free_shipping", "description_html", "options")
        if before[name] != after[name]
    ]
    known = {sku.ulid: sku for sku in live.skus}
    by_text = {option_text(sku.values): sku for sku in live.skus}
    seen: set[str] = set()
    for sku in wanted.skus:
        name = option_text(sku.values)
        old = known.get(sku.ulid) or by_text.get(name)
        if old is None:
            found.append(Difference("sku_added", None, sku.price_amount, name))
            continue
        seen.add(old.ulid)
        if option_text(old.values) != name:
            found.append(Difference("sku_name", option_text(old.values), name, name))
        found += [
            Difference(field, _plain(getattr(old, field)), _plain(getattr(sku, field)), name)
            for field in _SKU_FIELDS
            if _plain(getattr(old, field)) != _plain(getattr(sku, field))
        ]
    found += [
        Difference("sku_gone", sku.price_amount, None, option_text(sku.values))
        for sku in live.skus
        if sku.ulid not in seen
    ]
    return found


def _plain(value: Any) -> Any:
    return value.to_json() if isinstance(value, PriceTerms) else value
