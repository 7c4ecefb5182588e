"""What screens get of goods: cards, pages, SKUs, categories, zones, and where their pages and pictures are."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from tenant_apps.catalog.rules import (
    IMAGE_WIDTHS,
    NO_TERMS,
    NO_ZONE_TERMS,
    SELF_OPERATED,
    OfferFact,
    PriceTerms,
    ZoneTerms,
)


@dataclass(frozen=True)
class CategoryNode:
    """A category with its children, as menus show it."""

    slug: str
    name: str
    children: tuple["CategoryNode", ...] = ()


@dataclass(frozen=True)
class Card:
    """A product in a list. Amounts in fen."""

    product_ulid: str
    title: str
    subtitle: str
    image_key: str
    price_amount: int
    highest_price_amount: int
    stock: int
    sold: int
    zone: str = SELF_OPERATED
    seller_ulid: str = ""
    categories: tuple[str, ...] = ()  # slugs: its own, then the parent
    level_amount: int | None = None  # the lowest price entered for partners
    member_price_amount: int = 0  # the lowest price with a membership; 0: none, or not asked for
    flash_amount: int = 0  # the price of a flash sale that runs for one of its SKUs; 0: none, or not asked for
    flash_left: int = 0  # pieces at that price
    flash_ends_at: dt.datetime | None = None

    @property
    def address(self) -> str:
        """The product's page in its zone."""
        return product_address(self.product_ulid, self.zone)

    def image_url(self, width: int = 320, kind: str = "webp") -> str:
        """Where the cover's rendition lies; empty without a picture."""
        return image_url(self.image_key, width, kind)

    @property
    def picture(self) -> str:
        """The cover at list size (WebP)."""
        return self.image_url()


@dataclass(frozen=True)
class CardPage:
    """One page of a list; `number` counts from 1."""

    cards: list[Card]
    number: int
    has_next: bool

    @property
    def next_number(self) -> int:
        return self.number + 1


@dataclass(frozen=True)
class SkuView:
    """A SKU on the product page."""

    ulid: str
    values: tuple[str, ...]
    option_text: str
    price_amount: int
    stock: int
    supply_amount: int | None = None
    key: str = ""  # rules.offer_key: what a form posts
    member_price_amount: int = 0  # with a membership, where it is lower and was asked for
    compare_amount: int = 0  # what it cost before; 0: not shown
    weight_grams: int = 0
    terms: PriceTerms = NO_TERMS


@dataclass(frozen=True)
class PictureView:
    """A picture of a product page: its media key, what it shows, its size."""

    key: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True)
class BrandView:
    """A brand for menus and its page."""

    slug: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class ZoneView:
    """A zone for menus and its page."""

    key: str
    name: str
    terms: ZoneTerms = NO_ZONE_TERMS
    position: int = 0


@dataclass(frozen=True)
class ProductView:
    """A product page's facts, its pictures cover first."""

    ulid: str
    title: str
    subtitle: str
    description_html: str
    category_slug: str
    category_name: str
    sold: int
    options: list[dict[str, list[str]]]
    kind: str
    seller_ulid: str
    brand_slug: str
    brand_name: str
    freight_template: str
    free_shipping: bool
    categories: tuple[str, ...]
    pictures: list[PictureView]
    on_shelf: bool
    seller_sells: bool  # False: shown, and not on sale
    skus: list[SkuView]
    zone: str = SELF_OPERATED

    @property
    def images(self) -> list[str]:
        """Media keys of the pictures, cover first."""
        return [one.key for one in self.pictures]

    @property
    def lowest_price_amount(self) -> int:
        return min((sku.price_amount for sku in self.skus), default=0)

    @property
    def highest_price_amount(self) -> int:
        return max((sku.price_amount for sku in self.skus), default=0)

    @property
    def stock(self) -> int:
        return sum(sku.stock for sku in self.skus)

    @property
    def offers(self) -> list[OfferFact]:
        """Its SKUs as a mode's quote needs them."""
        return [
            OfferFact(
                0, sku.ulid, self.ulid, self.zone, self.categories, self.title, sku.option_text, "",
                sku.price_amount, sku.supply_amount, sku.stock, self.on_shelf and self.seller_sells, self.kind,
                self.seller_ulid, self.seller_sells, sku.weight_grams, self.freight_template, self.free_shipping,
                sku.terms,
            )
            for sku in self.skus
        ]  # fmt: skip


def product_address(product_ulid: str, zone: str = SELF_OPERATED) -> str:
    """Where a product is shown in a zone."""
    return f"/p/{product_ulid}" if zone == SELF_OPERATED else f"/p/{product_ulid}?zone={zone}"


def image_url(key: str, width: int = 640, kind: str = "webp") -> str:
    """The address of a rendition: `width` is one of rules.IMAGE_WIDTHS, `kind` avif, webp or jpg. Empty for an empty key."""
    if not key:
        return ""
    nearest = min(IMAGE_WIDTHS, key=lambda known: (known < width, abs(known - width)))
    suffix = kind if kind in ("avif", "webp") else "jpg"
    return f"{settings.MEDIA_URL}{key}/{nearest}.{suffix}"
