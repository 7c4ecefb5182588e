"""What a product is and what may be done with it: statuses, the option grid, facts that other packages read. Pure."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SELF_OPERATED = "self_operated"
GIFT_PACK = "gift_pack"
MAX_OPTIONS = 3
MAX_VALUES = 100
MAX_SKUS = 200
MAX_IMAGES = 30
MAX_AMOUNT = 100_000_000_00  # fen: a hundred million yuan
MAX_STOCK = 10_000_000
MAX_WEIGHT_GRAMS = 1_000_000  # a ton
MAX_TAGS, MAX_TAG_LENGTH = 30, 40
MAX_TIERS = 6

IMAGE_TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
IMAGE_WIDTHS = (160, 320, 640, 960, 1600)  # line, card, card of a dense screen or page, page, zoom
MAX_IMAGE_BYTES = 10 * 1024 * 1024
MAX_IMAGE_PIXELS = 40_000_000
MIN_IMAGE_SIDE = 100


class ProductKind(StrEnum):
    """What a product is. Fees are sold by an ordinary order, without freight, coupon, coin or voucher (MODES 1.3)."""

    GOODS = "goods"
    MEMBERSHIP = "membership"
    DEPOSIT = "deposit"
    JOIN_FEE = "join_fee"
    VISIT_CARD = "visit_card"
    STORED_CARD = "stored_card"


STORE_CARDS = frozenset({ProductKind.VISIT_CARD, ProductKind.STORED_CARD})  # sold and owed by a store, not by the mall


REDEEMED_KINDS = frozenset({"service"})  # received when they are redeemed (核销), not when a parcel arrives


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


class ReviewState(StrEnum):
    """Whether what a seller asks waits for the mall, or was given back to him."""

    NONE = ""
    WAITING = "waiting"
    RETURNED = "returned"


class JobKind(StrEnum):
    """What a job does with many products."""

    IMPORT_XLSX = "import_xlsx"
    IMPORT_SHOPIFY = "import_shopify"
    EXPORT_XLSX = "export_xlsx"
    EXPORT_SHOPIFY = "export_shopify"
    EDIT = "edit"


IMPORTS = frozenset({JobKind.IMPORT_XLSX, JobKind.IMPORT_SHOPIFY})
EXPORTS = frozenset({JobKind.EXPORT_XLSX, JobKind.EXPORT_SHOPIFY})


class JobState(StrEnum):
    """Where a job stands. `checked`: read through, nothing changed, waiting for a person to look at it."""

    READING = "reading"
    CHECKED = "checked"
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"
    UNDOING = "undoing"
    UNDONE = "undone"


JOB_TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.READING: frozenset({JobState.CHECKED, JobState.DONE, JobState.FAILED, JobState.DISCARDED}),
    JobState.CHECKED: frozenset({JobState.APPLYING, JobState.DISCARDED}),
    JobState.APPLYING: frozenset({JobState.DONE, JobState.FAILED}),
    JobState.DONE: frozenset({JobState.UNDOING}),
    JobState.UNDOING: frozenset({JobState.UNDONE}),
    JobState.FAILED: frozenset(),
    JobState.DISCARDED: frozenset(),
    JobState.UNDONE: frozenset(),
}


class EditKind(StrEnum):
    """What a bulk edit changes. Prices: ppm, or fen; others: a slug, a ULID, a tag, on or off, yes or no."""

    PRICE_PERCENT = "price_percent"
    PRICE_AMOUNT = "price_amount"
    CATEGORY = "category"
    BRAND = "brand"
    SHELF = "shelf"
    FREIGHT = "freight"
    FREE_SHIPPING = "free_shipping"
    TAG_ADD = "tag_add"
    TAG_REMOVE = "tag_remove"


def changed_price(price_amount: int, change: Mapping[str, Any]) -> int | None:
    """A price (fen) after a change by ppm (half a fen up) or by fen; None where it leaves the range of prices."""
    value = int(change["value"])
    if change["kind"] == EditKind.PRICE_PERCENT:
        found = (price_amount * (1_000_000 + value) * 2 + 1_000_000) // 2_000_000
    else:
        found = price_amount + value
    return found if 1 <= found <= MAX_AMOUNT else None


class RowState(StrEnum):
    """Where one product of a job stands; `picture` is one to be fetched, which blocks nothing."""

    READY = "ready"
    FAULTY = "faulty"
    CHOSEN = "chosen"
    APPLIED = "applied"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"  # changed since: an undo left it alone
    PICTURE = "picture"
    FETCHED = "fetched"
    MISSING = "missing"


@dataclass(frozen=True)
class PriceTerms:
    """What an offer costs besides its price: by level, and from so many pieces. Fen a piece."""

    levels: tuple[tuple[str, int], ...] = ()
    tiers: tuple[tuple[int, int], ...] = ()  # (from this quantity, price), both in order

    def to_json(self) -> dict[str, Any] | None:
        """As an offer keeps it; None for nothing."""
        if not self.levels and not self.tiers:
            return None
        return {"levels": dict(self.levels), "tiers": [list(one) for one in self.tiers]}


def price_terms(stored: Mapping[str, Any] | None) -> PriceTerms:
    """The terms that `to_json` kept."""
    if not stored:
        return NO_TERMS
    return PriceTerms(
        tuple(sorted(stored.get("levels", {}).items())), tuple((qty, price) for qty, price in stored.get("tiers", ()))
    )


NO_TERMS = PriceTerms()


@dataclass(frozen=True)
class ZoneTerms:
    """The rules of a zone besides its prices. Limits in pieces of one SKU; `person_limit` 0: none."""

    members_only: bool = False  # for those who hold a paid membership
    least_qty: int = 1  # in one order
    person_limit: int = 0  # of all orders of a person, refunded pieces taken off
    vouchers: bool = True  # whether vouchers may pay here at all
    earns: bool = True  # whether modes award anything for what is sold here

    def to_json(self) -> dict[str, Any] | None:
        """As a zone keeps it; None for a zone without rules of its own."""
        return None if self == NO_ZONE_TERMS else dict(vars(self))


NO_ZONE_TERMS = ZoneTerms()


def zone_terms(stored: Mapping[str, Any] | None) -> ZoneTerms:
    """The terms that `to_json` kept."""
    return ZoneTerms(**stored) if stored else NO_ZONE_TERMS


def zone_fault(key: str, name: str, terms: ZoneTerms) -> str | None:
    """Which field of a zone is impossible, or None."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,29}", key):
        return "key"
    if not 1 <= len(name.strip()) <= 30:
        return "name"
    if not 1 <= terms.least_qty <= MAX_STOCK:
        return "least_qty"
    if terms.person_limit and not terms.least_qty <= terms.person_limit <= MAX_STOCK:
        return "person_limit"
    return None


