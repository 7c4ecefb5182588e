"""The catalogue over HTTP: categories, lists, products."""

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from saas.kernel.errors import InvalidInput
from tenant_apps.catalog import selectors

router = Router(tags=["catalog"])


class ListQuery(Schema):
    """What a list may be asked for."""

    category: str = Field("", max_length=60)
    brand: str = Field("", max_length=60)
    min_amount: int | None = Field(None, ge=0)
    max_amount: int | None = Field(None, ge=0)
    in_stock: bool = False
    q: str = Field("", max_length=80)
    order: str = Field("", pattern="^(|sold|new|price|-price)$")
    page: int = Field(1, ge=1, le=500)


class CategoryOut(Schema):
    """A category with its children."""

    slug: str
    name: str
    children: list["CategoryOut"]


class CardOut(Schema):
    """A product in a list. Amounts in fen."""

    ulid: str
    title: str
    subtitle: str
    picture: str
    price_amount: int
    highest_price_amount: int
    in_stock: bool
    sold: int


class ListOut(Schema):
    """One page of a list."""

    products: list[CardOut]
    page: int
    has_next: bool


class SkuOut(Schema):
    """One combination of option values. Amounts in fen."""

    ulid: str
    values: list[str]
    price_amount: int
    compare_amount: int
    tiers: list["TierOut"]
    weight_grams: int
    stock: int


class TierOut(Schema):
    """A price by quantity: fen a piece from so many pieces."""

    qty: int
    price_amount: int


class PictureOut(Schema):
    """A picture in the three formats we keep, at page size."""

    avif: str
    webp: str
    jpeg: str
    alt: str
    width: int
    height: int


class BrandOut(Schema):
    """A brand with goods on shelf."""

    slug: str
    name: str
    description: str


class OptionOut(Schema):
    """One axis of the grid."""

    name: str
    values: list[str]


class ProductOut(Schema):
    """A product page's facts."""

    ulid: str
    title: str
    subtitle: str
    description_html: str
    category: str
    brand: str
    free_shipping: bool
    sold: int
    options: list[OptionOut]
    skus: list[SkuOut]
    pictures: list[str]
    images: list[PictureOut]


def refuse_unknown(request: HttpRequest, query: Schema) -> None:
    """Raise InvalidInput for a query parameter that the schema does not know: a typing error must not widen a list."""
    unknown = sorted(set(request.GET) - set(type(query).model_fields))
    if unknown:
        raise InvalidInput(field=unknown[0])


@router.get("/categories", response=list[CategoryOut])
def categories(request: HttpRequest) -> list[selectors.CategoryNode]:
    """The tree of categories."""
    return selectors.category_tree()


@router.get("/brands", response=list[BrandOut])
def brands(request: HttpRequest) -> list[BrandOut]:
    """Brands that have something on shelf."""
    return [BrandOut(slug=one.slug, name=one.name, description=one.description) for one in selectors.brands()]


@router.get("/products", response=ListOut)
def products(request: HttpRequest, query: Query[ListQuery]) -> ListOut:
    """Products on shelf: by category, by words in the title, in an order."""
    refuse_unknown(request, query)
    found = selectors.list_cards(
        category_slug=query.category,
        brand_slug=query.brand,
        lowest_amount=query.min_amount,
        highest_amount=query.max_amount,
        in_stock=query.in_stock,
        query=query.q,
        order=query.order,
        page=query.page,
    )
    cards = [
        CardOut(
            ulid=card.product_ulid,
            title=card.title,
            subtitle=card.subtitle,
            picture=card.picture,
            price_amount=card.price_amount,
            highest_price_amount=card.highest_price_amount,
            in_stock=card.stock > 0,
            sold=card.sold,
        )
        for card in found.cards
    ]
    return ListOut(products=cards, page=found.number, has_next=found.has_next)


@router.get("/products/{ulid}", response=ProductOut)
def product(request: HttpRequest, ulid: str) -> ProductOut:
    """One product on shelf."""
    page = selectors.product_page(ulid)
    return ProductOut(
        ulid=page.ulid,
        title=page.title,
        subtitle=page.subtitle,
        description_html=page.description_html,
        category=page.category_slug,
        brand=page.brand_slug,
        free_shipping=page.free_shipping,
        sold=page.sold,
        options=[OptionOut.model_validate(option) for option in page.options],
        skus=[
            SkuOut(
                ulid=sku.ulid,
                values=list(sku.values),
                price_amount=sku.price_amount,
                compare_amount=sku.compare_amount,
                tiers=[TierOut(qty=qty, price_amount=price) for qty, price in sku.terms.tiers],
                weight_grams=sku.weight_grams,
                stock=sku.stock,
            )
            for sku in page.skus
        ],
        pictures=[selectors.image_url(key, 960) for key in page.images],
        images=[
            PictureOut(
                avif=selectors.image_url(one.key, 960, "avif"),
                webp=selectors.image_url(one.key, 960),
                jpeg=selectors.image_url(one.key, 960, "jpg"),
                alt=one.alt,
                width=one.width,
                height=one.height,
            )
            for one in page.pictures
        ],
    )
