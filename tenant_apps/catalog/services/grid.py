"""The cells of products' grids: SKUs made, renamed, repriced, retired, each with its offer in the mall's own zone."""

from collections.abc import Iterable, Sequence

from saas.kernel.ids import new_ulid
from tenant_apps.catalog.models import Offer, Product, Sku, Zone
from tenant_apps.catalog.rules import SELF_OPERATED, SkuDraft, StockLine, option_text
from tenant_apps.catalog.services import stock

_FIELDS = [
    "option_values", "option_text", "price_amount", "compare_amount", "supply_amount", "code", "barcode",
    "weight_grams", "is_active", "position", "source",
]  # fmt: skip


def add_skus(grids: Iterable[tuple[Product, Sequence[SkuDraft]]]) -> None:
    """Make the SKUs of new products (saved), offered in the mall's own zone (three statements for them all)."""
    made = [
        (_filled(Sku(ulid=new_ulid(), product=product, stock=draft.stock), draft, place), draft)
        for product, drafts in grids
        for place, draft in enumerate(drafts)
    ]
    _store(made)


def _store(made: Sequence[tuple[Sku, SkuDraft]]) -> None:
    Sku.objects.bulk_create([sku for sku, _ in made], batch_size=1_000)
    zone = Zone.objects.get(key=SELF_OPERATED)
    Offer.objects.bulk_create(
        [
            Offer(
                sku=sku,
                zone=zone,
                price_amount=sku.price_amount,
                terms=draft.terms.to_json() if draft.terms else None,
            )
            for sku, draft in made
        ],
        batch_size=1_000,
    )


def _filled(sku: Sku, draft: SkuDraft, position: int) -> Sku:
    sku.option_values, sku.option_text = list(draft.values), option_text(draft.values)
    sku.price_amount, sku.compare_amount, sku.supply_amount = (
        draft.price_amount,
        draft.compare_amount,
        draft.supply_amount,
    )
    sku.code, sku.barcode, sku.weight_grams = draft.code, draft.barcode, draft.weight_grams
    if draft.source is not None:
        sku.source = dict(draft.source)
    sku.is_active, sku.position = True, position
    return sku


def merge_skus(product: Product, drafts: Sequence[SkuDraft]) -> None:
    """Bring a product's SKUs to these cells: those named by ULID first, then by their values; the rest is retired.

    A renamed SKU stays the one that orders point at. Raises InsufficientStock where a page would take more than is left.
    """
    stored = list(Sku.objects.select_for_update().filter(product=product).order_by("-is_active", "pk"))
    by_ulid = {sku.ulid: sku for sku in stored}
    named = {draft.ulid for draft in drafts if draft.ulid in by_ulid}
    by_text: dict[str, Sku] = {}
    for sku in stored:
        if sku.ulid not in named:
            by_text.setdefault(sku.option_text, sku)
    kept: list[tuple[Sku, SkuDraft]] = []
    new: list[tuple[Sku, SkuDraft]] = []
    moves: list[tuple[str, int]] = []
    for position, draft in enumerate(drafts):
        found = by_ulid.get(draft.ulid) or by_text.pop(option_text(draft.values), None)
        if found is None:
            made = Sku(ulid=new_ulid(), product=product, stock=draft.stock)
            new.append((_filled(made, draft, position), draft))
            continue
        if draft.stock_seen is not None and draft.stock != draft.stock_seen:
            moves.append((found.ulid, draft.stock - draft.stock_seen))
        kept.append((_filled(found, draft, position), draft))
    known = {sku.pk for sku, _ in kept}
    # All leave the grid first: two values may have changed places, and the database looks at each row by itself.
    Sku.objects.filter(product=product).update(is_active=False)
    Sku.objects.bulk_update([sku for sku, _ in kept], _FIELDS)
    _reprice([one for one in kept if one[0].pk in known])
    if new:
        _store(new)
    _move_stock(moves)


def _reprice(kept: Sequence[tuple[Sku, SkuDraft]]) -> None:
    offers = {
        offer.sku_id: offer for offer in Offer.objects.filter(sku__in=[sku for sku, _ in kept], zone__key=SELF_OPERATED)
    }
    for sku, draft in kept:
        offer = offers[sku.pk]
        offer.price_amount = draft.price_amount
        if draft.terms is not None:
            offer.terms = draft.terms.to_json()
    Offer.objects.bulk_update(offers.values(), ["price_amount", "terms"])


def _move_stock(moves: Sequence[tuple[str, int]]) -> None:
    taken = [StockLine(ulid, -delta) for ulid, delta in moves if delta < 0]
    if taken:
        stock.take_stock(taken)
    stock.return_stock([StockLine(ulid, delta) for ulid, delta in moves if delta > 0])