def terms_fault(terms: PriceTerms, price_amount: int) -> str | None:
    """Which part of the terms does not fit the price (`level_prices` or `tiers`), or None.

    A level price is at most the price; tiers begin at two pieces, rise in quantity and fall in price.
    """
    if any(not 1 <= price <= price_amount for _, price in terms.levels):
        return "level_prices"
    last_qty, last_price = 1, price_amount
    for qty, price in terms.tiers:
        if qty <= last_qty or not 1 <= price < last_price or qty > MAX_STOCK:
            return "tiers"
        last_qty, last_price = qty, price
    return "tiers" if len(terms.tiers) > MAX_TIERS else None


def tier_price(price_amount: int, terms: PriceTerms, qty: int) -> int:
    """Fen a piece when so many are bought."""
    return next((price for least, price in reversed(terms.tiers) if qty >= least), price_amount)


@dataclass(frozen=True)
class Option:
    """One axis of the grid: `Size` with its values in order."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class SkuDraft:
    """A cell of the grid as staff enter it. Amounts in fen.

    `ulid` names the SKU that this cell is, so that its values may be renamed; without it the values find it. `stock`
    counts when the SKU is new, or with `stock_seen` (what the page showed): then the difference is added or taken, so
    that no sale in between is lost. `terms` None leaves those of a known SKU alone.
    """

    values: tuple[str, ...]
    price_amount: int
    supply_amount: int | None = None
    stock: int = 0
    code: str = ""
    ulid: str = ""
    stock_seen: int | None = None
    compare_amount: int | None = None
    barcode: str = ""
    weight_grams: int = 0
    terms: PriceTerms | None = None
    source: Mapping[str, Any] | None = None


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
    brand_slug: str | None = None
    tags: tuple[str, ...] = ()
    handle: str = ""
    freight_template: str = ""
    free_shipping: bool = False
    source: Mapping[str, Any] | None = None  # raw columns of a file; None leaves those of a known product alone


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
    weight_grams: int = 0  # a piece
    freight_template: str = ""  # ULID; empty: the mall's own terms
    free_shipping: bool = False
    terms: PriceTerms = field(default=NO_TERMS)
    zone_terms: ZoneTerms = field(default=NO_ZONE_TERMS)

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
    if sku.compare_amount is not None and not 1 <= sku.compare_amount <= MAX_AMOUNT:
        return "compare_amount"
    if not 0 <= sku.weight_grams <= MAX_WEIGHT_GRAMS:
        return "weight_grams"
    if not 0 <= sku.stock <= MAX_STOCK:
        return "stock"
    return terms_fault(sku.terms, sku.price_amount) if sku.terms else None
