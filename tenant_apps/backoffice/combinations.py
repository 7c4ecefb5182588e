"""Every offer of the catalogue as a line of one piece: what the payout ratio of new settings is computed on (MODES 1)."""

from collections.abc import Iterator

from tenant_apps.catalog.models import Offer
from tenant_apps.catalog.rules import ProductStatus
from tenant_apps.modes.contract import LineFacts
from tenant_apps.modes.worst_case import Combination

LIMIT = 5_000


def combinations() -> Iterator[Combination]:
    """What is on shelf, newest first, at most LIMIT offers; equal ones are computed once by the caller."""
    rows = (
        Offer.objects.filter(sku__is_active=True, sku__product__status=ProductStatus.ON_SHELF)
        .select_related("sku__product__category__parent", "zone")
        .order_by("-pk")[:LIMIT]
    )
    for row in rows:
        product, category = row.sku.product, row.sku.product.category
        slugs = (category.slug, *([category.parent.slug] if category.parent else [])) if category else ()
        title = f"{product.title} {row.sku.option_text}".strip()
        line = LineFacts(
            line=row.sku.ulid,
            level_amount=row.price_amount,
            list_amount=row.price_amount,
            supply_cost=row.sku.supply_amount or 0,
            zone=row.zone.key,
            sku=row.sku.ulid,
            product=product.ulid,
            categories=slugs,
        )
        yield Combination(title, line)
