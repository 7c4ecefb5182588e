"""What a product is and what may be done with it: statuses, the option grid, facts that other packages read. Pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SELF_OPERATED = "self_operated"
GIFT_PACK = "gift_pack"
MAX_OPTIONS = 3
MAX_VALUES = 30
MAX_SKUS = 200
MAX_IMAGES = 9
MAX_AMOUNT = 100_000_000_00  # fen: a hundred million yuan
MAX_STOCK = 10_000_000

IMAGE_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
IMAGE_WIDTHS = (160, 320, 640, 960)
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_IMAGE_PIXELS = 40_000_000
MIN_IMAGE_SIDE = 100


class ProductKind(StrEnum):
    """What a product is. Fees are sold by an ordinary order, without freight, coupon, coin or voucher (MODES 1.3)."""

    GOODS = "goods"
    MEMBERSHIP = "membership"
    DEPOSIT = "deposit"
    JOIN_FEE = "join_fee"


class ProductStatus(StrEnum):
    """Where a product stands; only `on_shelf` is seen and sold."""

    DRAFT = "draft"
    ON_SHELF = "on_shelf"
    OFF_SHELF = "off_shelf"
    RECYCLED = "recycled"


TRANSITIONS: dict[ProductStatus, frozenset[ProductStatus]] = {
    ProductStatus.DRAFT: frozenset({ProductStatus.ON_SHELF, ProductStatus.RECYCLED}),
    ProductStatus.ON_SHELF: frozenset({ProductStatus.OFF_SHELF}),
    ProductStatus.OFF_SHELF: frozenset({ProductStatus.ON_SHELF, ProductStatus.RECYCLED}),
    ProductStatus.RECYCLED: frozenset({ProductStatus.OFF_SHELF}),
}


@dataclass(frozen=True)
class Option:
    """One axis of the grid: `Size` with its values in order."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SkuDraft:
    """A cell of the grid as staff enter it. Amounts in fen; `stock` counts only when the SKU is new."""

    values: tuple[str, ...]
    price_amount: int
    supply_amount: int | None = None
    stock: int = 0
    code: str = ""


@dataclass(frozen=True)
class ProductDraft:
    """A whole product as staff enter it."""

    title: str
    subtitle: str = ""
    description_html: str = ""
    category_slug: str | None = None
    options: tuple[Option, ...] = ()
    skus: tuple[SkuDraft, ...] = ()
    kind: ProductKind = ProductKind.GOODS  # said once, when the product is made
    seller_ulid: str = ""  # empty: the mall's own


@dataclass(frozen=True)
class StockLine:
    """So many pieces of one SKU."""

    sku_ulid: str
    qty: int


@dataclass(frozen=True)
class OfferFact:
    """A SKU in a zone as a cart, an order or a mode needs it. Amounts in fen a piece; `sellable` ignores stock."""

    sku_id: int
    sku_ulid: str
    product_ulid: str
    zone: str
    categories: tuple[str, ...]  # slugs: its own, then the parent
    title: str
    option_text: str
    image_key: str
    price_amount: int
    supply_amount: int | None
    stock: int
    sellable: bool
    kind: str = ProductKind.GOODS
    seller_ulid: str = ""
    seller_sells: bool = True  # False: its seller has paused or closed, so it is not sellable

    @property
    def key(self) -> str:
        """What a cart or a form calls it."""
        return offer_key(self.sku_ulid, self.zone)


def offer_key(sku_ulid: str, zone: str = SELF_OPERATED) -> str:
    """A SKU in a zone as one word: the SKU's ULID alone in the self-operated zone, `ULID@zone` elsewhere."""
    return sku_ulid if zone == SELF_OPERATED else f"{sku_ulid}@{zone}"


def split_key(key: str) -> tuple[str, str]:
    """SKU ULID and zone of a key that `offer_key` made; anything else is a key that nothing is found by."""
    sku, _, zone = key.partition("@")
    return sku[:26], zone[:30] or SELF_OPERATED


def option_text(values: Sequence[str]) -> str:
    """`500 g · red`; empty for a product with a single SKU."""
    return " · ".join(values)


def grid(options: Sequence[Option]) -> list[tuple[str, ...]]:
    """Every combination of values, in the order of the options; one empty combination without options."""
    return list(itertools.product(*(option.values for option in options)))


def grid_fault(options: Sequence[Option], skus: Sequence[SkuDraft]) -> str | None:
    """Why these SKUs do not fit these options (a stable word), or None."""
    if len(options) > MAX_OPTIONS or len(skus) > MAX_SKUS:
        return "too_many"
    names = [option.name.strip() for option in options]
    if any(not name for name in names) or len(set(names)) != len(names):
        return "option_names"
    for option in options:
        values = option.values
        if not values or len(values) > MAX_VALUES or len(set(values)) != len(values) or not all(values):
            return "option_values"
    cells = [sku.values for sku in skus]
    if len(set(cells)) != len(cells):
        return "duplicate_sku"
    if not set(cells) <= set(grid(options)):
        return "sku_outside_grid"
    return None


def sku_fault(sku: SkuDraft) -> str | None:
    """Which figure of a SKU is out of range (the field's name), or None."""
    if not 1 <= sku.price_amount <= MAX_AMOUNT:
        return "price_amount"
    if sku.supply_amount is not None and not 0 <= sku.supply_amount <= MAX_AMOUNT:
        return "supply_amount"
    if not 0 <= sku.stock <= MAX_STOCK:
        return "stock"
    return None
