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
    stock: int


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
    sold: int
    options: list[OptionOut]
    skus: list[SkuOut]
    pictures: list[str]


def refuse_unknown(request: HttpRequest, query: Schema) -> None:
    """Raise InvalidInput for a query parameter that the schema does not know: a typing error must not widen a list."""
    unknown = sorted(set(request.GET) - set(type(query).model_fields))
    if unknown:
        raise InvalidInput(field=unknown[0])


@router.get("/categories", response=list[CategoryOut])
def categories(request: HttpRequest) -> list[selectors.CategoryNode]:
    """The tree of categories."""
    return selectors.category_tree()


@router.get("/products", response=ListOut)
def products(request: HttpRequest, query: Query[ListQuery]) -> ListOut:
    """Products on shelf: by category, by words in the title, in an order."""
    refuse_unknown(request, query)
    found = selectors.list_cards(category_slug=query.category, query=query.q, order=query.order, page=query.page)
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
        sold=page.sold,
        options=[OptionOut.model_validate(option) for option in page.options],
        skus=[
            SkuOut(ulid=sku.ulid, values=list(sku.values), price_amount=sku.price_amount, stock=sku.stock)
            for sku in page.skus
        ],
        pictures=[selectors.image_url(key, 960) for key in page.images],
    )
